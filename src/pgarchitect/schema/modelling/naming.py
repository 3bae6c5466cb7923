"""Names of models and fields for tables and columns: as they are where PSL allows it, else mended and mapped."""

import re
from collections.abc import Iterable
from typing import Final

_ALLOWED: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BEFORE: Final = re.compile(r"^[^A-Za-z]+")
_WITHIN: Final = re.compile(r"[^A-Za-z0-9_]")
_RESERVED: Final = frozenset(
    {"PrismaClient", "async", "await", "using", "String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime"}
    | {"Json", "Bytes", "model", "enum", "datasource", "generator", "type", "view"}
)


def name_for(database_name: str, *, of_block: bool) -> str:
    """A name that PSL allows; ``of_block``: of a model or enum, which cannot have the name of a type."""
    name = database_name
    if not _ALLOWED.fullmatch(name):
        name = _WITHIN.sub("_", _BEFORE.sub("", name)) or "Unnamed"
    return f"{name}_" if of_block and name in _RESERVED else name


def unique_names(database_names: Iterable[str], *, of_block: bool, taken: Iterable[str] = ()) -> dict[str, str]:
    """Names for several things, each another one; ``taken``: names that are used already."""
    used = set(taken)
    made: dict[str, str] = {}
    for each in database_names:
        name = name_for(each, of_block=of_block)
        while name in used:
            name += "_"
        used.add(name)
        made[each] = name
    return made
