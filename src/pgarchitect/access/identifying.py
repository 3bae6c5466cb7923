"""What names one row: the values of a unique key, and perhaps conditions that the row must fulfil beside it."""

from collections.abc import Mapping
from typing import Any

from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import is_one_value, mapping
from pgarchitect.access.shapes import TableShape


def key_of(table: TableShape, where: object, what: str = "where") -> dict[str, Any]:
    """The unique key in a condition, which is ``what`` to the caller.

    Raises:
        InvalidCondition: there is none, or what stands for its values may fit several rows: a write would change all of
            them.
    """
    given = mapping(where, what)
    keys = [key for key in (table.primary_key, *table.uniques) if key]
    named = [key for key in keys if all(name in given for name in key)]
    if not named:
        told = ", or ".join(" and ".join(key) for key in keys) or "none, so use the operations on many rows"
        raise InvalidCondition(f"{what} of one row of {table.name} must name a unique key: {told}.")
    for key in named:
        if all(is_one_value(given[name]) for name in key):
            return {name: given[name] for name in key}
    told = " and ".join(named[0])
    raise InvalidCondition(
        f"{what} of one row of {table.name} must have one value of {told}; operators, lists and None may fit several."
    )


def asks_more(table: TableShape, where: Mapping[str, Any]) -> bool:
    """Whether a condition that names one row asks for more than its key."""
    return not table.is_key(frozenset(where))
