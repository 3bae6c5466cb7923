"""The server of a sandbox: its programs, its settings while it is filled, and those that it keeps."""

import os
from collections.abc import Mapping
from typing import Final

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_binaries import ServerBinaries, find_binaries
from pgarchitect.settings import Settings
from pgarchitect.twin.private_server import carried_binaries
from pgarchitect.twin.programs import find_programs

_PART_OF_MEMORY: Final = 8
_LEAST_BUFFERS: Final = 128 * 1024**2
_MAINTENANCE: Final = "256MB"
WHILE_FILLED: Final[Mapping[str, str]] = {
    # Until it is whole it is thrown away after a crash; and rows of new tables need no log then.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "maintenance_work_mem": _MAINTENANCE,
}
_KEPT: Final[Mapping[str, str]] = {
    # Nothing may disturb a measurement; what is tried is vacuumed by whoever tries it.
    "autovacuum": "off",
    "maintenance_work_mem": _MAINTENANCE,
    "track_io_timing": "on",
}


def configuration(shared_buffers: int) -> dict[str, str]:
    """Settings of a finished sandbox's server, for its command line; buffers in bytes."""
    return {**_KEPT, "shared_buffers": f"{shared_buffers // 1024}kB"}


def fitting_buffers(of_source: int) -> int:
    """Shared buffers for a sandbox, bytes: the source's, but no more than an eighth of this machine's memory."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        memory = 0
    return max(_LEAST_BUFFERS, min(of_source, memory // _PART_OF_MEMORY))


def programs_for(major: int, settings: Settings, *, icu: bool) -> ServerBinaries | None:
    """Programs of the source's own major version; None: only those that we carry are here.

    Args:
        major: of the source.
        settings: they may name directories.
        icu: the source sorts by ICU, which those that we carry lack.
    """
    found = find_programs(major, settings, carried_first=not icu)
    return None if found == find_binaries() else found


def programs_again(major: int, settings: Settings, *, carried: bool) -> ServerBinaries:
    """Programs for a data directory that was made by a major version: those that we carry, or what is installed.

    Raises:
        EmbeddedServerFailed: they are no longer here.
    """
    if carried and int(find_binaries().major) == major:
        return carried_binaries(settings, ServerAccount.of(settings))
    found = find_programs(major, settings, carried_first=False)
    if found is None or found == find_binaries():
        raise EmbeddedServerFailed(
            f"The sandbox was made by PostgreSQL {major}, whose programs are not found any more; install them, name"
            " their directory in PGARCHITECT_TWIN_PROGRAMS, or make the sandbox anew."
        )
    return found
