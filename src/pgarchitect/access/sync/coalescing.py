"""Reads are gathered in the asynchronous world only: threads have no ticks."""

from typing import Final, NoReturn

from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.sync.executor import Executor, Pooled

single: Final = Pooled
"""What makes the executor."""


def gathering(*_: object) -> NoReturn:
    """Refuse.

    Raises:
        InvalidCondition: always.
    """
    raise InvalidCondition("Only AsyncDatabase gathers reads (coalesce=True); for threads leave it out.")


def reading(executor: Executor, *, gathered: bool) -> Executor:
    """Where a read runs that says whether it is to be gathered.

    Raises:
        InvalidCondition: it is.
    """
    return gathering() if gathered else executor
