"""Operator classes that the language has names for: which method of access and which types of columns have them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.psl.prisma_schema import Scalar


@dataclass(frozen=True, slots=True)
class KnownClass:
    """Methods of access, native types, and the scalar whose own native type is one of them, if any."""

    methods: frozenset[str]
    native: frozenset[str]
    scalar: Scalar | None


def _classes(names: str, native: str, scalar: Scalar | None, methods: str = "Brin") -> Iterable[tuple[str, KnownClass]]:
    known = KnownClass(frozenset(methods.split()), frozenset(native.split()), scalar)
    return [(name, known) for name in names.split()]


OPERATOR_CLASSES: Final = dict(
    [
        *_classes("InetOps", "Inet", None, "Gist SpGist"),
        *_classes("JsonbOps JsonbPathOps", "JsonB", Scalar.JSON, "Gin"),
        *_classes("ArrayOps", "", None, "Gin"),
        *_classes("TextOps", "Text VarChar Char", Scalar.STRING, "SpGist"),
        *_classes("BitMinMaxOps", "Bit", None),
        *_classes("VarBitMinMaxOps", "VarBit", None),
        *_classes("BpcharBloomOps BpcharMinMaxOps", "Char", None),
        *_classes("ByteaBloomOps ByteaMinMaxOps", "ByteA", Scalar.BYTES),
        *_classes("DateBloomOps DateMinMaxOps DateMinMaxMultiOps", "Date", None),
        *_classes("Float4BloomOps Float4MinMaxOps Float4MinMaxMultiOps", "Real", None),
        *_classes("Float8BloomOps Float8MinMaxOps Float8MinMaxMultiOps", "DoublePrecision", Scalar.FLOAT),
        *_classes("InetInclusionOps InetBloomOps InetMinMaxOps InetMinMaxMultiOps", "Inet", None),
        *_classes("Int2BloomOps Int2MinMaxOps Int2MinMaxMultiOps", "SmallInt", None),
        *_classes("Int4BloomOps Int4MinMaxOps Int4MinMaxMultiOps", "Integer", Scalar.INT),
        *_classes("Int8BloomOps Int8MinMaxOps Int8MinMaxMultiOps", "BigInt", Scalar.BIG_INT),
        *_classes("NumericBloomOps NumericMinMaxOps NumericMinMaxMultiOps", "Decimal", Scalar.DECIMAL),
        *_classes("OidBloomOps OidMinMaxOps OidMinMaxMultiOps", "Oid", None),
        *_classes("TextBloomOps TextMinMaxOps", "Text VarChar", Scalar.STRING),
        *_classes("TimestampBloomOps TimestampMinMaxOps TimestampMinMaxMultiOps", "Timestamp", Scalar.DATE_TIME),
        *_classes("TimestampTzBloomOps TimestampTzMinMaxOps TimestampTzMinMaxMultiOps", "Timestamptz", None),
        *_classes("TimeBloomOps TimeMinMaxOps TimeMinMaxMultiOps", "Time", None),
        *_classes("TimeTzBloomOps TimeTzMinMaxOps TimeTzMinMaxMultiOps", "Timetz", None),
        *_classes("UuidBloomOps UuidMinMaxOps UuidMinMaxMultiOps", "Uuid", None),
    ]
)
BRIN_TYPES: Final = frozenset().union(*(each.native for each in OPERATOR_CLASSES.values() if "Brin" in each.methods))
"""Native types that have a default operator class for BRIN."""
SCALARS_OF: Final = {
    "Gist": {Scalar.STRING},
    "Gin": {Scalar.JSON},
    "SpGist": {Scalar.STRING},
    "Brin": {
        Scalar.STRING,
        Scalar.BYTES,
        Scalar.DATE_TIME,
        Scalar.FLOAT,
        Scalar.INT,
        Scalar.BIG_INT,
        Scalar.DECIMAL,
    },
}
"""Methods of access and the scalars whose own native type has a default operator class for them, by Prisma's rules."""
