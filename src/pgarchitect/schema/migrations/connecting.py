"""Connections for migrations: no time-out of statements, which may rightly take hours; locks are waited for briefly."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.settings import Settings


@contextmanager
def migrating(dsn: str, settings: Settings, lock_timeout_ms: int | None = None) -> Iterator[Connection]:
    """A connection that may write, in the schema that a Prisma URL names.

    Args:
        dsn: of the database; Prisma's own parameters are understood.
        settings: how to connect.
        lock_timeout_ms: milliseconds that a statement waits for a lock; None: that of the settings, 0: for ever.
    """
    url, own = without_prisma_parameters(dsn)
    with connect(url, settings, read_only=False) as connection:
        timeout = settings.lock_timeout_ms if lock_timeout_ms is None else lock_timeout_ms
        connection.execute(
            "SELECT set_config('statement_timeout', '0', false),"
            " set_config('idle_in_transaction_session_timeout', '0', false),"
            # A killed process frees the lock within a second instead of when its statement ends.
            " set_config('client_connection_check_interval', '1s', false),"
            " set_config('lock_timeout', %s, false)",
            (str(timeout),),
        )
        if schema := own.get("schema"):
            connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        yield connection
