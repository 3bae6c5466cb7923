"""Types in SQL."""

from collections.abc import Mapping
from typing import Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind
from pgarchitect.schema.ddl.quoting import qualified, quote

_WRITTEN: Final[Mapping[str, str]] = {
    "bit": "BIT",
    "bool": "BOOLEAN",
    "bpchar": "CHAR",
    "bytea": "BYTEA",
    "citext": "CITEXT",
    "date": "DATE",
    "float4": "REAL",
    "float8": "DOUBLE PRECISION",
    "inet": "INET",
    "int2": "SMALLINT",
    "int4": "INTEGER",
    "int8": "BIGINT",
    "json": "JSON",
    "jsonb": "JSONB",
    "money": "MONEY",
    "numeric": "DECIMAL",
    "oid": "OID",
    "text": "TEXT",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "timetz": "TIMETZ",
    "uuid": "UUID",
    "varbit": "VARBIT",
    "varchar": "VARCHAR",
    "xml": "XML",
}
"""``pg_type.typname`` → how Prisma writes it."""


def type_sql(kind: ColumnType, home: str = "public") -> str:
    """A type in SQL: ``VARCHAR(255)``, ``"a"."Mood"[]``, ``"vector"(3)``."""
    return _element(kind, home) + ("[]" if kind.array else "")


def _element(kind: ColumnType, home: str) -> str:
    if kind.written:
        return kind.written
    if kind.kind is TypeKind.ENUM:
        return qualified(kind.schema, kind.name, home)
    if kind.name == "interval" and kind.modifiers:
        return _interval(kind.modifiers)
    modifiers = f"({','.join(kind.modifiers)})" if kind.modifiers else ""
    return _name(kind, home) + modifiers


def _name(kind: ColumnType, home: str) -> str:
    if kind.name == "bpchar" and not kind.modifiers:
        return "BPCHAR"  # of any length, which CHAR, one long, is not
    if kind.schema in {"", home} and kind.name in _WRITTEN:
        return _WRITTEN[kind.name]
    if kind.kind is TypeKind.BUILT_IN:
        return quote(kind.name) if kind.name == "char" else kind.name  # char is another word for bpchar
    return qualified(kind.schema, kind.name, home)


def _interval(modifiers: tuple[str, ...]) -> str:
    """``interval`` has words and digits behind it: ``interval day to second(3)``, ``interval(3)``."""
    digits = "".join(f"({each})" for each in modifiers if each.isdigit())
    words = " ".join(each for each in modifiers if not each.isdigit())
    return f"interval {words}{digits}" if words else f"interval{digits}"
