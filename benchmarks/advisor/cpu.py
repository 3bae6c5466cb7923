"""CPU time of a process, as the kernel counts it."""

import os
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


def cpu_seconds(pid: int, proc: Path = _PROC) -> float | None:
    """CPU seconds that a process has taken since it began; None where the system does not show it.

    ``/proc/PID/schedstat`` counts in nanoseconds; ``/proc/PID/stat`` (user and system time, proc(5)) in ticks, 10 ms as
    a rule, which is coarse for short statements.
    """
    try:
        nanoseconds = int((proc / str(pid) / "schedstat").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        nanoseconds = 0
    # A kernel that does not count shows zeros.
    return nanoseconds / 1e9 if nanoseconds else _ticks(proc / str(pid) / "stat")


def _ticks(stat: Path) -> float | None:
    try:
        after_name = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
