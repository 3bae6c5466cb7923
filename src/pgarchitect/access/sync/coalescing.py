"""Reads are gathered in the asynchronous world only: threads have no ticks."""

from typing import NoReturn

from pgarchitect.access.failures import InvalidCondition


def gathering(*_: object) -> NoReturn:
    """Refuse.

    Raises:
        InvalidCondition: always.
    """
    raise InvalidCondition("Only AsyncDatabase gathers reads (coalesce=True); for threads leave it out.")
