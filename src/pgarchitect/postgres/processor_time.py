"""How much processor time a server process has used: read from the system, where the server runs on this machine."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.process_table import arguments_of

_PATIENCE: Final = 20
"""How often a process that is still running is looked at again: it has answered, so it will sleep at once."""
_PAUSE_S: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process has had so far.

    Attributes:
        cpu_ms: time on a processor, milliseconds.
        waited_ms: time in which it could have run but others had the processors, milliseconds; 0 where the system does
            not tell.
    """

    cpu_ms: float
    waited_ms: float

    def since(self, earlier: "Spent") -> "Spent":
        """What came after an earlier reading."""
        return Spent(self.cpu_ms - earlier.cpu_ms, self.waited_ms - earlier.waited_ms)


@dataclass(frozen=True, slots=True)
class ProcessorClock:
    """The clock of one server process.

    Attributes:
        process: its directory in ``/proc``.
    """

    process: Path

    @classmethod
    def of(cls, connection: Connection) -> Self | None:
        """The clock of the process behind a connection; None when it is not to be seen from here.

        A process of that number may be another one, when the server runs elsewhere or in a container: its title must
        be that of a server process for this role and database (PostgreSQL documentation, "Standard Unix Tools").
        """
        row = connection.execute(
            "SELECT pg_catalog.pg_backend_pid(), session_user::text, pg_catalog.current_database()::text"
        ).fetchone()
        if row is None:
            return None
        pid, role, database = row
        title = " ".join(arguments_of(pid))
        clock = cls(Path("/proc") / str(pid))
        return clock if title.startswith("postgres") and f" {role} {database} " in title and clock.read() else None

    def read(self) -> Spent | None:
        """What the process has had until it went to sleep; None when that is not to be seen.

        Linux gives nanoseconds in ``schedstat`` (kernel documentation, "Scheduler Statistics"), else ticks in ``stat``.
        """
        try:
            fields = self._stat()
            for _ in range(_PATIENCE):
                if fields[0] != "R":
                    break
                time.sleep(_PAUSE_S)
                fields = self._stat()
            ticks = int(fields[11]) + int(fields[12])
            return self._scheduled() or Spent(1_000 * ticks / os.sysconf("SC_CLK_TCK"), 0.0)
        except (OSError, ValueError, IndexError):
            return None

    def _stat(self) -> list[str]:
        """The fields of ``stat`` from the state on; its name, in parentheses, may hold anything."""
        return (self.process / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()

    def _scheduled(self) -> Spent | None:
        try:
            run, waited, *_ = (self.process / "schedstat").read_text(encoding="ascii").split()
        except (OSError, ValueError):
            return None
        # A kernel that does not count shows zeros.
        return Spent(int(run) / 1e6, int(waited) / 1e6) if int(run) else None
