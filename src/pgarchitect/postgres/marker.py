"""The comment that every statement of ours carries, so that the workload can leave it out."""

from typing import Final

MARKER: Final = "/* pgarchitect */"
"""Stands in front of each statement; pg_stat_statements keeps it, since it keeps the text as first seen."""


def marked(statement: str) -> str:
    """Return ``statement`` with the marker in front; one that has it already is returned as it is."""
    return statement if statement.startswith(MARKER) else f"{MARKER} {statement}"
