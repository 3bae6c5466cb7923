"""Which types' values become another type's, how, and what that costs.

What PostgreSQL does by itself (ALTER COLUMN … TYPE without USING) and by a USING clause, from its own table of casts
(https://www.postgresql.org/docs/current/catalog-pg-cast.html) and the input and output functions of its types: any
value can be written as text and read back as another type. Pairs that are not here have no cast that means anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind
from pgarchitect.schema.ddl.quoting import quote
from pgarchitect.schema.ddl.types import type_sql


class Risk(StrEnum):
    """What a cast may do to the values that are there."""

    SAFE = "safe"
    MAY_FAIL = "may fail"
    """It refuses values that do not fit; the migration fails then, and nothing is lost."""
    LOSSY = "lossy"
    """It changes or shortens values without a word."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A cast: what stands behind USING (empty: PostgreSQL casts by itself), and its risk."""

    using: str
    risk: Risk


_SAFE, _FAIL, _LOSSY = Risk.SAFE, Risk.MAY_FAIL, Risk.LOSSY
_STRINGS: Final = frozenset({"text", "varchar", "bpchar", "citext"})
_NUMBERS: Final = ("int2", "int4", "int8", "numeric", "float4", "float8")

_ASSIGNED: Final[Mapping[tuple[str, str], Risk]] = {
    ("int2", "int4"): _SAFE,
    ("int2", "int8"): _SAFE,
    ("int4", "int8"): _SAFE,
    ("int4", "int2"): _FAIL,
    ("int8", "int2"): _FAIL,
    ("int8", "int4"): _FAIL,
    ("int2", "float4"): _SAFE,
    ("int2", "float8"): _SAFE,
    ("int4", "float8"): _SAFE,
    ("int4", "float4"): _LOSSY,
    ("int8", "float4"): _LOSSY,
    ("int8", "float8"): _LOSSY,
    ("float4", "float8"): _SAFE,
    ("float8", "float4"): _LOSSY,
    **{(whole, "numeric"): _SAFE for whole in ("int2", "int4", "int8")},
    **{(real, "numeric"): _LOSSY for real in ("float4", "float8")},
    **{("numeric", real): _LOSSY for real in ("float4", "float8")},
    **{(broken, whole): _LOSSY for broken in ("numeric", "float4", "float8") for whole in ("int2", "int4", "int8")},
    ("int4", "money"): _SAFE,
    ("int8", "money"): _FAIL,
    ("numeric", "money"): _LOSSY,
    ("money", "numeric"): _SAFE,
    ("int2", "oid"): _LOSSY,
    ("int4", "oid"): _LOSSY,
    ("oid", "int4"): _LOSSY,
    ("oid", "int8"): _SAFE,
    ("int8", "oid"): _FAIL,
    ("date", "timestamp"): _SAFE,
    ("date", "timestamptz"): _SAFE,
    ("timestamp", "timestamptz"): _SAFE,
    ("timestamptz", "timestamp"): _LOSSY,
    ("timestamp", "date"): _LOSSY,
    ("timestamptz", "date"): _LOSSY,
    ("timestamp", "time"): _LOSSY,
    ("timestamptz", "time"): _LOSSY,
    ("timestamptz", "timetz"): _LOSSY,
    ("time", "timetz"): _SAFE,
    ("timetz", "time"): _LOSSY,
    ("time", "interval"): _SAFE,
    ("interval", "time"): _LOSSY,
    ("json", "jsonb"): _LOSSY,
    ("jsonb", "json"): _SAFE,
    ("cidr", "inet"): _SAFE,
    ("inet", "cidr"): _LOSSY,
    ("bit", "varbit"): _SAFE,
    ("varbit", "bit"): _FAIL,
}
"""Casts that PostgreSQL applies by itself in an assignment; between two strings they are below."""
_EXPLICIT: Final[Mapping[tuple[str, str], Risk]] = {
    ("bool", "int4"): _SAFE,
    ("int4", "bool"): _LOSSY,
    ("jsonb", "bool"): _FAIL,
    **{("jsonb", number): _FAIL for number in _NUMBERS},
}
"""Casts that have to be asked for."""
_OF_TEXT: Final = frozenset(
    {
        *_NUMBERS,
        *("bool", "money", "oid", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "json", "jsonb"),
        *(
            "uuid",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            "bit",
            "varbit",
            "xml",
            "bytea",
            "tsvector",
            "ltree",
            "vector",
        ),
        *("halfvec", "hstore", "point", "tsquery", "int4range", "int8range", "numrange", "daterange"),
    }
)
"""Types whose values are read from text; whether a text is one is another question."""
_DOTTED: Final = frozenset({"timestamp", "timestamptz", "time", "timetz", "interval"})
"""Types whose only modifier is how many digits a second has."""


