"""The type of a column → the type of a field, with a native type where it is not Prisma's default."""

from collections.abc import Mapping
from typing import Final

from pgarchitect.schema.database_schema import Column, ColumnType, TypeKind
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.psl.native_types import NATIVE_TYPES
from pgarchitect.schema.psl.prisma_schema import EnumRef, FieldType, NativeType, Scalar, Unsupported

_DEFAULTS: Final[Mapping[tuple[str, tuple[str, ...]], Scalar]] = {
    ("text", ()): Scalar.STRING,
    ("bool", ()): Scalar.BOOLEAN,
    ("int4", ()): Scalar.INT,
    ("int8", ()): Scalar.BIG_INT,
    ("float8", ()): Scalar.FLOAT,
    ("numeric", ("65", "30")): Scalar.DECIMAL,
    ("timestamp", ("3",)): Scalar.DATE_TIME,
    ("jsonb", ()): Scalar.JSON,
    ("bytea", ()): Scalar.BYTES,
}
_NATIVE: Final = {rule.type: (name, rule) for name, rule in NATIVE_TYPES.items()}


def field_type(column: Column, enums: Mapping[tuple[str, str], str]) -> tuple[FieldType, NativeType | None]:
    """The type of a field; ``enums``: schema and name of an enum type → its name in PSL."""
    kind = column.type
    if kind.kind is TypeKind.ENUM and (kind.schema, kind.name) in enums:
        return EnumRef(enums[kind.schema, kind.name]), None
    default = _DEFAULTS.get((kind.name, kind.modifiers)) if kind.kind is TypeKind.BUILT_IN else None
    if default is not None:
        return default, None
    if kind.name in _NATIVE and (kind.kind is TypeKind.BUILT_IN or kind.name == "citext"):
        name, rule = _NATIVE[kind.name]
        if len(kind.modifiers) <= rule.most:
            return rule.scalar, NativeType(name, _arguments(kind))
    return Unsupported(_spelled(kind)), None


def _arguments(kind: ColumnType) -> tuple[str, ...]:
    """``numeric(10,0)`` may be written with its scale or without it: the server knows only the one with it."""
    return kind.modifiers


def _spelled(kind: ColumnType) -> str:
    """A type that PSL has no word for, one element of it."""
    element = ColumnType(kind.kind, kind.name, kind.schema, kind.modifiers, array=False)
    return type_sql(element)
