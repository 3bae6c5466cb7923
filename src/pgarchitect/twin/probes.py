"""What no catalog tells and the source's own planner knows: heights of trees, pages that wait in GIN indexes.

Both stand in an index's first page, which only a superuser may read. But the planner puts them into its costs: an
EXPLAIN under settings where nothing else costs anything gives them away. Nothing is executed; the settings hold for a
read-only transaction of our own. The formulas are those of ``btcostestimate`` and ``gincostestimate`` (selfuncs.c).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.files import GinCounts

_PAGE_CPU: Final = 50
"""DEFAULT_PAGE_CPU_MULTIPLIER: operators that a page of a descent costs."""
_ROWS_OF_DATA_PAGE: Final = 8192 / 3
_ENTRY_SHARE: Final = 0.9
_ENTRIES_OF_PAGE: Final = 100
"""What the planner takes for granted of a GIN index whose counts it does not know."""
_POWER: Final = 0.15
_TREES: Final = {"bitmaps": "off", "trees": "on", "page": "0", "operator": "1"}
_GIN_PAGES: Final = {"bitmaps": "on", "trees": "off", "page": "1", "operator": "0"}
_GIN_COMPARISONS: Final = {"bitmaps": "on", "trees": "off", "page": "0", "operator": "1"}
"""What alone costs: comparisons on the way down a tree, pages of a GIN index, comparisons in it."""
_BITMAP: Final = "Bitmap Index Scan"
_MOST_HALVINGS: Final = 40
_REST: Final = 1
"""Comparisons of a GIN scan that neither a page nor a halving explains: found by trial."""

IndexName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Probes:
    """What was found out; indexes by schema and name.

    Attributes:
        heights: of B-trees: levels above the leaves.
        gin: counts of GIN indexes, of which the pending pages are the source's own.
        statements: sent for it.
    """

    heights: Mapping[IndexName, int]
    gin: Mapping[IndexName, GinCounts]
    statements: int


@dataclass(frozen=True, slots=True)
class _Probe:
    schema: str
    index: str
    table: str
    column: str
    operator: str
    type: str
    predicate: str | None
    pages: int

    @property
    def statement(self) -> str:
        """A comparison with something that the planner cannot know."""
        where = f" AND ({self.predicate})" if self.predicate else ""
        return f"SELECT FROM ONLY {self.table} WHERE {self.column} {self.operator} (SELECT NULL::{self.type}){where}"


def read_probes(connection: Connection, without: Sequence[int] = (), locked: Sequence[int] = ()) -> Probes:
    """Ask the source's planner.

    Args:
        connection: to the source.
        without: oids of tables that are not to be touched.
        locked: oids of indexes that are not.
    """
    left_out = {"without": list(without), "locked": list(locked)}
    heights: dict[IndexName, int] = {}
    gin: dict[IndexName, GinCounts] = {}
    asked = 0
    for row in connection.execute(_sql("trees").encode(), left_out).fetchall():
        probe, asked = _Probe(*row), asked + 1
        plan = _planned(connection, probe, _TREES)
        if plan is not None and plan["Node Type"] == "Index Scan":
            heights[probe.schema, probe.index] = _levels(plan)
    for row in connection.execute(_sql("gin").encode(), left_out).fetchall():
        probe, asked = _Probe(*row), asked + 1
        pages = _planned(connection, probe, _GIN_PAGES)
        comparisons = _planned(connection, probe, _GIN_COMPARISONS)
        if pages is not None and comparisons is not None and pages["Node Type"] == _BITMAP:
            gin[probe.schema, probe.index] = _counts(probe, pages, comparisons)
    return Probes(heights, gin, 2 + 4 * asked)


def _planned(connection: Connection, probe: _Probe, settings: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The scan of the index that is asked about; None where the planner prefers another, or refuses."""
    row = None
    with Attempt(connection):
        connection.execute(_sql("settings").encode(), settings)
        row = connection.execute(f"EXPLAIN (FORMAT JSON) {probe.statement}".encode()).fetchone()
    found = [node for node in _nodes(row[0][0]["Plan"]) if node.get("Index Name") == probe.index] if row else []
    return found[0] if found else None


def _nodes(tree: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [tree, *(node for child in tree.get("Plans", ()) for node in _nodes(child))]


def _levels(plan: Mapping[str, Any]) -> int:
    """Levels above the leaves; a comparison for each halving of the rows costs less than one page of the descent."""
    return max(0, math.floor(float(plan["Startup Cost"]) / _PAGE_CPU) - 1)


def _counts(probe: _Probe, pages: Mapping[str, Any], comparisons: Mapping[str, Any]) -> GinCounts:
    """Counts under which the planner comes to these costs, for one entry that is looked up."""
    entry_pages = max(1, math.floor(probe.pages * _ENTRY_SHARE))
    fetched, rows = round(float(pages["Total Cost"])), float(pages["Plan Rows"])
    # The way to a page counts at the start and in the total; what is left halves the entries, which counts twice too.
    halvings = math.floor((float(comparisons["Total Cost"]) - 2 * _PAGE_CPU * fetched - _REST) / 2)
    entries = 2**halvings if 0 < halvings < _MOST_HALVINGS else entry_pages * _ENTRIES_OF_PAGE
    # No more data pages than entries: one is read for each entry that is looked up.
    data_pages = min(max(0, probe.pages - 1 - entry_pages), entries)
    known = round(entry_pages**_POWER) + max(math.ceil(data_pages / entries), math.ceil(rows / _ROWS_OF_DATA_PAGE))
    return GinCounts(entry_pages, data_pages, entries, max(0, fetched - known))


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "probes.sql", name)
