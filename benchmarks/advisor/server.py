"""The server that the advisors are compared on: private, with the settings that peers were measured with."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from psycopg import sql

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.server_binaries import ServerBinaries
from pgarchitect.postgres.termination import polite_termination
from pgarchitect.settings import Settings
from pgarchitect.twin.private_server import PrivateServer, private_server

CONFIGURATION: Final = {
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "effective_cache_size": "4GB",
    "work_mem": "64MB",
    "shared_buffers": "1GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "fsync": "off",
    "autovacuum": "off",  # statistics stay as they are from the load on
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_utility": "off",
}
_INITDB: Final = ("--locale=C.UTF-8", "--no-sync")
_PATIENCE_MS: Final = 1_800_000


@contextmanager
def bench_server(programs: Path | None) -> Iterator[tuple[PrivateServer, Settings]]:
    """A server that is gone afterwards, and settings for work on it.

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
        settings = Settings(data_dir=Path(folder) / "home", home_url=None, statement_timeout_ms=_PATIENCE_MS)
        with private_server(settings, options=_INITDB, configuration=CONFIGURATION, binaries=binaries) as server:
            yield server, settings


def new_database(server: PrivateServer, name: str) -> str:
    """URL of a new, empty database."""
    with connect(server.url(), read_only=False) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with connect(server.url(name), read_only=False) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("CREATE EXTENSION pg_trgm")  # some indexes that are proposed need it when they are built
    return server.url(name)


def drop_database(server: PrivateServer, name: str) -> None:
    """Make room."""
    with connect(server.url(), read_only=False) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def binaries_in(programs: Path) -> ServerBinaries:
    """The PostgreSQL of that directory.

    Raises:
        UsageError: none that runs is there.
    """
    try:
        said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(
            f"{programs} holds no PostgreSQL that runs; name the directory of postgres and initdb."
        ) from error
    found = re.search(r"\d+(\.\d+)*", said)
    return ServerBinaries(found[0] if found else "0", programs)
