"""The default of a column → ``@default``, as Prisma's own introspection writes it."""

import base64
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pgarchitect.schema.database_schema import Column, ColumnDefault, DefaultKind
from pgarchitect.schema.defaults import string_of
from pgarchitect.schema.psl.prisma_schema import (
    Default,
    EnumRef,
    FieldType,
    FunctionDefault,
    ListDefault,
    LiteralDefault,
    LiteralKind,
    NativeType,
    Scalar,
)

_ITEM: Final = re.compile(r"'(?:[^']|'')*'|[^,\s]+")
_WHOLE: Final = re.compile(r"-?\d+")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_NUMBERS: Final = frozenset({Scalar.INT, Scalar.BIG_INT, Scalar.FLOAT, Scalar.DECIMAL})
_TEXTS: Final = frozenset({Scalar.STRING, Scalar.JSON})
_AS_EXPRESSIONS: Final = frozenset({"Uuid"})
"""Native types whose constants are told as expressions."""
_SEQUENCE: Final = re.compile(r"nextval\('.*'::regclass\)", re.DOTALL)


def default_for(
    column: Column, kind: FieldType, native: NativeType | None, labels: Mapping[str, str]
) -> Default | None:
    """The default of a field.

    Args:
        column: whose default.
        kind: type of the field.
        native: its native type.
        labels: of its enum: label → the value's name in the schema.
    """
    if column.generated:
        return FunctionDefault("dbgenerated", (column.generated,))
    default = column.default
    if column.identity is not None or (default is not None and _counts(default, kind)):
        return FunctionDefault("autoincrement")
    if default is None:
        return None
    if default.kind is DefaultKind.NOW and kind is Scalar.DATE_TIME and not column.type.array:
        return FunctionDefault("now")
    if default.kind is DefaultKind.LITERAL:
        told = _list(default.sql, kind, native, labels) or _literal(default.sql, kind, native, labels)
        if told is not None:
            return told
    return FunctionDefault("dbgenerated", (default.printed or default.sql,))


def _counts(default: ColumnDefault, kind: FieldType) -> bool:
    """Whether it is the next number of a sequence, whoever owns that."""
    if default.kind is DefaultKind.SEQUENCE:
        return True
    return kind in {Scalar.INT, Scalar.BIG_INT} and _SEQUENCE.fullmatch(default.sql) is not None


def _list(sql: str, kind: FieldType, native: NativeType | None, labels: Mapping[str, str]) -> ListDefault | None:
    if not (sql.startswith("ARRAY[") and sql.endswith("]")):
        return None
    items = [_literal(each, kind, native, labels) for each in _ITEM.findall(sql[6:-1])]
    found = tuple(each for each in items if each is not None)
    return ListDefault(found) if len(found) == len(items) else None


def _literal(sql: str, kind: FieldType, native: NativeType | None, labels: Mapping[str, str]) -> LiteralDefault | None:
    text = string_of(sql)
    if isinstance(kind, EnumRef):
        return LiteralDefault(LiteralKind.ENUM, labels[text]) if text is not None and text in labels else None
    if kind in _NUMBERS:
        return _number(sql, kind)
    if kind is Scalar.BOOLEAN:
        return LiteralDefault(LiteralKind.BOOLEAN, sql) if sql in {"true", "false"} else None
    if text is None or (native is not None and native.name in _AS_EXPRESSIONS):
        return None
    if kind in _TEXTS:
        return LiteralDefault(LiteralKind.STRING, text)
    if kind is Scalar.BYTES and text.startswith("\\x"):
        return LiteralDefault(LiteralKind.STRING, base64.b64encode(bytes.fromhex(text[2:])).decode())
    return None


def _number(sql: str, kind: FieldType) -> LiteralDefault | None:
    if kind in {Scalar.INT, Scalar.BIG_INT}:
        return LiteralDefault(LiteralKind.NUMBER, sql) if _WHOLE.fullmatch(sql) else None
    if not _NUMBER.fullmatch(sql):
        return None
    return LiteralDefault(LiteralKind.NUMBER, format(Decimal(sql), "f"))
