"""What a value must be so that its column takes it: bounds, lengths, digits, patterns; and what ``///`` adds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pgarchitect.schema.database_schema import Column
from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.psl.prisma_schema import Field

_RANGES: Final = {
    "int2": (-(2**15), 2**15 - 1),
    "int4": (-(2**31), 2**31 - 1),
    "int8": (-(2**63), 2**63 - 1),
    "oid": (0, 2**32 - 1),
}
"""https://www.postgresql.org/docs/current/datatype-numeric.html"""


@dataclass(frozen=True, slots=True)
class WriteRule:
    """What one value (of a list: each) must be; None and empty: anything.

    Attributes:
        least: the least number, as written.
        most: the greatest number, as written.
        min_length: characters, bytes or items at least.
        max_length: at most.
        digits: of a decimal number, all of them and those behind the point.
        pattern: a regular expression.
        items: the fewest and the most items of a list, where ``@minLength`` and ``@maxLength`` say them.
    """

    least: str = ""
    most: str = ""
    min_length: int | None = None
    max_length: int | None = None
    digits: tuple[int, int] | None = None
    pattern: str = ""
    items: tuple[int | None, int | None] = (None, None)


def write_rule(field: Field, column: Column) -> WriteRule:
    """The rule of a column."""
    told = annotations(field.documentation)
    kind = column.type
    size = int(kind.modifiers[0]) if kind.modifiers and kind.name in {"varchar", "bpchar", "bit", "varbit"} else None
    low, high = _RANGES.get(kind.name, (None, None))
    least = _greater("" if low is None else str(low), told.minimum)
    most = _lesser("" if high is None else str(high), told.maximum)
    lengths = (told.min_length, told.max_length)
    of_items = lengths if column.type.array else (None, None)
    shortest, longest = (None, None) if column.type.array else lengths
    if kind.name in {"varchar", "bpchar"} and size is not None:
        longest = size if longest is None else min(size, longest)
    return WriteRule(
        least,
        most,
        shortest,
        longest,
        (int(kind.modifiers[0]), int((*kind.modifiers, "0")[1])) if kind.name == "numeric" and kind.modifiers else None,
        told.pattern or _bits(kind.name, size),
        of_items,
    )


def _bits(name: str, size: int | None) -> str:
    if name == "bit":
        return f"^[01]{{{size or 1}}}$"
    if name == "varbit":
        return f"^[01]{{0,{size}}}$" if size else "^[01]*$"
    return ""


def _greater(one: str, other: str) -> str:
    return max(filter(None, (one, other)), key=Decimal, default="")


def _lesser(one: str, other: str) -> str:
    return min(filter(None, (one, other)), key=Decimal, default="")


def may_be_left_out(field: Field, column: Column) -> bool:
    """Whether a new row needs no value for it: the column is nullable, or somebody has a default."""
    return column.nullable or column.default is not None or field.default is not None or field.updated_at
