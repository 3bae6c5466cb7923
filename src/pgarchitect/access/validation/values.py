"""Whether a value fits its column, told without asking the database: types, lengths, labels, NULLs, lists, JSON."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import chain
from types import NoneType
from typing import Any, Final
from uuid import UUID

import msgspec

from pgarchitect.access.shapes import ColumnShape, ValueKind
from pgarchitect.access.statement import JsonNull, has_nul
from pgarchitect.access.validation.check import ColumnCheck, Kinds, kind, length_told, shown
from pgarchitect.access.validation.json_shapes import shape_check
from pgarchitect.access.validation.numbers import number_check
from pgarchitect.schema.mirrors.write_rules import WriteRule

_NO_RULE: Final = WriteRule()
_TIMES: Final[Mapping[str, tuple[type, frozenset[type], str]]] = {
    "time": (time, frozenset({time}), "a time"),
    "timetz": (time, frozenset({time}), "a time"),
    "date": (date, frozenset({date, datetime}), "a date"),
}
_MOMENT: Final = (date, frozenset({datetime, date}), "a date and time")


def column_check(column: ColumnShape) -> ColumnCheck:
    """The checks of a column, of its NULLs and lists too."""
    rule = column.rule or _NO_RULE
    made = _MAKERS[column.kind](column, rule)
    if column.is_list:
        made = _of_list(made, rule)
    return _with_null(made, nullable=column.nullable or column.is_list)


def _with_null(check: ColumnCheck, *, nullable: bool) -> ColumnCheck:
    inner, inner_fits = check.one, check.every

    def one(value: Any) -> str:  # noqa: ANN401  # any value may be given
        if value is None:
            return "" if nullable else "is None, but the column must have a value"
        return inner(value)

    def fits(values: Sequence[Any], kinds: Kinds) -> bool:
        if NoneType not in kinds:
            return inner_fits(values, kinds)
        return nullable and inner_fits([each for each in values if each is not None], kinds - {NoneType})

    return ColumnCheck(one, fits)


def _of_list(check: ColumnCheck, rule: WriteRule) -> ColumnCheck:
    least, most = rule.items

    def one(value: Any) -> str:  # noqa: ANN401  # as above
        if not isinstance(value, list | tuple):
            return f"takes a list, not {kind(value)}"
        told = length_told(len(value), least, most, "items")
        items = ((number, check.one(each)) for number, each in enumerate(value, 1) if each is not None)
        return told or next((f"has an item {number} that {wrong}" for number, wrong in items if wrong), "")

    def fits(values: Sequence[Any], kinds: Kinds) -> bool:
        if not kinds <= {list, tuple}:
            return False
        if (least, most) != (None, None) and any(length_told(len(each), least, most, "") for each in values):
            return False
        return check.fits(list(chain.from_iterable(values)))

    return ColumnCheck(one, fits)


def _text(column: ColumnShape, rule: WriteRule) -> ColumnCheck:
    least, most = rule.min_length, rule.max_length
    matches = re.compile(rule.pattern).search if rule.pattern else None

    def one(value: Any) -> str:  # noqa: ANN401  # as above
        if not isinstance(value, str):
            # The drivers have types of their own for what is none of ours, such as ``inet``.
            return f"takes a text, not {kind(value)}" if column.kind is ValueKind.TEXT else ""
        told = _unwritable(value) or length_told(len(value), least, most, "characters")
        return told or ("" if matches is None or matches(value) else f"does not match the pattern {rule.pattern}")

    def fits(values: Sequence[Any], _: Kinds) -> bool:
        try:
            joined = "".join(values)
        except TypeError:
            return False
        if _unwritable(joined):
            return False
        if most is not None and max(map(len, values), default=0) > most:
            return False
        if least is not None and min(map(len, values), default=least) < least:
            return False
        return matches is None or all(map(matches, values))

    return ColumnCheck(one, fits)


def _unwritable(text: str) -> str:
    if "\0" in text:
        return "has the character NUL, which PostgreSQL cannot store"
    if text.isascii():  # most of what there is
        return ""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "has half of a surrogate pair, which UTF-8 cannot write"
    return ""


def _typed(wanted: type, exact: frozenset[type], told: str) -> ColumnCheck:
    def one(value: Any) -> str:  # noqa: ANN401  # as above
        return "" if isinstance(value, wanted) else f"takes {told}, not {kind(value)}"

    return ColumnCheck(one, lambda _, kinds: kinds <= exact)


def _boolean(_: ColumnShape, __: WriteRule) -> ColumnCheck:
    return _typed(bool, frozenset({bool}), "True or False")


def _time(column: ColumnShape, _: WriteRule) -> ColumnCheck:
    return _typed(*_TIMES.get(column.type, _MOMENT))


def _bytes(_: ColumnShape, rule: WriteRule) -> ColumnCheck:
    least, most = rule.min_length, rule.max_length

    def one(value: Any) -> str:  # noqa: ANN401  # as above
        if not isinstance(value, bytes | bytearray | memoryview):
            return f"takes bytes, not {kind(value)}"
        return length_told(memoryview(value).nbytes, least, most, "bytes")

    def fits(values: Sequence[Any], kinds: Kinds) -> bool:
        if not kinds <= {bytes}:
            return False
        return (least, most) == (None, None) or not any(length_told(len(each), least, most, "") for each in values)

    return ColumnCheck(one, fits)


def _uuid(_: ColumnShape, __: WriteRule) -> ColumnCheck:
    def one(value: Any) -> str:  # noqa: ANN401  # as above
        if isinstance(value, UUID):
            return ""
        if not isinstance(value, str):
            return f"takes a UUID, not {kind(value)}"
        try:
            UUID(value)
        except ValueError:
            return f"is no UUID ({shown(value)!r})"
        return ""

    # A text is read as a UUID when its row is converted, which says so where it is none.
    return ColumnCheck(one, lambda _, kinds: all(issubclass(each, UUID | str) for each in kinds))


def _enum(column: ColumnShape, _: WriteRule) -> ColumnCheck:
    labels, told = frozenset(column.labels), ", ".join(column.labels)

    def one(value: Any) -> str:  # noqa: ANN401  # as above
        if not isinstance(value, str):
            return f"takes one of {told}, and not {kind(value)}"
        return "" if value in labels else f"is {shown(value)!r}, and may be one of {told}"

    def fits(values: Sequence[Any], _: Kinds) -> bool:
        try:
            return labels.issuperset(values)
        except TypeError:  # what has no hash is no label
            return False

    return ColumnCheck(one, fits)


def _json(column: ColumnShape, _: WriteRule) -> ColumnCheck:
    shape = shape_check(column.shape) if column.shape else None

    def one(value: Any) -> str:  # noqa: ANN401  # as above
        try:
            text = "null" if isinstance(value, JsonNull) else msgspec.json.encode(value).decode()
        except (TypeError, ValueError) as error:
            return f"cannot be written as JSON ({' '.join(str(error).split())})"
        if column.type == "jsonb" and has_nul(text):
            return "has the character NUL, which PostgreSQL cannot store"
        return shape(msgspec.json.decode(text)) if shape else ""

    def fits(values: Sequence[Any], _: Kinds) -> bool:
        # Whether values can be written as JSON is told when they are converted.
        return shape is None or not any(map(shape, values))

    return ColumnCheck(one, fits)


_MAKERS: Final[Mapping[ValueKind, Callable[[ColumnShape, WriteRule], ColumnCheck]]] = {
    ValueKind.TEXT: _text,
    ValueKind.OTHER: _text,
    ValueKind.NUMBER: number_check,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.TIME: _time,
    ValueKind.JSON: _json,
    ValueKind.BYTES: _bytes,
    ValueKind.UUID: _uuid,
    ValueKind.ENUM: _enum,
}
