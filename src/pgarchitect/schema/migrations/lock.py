"""One migration at a time: the advisory lock that Prisma takes, too."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg

from pgarchitect.errors import MigrationRunning
from pgarchitect.postgres.connection import Connection

KEY: Final = 72_707_369
"""The key that Prisma's schema engine uses."""
PATIENCE_S: Final = 10.0
"""Seconds that Prisma waits for it."""
_PAUSE_S: Final = 0.2


@contextmanager
def migration_lock(connection: Connection, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the lock of the database.

    Raises:
        MigrationRunning: somebody else held it for longer than ``patience_s`` seconds.
    """
    # Asked for again and again: a statement that waits for it would hold up every CREATE INDEX CONCURRENTLY.
    end = time.monotonic() + patience_s
    while not _taken(connection):
        if time.monotonic() > end:
            raise MigrationRunning(
                "Another program is migrating this database, or a statement of a killed one still runs: the lock was"
                f" held for {patience_s:g} s. Wait until it has ended, then try again."
            )
        time.sleep(_PAUSE_S)
    try:
        yield
    except BaseException:
        # The reason counts: a statement may still be running, and the session's end frees the lock.
        with suppress(psycopg.Error):
            _release(connection)
        raise
    _release(connection)


def _release(connection: Connection) -> None:
    if not connection.broken:
        connection.rollback()
        connection.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (KEY,))


def _taken(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", (KEY,)).fetchone()
    return bool(row and row[0])
