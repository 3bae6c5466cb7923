"""The default of a column → ``@default``."""

import base64
import re
from collections.abc import Mapping
from typing import Final

from pgarchitect.schema.database_schema import ColumnDefault, DefaultKind
from pgarchitect.schema.defaults import string_of
from pgarchitect.schema.psl.prisma_schema import (
    Default,
    EnumRef,
    FieldType,
    FunctionDefault,
    ListDefault,
    LiteralDefault,
    LiteralKind,
    Scalar,
)

_ITEM: Final = re.compile(r"'(?:[^']|'')*'|[^,\s]+")
_TEXTS: Final = frozenset({Scalar.STRING, Scalar.JSON})
_NUMBERS: Final = frozenset({Scalar.INT, Scalar.BIG_INT, Scalar.FLOAT, Scalar.DECIMAL})
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


def default_for(default: ColumnDefault | None, kind: FieldType, labels: Mapping[str, str]) -> Default | None:
    """The default of a field; ``labels``: label of its enum → the value's name in PSL."""
    if default is None:
        return None
    if default.kind is DefaultKind.SEQUENCE:
        return FunctionDefault("autoincrement")
    if default.kind is DefaultKind.NOW and kind is Scalar.DATE_TIME:
        return FunctionDefault("now")
    if default.kind is DefaultKind.LITERAL:
        found = _list(default.sql, kind, labels) or _literal(default.sql, kind, labels)
        if found is not None:
            return found
    return FunctionDefault("dbgenerated", (default.sql,))


def _list(sql: str, kind: FieldType, labels: Mapping[str, str]) -> ListDefault | None:
    if not (sql.startswith("ARRAY[") and sql.endswith("]")):
        return None
    items = [_literal(each, kind, labels) for each in _ITEM.findall(sql[6:-1])]
    found = [each for each in items if each is not None]
    return ListDefault(tuple(found)) if len(found) == len(items) else None


def _literal(sql: str, kind: FieldType, labels: Mapping[str, str]) -> LiteralDefault | None:
    text = string_of(sql)
    if isinstance(kind, EnumRef):
        return LiteralDefault(LiteralKind.ENUM, labels[text]) if text is not None and text in labels else None
    if kind in _NUMBERS and _NUMBER.fullmatch(sql):
        whole = kind in {Scalar.INT, Scalar.BIG_INT}
        return None if whole and "." in sql else LiteralDefault(LiteralKind.NUMBER, sql)
    if kind is Scalar.BOOLEAN and sql in {"true", "false"}:
        return LiteralDefault(LiteralKind.BOOLEAN, sql)
    if text is None:
        return None
    if kind in _TEXTS:
        return LiteralDefault(LiteralKind.STRING, text)
    if kind is Scalar.BYTES and text.startswith("\\x"):
        return LiteralDefault(LiteralKind.STRING, base64.b64encode(bytes.fromhex(text[2:])).decode())
    return None
