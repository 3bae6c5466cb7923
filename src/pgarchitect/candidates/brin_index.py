"""BRIN: a few pages for a whole table whose rows lie in the order of a column.

For each range of pages it keeps the least and the greatest value ("BRIN Indexes", PostgreSQL documentation), so that it
tells pages apart only where the order of values is nearly that of the rows.
"""

from collections.abc import Iterator
from typing import Final

from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey
from pgarchitect.candidates.table_use import TableUse
from pgarchitect.schema.catalog import Column, Table

LEAST_CORRELATION: Final = 0.9
"""Below, a value lies in so many ranges that most of the table is read (``brincostestimate`` divides by it)."""
LEAST_PAGES: Final = 1_024
"""Eight ranges of the usual 128 pages: a smaller table is hardly told apart."""
LEAST_ROWS: Final = 100_000.0
"""The same of a partitioned table, which has no pages of its own."""
_FINER: Final = ("", "pages_per_range = 16")
"""Finer ranges find fewer rows in more entries; of a small selection they read less."""


def brin_indexes(use: TableUse) -> Iterator[IndexDefinition]:
    """For columns that are compared with a range or a value, and by which the table is nearly sorted."""
    if not _large(use.table):
        return
    for key in dict.fromkeys((*use.ranged, *use.equal)):
        if not key.expression and _sorted_by(key.column) and not _begins_an_index(use.table, key.sql):
            for storage in _FINER:
                yield IndexDefinition(use.table, (IndexKey(key.sql),), "brin", storage=storage)


def _large(table: Table) -> bool:
    return table.rows >= LEAST_ROWS if table.kind == "p" else table.pages >= LEAST_PAGES


def _sorted_by(column: Column) -> bool:
    known = column.statistics
    return "brin" in column.methods and known is not None and abs(known.correlation or 0.0) >= LEAST_CORRELATION


def _begins_an_index(table: Table, key: str) -> bool:
    """Whether a B-tree finds the rows already, and better."""
    whole = (each for each in table.indexes if each.valid and not each.partial and each.method == "btree")
    return any(each.keys[0] == key for each in whole)
