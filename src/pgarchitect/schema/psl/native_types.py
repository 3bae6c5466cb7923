"""Native types of PostgreSQL (``@db.…``): the scalar that each stands behind, its arguments, its type in SQL.

The table is Prisma's own: https://www.prisma.io/docs/orm/reference/prisma-schema-reference#model-field-scalar-types
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.psl.prisma_schema import Scalar


@dataclass(frozen=True, slots=True)
class NativeTypeRule:
    """A native type.

    Attributes:
        scalar: that it may stand behind.
        type: its name in ``pg_type``.
        least: how many arguments it must have.
        most: how many it may have.
        range: what the first argument may be; None: anything.
    """

    scalar: Scalar
    type: str
    least: int = 0
    most: int = 0
    range: tuple[int, int] | None = None


NATIVE_TYPES: Final[Mapping[str, NativeTypeRule]] = {
    "Text": NativeTypeRule(Scalar.STRING, "text"),
    "VarChar": NativeTypeRule(Scalar.STRING, "varchar", 0, 1, (1, 10_485_760)),
    "Char": NativeTypeRule(Scalar.STRING, "bpchar", 0, 1, (1, 10_485_760)),
    "Bit": NativeTypeRule(Scalar.STRING, "bit", 0, 1, (1, 83_886_080)),
    "VarBit": NativeTypeRule(Scalar.STRING, "varbit", 0, 1, (1, 83_886_080)),
    "Uuid": NativeTypeRule(Scalar.STRING, "uuid"),
    "Xml": NativeTypeRule(Scalar.STRING, "xml"),
    "Inet": NativeTypeRule(Scalar.STRING, "inet"),
    "Citext": NativeTypeRule(Scalar.STRING, "citext"),
    "Boolean": NativeTypeRule(Scalar.BOOLEAN, "bool"),
    "Integer": NativeTypeRule(Scalar.INT, "int4"),
    "SmallInt": NativeTypeRule(Scalar.INT, "int2"),
    "Oid": NativeTypeRule(Scalar.INT, "oid"),
    "BigInt": NativeTypeRule(Scalar.BIG_INT, "int8"),
    "DoublePrecision": NativeTypeRule(Scalar.FLOAT, "float8"),
    "Real": NativeTypeRule(Scalar.FLOAT, "float4"),
    "Decimal": NativeTypeRule(Scalar.DECIMAL, "numeric", 0, 2, (1, 1000)),
    "Money": NativeTypeRule(Scalar.DECIMAL, "money"),
    "Timestamp": NativeTypeRule(Scalar.DATE_TIME, "timestamp", 0, 1, (0, 6)),
    "Timestamptz": NativeTypeRule(Scalar.DATE_TIME, "timestamptz", 0, 1, (0, 6)),
    "Date": NativeTypeRule(Scalar.DATE_TIME, "date"),
    "Time": NativeTypeRule(Scalar.DATE_TIME, "time", 0, 1, (0, 6)),
    "Timetz": NativeTypeRule(Scalar.DATE_TIME, "timetz", 0, 1, (0, 6)),
    "Json": NativeTypeRule(Scalar.JSON, "json"),
    "JsonB": NativeTypeRule(Scalar.JSON, "jsonb"),
    "ByteA": NativeTypeRule(Scalar.BYTES, "bytea"),
}
"""Name behind ``@db.`` → what it is."""
