"""What a column's values are in Python."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind

_PYTHON: Final = {
    "bool": "bool",
    "int2": "int",
    "int4": "int",
    "int8": "int",
    "oid": "int",
    "float4": "float",
    "float8": "float",
    "numeric": "Decimal",
    "timestamp": "dt.datetime",
    "timestamptz": "dt.datetime",
    "date": "dt.date",
    "time": "dt.time",
    "timetz": "dt.time",
    "interval": "dt.timedelta",
    "json": "JsonValue",
    "jsonb": "JsonValue",
    "bytea": "bytes",
    "uuid": "UUID",
    "vector": "list[float]",
    "halfvec": "list[float]",
}
"""``pg_type.typname`` → type; everything else is text (money, too: its digits depend on a setting of the server)."""
_BUILT_IN: Final = re.compile(r"\b(bool|bytes|dict|float|int|list|str)\b")
TAKEN: Final = frozenset({"builtins", "dt"})
"""Modules that annotations name: no field may hide them."""


@dataclass(frozen=True, slots=True)
class PythonType:
    """The type of one value; ``enum``: namespace and name of its enum type, whose class the caller knows; or None."""

    name: str
    enum: tuple[str, str] | None = None


def python_type(kind: ColumnType) -> PythonType:
    """The type of one value of a column, or of one element."""
    if kind.kind is TypeKind.ENUM:
        return PythonType("str", (kind.schema, kind.name))
    return PythonType(_PYTHON.get(kind.name, "str"))


def annotation(kind: str, names: Collection[str]) -> str:
    """An annotation in a class with such attributes: an attribute ``int`` hides the type ``int``."""
    return _BUILT_IN.sub(lambda found: f"builtins.{found[0]}" if found[0] in names else found[0], kind)
