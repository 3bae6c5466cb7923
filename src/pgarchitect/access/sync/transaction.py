# Written by scripts/sync_from_async.py from ../aio/transaction.py: change that one.
"""Transactions: begun, committed or rolled back, nested by savepoints, run again when others got in their way."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, TypeVar

from pgarchitect.access.failures import AccessError, ConnectionLost, TransactionLost
from pgarchitect.access.sync.connection import pause
from pgarchitect.access.sync.executor import Bound
from pgarchitect.access.sync.pool import Pool
from pgarchitect.access.translation import RETRIED

_Result = TypeVar("_Result")
FIRST_PAUSE: Final = 0.01
"""Seconds before a transaction is first run again; twice as long each further time, and half of it is chance."""


class Isolation(StrEnum):
    """How much a transaction sees of others."""

    READ_COMMITTED = "READ COMMITTED"
    REPEATABLE_READ = "REPEATABLE READ"
    SERIALIZABLE = "SERIALIZABLE"


@contextmanager
def transaction(pool: Pool, isolation: Isolation, *, read_only: bool) -> Iterator[Bound]:
    """A transaction on a connection of its own; an error inside rolls it back."""
    connection = pool.acquire()
    bound = Bound(connection)
    try:
        connection.affected(f"BEGIN ISOLATION LEVEL {isolation}{' READ ONLY' if read_only else ''}", ())
        try:
            yield bound
        except BaseException:
            bound.is_over = True
            connection.roll_back()
            raise
        bound.is_over = True
        connection.commit()
    finally:
        bound.is_over = True
        pool.release(connection)


@contextmanager
def savepoint(bound: Bound, depth: int) -> Iterator[Bound]:
    """A transaction within a transaction; an error inside takes back only what it did."""
    name = f"s{depth}"
    bound.affected(f"SAVEPOINT {name}", ())
    try:
        yield bound
    except BaseException as error:
        # A connection that broke took all with it, and its own error says why.
        if not bound.is_over and not isinstance(error, ConnectionLost):
            bound.affected(f"ROLLBACK TO SAVEPOINT {name}", ())
        raise
    bound.affected(f"RELEASE SAVEPOINT {name}", ())


def retried(work: Callable[[], _Result], attempts: int) -> _Result:
    """Run a transaction, and again when a serialisation failure, a deadlock or a broken connection ended it.

    Raises:
        SerializationFailed: it was ended so ``attempts`` times.
        TransactionLost: likewise. A connection that broke while it was committed ends it at once (``ConnectionLost``).
    """
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except AccessError as error:
            again = error.sqlstate in RETRIED or isinstance(error, TransactionLost)
            if not again or attempt == attempts:
                raise
        pause(FIRST_PAUSE * 2 ** (attempt - 1) * (0.5 + random.random() / 2))  # noqa: S311  # no secret
    raise AssertionError("the last attempt returns or raises")
