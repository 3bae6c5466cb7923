"""Where temporary files of the tests lie: in memory, where a machine has enough of it.

Servers make and remove tens of thousands of files, and for minutes after that ext4 takes thirty times as long to make
new ones. In memory the tests of the schema took a third of the time. ``TMPDIR`` names another place.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # ours alone is made in it
_NEEDED: Final = 6 << 30
"""Bytes; three test processes were seen to take 1.5 GB of them."""
_PREFIX: Final = "pgarchitect-tests-"


def memory_disk() -> Path | None:
    """A new folder in memory that becomes ``TMPDIR``, also of processes that are started; None: no room, or no wish.

    What a run that was killed left there is removed.
    """
    if "TMPDIR" in os.environ or not _MEMORY.is_dir():
        return None
    for left in _MEMORY.glob(f"{_PREFIX}*"):
        if not Path("/proc", left.name.removeprefix(_PREFIX).partition("-")[0]).exists():
            shutil.rmtree(left, ignore_errors=True)
    if min(shutil.disk_usage(_MEMORY).free, _available()) < _NEEDED:
        return None
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MEMORY))
    folder.chmod(0o1777)  # as root the servers run as another account
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    return folder


def _available() -> int:
    found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
