"""What the server's programs say, and the one sentence that is made of it."""

from pathlib import Path
from typing import Final

from pgarchitect.errors import EmbeddedServerFailed, HomeUnavailable

_LONGEST: Final = 1_000_000
_GRAVE: Final = ("FATAL:", "PANIC:", "error:")


def rotate(log: Path) -> int:
    """Put a log of more than a megabyte aside, replacing the one before it; the length of what remains, bytes."""
    if not log.exists():
        return 0
    length = log.stat().st_size
    if length <= _LONGEST:
        return length
    log.replace(log.with_suffix(".log.1"))
    return 0


def failure(log: Path, start: int) -> EmbeddedServerFailed | HomeUnavailable:
    """Why the server did not start: what the log says since ``start``, a position in bytes, as one sentence."""
    try:
        with log.open("rb") as file:
            file.seek(start)
            said = file.read().decode(errors="replace")
    except OSError:
        said = ""
    return explained("The embedded PostgreSQL did not start", said, f"its log is {log}")


def explained(what: str, said: str, where: str) -> EmbeddedServerFailed | HomeUnavailable:
    """The error for ``what`` happened, with the decisive line of what a program ``said``, and ``where`` to look."""
    if "No space left on device" in said:
        return HomeUnavailable(
            f"{what}: the disk is full; free disk space, or set PGARCHITECT_HOME_URL to a database of your own."
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    grave = [line for line in lines if any(mark in line for mark in _GRAVE)]
    line = (grave or lines or ["it said nothing"])[-1]
    for mark in _GRAVE:
        line = line.split(mark)[-1].strip()
    return EmbeddedServerFailed(f"{what} ({line.rstrip('.')}); {where}.")
