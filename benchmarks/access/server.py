"""The server of the run: private, with settings that leave the time to the clients, and gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.advisor.server import binaries_in
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.postgres.termination import polite_termination
from pgarchitect.settings import Settings
from pgarchitect.twin.private_server import private_server

CONFIGURATION: Final = {
    "autovacuum": "off",
    "fsync": "off",  # the disk is not what is compared
    "max_connections": "600",
    "max_parallel_workers_per_gather": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "512MB",
    "timezone": "UTC",
}
_INITDB: Final = ("--locale=C.UTF-8", "--no-sync")


@contextmanager
def access_server(programs: Path | None) -> Iterator[tuple[str, Path]]:
    """URL of an empty database, and the directory of the programs, psql among them.

    Args:
        programs: directory of ``postgres`` and ``initdb``; None: the embedded PostgreSQL.

    Raises:
        UsageError: the directory does not hold them.
    """
    binaries = None if programs is None else binaries_in(programs)
    with (
        polite_termination(),
        tempfile.TemporaryDirectory(prefix="pgarchitect-bench-", ignore_cleanup_errors=True) as folder,
    ):
        Path(folder).chmod(0o755)  # as root the server runs as another account, which must reach its files
        settings = Settings(data_dir=Path(folder) / "home", home_url=None)
        with private_server(settings, options=_INITDB, configuration=CONFIGURATION, binaries=binaries) as server:
            yield server.url(), (binaries or find_binaries()).programs
