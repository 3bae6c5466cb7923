"""A statement for the driver: its text with numbered parameters, and their values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from pgarchitect.access.failures import InvalidValue
from pgarchitect.access.shapes import ColumnShape, ValueKind

_BY_TEXT: Final = frozenset({ValueKind.OTHER, ValueKind.JSON})
"""Kinds that travel as text: of the one the drivers know nothing, of the other they make different things."""

_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``$1``, ``$2``, … and the values for them, in that order."""

    text: str
    parameters: tuple[Any, ...] = ()


class Parameters:
    """Collects the values of a statement; what it returns stands for them in its text.

    Every parameter is cast to its column's type, so that both drivers send it alike and a plan never depends on what
    Python type a value happens to have.
    """

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, column: ColumnShape, value: object) -> str:
        """One value of a column; of a list column the whole list."""
        if column.is_list:
            return self.list(column, value)
        return self.typed(to_database(column, value), column.type, by_text=column.kind in _BY_TEXT)

    def list(self, column: ColumnShape, values: object) -> str:
        """Any number of values of a column, as one array."""
        return self.typed(_list(column, values), f"{column.type}[]", by_text=column.kind in _BY_TEXT)

    def typed(self, value: object, kind: str, *, by_text: bool = False) -> str:
        """A value of a type of its own; ``by_text``: it travels as text, since drivers do not know the type."""
        self.values.append(value)
        if by_text:
            return f"${len(self.values)}::text{'[]' if kind.endswith('[]') else ''}::{kind}"
        return f"${len(self.values)}::{kind}"

    def statement(self, text: str) -> Statement:
        """The statement of that text with the values collected so far."""
        return Statement(text, tuple(self.values))


class JsonNull:
    """The JSON value ``null``, where None means that the column is NULL."""

    __slots__ = ()


JSON_NULL: Final = JsonNull()
"""The one value of its type."""


def in_database(column: ColumnShape, value: object) -> object:
    """What a column holds, a value or a list of them, as both drivers take it; raises as ``to_database`` does."""
    return _list(column, value) if column.is_list else to_database(column, value)


def _list(column: ColumnShape, values: object) -> list[object] | None:
    if values is None:
        return None
    if not isinstance(values, Iterable):
        raise InvalidValue(f"The value of {column.name} is no list but {type(values).__name__}; give a list.")
    return [to_database(column, each) for each in values]


def to_database(column: ColumnShape, value: object) -> object:
    """A value as both drivers take it: JSON as text, a UUID as one, moments for a ``timestamp`` as UTC without a zone.

    Raises:
        InvalidValue: it cannot be JSON, or is no UUID.
    """
    if value is None:
        return None
    if column.kind is ValueKind.JSON:
        return _json(column, value)
    if column.naive and isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if column.kind is ValueKind.UUID and isinstance(value, str):
        return _uuid(column, value)
    return value


def is_converted(column: ColumnShape) -> bool:
    """Whether ``to_database`` makes anything else of any of its values."""
    return column.naive or column.kind in {ValueKind.JSON, ValueKind.UUID}


def _uuid(column: ColumnShape, value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidValue(f"The value of {column.name} is no UUID ({value[:40]!r}); correct it.") from error


def _json(column: ColumnShape, value: object) -> str:
    if isinstance(value, JsonNull):
        return "null"
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValue(f"The value of {column.name} cannot be written as JSON ({error}); correct it.") from error
    if has_nul(text) and column.type == "jsonb":
        raise InvalidValue(f"The value of {column.name} has the character NUL, which jsonb cannot store; leave it out.")
    return text


def has_nul(json: str) -> bool:
    """Whether a JSON text has the character NUL in it."""
    return "\\u0000" in json and _NUL.search(json) is not None
