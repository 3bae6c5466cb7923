"""Identifiers and literals in SQL."""

import re
from collections.abc import Iterable
from typing import Final

_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
"""Strings and quoted names; a doubled quote is two of them in a row."""


def quote(identifier: str) -> str:
    """An identifier, always in quotes, as Prisma writes it."""
    return '"' + identifier.replace('"', '""') + '"'


def quoted_list(identifiers: Iterable[str], separator: str = ", ") -> str:
    """Several of them."""
    return separator.join(map(quote, identifiers))


def qualified(schema: str, name: str, home: str = "public") -> str:
    """The name of an object, with its schema unless that is ``home``."""
    return quote(name) if schema in {"", home} else f"{quote(schema)}.{quote(name)}"


def enclosed(expression: str) -> str:
    """An expression in parentheses, no second pair where one holds all of it."""
    return expression if _is_enclosed(expression) else f"({expression})"


def _is_enclosed(expression: str) -> bool:
    if not (expression.startswith("(") and expression.endswith(")")):
        return False
    depth = 0
    for place, each in enumerate(_QUOTED.sub(lambda found: "_" * len(found[0]), expression)):
        depth += (each == "(") - (each == ")")
        if depth == 0:
            return place == len(expression) - 1
    return False


def literal(text: str) -> str:
    """A string literal, with ``standard_conforming_strings`` on, as it is unless somebody turned it off."""
    return "'" + text.replace("'", "''") + "'"
