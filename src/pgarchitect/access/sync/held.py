# Written by scripts/sync_from_async.py from ../aio/held.py: change that one.
"""One connection for several statements that leave nothing behind: cursors, plans."""

from collections.abc import Iterator
from contextlib import contextmanager

from pgarchitect.access.failures import AccessError
from pgarchitect.access.sync.executor import Bound, Executor, Pooled


@contextmanager
def held(executor: Executor) -> Iterator[Executor]:
    """One connection in a transaction that is rolled back; within a transaction just that one.

    Raises:
        AccessError: the executor is neither the pool's nor a transaction's.
    """
    if isinstance(executor, Bound):
        yield executor
        return
    if not isinstance(executor, Pooled):
        raise AccessError(f"{type(executor).__name__} has no connection to hold; use the database or a transaction.")
    connection = executor.pool.acquire()
    bound = Bound(connection)
    try:
        bound.affected("BEGIN", ())
        try:
            yield bound
        finally:
            bound.is_over = True
            connection.roll_back()
    finally:
        executor.pool.release(connection)


@contextmanager
def undone(executor: Executor) -> Iterator[Executor]:
    """As ``held``, but what is done inside is taken back within a transaction too."""
    with held(executor) as bound:
        if bound is not executor:
            yield bound
            return
        bound.affected("SAVEPOINT undone", ())
        try:
            yield bound
        finally:
            bound.affected("ROLLBACK TO SAVEPOINT undone", ())
            bound.affected("RELEASE SAVEPOINT undone", ())
