"""Generated columns: the language has no word for them, and Prisma's introspection tells them by ``dbgenerated("…")``.

A default cannot refer to a column, so that an expression that does is one that generates.
https://www.postgresql.org/docs/current/ddl-generated-columns.html
"""

import re
from collections.abc import Collection
from typing import Final

_TOKEN: Final = re.compile(
    r"""[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'  # a constant
      | \b(?i:extract)\(\s*\w+  # a part of a time
      | ::\s*(?:"(?:[^"]|"")*"|[\w$]+)(?:\.(?:"(?:[^"]|"")*"|[\w$]+))?  # a cast
        (?:\ (?:precision|varying))?(?:\([\d,\s-]*\))?(?:\ (?:with|without)\ time\ zone)?
      | (?P<name>"(?:[^"]|"")*"|[^\W\d][\w$]*)(?P<call>\s*\(|\s*')?  # a name: of a column unless something follows
    """,
    re.VERBOSE | re.DOTALL,
)


def refers_to(expression: str, columns: Collection[str], *, printed: bool = False) -> bool:
    """Whether an expression refers to one of these columns; names of functions and types are none.

    Args:
        expression: SQL.
        columns: names, as the catalog has them.
        printed: as a server prints it, which writes its own words in capitals and quotes every name that has one.
    """
    return any(
        _column(found["name"], printed=printed) in columns
        for found in _TOKEN.finditer(expression)
        if found["name"] and not found["call"]
    )


def _column(name: str, *, printed: bool) -> str:
    if name.startswith('"'):
        return name[1:-1].replace('""', '"')
    return name if printed else name.lower()
