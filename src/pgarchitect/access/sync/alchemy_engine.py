"""An engine of SQLAlchemy over psycopg, with the sizes and times of the data layer."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa

from pgarchitect.access.failures import AccessError, InvalidCondition, PoolExhausted
from pgarchitect.access.options import PoolOptions, connecting, escaped
from pgarchitect.access.sync.connection import convert
from pgarchitect.access.sync.connection import translated as translated_of_driver

Engine = sa.Engine
Connection = sa.Connection
CONNECTING = (psycopg.Error, OSError)
"""What the driver raises while a connection is opened, which SQLAlchemy does not wrap."""


def engine(dsn: str, options: PoolOptions) -> Engine:
    """The engine of a database; it connects when it is first used."""
    url, options = connecting(dsn, options)
    prepared, session = options.prepared, []
    arguments: dict[str, Any] = {
        "application_name": "pgarchitect",
        "connect_timeout": max(1, round(options.timeout)),
    }
    if options.statement_timeout and prepared:
        session.append(f"-c statement_timeout={round(options.statement_timeout * 1000)}")
    if options.search_path and not options.pooler:
        session.append(f"-c search_path={escaped(options.search_path)}")
    if session:
        arguments["options"] = " ".join(session)
    if not prepared:
        arguments["prepare_threshold"] = None
    made = sa.create_engine(
        "postgresql+psycopg://",
        connect_args=arguments,
        isolation_level="AUTOCOMMIT",
        json_deserializer=msgspec.json.decode,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        pool_size=options.max_size,
        max_overflow=0,
        pool_timeout=options.timeout,
        pool_recycle=round(options.max_lifetime),
    )
    # An engine's own URL knows less than libpq's.
    sa.event.listen(made, "do_connect", lambda _dialect, _record, given, _named: given.__setitem__(0, url))
    return made


def translated(error: sa.exc.SQLAlchemyError) -> Exception:
    """What an error of SQLAlchemy means: the driver's error that it stands for, as the fast path would tell it."""
    if isinstance(error, sa.exc.TimeoutError):
        return PoolExhausted()
    if isinstance(error, sa.exc.ResourceClosedError | sa.exc.InvalidRequestError):
        return AccessError("The transaction is over; use the database, or begin another transaction.")
    cause = error.orig if isinstance(error, sa.exc.StatementError) else None
    if not isinstance(cause, Exception):
        return InvalidCondition(f"SQLAlchemy refused the statement ({' '.join(str(error).split())[:300]}).")
    return translated_of_driver(cause)


def of_connecting(error: Exception) -> Exception:
    """What an error means that the driver raised while a connection was opened."""
    return translated_of_driver(error)


def raw_rows(connection: Connection, text: str, parameters: Sequence[Any]) -> list[Any]:
    """Rows of a statement with ``$1``, …, on the driver's own connection."""
    return _executed(connection, text, parameters).fetchall()


def raw_affected(connection: Connection, text: str, parameters: Sequence[Any]) -> int:
    """Run a statement likewise; the number of rows that it wrote."""
    return max(_executed(connection, text, parameters).rowcount, 0)


def raw_mappings(connection: Connection, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows likewise, each as column → value."""
    cursor = _executed(connection, text, parameters)
    names = [each.name for each in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _executed(connection: Connection, text: str, parameters: Sequence[Any]) -> psycopg.RawCursor[Any]:
    driver: Any = connection.connection.driver_connection
    cursor = psycopg.RawCursor(driver)
    # Exactly as on the fast path: as text a float of four bytes is another number.
    convert(cursor)
    cursor.format = psycopg.pq.Format.BINARY
    return cursor.execute(text.encode(), parameters)
