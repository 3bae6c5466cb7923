"""An engine of SQLAlchemy over asyncpg, with the sizes and times of the data layer."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from pgarchitect.access.aio.connection import translated as translated_of_driver
from pgarchitect.access.failures import AccessError, InvalidCondition, PoolExhausted
from pgarchitect.access.options import PoolOptions, connecting

Engine = AsyncEngine
Connection = AsyncConnection


def engine(dsn: str, options: PoolOptions) -> Engine:
    """The engine of a database; it connects when it is first used."""
    url, options = connecting(dsn, options)
    prepared = options.prepared
    settings = {"application_name": "pgarchitect"}
    if options.statement_timeout and prepared:
        settings["statement_timeout"] = str(round(options.statement_timeout * 1000))
    if options.search_path and not options.pooler:
        settings["search_path"] = options.search_path
    arguments: dict[str, Any] = {"dsn": url, "server_settings": settings, "timeout": options.timeout}
    if not prepared:
        arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    return create_async_engine(
        "postgresql+asyncpg://",
        connect_args=arguments,
        isolation_level="AUTOCOMMIT",
        json_deserializer=msgspec.json.decode,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        pool_size=options.max_size,
        max_overflow=0,
        pool_timeout=options.timeout,
        pool_recycle=round(options.max_lifetime),
    )


def translated(error: sa.exc.SQLAlchemyError) -> Exception:
    """What an error of SQLAlchemy means: the driver's error that it stands for, as the fast path would tell it."""
    if isinstance(error, sa.exc.TimeoutError):
        return PoolExhausted()
    if isinstance(error, sa.exc.ResourceClosedError | sa.exc.InvalidRequestError):
        return AccessError("The transaction is over; use the database, or begin another transaction.")
    cause = error.orig if isinstance(error, sa.exc.StatementError) else None
    driver = (cause.__cause__ or cause) if cause is not None else None
    if not isinstance(driver, Exception):
        return InvalidCondition(f"SQLAlchemy refused the statement ({' '.join(str(error).split())[:300]}).")
    return translated_of_driver(driver)


def of_connecting(error: Exception) -> Exception:
    """What an error means that the driver raised while a connection was opened."""
    return translated_of_driver(error)


CONNECTING = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What the driver raises while a connection is opened, which SQLAlchemy does not wrap."""


async def raw_rows(connection: Connection, text: str, parameters: Sequence[Any]) -> list[Any]:
    """Rows of a statement with ``$1``, …, on the driver's own connection."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None  # noqa: S101  # it is open
    found: list[Any] = await driver.fetch(text, *parameters)
    return found


async def raw_affected(connection: Connection, text: str, parameters: Sequence[Any]) -> int:
    """Run a statement likewise; the number of rows that it wrote."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None  # noqa: S101  # it is open
    count = (await driver.execute(text, *parameters)).rpartition(" ")[2]
    return int(count) if count.isdigit() else 0


async def raw_mappings(connection: Connection, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows likewise, each as column → value."""
    return [dict(each.items()) for each in await raw_rows(connection, text, parameters)]
