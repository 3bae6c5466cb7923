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
        most: how many arguments it may have; none or all of them are written.
    """

    scalar: Scalar
    type: str
    most: int = 0


NATIVE_TYPES: Final[Mapping[str, NativeTypeRule]] = {
    "Text": NativeTypeRule(Scalar.STRING, "text"),
    "VarChar": NativeTypeRule(Scalar.STRING, "varchar", 1),
    "Char": NativeTypeRule(Scalar.STRING, "bpchar", 1),
    "Bit": NativeTypeRule(Scalar.STRING, "bit", 1),
    "VarBit": NativeTypeRule(Scalar.STRING, "varbit", 1),
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
    "Decimal": NativeTypeRule(Scalar.DECIMAL, "numeric", 2),
    "Money": NativeTypeRule(Scalar.DECIMAL, "money"),
    "Timestamp": NativeTypeRule(Scalar.DATE_TIME, "timestamp", 1),
    "Timestamptz": NativeTypeRule(Scalar.DATE_TIME, "timestamptz", 1),
    "Date": NativeTypeRule(Scalar.DATE_TIME, "date"),
    "Time": NativeTypeRule(Scalar.DATE_TIME, "time", 1),
    "Timetz": NativeTypeRule(Scalar.DATE_TIME, "timetz", 1),
    "Json": NativeTypeRule(Scalar.JSON, "json"),
    "JsonB": NativeTypeRule(Scalar.JSON, "jsonb"),
    "ByteA": NativeTypeRule(Scalar.BYTES, "bytea"),
}
"""Name behind ``@db.`` → what it is."""
