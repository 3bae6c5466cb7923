"""``Unsupported("…")``: a type as somebody writes it in SQL → a type as the catalog has it."""

import re
from typing import Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind
from pgarchitect.schema.lowering.built_in_types import ALIASES, BUILT_IN

_NAME: Final = r'(?:"(?:[^"]|"")+"|\w[\w$]*)'
_TYPE: Final = re.compile(
    rf"(?:(?P<schema>{_NAME})\.)?(?P<name>{_NAME}(?:\s+\w+)*)\s*(?:\((?P<modifiers>[^()]*)\))?\s*(?P<rest>[\w\s]*)"
    r"(?P<array>(?:\[\d*\])*)",
)


def unsupported_type(text: str, *, array: bool) -> ColumnType:
    """The type that ``text`` means; ``array``: the field is a list of it."""
    found = _TYPE.fullmatch(text.strip())
    if found is None:
        return ColumnType(TypeKind.OTHER, text, array=array, written=text)
    words = " ".join(f"{found['name']} {found['rest']}".split())
    name = _folded(words) if not found["schema"] else _folded(found["name"])
    schema = _folded(found["schema"] or "")
    kind = TypeKind.BUILT_IN if name in BUILT_IN and schema in {"", "pg_catalog"} else TypeKind.OTHER
    modifiers = tuple(each.strip() for each in (found["modifiers"] or "").split(",") if each.strip())
    if name == "interval" and (fields := words.lower().removeprefix("interval").strip()):
        modifiers = (fields, *modifiers)
    is_array = array or bool(found["array"])
    in_schema = "" if kind is TypeKind.BUILT_IN else schema
    return ColumnType(kind, name, in_schema, modifiers, is_array, written=text.removesuffix(found["array"]))


def _folded(name: str) -> str:
    """A name as the catalog has it: quotes taken off, else in lower case."""
    if name.startswith('"'):
        return name[1:-1].replace('""', '"')
    if name.lower().startswith("interval "):
        return "interval"  # day to second, year to month: the catalog keeps that apart
    return ALIASES.get(name.lower(), name.lower())
