"""The type of a column → the type of a field, with a native type where it is not Prisma's default."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind
from pgarchitect.schema.ddl.quoting import quote
from pgarchitect.schema.expressible import written_type
from pgarchitect.schema.lowering.column_types import DEFAULTS
from pgarchitect.schema.modelling.place import Place
from pgarchitect.schema.psl.native_types import NATIVE_TYPES
from pgarchitect.schema.psl.prisma_schema import EnumRef, FieldType, NativeType, Unsupported

_NATIVE: Final = {rule.type: (name, rule) for name, rule in NATIVE_TYPES.items()}
_OF_EXTENSIONS: Final = frozenset({"citext"})
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_TIMES: Final = frozenset({"timestamp", "timestamptz", "time", "timetz"})


def field_type(kind: ColumnType, enums: Mapping[Place, str], home: str) -> tuple[FieldType, NativeType | None]:
    """The type of one value of a column.

    Args:
        kind: the column's.
        enums: name of each enum type in the schema.
        home: namespace that unqualified names mean.
    """
    written = written_type(kind)
    if written.kind is TypeKind.ENUM and (written.schema, written.name) in enums:
        return EnumRef(enums[written.schema, written.name]), None
    name, rule = _NATIVE.get(written.name, ("", None))
    if rule is None or not (written.kind is TypeKind.BUILT_IN or written.name in _OF_EXTENSIONS):
        return Unsupported(unsupported_text(kind, home)), None
    if len(written.modifiers) > rule.most or not _in_range(written):
        return Unsupported(unsupported_text(kind, home)), None
    if DEFAULTS[rule.scalar] == (written.name, written.modifiers):
        return rule.scalar, None
    return rule.scalar, NativeType(name, _arguments(kind, written))


def is_list(kind: ColumnType) -> bool:
    """Whether a field of that type is a list; a domain may be over an array."""
    return written_type(kind).array


def _arguments(kind: ColumnType, written: ColumnType) -> tuple[str, ...]:
    """What is said of a type; like Prisma we leave out what the catalog does not say of characters and of arrays."""
    plain = kind.base or kind
    left_out = not plain.modifiers and (written.name not in _TIMES or written.array)
    return () if left_out else written.modifiers


def _in_range(kind: ColumnType) -> bool:
    """Prisma takes no scale of a number that is negative or larger than its precision."""
    return kind.name != "numeric" or not kind.modifiers or 0 <= int(kind.modifiers[1]) <= int(kind.modifiers[0])


def unsupported_text(kind: ColumnType, home: str) -> str:
    """What stands in ``Unsupported("…")``: one element in SQL, with the precision that Prisma leaves out."""
    kind = replace(kind, array=False)
    name = kind.name if _PLAIN.issuperset(kind.name) and kind.name != "char" else quote(kind.name)
    if kind.kind is not TypeKind.BUILT_IN and kind.schema not in {"", home}:
        name = f"{kind.schema if _PLAIN.issuperset(kind.schema) else quote(kind.schema)}.{name}"
    return name + _behind(kind)


def _behind(kind: ColumnType) -> str:
    """Modifiers; those of ``interval`` may begin with words."""
    words = [each for each in kind.modifiers if each[0].isalpha()]
    numbers = [each for each in kind.modifiers if each not in words]
    return "".join(f" {each}" for each in words) + (f"({','.join(numbers)})" if numbers else "")
