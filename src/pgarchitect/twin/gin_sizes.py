"""Pages and counts of a GIN index, from the statistics of its column's elements.

The layouts are those of access/ginblock.h: posting lists keep the differences of row addresses in groups of seven bits
(ginpostinglist.c); those longer than a third of a page move to pages of their own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.files import GinCounts, IndexFile
from pgarchitect.twin.index_shape import KeyColumn
from pgarchitect.twin.size_model import aligned

_USABLE: Final = 8152
_ENTRY_FILL: Final = 0.55
"""Of pages of entries, which are split in the middle; measured on 18."""
_LONGEST_INLINE: Final = 2712
_DATA_PAGE: Final = 8128
_LIST_HEADER: Final = 8
_ENTRY_HEADER: Final = 8
_POINTER: Final = 4
_OFFSETS: Final = 2048
"""Row addresses are numbered with eleven bits for the place on a page."""
_GUESSED_BYTES: Final = 12
"""Bytes for each row where nothing is known of the elements."""
_ELEMENT_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class _Elements:
    """Rows of each known element, and how many elements of how many rows are not known."""

    known: tuple[float, ...]
    others: float
    rows_of_other: float


def gin_file(facts: Facts, table: tuple[int, str], columns: Sequence[KeyColumn], rows: float) -> IndexFile:
    """What the file of a freshly built GIN index looks like.

    Without statistics of elements (``jsonb``, trigrams, expressions) the planner itself guesses from the pages.
    """
    if len(columns) != 1 or not columns[0].number:
        return _guessed(rows)
    found = _elements(facts, table[0], columns[0].number, rows)
    if found is None:
        return _guessed(rows)
    pages = "SELECT pg_catalog.pg_relation_size(%s) / pg_catalog.current_setting('block_size')::int"
    heap = max(1, int(facts.one(pages, (table[0],)) or 1))
    groups = [(1.0, each) for each in found.known] + [(found.others, found.rows_of_other)]
    entry_bytes, data_pages = 0.0, 0.0
    for keys, each in groups:
        content = _LIST_HEADER + each * _bytes_of_difference(rows, each, heap)
        inline = aligned(_ENTRY_HEADER + _ELEMENT_BYTES + content)
        if inline <= _LONGEST_INLINE:
            entry_bytes += keys * (inline + _POINTER)
        else:
            leaves = math.ceil(content / _DATA_PAGE)
            data_pages += keys * (leaves + (1 if leaves > 1 else 0))
            entry_bytes += keys * (_ENTRY_HEADER + _ELEMENT_BYTES + _POINTER)
    entry_pages = 1 if entry_bytes <= _USABLE else math.ceil(entry_bytes / _USABLE / _ENTRY_FILL)
    entries = max(1, round(len(found.known) + found.others))
    counts = GinCounts(entry_pages, math.ceil(data_pages), entries)
    return IndexFile("gin", 1 + counts.entry_pages + counts.data_pages, gin=counts)


def _guessed(rows: float) -> IndexFile:
    return IndexFile("gin", max(2, int(rows * _GUESSED_BYTES / _USABLE)))


def _elements(facts: Facts, table: int, number: int, rows: float) -> _Elements | None:
    ((shares, least, mean),) = facts.rows(_sql("elements"), {"relation": table, "number": number}) or [(None, 0, 0)]
    if not shares:
        return None
    known = tuple(share * rows for share in shares if share > 0)
    rest = max(0.0, (mean or 0.0) * rows - sum(known))
    rows_of_other = max(1.0, least * rows / 2)
    others = rest / rows_of_other if rest > 0.01 * sum(known) else 0.0
    return _Elements(known, others, rows_of_other)


def _bytes_of_difference(rows: float, of_element: float, heap_pages: int) -> float:
    """Mean bytes from one row address of an element to the next, when its rows lie anywhere."""
    gap = max(1.0, rows / max(1.0, of_element))
    on_page = max(1.0, rows / heap_pages)
    same_page = max(0.0, 1 - gap / on_page * (1 - math.exp(-on_page / gap)))
    one_byte = same_page * (1.0 if on_page < 128 else 1 - math.exp(-128 / gap))  # seven bits
    pages_to_next = gap / on_page
    near = 1 - math.exp(-(2**14 / _OFFSETS) / pages_to_next)
    middle = 1 - math.exp(-(2**21 / _OFFSETS) / pages_to_next)
    elsewhere = near * 2 + (middle - near) * 3 + (1 - middle) * 4
    return one_byte + (same_page - one_byte) * 2 + (1 - same_page) * elsewhere


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
