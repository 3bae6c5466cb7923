"""Columns in SQL."""

from typing import Final

from pgarchitect.schema.database_schema import Column, ColumnDefault, DefaultKind
from pgarchitect.schema.ddl.quoting import enclosed, quote
from pgarchitect.schema.ddl.types import type_sql

_SERIALS: Final = {"int2": "SMALLSERIAL", "int4": "SERIAL", "int8": "BIGSERIAL"}


def column_definition(column: Column, home: str = "public") -> str:
    """A column as CREATE TABLE and ADD COLUMN have it: name, type, collation, NOT NULL, default."""
    parts = [quote(column.name), _type(column, home)]
    if column.collation:
        parts.append(f"COLLATE {column.collation}")
    if not column.nullable:
        parts.append("NOT NULL")
    if column.identity is not None:
        parts.append(f"GENERATED {column.identity.value} AS IDENTITY")
    elif column.generated:
        parts.append(f"GENERATED ALWAYS AS {enclosed(column.generated)} {'STORED' if column.stored else 'VIRTUAL'}")
    elif column.default is not None and not is_serial(column):
        parts.append(f"DEFAULT {default_sql(column, column.default, home)}")
    return " ".join(parts)


def is_serial(column: Column) -> bool:
    """Whether the column can be written as SERIAL: it has a sequence of its own, and one of three types."""
    return (
        column.default is not None
        and column.default.kind is DefaultKind.SEQUENCE
        and not column.type.array
        and column.type.name in _SERIALS
    )


def default_sql(column: Column, default: ColumnDefault, home: str = "public") -> str:
    """What stands behind DEFAULT; an array literal says of what type it is, since an empty one could be of any."""
    if default.kind is DefaultKind.LITERAL and column.type.array and default.sql.upper().startswith("ARRAY["):
        return f"{default.sql}::{type_sql(column.type, home)}"
    return default.sql


def _type(column: Column, home: str) -> str:
    return _SERIALS[column.type.name] if is_serial(column) else type_sql(column.type, home)
