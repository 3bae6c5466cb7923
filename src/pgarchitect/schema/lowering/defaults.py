"""``@default(…)`` → what stands behind DEFAULT.

Values that the client makes (``uuid()``, ``cuid()``, ``ulid()``, ``nanoid()``, ``@updatedAt``) are none of the
database's business.
"""

import base64
import binascii
import re
from decimal import Decimal, InvalidOperation
from typing import Final

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.database_schema import ColumnDefault, ColumnType, DefaultKind
from pgarchitect.schema.ddl.quoting import literal, qualified
from pgarchitect.schema.lowering.names import sequence_name
from pgarchitect.schema.psl.prisma_schema import (
    EnumRef,
    Field,
    FunctionDefault,
    ListDefault,
    LiteralDefault,
    LiteralKind,
    PrismaSchema,
    Scalar,
)

_SERIALS: Final = frozenset({"int2", "int4", "int8"})
_RFC_3339: Final = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?(?P<zone>[Zz]|[+-]\d\d:\d\d)"
)


def column_default(
    field: Field, kind: ColumnType, schema: PrismaSchema, owner: tuple[str, str], default_schema: str
) -> ColumnDefault | None:
    """The default of a field's column.

    Args:
        field: a scalar field.
        kind: the column's type.
        schema: that it stands in.
        owner: schema and name of the table.
        default_schema: what unqualified names mean.

    Raises:
        SchemaInvalid: a number or base64 text is none.
    """
    match field.default:
        case None:
            return None
        case FunctionDefault("now"):
            return ColumnDefault(DefaultKind.NOW, "CURRENT_TIMESTAMP")
        case FunctionDefault("autoincrement"):
            return _sequence(owner, field.column, default_schema) if kind.name in _SERIALS else None
        case FunctionDefault("dbgenerated", (expression,)):
            return ColumnDefault(DefaultKind.EXPRESSION, expression)
        case FunctionDefault():
            return None
        case ListDefault(items):
            values = ", ".join(_literal(each, field, schema) for each in items)
            return ColumnDefault(DefaultKind.LITERAL, f"ARRAY[{values}]")
        case LiteralDefault():
            return ColumnDefault(DefaultKind.LITERAL, _literal(field.default, field, schema))


def _sequence(owner: tuple[str, str], column: str, default_schema: str) -> ColumnDefault:
    name = sequence_name(owner[1], column)
    called = literal(qualified(owner[0], name, default_schema))
    return ColumnDefault(DefaultKind.SEQUENCE, f"nextval({called}::regclass)", name)


def _literal(value: LiteralDefault, field: Field, schema: PrismaSchema) -> str:
    if value.kind is LiteralKind.BOOLEAN:
        return value.text
    if value.kind is LiteralKind.ENUM and isinstance(field.type, EnumRef):
        enum = schema.enum(field.type.name)
        assert enum is not None  # noqa: S101  # the reader has resolved it
        return literal(next(each.label for each in enum.values if each.name == value.text))
    if value.kind is LiteralKind.NUMBER or field.type is Scalar.DECIMAL:
        return _number(value.text)
    if field.type is Scalar.BYTES:
        return literal("\\x" + _decoded(value.text).hex())
    if field.type is Scalar.DATE_TIME:
        return literal(_timestamp(value.text))
    return literal(value.text)


def _number(text: str) -> str:
    """A number as Prisma writes it: no exponent, no leading zeros, no sign before zero, else its own digits."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise SchemaInvalid(f'The default "{text}" is not a number; write digits.') from error
    return format(abs(number) if number.is_zero() else number, "f")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise SchemaInvalid(f'The default "{text}" is not base64, in which Bytes are written; correct it.') from error


def _timestamp(text: str) -> str:
    """An RFC 3339 time as Prisma writes it: a space for the T, the fraction in thousands, the zone apart."""
    found = _RFC_3339.fullmatch(text)
    if found is None:
        return text
    fraction = (found["fraction"] or "")[:9].rstrip("0")
    if fraction:
        fraction = "." + fraction.ljust(-len(fraction) // 3 * -3, "0")
    zone = "+00:00" if found["zone"] in "Zz" else found["zone"]
    return f"{found['date']} {found['time']}{fraction} {zone}"
