"""Connections for migrations: no time-out of statements, which may rightly take hours; locks are waited for briefly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Final

import psycopg
from psycopg import sql

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.postgres.dsn import describe_target
from pgarchitect.postgres.marker import marked
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.settings import Settings

DEFAULT_SCHEMA: Final = "public"
"""Where Prisma works unless the URL says ``?schema=``; also where ``_prisma_migrations`` is."""


@contextmanager
def migrating(dsn: str, settings: Settings, lock_timeout_ms: int | None = None) -> Iterator[Connection]:
    """A connection that may write, in the schema that a Prisma URL names.

    Args:
        dsn: of the database; Prisma's own parameters are understood.
        settings: how to connect.
        lock_timeout_ms: milliseconds that a statement waits for a lock; None: that of the settings, 0: for ever.
    """
    url, own = without_prisma_parameters(dsn)
    timeout = settings.lock_timeout_ms if lock_timeout_ms is None else lock_timeout_ms
    with connect(url, settings, read_only=False) as connection, plainly(url):
        path = sql.Identifier(own.get("schema") or DEFAULT_SCHEMA).as_string(connection)
        connection.execute(_sql("settings"), {"lock_timeout": str(timeout), "search_path": path})
        with suppress(psycopg.errors.InvalidParameterValue):  # not on every platform
            connection.execute(_sql("watch"), {"interval": "1s"})
        yield connection


@contextmanager
def plainly(url: str) -> Iterator[None]:
    """Tell why a statement of ours is refused where that is no fault of ours: rights, or a server that only reads.

    Raises:
        StatementRefused: the sentence says what to do.
    """
    try:
        yield
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise StatementRefused(
            f"Nothing can be written to {describe_target(url)} ({first_line(error)}): it is a standby, or it is only"
            " read; name the primary."
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise StatementRefused(
            f"The role may not do in {describe_target(url)} what migrations need ({first_line(error)}); name the role"
            " that owns what they change, or have that granted."
        ) from error


@dataclass(frozen=True, slots=True)
class Kept:
    """The settings of a connection that scripts must leave as they are; each as the server writes it."""

    statement: str
    idle: str
    lock: str
    path: str
    read_only: str
    watch: str
    idle_session: str
    transaction: str | None

    @classmethod
    def of(cls, connection: Connection) -> "Kept":
        """As they are now."""
        row = connection.execute(_sql("kept")).fetchone() or ()
        return cls(*row)

    def restore(self, connection: Connection) -> None:
        """Undo what a script has set, its roles included."""
        connection.execute("RESET SESSION AUTHORIZATION")
        connection.execute("RESET ALL")
        connection.execute(_sql("restore"), asdict(self))

    def restoring(self, connection: Connection) -> str:
        """What ``restore`` does as a script, to be sent behind another one in the same message."""
        restore = psycopg.ClientCursor(connection).mogrify(_sql("restore"), asdict(self))
        return ";".join(map(marked, ("RESET SESSION AUTHORIZATION", "RESET ALL", restore)))

    def commit(self, connection: Connection, record: Callable[[], None]) -> None:
        """Record something in the transaction that is open, if one is, whatever the script has set; then end it."""
        if is_idle(connection):
            connection.execute("BEGIN")
        connection.execute(_sql("ours"), {"path": self.path})
        record()
        connection.execute("COMMIT")


def is_idle(connection: Connection) -> bool:
    """No transaction is open."""
    return connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


@contextmanager
def patient(connection: Connection, kept: Kept) -> Iterator[None]:
    """For a statement outside a transaction: it may wait for locks as long as it must, and outlive this process.

    It lets others work while it waits; and an index that is half built is worth being finished.
    """
    connection.execute(_sql("patience"), {"lock": "0", "watch": "0"})
    try:
        yield
    except BaseException:
        with suppress(psycopg.Error):  # the reason counts, and a statement may still be running
            connection.execute(_sql("patience"), {"lock": kept.lock, "watch": kept.watch})
        raise
    connection.execute(_sql("patience"), {"lock": kept.lock, "watch": kept.watch})


def _sql(name: str) -> str:
    return named("pgarchitect.schema.migrations", "connecting.sql", name)
