"""Whether a number fits its column: ranges of whole numbers, digits of decimal ones, and the bounds of ``///``."""

import operator
from array import array
from collections import deque
from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation
from itertools import repeat
from typing import Any, Final

from pgarchitect.access.shapes import ColumnShape
from pgarchitect.access.validation.check import ColumnCheck, Kinds, kind, shown
from pgarchitect.schema.mirrors.write_rules import WriteRule

_WHOLE: Final = {"int2": "h", "int4": "i", "int8": "q", "oid": "I"}
"""Whole numbers → the array of C that holds exactly them."""
_MOST_REAL: Final = 3.4028235677973366e38
"""From here on numbers are infinite as ``real``."""


def number_check(column: ColumnShape, rule: WriteRule) -> ColumnCheck:
    """The checks of a column of numbers."""
    if column.type in _WHOLE:
        return _whole(column, rule)
    return _decimal(rule) if column.type == "numeric" else _real(column, rule)


def _bounds(rule: WriteRule) -> tuple[Decimal | None, Decimal | None]:
    return Decimal(rule.least) if rule.least else None, Decimal(rule.most) if rule.most else None


def _outside(value: Any, least: Decimal | None, most: Decimal | None) -> str:  # noqa: ANN401  # a number
    if most is not None and value > most:
        return f"is {shown(value)}, and at most {most} fits"
    if least is not None and value < least:
        return f"is {shown(value)}, and at least {least} fits"
    return ""


def _all_inside(values: Sequence[Any], least: Decimal | None, most: Decimal | None) -> bool:
    if not values:
        return True
    return (least is None or min(values) >= least) and (most is None or max(values) <= most)


def _whole(column: ColumnShape, rule: WriteRule) -> ColumnCheck:
    code = _WHOLE[column.type]
    bits = array(code).itemsize * 8
    lowest, highest = (0, 2**bits - 1) if code == "I" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    low, high = _bounds(rule)
    least, most = Decimal(lowest) if low is None else low, Decimal(highest) if high is None else high
    # The array of C refuses what the type cannot hold; only what ``///`` narrows has to be compared again.
    is_narrowed = (least, most) != (lowest, highest)

    def one(value: Any) -> str:  # noqa: ANN401  # any value may be given
        try:
            number = operator.index(value)
        except TypeError:
            return f"takes a whole number, not {kind(value)}"
        return _outside(number, least, most)

    def fits(values: Sequence[Any], _: Kinds) -> bool:
        try:
            array(code, values)
        except (TypeError, OverflowError):
            return False
        return not is_narrowed or _all_inside(values, least, most)

    return ColumnCheck(one, fits)


def _decimal(rule: WriteRule) -> ColumnCheck:
    precision, scale = rule.digits or (0, 0)
    least, most = _bounds(rule)
    # Raises where digits would be lost behind the point, or where there are too many before it.
    exact = Context(prec=precision or 1, traps=[Inexact, InvalidOperation])
    unit = Decimal(1).scaleb(-scale)

    def one(value: Any) -> str:  # noqa: ANN401  # as above
        if not isinstance(value, Decimal | int | float):
            return f"takes a number, not {kind(value)}"
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if number.is_nan():
            return ""
        told = _outside(number, least, most)
        return told or (_digits(number, precision, scale, exact, unit) if precision else "")

    def fits(values: Sequence[Any], kinds: Kinds) -> bool:
        if not kinds <= {Decimal, int}:
            return False
        try:
            if precision:
                deque(map(exact.quantize, values, repeat(unit)), maxlen=0)
            return _all_inside(values, least, most)
        except (Inexact, InvalidOperation):
            return False

    return ColumnCheck(one, fits)


def _digits(number: Decimal, precision: int, scale: int, exact: Context, unit: Decimal) -> str:
    try:
        exact.quantize(number, unit)
    except Inexact:
        return f"is {shown(number)}, and at most {scale} digits fit behind the point"
    except InvalidOperation:
        return f"is {shown(number)}, and at most {precision - scale} digits fit before the point"
    return ""


def _real(column: ColumnShape, rule: WriteRule) -> ColumnCheck:
    least, most = _bounds(rule)
    is_single = column.type == "float4"

    def one(value: Any) -> str:  # noqa: ANN401  # as above
        if isinstance(value, str | bytes) or not hasattr(value, "__float__"):
            return f"takes a number, not {kind(value)}"
        try:
            number = float(value)
        except OverflowError:
            number = _MOST_REAL
        if (is_single or number != value) and _MOST_REAL <= abs(number) < float("inf"):
            return f"is {shown(value)}, which is too great for the column"
        return _outside(number, least, most)

    def fits(values: Sequence[Any], _: Kinds) -> bool:
        try:
            numbers = array("d", values)
        except (TypeError, OverflowError):
            return False
        if is_single and numbers and not -_MOST_REAL < min(numbers) <= max(numbers) < _MOST_REAL:
            return False
        return _all_inside(numbers, least, most)

    return ColumnCheck(one, fits)
