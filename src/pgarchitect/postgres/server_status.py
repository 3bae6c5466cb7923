"""What is known about the embedded server of a home, running or not."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pgarchitect.postgres.embedded import running_server
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.postgres.server_home import ServerHome, writing
from pgarchitect.postgres.server_lock import users
from pgarchitect.settings import Settings


@dataclass(frozen=True, slots=True)
class Status:
    """What is known about the embedded server of a home.

    Attributes:
        running: whether it takes connections.
        pid: process id of its first process; None when it does not run.
        url: connection URL; None when it does not run.
        version: of the installed programs, PostgreSQL's first: ``18.6.3``.
        root: the directory that holds all its files, whether it exists or not.
        data_dir: its data directory, below ``root``.
        size_bytes: size of all its files on disk.
        stays: whether it was asked to stay when its last user leaves.
        users: process ids that use it now; empty where the system does not tell (not Linux).
    """

    running: bool
    pid: int | None
    url: str | None
    version: str
    root: Path
    data_dir: Path
    size_bytes: int
    stays: bool
    users: tuple[int, ...]


def status(settings: Settings) -> Status:
    """What is known about the server; nothing is started or changed.

    Raises:
        EmbeddedServerFailed: the server's programs are not installed.
        HomeUnavailable: its directory cannot be read.
    """
    home = ServerHome.of(settings)
    server = running_server(settings)
    with writing(home.root):
        stays = home.stay.exists()
    return Status(
        running=server is not None,
        pid=server.pid if server else None,
        url=server.url() if server else None,
        version=find_binaries().version,
        root=home.root,
        data_dir=home.data,
        size_bytes=_size(home.root),
        stays=stays,
        users=users(home.in_use),
    )


def _size(top: Path) -> int:
    """Bytes on disk of all files below ``top``; those that vanish meanwhile count nothing."""
    total = 0
    for folder, _, files in os.walk(top):
        for file in files:
            with suppress(OSError):
                total += (Path(folder) / file).lstat().st_blocks * 512
    return total
