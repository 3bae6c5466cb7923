"""What a condition on a JSON column asks: a path, and operators on the value there; or equality with a value.

A mapping is operators where all its names are such; otherwise it is the value itself. Both paths of the router read it
here.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.shapes import ColumnShape

COMPARISONS: Final = ("lt", "lte", "gt", "gte")
"""Of numbers with numbers, texts with texts; a value of another type does not fit."""
PATTERNS: Final = {
    "string_contains": "contains",
    "string_starts_with": "starts_with",
    "string_ends_with": "ends_with",
}
"""Of texts within JSON → the same operators of text columns."""
CONTAINMENTS: Final = ("json_contains", "json_contained_by", "has_key", "has_any_key", "has_all_keys")
OPERATORS: Final = ("equals", "not", "in", "not_in", *COMPARISONS, *PATTERNS, *CONTAINMENTS)
_WHERE: Final = frozenset({"path", "mode"})
"""Words that say where and how to look; by themselves they ask nothing."""


def operators(column: ColumnShape, given: object) -> Mapping[str, Any] | None:
    """The operators of a condition, ``path`` and ``mode`` among them; None: it is a value to be equal to.

    Raises:
        InvalidCondition: there is a path, but nothing or no operator is asked of the value there.
    """
    if not isinstance(given, Mapping):
        return None
    asked = [name for name in given if name not in _WHERE]
    if asked and all(name in OPERATORS for name in asked):
        return given
    if isinstance(given.get("path"), list | tuple):
        wrong = [name for name in asked if name not in OPERATORS]
        told = f"has no operator {wrong[0]!r}" if wrong else "asks nothing of the value at its path"
        raise InvalidCondition(
            f"The condition on {column.name} {told}; there are {', '.join(OPERATORS)}. A value that looks like this is"
            ' compared by {"equals": …}.'
        )
    return None


def path_of(column: ColumnShape, asked: Mapping[str, Any]) -> list[str] | None:
    """The path to the value; None: the whole document is asked about.

    Raises:
        InvalidCondition: it is no list of keys and positions.
    """
    path = asked.get("path")
    if path is None:
        return None
    if not isinstance(path, list | tuple) or not all(type(each) in {str, int} for each in path):
        raise InvalidCondition(f"The path in {column.name} takes a list of keys and positions, such as ['a', 0].")
    return [str(each) for each in path]


def folds(column: ColumnShape, asked: Mapping[str, Any]) -> bool:
    """Whether texts are compared without regard to case.

    Raises:
        InvalidCondition: ``mode`` is neither default nor insensitive.
    """
    mode = asked.get("mode", "default")
    if mode not in ("default", "insensitive"):
        raise InvalidCondition(f"mode of {column.name} is {mode!r}; it may be default or insensitive.")
    return bool(mode == "insensitive")


def binary(column: ColumnShape) -> ColumnShape:
    """The column as ``jsonb``, which alone has operators."""
    return column if column.type == "jsonb" else replace(column, type="jsonb")
