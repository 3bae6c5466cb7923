"""Connections that are polite guests: marked, bounded in time, read-only unless asked otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.abc import Params, Query
from psycopg.rows import TupleRow, tuple_row

from pgarchitect.errors import VersionTooOld
from pgarchitect.postgres.connection_errors import connection_error, lost_connection
from pgarchitect.postgres.dsn import describe_target, read_dsn
from pgarchitect.postgres.marker import marked
from pgarchitect.settings import Settings

OLDEST_VERSION = 14

__all__ = ["OLDEST_VERSION", "Connection", "MarkedCursor", "check_version", "connect", "describe_target"]


class MarkedCursor(psycopg.Cursor[TupleRow]):
    """A cursor whose every statement carries our marker."""

    def execute(
        self,
        query: Query,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        """Execute ``query`` with the marker in front of it."""
        if isinstance(query, bytes):
            text = query.decode()
        elif isinstance(query, str):
            text = query
        else:
            text = sql.as_string(query, self)
        return super().execute(marked(text).encode(), params, prepare=prepare, binary=binary)


Connection = psycopg.Connection[TupleRow]
"""A connection of ours: synchronous, autocommit, rows as tuples."""


@contextmanager
def connect(
    dsn: str,
    settings: Settings | None = None,
    *,
    read_only: bool = True,
    statement_timeout_ms: int | None = None,
) -> Iterator[Connection]:
    """Open a connection to ``dsn``, close it on exit.

    Args:
        dsn: a libpq connection string or URL.
        settings: time-outs; those of the environment when None.
        read_only: make every transaction read-only, so that the server itself refuses writes.
        statement_timeout_ms: instead of the one in ``settings``; milliseconds.

    Raises:
        UsageError: the DSN cannot be read.
        CannotConnect: the server is not there, takes no connection, or went away while it was used.
        AuthenticationFailed: role or password refused.
        VersionTooOld: the server is older than PostgreSQL 14.
    """
    settings = settings or Settings()
    connection = _open(dsn, settings)
    try:
        check_version(connection.info.server_version, dsn)
        _be_polite(connection, settings, statement_timeout_ms or settings.statement_timeout_ms, read_only=read_only)
        yield connection
    except psycopg.OperationalError as error:
        if connection.broken:
            raise lost_connection(error, dsn) from error
        raise
    finally:
        connection.close()


def _open(dsn: str, settings: Settings) -> Connection:
    options: dict[str, Any] = {
        "connect_timeout": settings.connect_timeout_s,
        "application_name": "pgarchitect",
        **read_dsn(dsn),
        # Statements leave as UTF-8, whatever the database or the DSN prefers.
        "client_encoding": "utf8",
    }
    try:
        return psycopg.connect("", autocommit=True, cursor_factory=MarkedCursor, row_factory=tuple_row, **options)
    except psycopg.Error as error:
        raise connection_error(error, dsn) from error


def check_version(server_version: int, dsn: str) -> None:
    """Refuse a server that is too old; ``server_version`` as libpq gives it: 180006.

    Raises:
        VersionTooOld: older than PostgreSQL 14.
    """
    major = server_version // 10_000
    if major < OLDEST_VERSION:
        raise VersionTooOld(
            f"The server of {describe_target(dsn)} is PostgreSQL {major}; pgarchitect reads"
            f" {OLDEST_VERSION} and newer, so it must be upgraded first."
        )


def _be_polite(connection: Connection, settings: Settings, statement_timeout_ms: int, *, read_only: bool) -> None:
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
        " set_config('idle_in_transaction_session_timeout', %s, false),"
        " set_config('default_transaction_read_only', %s, false),"
        # It may be idle for as long as we work elsewhere, and is closed with us.
        " set_config('idle_session_timeout', '0', false)",
        (
            str(statement_timeout_ms),
            str(settings.lock_timeout_ms),
            str(10 * statement_timeout_ms),
            "on" if read_only else "off",
        ),
    )
