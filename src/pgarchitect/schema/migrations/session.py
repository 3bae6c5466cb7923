"""A connection on which migrations run, and the lock that lets only one migrate a database at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from pgarchitect.errors import MigrationRunning
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.dsn import describe_target
from pgarchitect.postgres.named_sql import statement
from pgarchitect.schema.database_url import DatabaseUrl
from pgarchitect.schema.migrations.history import History
from pgarchitect.settings import Settings

LOCK_WAIT_S: Final = 10.0
"""Prisma's own: https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production#advisory-locking."""
_PAUSE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Session:
    """A connection on which migrations run.

    Attributes:
        connection: that may write, without a limit on a statement's time.
        target: its database.
        lock_timeout_ms: how long a statement of a migration waits for a lock; milliseconds, 0: for ever.
    """

    connection: Connection
    target: DatabaseUrl
    lock_timeout_ms: int

    @property
    def history(self) -> History:
        """The table of the migrations that have run."""
        return History(self.connection, self.target.schema)

    @property
    def described(self) -> str:
        """The database for a message."""
        return describe_target(self.target.dsn)

    def settle(self) -> None:
        """Give the connection its settings, whatever a script has left behind."""
        self.connection.execute("RESET SESSION AUTHORIZATION")
        self.connection.execute("RESET ALL")
        self.connection.execute(
            statement(__package__, "session.sql", "settings"),
            {
                "lock_timeout": str(self.lock_timeout_ms),
                "search_path": sql.Identifier(self.target.schema).as_string(self.connection),
            },
        )

    @contextmanager
    def patient(self) -> Iterator[None]:
        """No bound on waits for locks meanwhile: for statements that let others work while they wait."""
        text = statement(__package__, "session.sql", "lock_timeout")
        self.connection.execute(text, {"lock_timeout": "0"})
        try:
            yield
        finally:
            if not self.connection.broken:
                self.connection.execute(text, {"lock_timeout": str(self.lock_timeout_ms)})

    @contextmanager
    def alone(self, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
        """Nobody else migrates the database meanwhile, Prisma included.

        Raises:
            MigrationRunning: somebody else still does after ``wait_s`` seconds.
        """
        self._lock(wait_s)
        try:
            yield
        finally:
            if not self.connection.broken:
                self.connection.rollback()
                self.connection.execute(statement(__package__, "session.sql", "unlock"))

    def _lock(self, wait_s: float) -> None:
        asking = statement(__package__, "session.sql", "lock")
        ends = time.monotonic() + wait_s
        while not _first(self.connection, asking):
            if time.monotonic() >= ends:
                raise MigrationRunning(
                    f"Another process is migrating {self.described} and has not ended within {wait_s:.0f} s;"
                    " wait for it, then run the same command again."
                )
            time.sleep(_PAUSE_S)


@contextmanager
def migrating(target: DatabaseUrl, settings: Settings, lock_timeout_ms: int | None = None) -> Iterator[Session]:
    """Connect to a database in order to migrate it.

    Args:
        target: the database.
        settings: time-outs.
        lock_timeout_ms: instead of the one in ``settings``; milliseconds, 0: none.

    Raises:
        UsageError, CannotConnect, AuthenticationFailed, VersionTooOld: see ``connect``.
    """
    waits = settings.lock_timeout_ms if lock_timeout_ms is None else lock_timeout_ms
    with connect(target.dsn, settings, read_only=False) as connection:
        session = Session(connection, target, waits)
        session.settle()
        yield session


def _first(connection: Connection, query: str) -> bool:
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def is_idle(connection: Connection) -> bool:
    """No transaction is open."""
    return connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
