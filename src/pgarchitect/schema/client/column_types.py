"""What a field is in Python and in SQL: annotation, type for casts, kind for operators."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pgarchitect.schema.client.naming import class_names
from pgarchitect.schema.ddl.quoting import quoted_list
from pgarchitect.schema.psl.native_types import NATIVE_TYPES
from pgarchitect.schema.psl.prisma_schema import EnumRef, Field, PrismaSchema, Scalar, Unsupported

_DEFAULT_TYPES: Final = {
    Scalar.STRING: "text",
    Scalar.BOOLEAN: "bool",
    Scalar.INT: "int4",
    Scalar.BIG_INT: "int8",
    Scalar.FLOAT: "float8",
    Scalar.DECIMAL: "numeric",
    Scalar.DATE_TIME: "timestamp",
    Scalar.JSON: "jsonb",
    Scalar.BYTES: "bytea",
}
_PYTHON: Final = {
    "text": ("str", "TEXT", "StringFilter"),
    "varchar": ("str", "TEXT", "StringFilter"),
    "bpchar": ("str", "TEXT", "StringFilter"),
    "citext": ("str", "OTHER", "StringFilter"),
    "bool": ("bool", "BOOLEAN", "BooleanFilter"),
    "int2": ("int", "NUMBER", "IntFilter"),
    "int4": ("int", "NUMBER", "IntFilter"),
    "int8": ("int", "NUMBER", "IntFilter"),
    "oid": ("int", "NUMBER", "IntFilter"),
    "float4": ("float", "NUMBER", "FloatFilter"),
    "float8": ("float", "NUMBER", "FloatFilter"),
    "numeric": ("Decimal", "NUMBER", "DecimalFilter"),
    "timestamp": ("dt.datetime", "TIME", "DateTimeFilter"),
    "timestamptz": ("dt.datetime", "TIME", "DateTimeFilter"),
    "date": ("dt.date", "TIME", "DateFilter"),
    "time": ("dt.time", "TIME", "TimeFilter"),
    "timetz": ("dt.time", "TIME", "TimeFilter"),
    "json": ("Json", "JSON", "JsonFilter"),
    "jsonb": ("Json", "JSON", "JsonFilter"),
    "bytea": ("bytes", "BYTES", "BytesFilter"),
    "uuid": ("UUID", "UUID", "UuidFilter"),
}
_BY_TEXT: Final = ("str", "OTHER", "OtherFilter")
_VARYING: Final = {"bit": "varbit"}
"""A cast to the type without its length would cut values; a cast to this one does not."""


@dataclass(frozen=True, slots=True)
class ColumnTypeText:
    """What the generated client writes of a column's type.

    Attributes:
        python: annotation of one value.
        written: annotation of one value that is written.
        sql: type for casts, without modifiers, since a cast to ``varchar(5)`` would cut a value silently.
        kind: member of ``ValueKind``.
        filter: type of its operators; empty: the client makes one of its own (enums).
        naive: a ``timestamp`` without time zone.
    """

    python: str
    written: str
    sql: str
    kind: str
    filter: str
    naive: bool = False


def column_type(field: Field, schema: PrismaSchema, default_schema: str) -> ColumnTypeText:
    """The type of a field that is a column."""
    if isinstance(field.type, EnumRef):
        enum = schema.enum(field.type.name)
        assert enum is not None  # noqa: S101  # resolved by the reader
        name = class_names(schema)[enum.name]
        sql = quoted_list((enum.schema or default_schema, enum.type_name), ".")
        return ColumnTypeText(name, name, sql, "ENUM", "")
    if isinstance(field.type, Unsupported):
        python, kind, filtered = _BY_TEXT
        name = re.sub(r"\(.*\)$", "", field.type.database_type)
        return ColumnTypeText(python, python, name, kind, "DocumentFilter" if name == "tsvector" else filtered)
    assert isinstance(field.type, Scalar)  # noqa: S101  # a column's type is one of these
    return _scalar(field.type, field.native_type.name if field.native_type else "")


@cache
def _scalar(scalar: Scalar, native_name: str) -> ColumnTypeText:
    native = NATIVE_TYPES.get(native_name)
    name = native.type if native else _DEFAULT_TYPES[scalar]
    python, kind, filtered = _PYTHON.get(name, _BY_TEXT)
    written = {"UUID": "UUID | str", "Decimal": "Decimal | int"}.get(python, python)
    return ColumnTypeText(python, written, _VARYING.get(name, name), kind, filtered, naive=name == "timestamp")
