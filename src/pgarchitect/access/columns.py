"""The values of one column in many rows, handled in passes that run in C, since most of them pass as they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from operator import attrgetter, itemgetter
from types import NoneType
from typing import Any, Final

import msgspec

from pgarchitect.access.shapes import ColumnShape, ValueKind
from pgarchitect.access.statement import in_database

BLOCK: Final = 128
"""Rows that are handled together, few enough that what was read of them is in the processor's cache still."""
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a column in all rows.

    Attributes:
        shape: of the column.
        values: one a row; of a JSON column that was converted UTF-8, unless ``lines`` has it.
        kinds: types that are among ``values``.
        present: values that are not None.
        lines: JSON in UTF-8, a text a line, blocks of rows; of NULLs anything.
    """

    shape: ColumnShape
    values: Sequence[Any]
    kinds: frozenset[type]
    present: Sequence[Any]
    lines: tuple[bytes, ...] = ()

    def block(self, start: int) -> Sequence[Any]:
        """The values of the rows from there on, ``BLOCK`` at most; ``start`` is a multiple of it."""
        values = self.values[start : start + BLOCK]
        if not self.lines:
            return values
        texts = self.lines[start // BLOCK].split(b"\n")
        texts.pop()  # what is behind the last line's end
        if len(texts) != len(values):  # JSON that was given as text (``msgspec.Raw``) has lines of its own
            texts = list(map(_ENCODER.encode, values))
        if NoneType not in self.kinds:
            return texts
        return [None if value is None else text for value, text in zip(values, texts, strict=True)]

    @property
    def encoded(self) -> Iterable[Any]:
        """The values, JSON in UTF-8."""
        if not self.lines:
            return self.values
        return chain.from_iterable(map(self.block, range(0, len(self.values), BLOCK)))

    @property
    def driven(self) -> Sequence[Any]:
        """The values, JSON as text."""
        if not is_json(self.shape):
            return self.values
        return [None if each is None else each.decode() for each in self.encoded]


def column_of(shape: ColumnShape, values: Sequence[Any]) -> Column:
    """A column with these values."""
    return _known(shape, values, set(map(type, values)))


def _known(shape: ColumnShape, values: Sequence[Any], kinds: set[type]) -> Column:
    return Column(shape, values, frozenset(kinds), present(values) if NoneType in kinds else values)


def present(values: Sequence[Any]) -> list[Any]:
    """Those that are not None."""
    return [each for each in values if each is not None]


def columns_of(shapes: Sequence[ColumnShape], rows: Sequence[Mapping[str, Any]]) -> list[Column] | None:
    """Columns with what their fields have in all rows; None: a row has other fields."""
    columns = [_Gathered(each) for each in shapes]
    try:
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            if set(map(len, block)) != {len(shapes)}:
                return None
            for each in columns:
                each.add(block)
    except KeyError:
        return None
    return [each.column() for each in columns]


class _Gathered:
    """A column of which blocks of rows come one by one: what is read of a row is in the processor's cache still."""

    __slots__ = ("_get", "_kinds", "_lines", "_shape", "_values")

    def __init__(self, shape: ColumnShape) -> None:
        self._shape = shape
        self._get = itemgetter(shape.name)
        self._values: list[Any] = []
        self._kinds: set[type] = set()
        self._lines: list[bytes] | None = [] if is_json(shape) else None

    def add(self, block: Sequence[Mapping[str, Any]]) -> None:
        values = list(map(self._get, block))
        self._values.extend(values)
        self._kinds.update(map(type, values))
        if self._lines is not None:
            self._lines.append(_lines(self._shape, values))

    def column(self) -> Column:
        lines = self._lines if self._lines and all(self._lines) else ()
        return replace(_known(self._shape, self._values, self._kinds), lines=tuple(lines))


def is_json(shape: ColumnShape) -> bool:
    """Whether each value of the column is JSON."""
    return shape.kind is ValueKind.JSON and not shape.is_list


def converted(column: Column) -> Column:
    """The column with its values as ``statement.in_database`` makes them, JSON in UTF-8.

    Raises:
        InvalidValue: one cannot be JSON, or is no UUID.
    """
    if _is_converted(column):
        return column
    values: list[Any] = [in_database(column.shape, each) for each in column.values]
    if is_json(column.shape):
        values = [None if each is None else each.encode() for each in values]
    return column_of(column.shape, values)


def _is_converted(column: Column) -> bool:
    """Whether each value surely is as the drivers take it."""
    if column.shape.is_list:
        return False  # psycopg writes no tuples
    if column.shape.kind is ValueKind.JSON:
        return bool(column.lines)
    if column.shape.kind is ValueKind.UUID:
        return not any(issubclass(each, str) for each in column.kinds)
    if not column.shape.naive:
        return True
    return column.kinds <= {datetime, NoneType} and {None}.issuperset(map(attrgetter("tzinfo"), column.present))


def _lines(shape: ColumnShape, values: Sequence[Any]) -> bytes:
    """JSON of a block, which takes two thirds of the time of one by one; empty: each needs a look of its own."""
    try:
        lines = _ENCODER.encode_lines(values)
    except (TypeError, ValueError, RecursionError):
        return b""  # JSON_NULL is among them, or what is no JSON
    if shape.type == "jsonb" and b"\\" in lines and b"\\u0000" in lines:  # the first is found in no time
        return b""  # there may be a NUL
    return lines
