"""The comment that every statement of ours carries, so that the workload can leave it out."""

import re
from typing import Final

MARKER: Final = "/* pgarchitect */"
"""Stands behind the first keyword: pg_stat_statements of PostgreSQL 18 drops a comment in front of a statement."""

_FIRST_KEYWORD = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*[A-Za-z]+\b", re.DOTALL)


def marked(statement: str) -> str:
    """Return ``statement`` with the marker behind its first keyword; one that has it already is returned as it is."""
    if MARKER in statement:
        return statement
    keyword = _FIRST_KEYWORD.match(statement)
    end = keyword.end() if keyword else 0
    return f"{statement[:end]} {MARKER}{statement[end:]}"
