"""Connections that are polite guests: marked, bounded in time, read-only unless asked otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.abc import Params, Query
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow, tuple_row

from pgarchitect.errors import (
    AuthenticationFailed,
    CannotConnect,
    PgArchitectError,
    UsageError,
    VersionTooOld,
)
from pgarchitect.postgres.marker import marked
from pgarchitect.settings import Settings

OLDEST_VERSION = 14


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
        CannotConnect: the server is not there or takes no connection.
        AuthenticationFailed: role or password refused.
        VersionTooOld: the server is older than PostgreSQL 14.
    """
    settings = settings or Settings()
    connection = _open(dsn, settings)
    try:
        _check_version(connection, dsn)
        _be_polite(connection, settings, statement_timeout_ms or settings.statement_timeout_ms, read_only=read_only)
        yield connection
    finally:
        connection.close()


def describe_target(dsn: str) -> str:
    """Name a DSN's server and database for a message, never its password: ``db on host:5432``."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return "the given DSN"
    host = parts.get("host") or "local socket"
    if str(host).startswith("/"):
        host = "local socket"
    port = f":{parts['port']}" if parts.get("port") and host != "local socket" else ""
    return f'database "{parts.get("dbname") or parts.get("user") or "default"}" on {host}{port}'


def _open(dsn: str, settings: Settings) -> Connection:
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:
        raise UsageError(
            f"The DSN cannot be read ({_first_line(error)}); write it as postgresql://role:password@host:5432/database."
        ) from error
    if "://" in dsn and urlsplit(dsn).scheme not in {"postgresql", "postgres"}:
        raise UsageError("The DSN is not one of PostgreSQL; it must begin with postgresql://.")
    given = {key: value for key, value in parts.items() if value is not None}
    options: dict[str, Any] = {
        "connect_timeout": settings.connect_timeout_s,
        "application_name": "pgarchitect",
        **given,
    }
    try:
        return psycopg.connect("", autocommit=True, cursor_factory=MarkedCursor, row_factory=tuple_row, **options)
    except psycopg.OperationalError as error:
        raise _connection_error(error, dsn) from error


_REFUSED = (
    "password authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "role",
    "authentication failed",
)


def _connection_error(error: psycopg.OperationalError, dsn: str) -> PgArchitectError:
    target, message = describe_target(dsn), str(error)
    reason = _first_line(error)
    if 'database "' in message and "does not exist" in message:
        return CannotConnect(f"There is no {target}; check the database name in the DSN.")
    if any(word in message for word in _REFUSED):
        return AuthenticationFailed(
            f"PostgreSQL refused the login to {target} ({reason}); check role and password in the DSN."
        )
    return CannotConnect(f"Cannot reach {target} ({reason}); check host, port and that the server is running.")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    for prefix in ("connection failed: ", "FATAL:  "):
        text = text.split(prefix)[-1]
    return text.rstrip(".")


def _check_version(connection: Connection, dsn: str) -> None:
    major = connection.info.server_version // 10_000
    if major < OLDEST_VERSION:
        raise VersionTooOld(
            f"The server of {describe_target(dsn)} is PostgreSQL {major}; pgarchitect reads"
            f" {OLDEST_VERSION} and newer, so it must be upgraded first."
        )


def _be_polite(connection: Connection, settings: Settings, statement_timeout_ms: int, *, read_only: bool) -> None:
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
        " set_config('idle_in_transaction_session_timeout', %s, false),"
        " set_config('default_transaction_read_only', %s, false)",
        (
            str(statement_timeout_ms),
            str(settings.lock_timeout_ms),
            str(10 * statement_timeout_ms),
            "on" if read_only else "off",
        ),
    )
