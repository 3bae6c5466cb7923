"""Column types of PostgreSQL → Drizzle's builders.

BigInt and numeric columns keep every digit: ``bigint`` in mode ``bigint``, ``numeric`` as a string. What Drizzle has no
word for becomes a custom type, whose values are what node-postgres makes of them: strings.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.mirrors.typescript_code import Call, Properties, text

if TYPE_CHECKING:
    from pgarchitect.schema.mirrors.drizzle.scope import Scope

_PLAIN: Final[Mapping[str, str]] = {
    "bool": "boolean",
    "cidr": "cidr",
    "float4": "real",
    "float8": "doublePrecision",
    "inet": "inet",
    "int2": "smallint",
    "int4": "integer",
    "json": "json",
    "jsonb": "jsonb",
    "macaddr": "macaddr",
    "macaddr8": "macaddr8",
    "point": "point",
    "text": "text",
    "uuid": "uuid",
}
SERIALS: Final[Mapping[str, str]] = {"int2": "smallserial", "int4": "serial", "int8": "bigserial"}
_LENGTHS: Final[Mapping[str, str]] = {"bpchar": "char", "varchar": "varchar"}
_TIMES: Final[Mapping[str, str]] = {
    "time": "time",
    "timetz": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
}
_SPELLED: Final[Mapping[str, str]] = {"char": '"char"', "varbit": "bit varying"}
_DIMENSIONS: Final[Mapping[str, str]] = {
    "bit": "bit",
    "halfvec": "halfvec",
    "sparsevec": "sparsevec",
    "vector": "vector",
}
BUILDERS: Final = frozenset(
    {
        *(*_PLAIN.values(), *SERIALS.values(), *_LENGTHS.values(), *_TIMES.values(), *_DIMENSIONS.values()),
        *("bigint", "date", "numeric"),
    }
)
"""Names that the file may import."""


def column_builder(kind: ColumnType, column: str, scope: "Scope", home: str, *, serial: bool) -> Call:
    """The builder of one element of the type, called with the column's name.

    Args:
        kind: of the column.
        column: its name.
        scope: where names are noted.
        home: schema that SQL leaves out.
        serial: it is SERIAL.
    """
    name, properties = _builder(kind, scope, home, serial=serial)
    return Call(name, (text(column),), properties)


def _builder(kind: ColumnType, scope: "Scope", home: str, *, serial: bool) -> tuple[str, Properties]:
    if kind.kind is TypeKind.ENUM and (kind.schema or home, kind.name) in scope.enums:
        return scope.enums[kind.schema or home, kind.name], ()
    found = _known(kind, serial=serial)
    if found is not None:
        return scope.builder(found[0]), found[1]
    return scope.custom_type(_custom_sql(kind, home)), ()


def _known(kind: ColumnType, *, serial: bool) -> tuple[str, Properties] | None:
    name = kind.name
    if serial:
        return SERIALS[name], (("mode", '"bigint"'),) if name == "int8" else ()
    if name in _PLAIN and not kind.modifiers:
        return _PLAIN[name], ()
    if name in _LENGTHS:
        length: Properties = tuple(("length", each) for each in kind.modifiers)
        return (_LENGTHS[name], length) if length or name == "varchar" else None
    if name in _DIMENSIONS and kind.modifiers:
        return _DIMENSIONS[name], (("dimensions", kind.modifiers[0]),)
    return _number_or_time(kind)


def _number_or_time(kind: ColumnType) -> tuple[str, Properties] | None:
    match kind.name:
        case "int8":
            return "bigint", (("mode", '"bigint"'),)
        case "numeric":
            return "numeric", tuple(zip(("precision", "scale"), kind.modifiers, strict=False))
        case "date":
            return "date", (("mode", '"date"'),)
        case name if name in _TIMES:
            precision: Properties = tuple(("precision", each) for each in kind.modifiers)
            zone: Properties = (("withTimezone", "true"),) if name.endswith("tz") else ()
            mode: Properties = (("mode", '"date"'),) if name.startswith("timestamp") else ()
            return _TIMES[name], (*precision, *zone, *mode)
        case _:
            return None


def _custom_sql(kind: ColumnType, home: str) -> str:
    """The type as ``format_type`` spells it, since drizzle-kit compares it with that."""
    modifiers = f"({','.join(kind.modifiers)})" if kind.modifiers else ""
    if kind.kind is TypeKind.BUILT_IN and kind.name in _SPELLED:
        return _SPELLED[kind.name] + modifiers
    plain = kind.schema in {"", home} and kind.name.isidentifier() and kind.name.islower()
    if plain and kind.name != "interval":
        return kind.name + modifiers
    return type_sql(replace(kind, array=False), home)


def custom_type(constant: str, sql: str) -> str:
    """The declaration of a custom type."""
    if sql == "bytea":
        return _BYTEA.replace("NAME", constant)
    held = "number" if sql == "oid" else "string"
    return (
        f"const {constant} = customType<{{ data: {held}; driverData: {held} }}>({{\n"
        f"  dataType() {{\n    return {text(sql)};\n  }},\n}});\n"
    )


_BYTEA: Final = """\
const NAME = customType<{
  data: Uint8Array;
  driverData: Uint8Array | string;
}>({
  dataType() {
    return "bytea";
  },
  toDriver(value) {
    const digits = Array.from(value, (byte) =>
      byte.toString(16).padStart(2, "0"),
    );
    return `\\\\x${digits.join("")}`;
  },
  fromDriver(value) {
    return value as Uint8Array;
  },
});
"""
"""As text in hex, which is right in an array as well; node-postgres reads bytes."""
