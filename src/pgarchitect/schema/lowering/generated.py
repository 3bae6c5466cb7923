"""Generated columns: the language has no word for them, and Prisma's introspection tells them by ``dbgenerated("…")``.

A default cannot refer to a column, so that an expression that does is one that generates.
https://www.postgresql.org/docs/current/ddl-generated-columns.html
"""

import re
from collections.abc import Collection
from typing import Final

_TOKEN: Final = re.compile(
    r"""[eE]?'(?:[^']|'')*'  # a constant
      | ::\s*(?:"(?:[^"]|"")*"|[\w$]+(?:\ (?:with|without)\ time\ zone|\ (?:precision|varying))?)  # a cast
      | (?P<name>"(?:[^"]|"")*"|[^\W\d][\w$]*)(?P<call>\s*\(|\s*')?  # a name: of a column unless something follows
    """,
    re.VERBOSE | re.DOTALL,
)


def refers_to(expression: str, columns: Collection[str]) -> bool:
    """Whether an expression refers to one of these columns; names of functions and types are none."""
    return any(
        _folded(found["name"]) in columns
        for found in _TOKEN.finditer(expression)
        if found["name"] and not found["call"]
    )


def _folded(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
