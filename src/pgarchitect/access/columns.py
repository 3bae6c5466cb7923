"""The values of one column in many rows, handled in passes that run in C, since most of them pass as they are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
_MAY_BE_NUL: Final = b"\\u0000"
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
    columns: list[tuple[Callable[[Any], Any], list[Any], set[type]]]
    columns = [(itemgetter(each.name), [], set()) for each in shapes]
    try:
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            if set(map(len, block)) != {len(shapes)}:
                return None
            for get, values, kinds in columns:
                found = list(map(get, block))
                values.extend(found)
                kinds.update(map(type, found))
    except KeyError:
        return None
    return [_known(shape, each[1], each[2]) for shape, each in zip(shapes, columns, strict=True)]


def is_json(shape: ColumnShape) -> bool:
    """Whether each value of the column is JSON."""
    return shape.kind is ValueKind.JSON and not shape.is_list


def converted(column: Column) -> Column:
    """The column with its values as ``statement.in_database`` makes them, JSON in UTF-8.

    Raises:
        InvalidValue: one cannot be JSON, or is no UUID.
    """
    shape, values = column.shape, column.values
    if is_json(shape):
        lines = _lines(column)
        if lines:
            return replace(column, lines=lines)
        texts: list[Any] = [in_database(shape, each) for each in values]
        return column_of(shape, [each and each.encode() for each in texts])
    return column if _is_converted(column) else column_of(shape, [in_database(shape, each) for each in values])


def _is_converted(column: Column) -> bool:
    """Whether each value surely is as the drivers take it."""
    if column.shape.is_list:
        return False  # psycopg writes no tuples
    if column.shape.kind is ValueKind.UUID:
        return not any(issubclass(each, str) for each in column.kinds)
    if not column.shape.naive:
        return True
    return column.kinds <= {datetime, NoneType} and {None}.issuperset(map(attrgetter("tzinfo"), column.present))


def _lines(column: Column) -> tuple[bytes, ...]:
    """JSON in blocks: encoded and searched so, it takes two thirds of the time; empty: each needs a look of its own."""
    values, has_no_nul = column.values, column.shape.type == "jsonb"
    made = []
    for start in range(0, len(values), BLOCK):
        block = values[start : start + BLOCK]
        try:
            lines = _ENCODER.encode_lines(block)
        except (TypeError, ValueError, RecursionError):
            return ()  # JSON_NULL is among them, or what is no JSON
        if lines.count(b"\n") != len(block) or (has_no_nul and _MAY_BE_NUL in lines):
            return ()  # JSON that was given as text (``msgspec.Raw``) may have lines of its own
        made.append(lines)
    return tuple(made)
