"""Column types of PostgreSQL → what node-postgres reads from such a column, and what one may write into it.

As node-postgres 8 does it without type parsers of the application's own: 64-bit integers, numeric and money are
strings, so that no digit is lost; timestamps and dates are ``Date``; JSON is parsed when it is read, and written as a
text (an array of JavaScript would become one of PostgreSQL). Arrays of enums and of types without a parser in
https://github.com/brianc/node-pg-types are read as PostgreSQL's text (``{a,b}``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind


@dataclass(frozen=True, slots=True)
class Values:
    """Types of TypeScript, as the members of unions: what is read, and what may be written."""

    read: tuple[str, ...]
    written: tuple[str, ...]


_BIG: Final = Values(("string",), ("bigint", "number", "string"))
_BYTES: Final = Values(("Uint8Array",), ("Uint8Array",))
_DATE: Final = Values(("Date",), ("Date", "string"))
_DECIMAL: Final = Values(("string",), ("number", "string"))
_JSON: Final = Values(("unknown",), ("string",))
_NUMBER: Final = Values(("number",), ("number",))
_STRING: Final = Values(("string",), ("string",))
_KNOWN: Final[Mapping[str, Values]] = {
    "bool": Values(("boolean",), ("boolean",)),
    "bytea": _BYTES,
    "circle": Values(("{ x: number; y: number; radius: number }",), ("string",)),
    "date": _DATE,
    "float4": _NUMBER,
    "float8": _NUMBER,
    "int2": _NUMBER,
    "int4": _NUMBER,
    "int8": _BIG,
    "interval": Values(("Interval",), ("string",)),
    "json": _JSON,
    "jsonb": _JSON,
    "money": _DECIMAL,
    "numeric": _DECIMAL,
    "oid": _NUMBER,
    "point": Values(("{ x: number; y: number }",), ("string",)),
    "timestamp": _DATE,
    "timestamptz": _DATE,
}
_PARSED_ARRAYS: Final = frozenset(
    [
        "bool",
        "bpchar",
        "bytea",
        "cidr",
        "date",
        "float4",
        "float8",
        "inet",
        "int2",
        "int4",
        "int8",
        "interval",
        "json",
        "jsonb",
        "macaddr",
        "money",
        "numeric",
        "numrange",
        "oid",
        "point",
        "text",
        "time",
        "timestamp",
        "timestamptz",
        "timetz",
        "uuid",
        "varchar",
    ]
)
"""Types whose arrays node-pg-types reads; an array of any other is a string."""
_READ_IN_ARRAYS: Final[Mapping[str, str]] = {"numeric": "number"}
"""node-pg-types reads these otherwise in an array: numeric loses digits beyond a number's 15."""


def values(kind: ColumnType, enum: str = "") -> Values:
    """What a column of that type holds, nulls aside.

    Args:
        kind: of the column.
        enum: name of the type that stands for its enum; empty: it is of none that is known.
    """
    element = Values((enum,), (enum,)) if enum else _element(kind)
    if not kind.array:
        return element
    read = _READ_IN_ARRAYS.get(kind.name) or _union(element.read)
    parsed = kind.kind is not TypeKind.ENUM and kind.name in _PARSED_ARRAYS
    arrays = (f"{read}[]",) if parsed else ("string",)
    return Values(arrays, (f"{_union(element.written)}[]", *(() if parsed else ("string",))))


def _element(kind: ColumnType) -> Values:
    return _KNOWN.get(kind.name, _STRING) if kind.kind is TypeKind.BUILT_IN else _STRING


def _union(members: tuple[str, ...]) -> str:
    return members[0] if len(members) == 1 else f"({' | '.join(members)})"
