"""Transactions: begun, committed or rolled back, nested by savepoints, run again when others got in their way."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Final, TypeVar

from pgarchitect.access.aio.connection import pause
from pgarchitect.access.aio.executor import Bound
from pgarchitect.access.aio.pool import Pool
from pgarchitect.access.failures import AccessError, ConnectionLost, TransactionLost
from pgarchitect.access.translation import RETRIED

_Result = TypeVar("_Result")
FIRST_PAUSE: Final = 0.01
"""Seconds before a transaction is first run again; twice as long each further time, and half of it is chance."""


class Isolation(StrEnum):
    """How much a transaction sees of others."""

    READ_COMMITTED = "READ COMMITTED"
    REPEATABLE_READ = "REPEATABLE READ"
    SERIALIZABLE = "SERIALIZABLE"


@asynccontextmanager
async def transaction(pool: Pool, isolation: Isolation, *, read_only: bool) -> AsyncIterator[Bound]:
    """A transaction on a connection of its own; an error inside rolls it back."""
    connection = await pool.acquire()
    bound = Bound(connection)
    try:
        await connection.affected(f"BEGIN ISOLATION LEVEL {isolation}{' READ ONLY' if read_only else ''}", ())
        try:
            yield bound
        except BaseException:
            bound.is_over = True
            await connection.roll_back()
            raise
        bound.is_over = True
        await connection.commit()
    finally:
        bound.is_over = True
        pool.release(connection)


@asynccontextmanager
async def savepoint(bound: Bound, depth: int) -> AsyncIterator[Bound]:
    """A transaction within a transaction; an error inside takes back only what it did."""
    name = f"s{depth}"
    await bound.affected(f"SAVEPOINT {name}", ())
    try:
        yield bound
    except BaseException as error:
        # A connection that broke took all with it, and its own error says why.
        if not bound.is_over and not isinstance(error, ConnectionLost):
            await bound.affected(f"ROLLBACK TO SAVEPOINT {name}", ())
        raise
    await bound.affected(f"RELEASE SAVEPOINT {name}", ())


async def retried(work: Callable[[], Awaitable[_Result]], attempts: int) -> _Result:
    """Run a transaction, and again when a serialisation failure, a deadlock or a broken connection ended it.

    Raises:
        SerializationFailed: it was ended so ``attempts`` times.
        TransactionLost: likewise. A connection that broke while it was committed ends it at once (``ConnectionLost``).
    """
    for attempt in range(1, attempts + 1):
        try:
            return await work()
        except AccessError as error:
            again = error.sqlstate in RETRIED or isinstance(error, TransactionLost)
            if not again or attempt == attempts:
                raise
        await pause(FIRST_PAUSE * 2 ** (attempt - 1) * (0.5 + random.random() / 2))  # noqa: S311  # no secret
    raise AssertionError("the last attempt returns or raises")
