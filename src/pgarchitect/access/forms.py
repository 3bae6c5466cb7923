"""The forms that arguments must have, since they may come from users' input."""

from collections.abc import Iterable, Mapping
from typing import Any

from pgarchitect.access.failures import InvalidCondition


def mapping(given: object, name: str) -> Mapping[str, Any]:
    """A mapping.

    Raises:
        InvalidCondition: it is something else.
    """
    if not isinstance(given, Mapping):
        raise InvalidCondition(f"{name} takes a mapping, not {type(given).__name__}.")
    return given


def is_one_value(given: object) -> bool:
    """Whether this names one row where it is the value of a unique key: no operators, no list, and not None."""
    return given is not None and not isinstance(given, Mapping | list | tuple | set | frozenset)


def names(given: object, name: str) -> list[str]:
    """Names of fields.

    Raises:
        InvalidCondition: it is something else.
    """
    listed = list(given) if isinstance(given, Iterable) and not isinstance(given, str | bytes) else None
    if listed is None or not all(isinstance(each, str) for each in listed):
        raise InvalidCondition(f"{name} takes a list of names of fields, not {type(given).__name__}.")
    return listed


def whole(given: object, name: str, *, least: int | None = None) -> int:
    """A whole number that PostgreSQL can count to.

    Raises:
        InvalidCondition: it is something else, or less than ``least``.
    """
    if isinstance(given, bool) or not isinstance(given, int) or abs(given) >= 2**63:
        raise InvalidCondition(f"{name} takes a whole number, not {type(given).__name__}.")
    if least is not None and given < least:
        raise InvalidCondition(f"{name} is {given}, but at least {least}.")
    return given