def cast_between(column: str, before: ColumnType, after: ColumnType, home: str = "public") -> Cast | None:
    """The cast of a column's values from one type to another; None: there is none that means anything.

    Args:
        column: its name.
        before: the type that it has.
        after: the type that it gets.
        home: schema that is left out of names.
    """
    name, to = quote(column), type_sql(after, home)
    if before.array and not after.array:
        inner = _element_cast(f"{name}[1]", before, after, to)
        return inner and Cast(inner.using or f"{name}[1]", _LOSSY)
    if after.array and not before.array:
        inner = _element_cast(f"ARRAY[{name}]", before, after, to)
        whole = (inner and inner.using) or f"ARRAY[{name}]::{to}"
        return inner and Cast(f"CASE WHEN {name} IS NULL THEN NULL ELSE {whole} END", inner.risk)
    return _element_cast(name, before, after, to)


def _element_cast(value: str, before: ColumnType, after: ColumnType, to: str) -> Cast | None:
    """The cast of one value, or of an array's every value, a domain's as that of its base; ``to``: the type in SQL."""
    if after.base is not None and not after.base.array:
        found = _element_cast(value, before, after.base, to)
        return found and (Cast(found.using, _FAIL) if found.risk is _SAFE else found)
    if before.base is not None and not before.base.array:
        return _element_cast(value, before.base, after, to)
    pair = (before.name, after.name)
    of_schema = {before.kind, after.kind} - {TypeKind.BUILT_IN}
    if TypeKind.ENUM in of_schema:
        return _enum_cast(value, before, after, to)
    if pair[0] == pair[1] and before.kind == after.kind:
        return Cast("", _narrowed(before, after))
    if pair[1] in _STRINGS:
        return Cast("", _into_string(before, after))
    if pair in _ASSIGNED:
        risk = _ASSIGNED[pair]
        return Cast("", risk if risk is not _SAFE else _widened(before, after))
    if pair in _EXPLICIT:
        return Cast(f"{value}::{to}", _EXPLICIT[pair])
    if pair[0] in _STRINGS and pair[1] in _OF_TEXT:
        return Cast(f"{value}::{to}", _FAIL)
    return None


def _enum_cast(value: str, before: ColumnType, after: ColumnType, to: str) -> Cast | None:
    if after.kind is not TypeKind.ENUM:
        return Cast("", _into_string(before, after)) if after.name in _STRINGS else None
    if before.kind is TypeKind.ENUM:
        return Cast(f"{value}::text{'[]' if after.array else ''}::{to}", _FAIL)
    return Cast(f"{value}::{to}", _FAIL) if before.name in _STRINGS else None


def _into_string(before: ColumnType, after: ColumnType) -> Risk:
    if after.name == "bpchar":
        return _FAIL
    if after.modifiers:
        longest = before.modifiers if before.name in {"varchar", "bpchar"} else ()
        return _SAFE if longest and int(longest[0]) <= int(after.modifiers[0]) else _FAIL
    return _LOSSY if before.name == "bpchar" and after.name != "bpchar" else _SAFE


def _narrowed(before: ColumnType, after: ColumnType) -> Risk:
    """The same type with other modifiers."""
    if not after.modifiers or before.modifiers == after.modifiers:
        return _SAFE
    if after.name == "numeric":
        return _numeric(before.modifiers, after.modifiers)
    if after.name in _DOTTED:
        return _seconds(before.modifiers, after.modifiers)
    if before.kind is TypeKind.OTHER and before.name not in _STRINGS:
        return _FAIL  # what ``geometry(Point,4326)`` means is for its extension to say
    shorter = not before.modifiers or int(before.modifiers[0]) > int(after.modifiers[0])
    return _FAIL if shorter or after.name == "bit" else _SAFE


def _widened(before: ColumnType, after: ColumnType) -> Risk:
    """A cast that would be safe but for the modifiers of the new type."""
    if not after.modifiers:
        return _SAFE
    if after.name == "numeric":
        return _FAIL
    if after.name in _DOTTED:
        return _seconds(before.modifiers if before.name in _DOTTED else ("0",), after.modifiers)
    return _FAIL


def _numeric(before: tuple[str, ...], after: tuple[str, ...]) -> Risk:
    if not before:
        return _LOSSY
    (digits, scale), (new_digits, new_scale) = _precision(before), _precision(after)
    if new_scale < scale:
        return _LOSSY
    return _SAFE if new_digits - new_scale >= digits - scale else _FAIL


def _precision(modifiers: tuple[str, ...]) -> tuple[int, int]:
    return int(modifiers[0]), int(modifiers[1]) if len(modifiers) > 1 else 0


def _seconds(before: tuple[str, ...], after: tuple[str, ...]) -> Risk:
    if not all(each.isdigit() for each in (*before, *after)):
        return _LOSSY
    return _LOSSY if int(after[0]) < int(before[0] if before else "6") else _SAFE
