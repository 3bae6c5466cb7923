"""Names of the database → names that the language takes, by the rules of Prisma's own introspection.

Its rules can end in two things of one name, or in none at all. Where they do, ours go on: numbers tell two names
apart, and a name without a Latin letter is told by its characters' code points.
"""

import re
from collections.abc import Collection
from typing import Final

_BEFORE: Final = re.compile(r"^[^a-zA-Z]+")
_OTHER: Final = re.compile(r"[^_a-zA-Z0-9]")
_CODED: Final = re.compile(r"[^a-zA-Z0-9]")
_WORDS: Final = """
    PrismaClient async await break case catch class const continue debugger default delete do else enum export extends
    false finally for function if implements import in instanceof interface let new null package private protected
    public return super switch this throw true try typeof using var void while with yield
"""
_RESERVED: Final = frozenset(_WORDS.split())
"""Names that no model or enum may have: https://www.prisma.io/docs/orm/reference/prisma-schema-reference#naming-conventions"""
_SCALARS: Final = frozenset({"String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes"})


def valid(name: str) -> str:
    """The name without what the language does not take; empty where nothing is left."""
    if _BEFORE.search(name) or _OTHER.search(name):
        return _OTHER.sub("_", _BEFORE.sub("", name))
    return name


def is_reserved(name: str) -> bool:
    """Whether no model or enum may have that name."""
    return name in _RESERVED


def block_name(name: str, schema: str, *, alone: bool) -> str:
    """Name of a model or enum.

    Args:
        name: in the database.
        schema: its namespace, told with the name where that is not enough.
        alone: no other one has that name.
    """
    if not alone:
        name = f"{schema}_{name}"
    if is_reserved(name):
        return f"Renamed{name}"
    found = valid(name) or coded(name)
    return f"Renamed{found}" if found in _SCALARS or is_reserved(found) else found


def field_name(name: str) -> str:
    """Name of a field."""
    return valid(name) or coded(name)


def value_name(label: str) -> str:
    """Name of a value of an enum."""
    return valid(label) or coded(label) if label else "EMPTY_ENUM_VALUE"


def coded(name: str) -> str:
    """A name that says which characters were in the one that it stands for."""
    return "x_" + _CODED.sub(lambda found: f"{ord(found[0]):x}", name)


def free(wanted: str, taken: Collection[str]) -> str:
    """The name, or the name and the first number from 2 on that makes it another one."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name
