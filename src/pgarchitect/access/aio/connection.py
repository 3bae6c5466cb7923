"""One connection of asyncpg: statements, COPY, and errors that say what they mean."""

import asyncio
import random
import time
from collections.abc import Awaitable, Sequence
from typing import Any, Final, TypeVar

import asyncpg
import msgspec

from pgarchitect.access.failures import AccessError, InvalidValue
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.translation import failure, lost
from pgarchitect.access.writing import Rows
from pgarchitect.postgres.prisma_url import without_prisma_parameters

_Result = TypeVar("_Result")
_DECODE: Final = msgspec.json.decode
_LOST: Final = (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, OSError)
_DRIVER: Final = (asyncpg.PostgresError, *_LOST, ValueError, TypeError, OverflowError)
"""Errors of the driver: of the server, of the connection, of values that it cannot send."""


class Connection:
    """A connection; not for two callers at once.

    Attributes:
        raw: of the driver.
        until: when it is to be replaced, by ``time.monotonic()``.
        used: when it was last given back.
    """

    __slots__ = ("raw", "until", "used")

    def __init__(self, raw: asyncpg.Connection, lifetime: float) -> None:
        self.raw = raw
        self.used = time.monotonic()
        # Not all at once: a tenth of the lifetime is chance.
        self.until = self.used + lifetime * (1 - random.random() / 10)  # noqa: S311  # no secret

    @property
    def is_usable(self) -> bool:
        """Whether the next caller may have it."""
        return not self.raw.is_closed() and not self.raw.is_in_transaction() and time.monotonic() < self.until

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""
        try:
            found: list[Any] = await self.raw.fetch(text, *parameters)
        except _DRIVER as error:
            raise translated(error) from error
        return found

    async def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # a record, or None
        """The first row of a statement; None without one."""
        try:
            return await self.raw.fetchrow(text, *parameters)
        except _DRIVER as error:
            raise translated(error) from error

    async def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """The rows of a statement, each as column → value."""
        return [dict(each.items()) for each in await self.rows(text, parameters)]

    async def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """Run a statement; the number of rows that it wrote."""
        status = await self._run(self.raw.execute(text, *parameters))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def copy(self, rows: Rows) -> int:
        """Write rows by COPY; how many."""
        columns = [each.column for each in rows.columns]
        await self._run(
            self.raw.copy_records_to_table(
                rows.table.table, schema_name=rows.table.schema, columns=columns, records=rows.values
            )
        )
        return len(rows.values)

    async def roll_back(self) -> None:
        """Roll back, also when the caller was cancelled; where that fails the connection is given up."""
        try:
            await asyncio.shield(self.affected("ROLLBACK", ()))
        except AccessError:
            self.raw.terminate()

    async def close(self) -> None:
        """Close it; a server that does not answer is not waited for."""
        try:
            await self.raw.close(timeout=2)
        except (*_LOST, TimeoutError, asyncpg.PostgresError):
            self.raw.terminate()

    async def _run(self, work: Awaitable[_Result]) -> _Result:
        try:
            return await work
        except _DRIVER as error:
            raise translated(error) from error


async def pause(seconds: float) -> None:
    """Let others go on for a while."""
    await asyncio.sleep(seconds)


def translated(error: Exception) -> Exception:
    """What an error of the driver means; any other as it is."""
    if isinstance(error, AccessError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        return failure(error.sqlstate, str(error.args[0] if error.args else error), getattr(error, "detail", None))
    if isinstance(error, asyncpg.DataError | asyncpg.exceptions.UnsupportedClientFeatureError) or (
        isinstance(error, ValueError | TypeError | OverflowError) and not isinstance(error, asyncpg.InterfaceError)
    ):
        return InvalidValue(f"A value does not fit its column ({' '.join(str(error).split())}); correct it.")
    if isinstance(error, _LOST):
        return lost(str(error))
    return error


async def connect(dsn: str, options: PoolOptions) -> Connection:
    """Open a connection.

    Raises:
        ConnectionLost: the server cannot be reached, or refuses.
    """
    url, prisma = without_prisma_parameters(dsn)
    prepared = options.prepared and prisma.get("pgbouncer") != "true"
    settings = {"application_name": "pgarchitect"}
    if options.statement_timeout and prepared:
        settings["statement_timeout"] = str(round(options.statement_timeout * 1000))
    try:
        raw = await asyncpg.connect(
            url,
            timeout=options.timeout,
            statement_cache_size=options.statement_cache if prepared else 0,
            max_cached_statement_lifetime=0,
            server_settings=settings,
        )
        await _teach(raw)
    except (asyncpg.PostgresError, *_LOST, TimeoutError) as error:
        raise lost(str(error) or type(error).__name__) from error
    return Connection(raw, options.max_lifetime)


async def _teach(raw: asyncpg.Connection) -> None:
    """JSON comes as Python objects; written it is text already (see ``statement.to_database``)."""
    await raw.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda text: b"\x01" + text.encode(),
        decoder=lambda data: _DECODE(memoryview(data)[1:]),
        format="binary",
    )
    await raw.set_type_codec("json", schema="pg_catalog", encoder=str.encode, decoder=_DECODE, format="binary")
