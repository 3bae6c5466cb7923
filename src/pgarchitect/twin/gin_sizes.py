"""Pages and counts of a GIN index, from how often its elements occur.

The layouts are those of access/ginblock.h: posting lists keep the differences of row addresses in groups of seven bits
(ginpostinglist.c); those longer than a third of a page move to pages of their own.
"""

import math
from collections.abc import Sequence
from typing import Final

from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.element_sample import Elements
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.files import GinCounts, IndexFile
from pgarchitect.twin.index_shape import KeyColumn
from pgarchitect.twin.size_model import aligned

_USABLE: Final = 8152
_HALF: Final = 0.5
"""Pages of entries that arrive in their order are split in the middle, and the left one is not touched again."""
_BEYOND_HALF: Final = 0.75
"""Of an entry: what the left page has more than half, on average (``entrySplitPage`` in ginentrypage.c)."""
_LONGEST_INLINE: Final = 2712
_DATA_PAGE: Final = 8128
_LIST_HEADER: Final = 8
"""The first row address of a list, and its length."""
_SEGMENTED: Final = 384 / (384 - 8)
"""Lists of a tree are cut into segments of 384 bytes, each with a header (``GinPostingListSegmentMaxSize``)."""
_ENTRY_HEADER: Final = 8
_POINTER: Final = 4
_OFFSETS: Final = 2048
"""Row addresses are numbered with eleven bits for the place on a page."""
_GUESSED_BYTES: Final = 12
"""Bytes for each row where nothing is known of the elements."""
_ELEMENT_BYTES: Final = 8


def gin_file(facts: Facts, table: tuple[int, str], rows: float, elements: Sequence[Elements] | None) -> IndexFile:
    """What the file of a freshly built GIN index looks like.

    Args:
        facts: of the twin.
        table: its oid, and as SQL spells it.
        rows: of the index.
        elements: that it holds; None where nothing is known: the planner itself guesses from the pages then.
    """
    if elements is None:
        return IndexFile("gin", max(2, int(rows * _GUESSED_BYTES / _USABLE)))
    pages = "SELECT pg_catalog.pg_relation_size(%s) / pg_catalog.current_setting('block_size')::int"
    heap = max(1, int(facts.one(pages, (table[0],)) or 1))
    entry_bytes, squares, downlinks, data_pages = 0.0, 0.0, 0.0, 0.0
    for each in elements:
        content = _LIST_HEADER + max(0.0, each.rows - 1) * _bytes_of_difference(rows, each.rows, heap)
        inline = aligned(_ENTRY_HEADER + each.width + content) + _POINTER
        bare = aligned(_ENTRY_HEADER + each.width) + _POINTER
        if inline > _LONGEST_INLINE:
            leaves = math.ceil(content * _SEGMENTED / _DATA_PAGE)
            data_pages += each.keys * (leaves + (1 if leaves > 1 else 0))
            inline = bare
        entry_bytes += each.keys * inline
        squares += each.keys * inline**2
        downlinks += each.keys * bare
    keys = max(1.0, sum(each.keys for each in elements))
    entry_pages = _entry_pages(entry_bytes, squares / max(1.0, entry_bytes), downlinks / keys)
    counts = GinCounts(entry_pages, math.ceil(data_pages), round(keys))
    return IndexFile("gin", 1 + counts.entry_pages + counts.data_pages, gin=counts)


def _entry_pages(total: float, usual: float, downlink: float) -> int:
    """Pages of the tree of entries: its leaves, and the pages above them, with a key for each page below.

    Args:
        total: bytes of all entries.
        usual: of the entry that a byte chosen by chance belongs to.
        downlink: of a key in the pages above.
    """
    if total <= _USABLE:
        return 1
    level = math.ceil(total / (_USABLE * _HALF + _BEYOND_HALF * usual))
    pages = level
    while level > 1:
        level = 1 if level * downlink <= _USABLE else math.ceil(level * downlink / (_USABLE * _HALF))
        pages += level
    return pages


def known_elements(facts: Facts, table: int, columns: Sequence[KeyColumn], rows: float) -> list[Elements] | None:
    """What ANALYZE says of the elements of a column; None where it says nothing: ``jsonb``, trigrams."""
    if len(columns) != 1 or not columns[0].number:
        return None
    where = {"relation": table, "number": columns[0].number}
    ((shares, least, mean),) = facts.rows(_sql("elements"), where) or [(None, 0, 0)]
    if not shares:
        return None
    known = [Elements(1.0, share * rows, _ELEMENT_BYTES) for share in shares if share > 0]
    counted = sum(each.rows for each in known)
    rest = max(0.0, (mean or 0.0) * rows - counted)
    rows_of_other = max(1.0, least * rows / 2)
    if rest > 0.01 * counted:
        known.append(Elements(rest / rows_of_other, rows_of_other, _ELEMENT_BYTES))
    return known


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
