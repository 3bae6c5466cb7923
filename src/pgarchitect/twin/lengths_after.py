"""Lengths of tables after a migration: as they were, or as long as a rewrite makes them."""

import math
from collections.abc import Sequence
from typing import Final

from pgarchitect.twin.catalog_state import CatalogState, Column, Relation
from pgarchitect.twin.column_statistics import Distribution
from pgarchitect.twin.pages import BLOCK
from pgarchitect.twin.size_model import aligned

_PAGE_HEADER: Final = 24
_TUPLE_HEADER: Final = 23
_POINTER: Final = 4
_ALIGNMENT: Final = {"c": 1, "s": 2, "i": 4, "d": 8}
_LONGEST_SHORT: Final = 127
_GUESSED_WIDTH: Final = 32
"""What the planner takes for a value of varying length that it knows nothing of (``get_typavgwidth``)."""
_BLOAT: Final = 1.25
"""A table this much longer than its rows need has room that a rewrite gives back."""

Widths = dict[int, Distribution]


_MOST_AT_ONCE: Final = 64
"""Pages by which a file grows at most while many rows are inserted (``MAX_BUFFERS_TO_EXTEND_BY`` in hio.c)."""


def rewritten_pages(
    before: CatalogState, after: CatalogState, table: Relation, widths: Widths, *, in_leaps: bool
) -> int:
    """Pages of a table that was rewritten.

    It grows or shrinks as its rows do; room that dead rows left is given back.

    Args:
        before: the catalog before the migration, with statistics.
        after: the catalog after it.
        table: as it was.
        widths: statistics of its columns after the migration, by number.
        in_leaps: the file grows by as many pages as it has, then by 64, and keeps what is left over: ALTER TABLE from
            PostgreSQL 16 on.
    """
    if table.rows <= 0 or not table.length:
        return table.length
    old_widths = {number: found for (oid, number, _), found in before.statistics.items() if oid == table.oid}
    needed = _pages(table.rows, _row_bytes(before.columns_of(table.oid), old_widths))
    wanted = _pages(table.rows, _row_bytes(after.columns_of(table.oid), widths))
    room = table.length / needed
    pages = max(1, math.ceil(wanted * (room if room <= _BLOAT else 1.0)))
    if not in_leaps:
        return pages
    return 1 << (pages - 1).bit_length() if pages <= _MOST_AT_ONCE else aligned(pages, _MOST_AT_ONCE)


def _pages(rows: float, row_bytes: float) -> float:
    return rows * row_bytes / (BLOCK - _PAGE_HEADER)


def _row_bytes(columns: Sequence[Column], widths: Widths) -> float:
    """Bytes of a row with its line pointer, after the order and alignment of its columns.

    Behind a value of varying length, or one that may be null, padding takes half of the most that it can on average.
    """
    offset, varies = 0.0, False
    nullable = any(widths[column.number].null_fraction > 0 for column in columns if column.number in widths)
    for column in columns:
        known = widths.get(column.number)
        present = 1 - known.null_fraction if known else 1.0
        if column.generated == "v" or not present:
            continue
        width = column.length if column.length > 0 else known.width if known else _GUESSED_WIDTH
        alignment = 1 if column.length < 0 and width <= _LONGEST_SHORT else _ALIGNMENT[column.alignment]
        offset += (_padding(offset, alignment, varies=varies) + width) * present
        varies |= column.length < 0 or present < 1
    header = aligned(_TUPLE_HEADER + (math.ceil(len(columns) / 8) if nullable else 0))
    return header + offset + _padding(offset, 8, varies=varies) + _POINTER


def _padding(offset: float, alignment: int, *, varies: bool) -> float:
    return (alignment - 1) / 2 if varies else aligned(offset, alignment) - offset
