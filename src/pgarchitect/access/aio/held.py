"""One connection for several statements that leave nothing behind: cursors, plans."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pgarchitect.access.aio.executor import Bound, Executor, Pooled
from pgarchitect.access.failures import AccessError


@asynccontextmanager
async def held(executor: Executor) -> AsyncIterator[Executor]:
    """One connection in a transaction that is rolled back; within a transaction just that one.

    Raises:
        AccessError: the executor is neither the pool's nor a transaction's.
    """
    if isinstance(executor, Bound):
        yield executor
        return
    if not isinstance(executor, Pooled):
        raise AccessError(f"{type(executor).__name__} has no connection to hold; use the database or a transaction.")
    connection = await executor.pool.acquire()
    bound = Bound(connection)
    try:
        await bound.affected("BEGIN", ())
        try:
            yield bound
        finally:
            bound.is_over = True
            await connection.roll_back()
    finally:
        executor.pool.release(connection)


@asynccontextmanager
async def undone(executor: Executor) -> AsyncIterator[Executor]:
    """As ``held``, but what is done inside is taken back within a transaction too."""
    async with held(executor) as bound:
        if bound is not executor:
            yield bound
            return
        await bound.affected("SAVEPOINT undone", ())
        try:
            yield bound
        finally:
            await bound.affected("ROLLBACK TO SAVEPOINT undone", ())
            await bound.affected("RELEASE SAVEPOINT undone", ())
