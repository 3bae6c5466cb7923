"""The type of a column: Prisma's default for the field's type, or its native type (``@db.…``)."""

from collections.abc import Mapping
from typing import Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind
from pgarchitect.schema.lowering.unsupported import unsupported_type
from pgarchitect.schema.psl.native_types import NATIVE_TYPES
from pgarchitect.schema.psl.prisma_schema import (
    EnumRef,
    Field,
    NativeType,
    PrismaSchema,
    Scalar,
    Unsupported,
)

DEFAULTS: Final[Mapping[Scalar, tuple[str, tuple[str, ...]]]] = {
    Scalar.STRING: ("text", ()),
    Scalar.BOOLEAN: ("bool", ()),
    Scalar.INT: ("int4", ()),
    Scalar.BIG_INT: ("int8", ()),
    Scalar.FLOAT: ("float8", ()),
    Scalar.DECIMAL: ("numeric", ("65", "30")),
    Scalar.DATE_TIME: ("timestamp", ("3",)),
    Scalar.JSON: ("jsonb", ()),
    Scalar.BYTES: ("bytea", ()),
}
"""Scalar → type and modifiers; https://www.prisma.io/docs/orm/reference/prisma-schema-reference#model-field-scalar-types"""
_ONE_LONG: Final[Mapping[str, str]] = {"bpchar": "CHAR", "bit": "BIT"}
"""Types that are one long where nothing is said, and how that is written."""
_OF_EXTENSIONS: Final = frozenset({"citext"})


def column_type(field: Field, schema: PrismaSchema, default_schema: str) -> ColumnType:
    """The type of a scalar field's column."""
    if isinstance(field.type, EnumRef):
        enum = schema.enum(field.type.name)
        assert enum is not None  # noqa: S101  # the reader has resolved it
        return ColumnType(TypeKind.ENUM, enum.type_name, enum.schema or default_schema, array=field.is_list)
    if isinstance(field.type, Unsupported):
        return unsupported_type(field.type.database_type, array=field.is_list)
    assert isinstance(field.type, Scalar)  # noqa: S101  # a relation field has no column
    if field.native_type is not None:
        return _native_type(field.native_type, array=field.is_list)
    name, modifiers = DEFAULTS[field.type]
    return ColumnType(TypeKind.BUILT_IN, name, "", modifiers, field.is_list)


def _native_type(native: NativeType, *, array: bool) -> ColumnType:
    name = NATIVE_TYPES[native.name].type
    kind = TypeKind.OTHER if name in _OF_EXTENSIONS else TypeKind.BUILT_IN
    if name in _ONE_LONG and not native.arguments:
        return ColumnType(kind, name, "", ("1",), array, written=_ONE_LONG[name])
    return ColumnType(kind, name, "", native.arguments, array)
