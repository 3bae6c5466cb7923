"""SQL to be copied: many changes as one text that runs as it stands."""

from collections.abc import Iterable, Iterator

from pgarchitect.recommendations.recommendation import Recommendation
from pgarchitect.report.safe_text import one_line, visible

ALONE = "-- CONCURRENTLY keeps the table writable and cannot run inside a transaction: run statement by statement."


def terminated(sql: str) -> str:
    """SQL that ends with exactly one semicolon."""
    return sql.rstrip().rstrip(";") + ";"


def script(items: Iterable[Recommendation]) -> str:
    """The changes one after the other, and below them, as comments, what undoes them."""
    return "\n".join(script_lines(tuple(items)))


def script_lines(items: tuple[Recommendation, ...]) -> Iterator[str]:
    """The lines of ``script``; an item's SQL may itself hold line ends."""
    if any("CONCURRENTLY" in item.candidate.sql for item in items):
        yield ALONE
    yield from (terminated(visible(item.candidate.sql)) for item in items)
    yield from (f"-- undo: {terminated(one_line(item.candidate.rollback_sql))}" for item in items)
