"""Pages of indexes that are no B-trees, each after the way in which its method builds it."""

import math
from typing import Final

_PAGE: Final = 8192
_USABLE: Final = 8152
_POINTER: Final = 4

# access/hash.h: a tuple has a header of 8 bytes and a hash code; buckets are filled to 75 %.
_HASH_ITEM: Final = 20
_HASH_PER_PAGE: Final = (_PAGE - 24 - 16) // _HASH_ITEM
_HASH_PER_BUCKET: Final = _PAGE * 75 // 100 // _HASH_ITEM
_HASH_ONE_PHASE: Final = 9
"""Up to 2^9 buckets their number doubles; from there on it grows by quarters of a doubling."""

_BRIN_REVMAP: Final = 1360
"""Ranges in one page of the map."""
_BRIN_USABLE: Final = 8160

# Fill of pages, measured on 18: methods that split pages leave them as full as their way of splitting makes them.
_GIST_INSERTED: Final = 0.5
_GIST_REGROUPED: Final = 0.67
_GIST_SORTED: Final = 0.955
_SPGIST: Final = 0.78

# pgvector, hnsw.h: an element has 72 bytes and the vector, its neighbours 4 bytes and 6 for each.
_HNSW_ELEMENT: Final = 72
_HNSW_PAGE: Final = 8160
_IVF_ITEM: Final = 8


def hash_pages(heap_rows: float, rows: float, frequencies: list[float], distinct: float) -> int:
    """Pages of a hash index: metapage, bitmap, buckets, and what overflows them.

    Args:
        heap_rows: of the table, from which the number of buckets is chosen.
        rows: that it indexes: nulls are left out.
        frequencies: shares of the most common values, each of which lands in one bucket.
        distinct: number of different values.
    """
    buckets = _hash_buckets(heap_rows / _HASH_PER_BUCKET)
    large = [share for share in frequencies if share * rows > _HASH_PER_PAGE / 2]
    rest = max(0.0, 1 - sum(large)) * rows
    mean = rest / buckets
    others = max(1.0, distinct - len(large))
    spread = math.sqrt(mean * (1 + rest / others))
    overflow = float(sum(_overflow_pages(rows * share + mean) for share in large))
    overflow += max(0.0, buckets - len(large)) * _mean_overflow(mean, spread)
    return 2 + buckets + round(overflow)


def _hash_buckets(wanted: float) -> int:
    if wanted <= 2:
        return 2
    doubling = math.ceil(math.log2(wanted))
    if doubling <= _HASH_ONE_PHASE:
        return int(2**doubling)
    quarter = 2 ** (doubling - 1) // 4
    return int(2 ** (doubling - 1) + math.ceil((wanted - 2 ** (doubling - 1)) / quarter) * quarter)


def _overflow_pages(rows: float) -> int:
    return max(0, math.ceil(rows / _HASH_PER_PAGE) - 1)


def _mean_overflow(mean: float, spread: float) -> float:
    """Mean overflow pages of a bucket whose rows are normally distributed."""
    if spread <= 0:
        return _overflow_pages(mean)
    pages, limit = 0.0, _HASH_PER_PAGE
    while limit < mean + 8 * spread:
        pages += 0.5 * math.erfc((limit - mean) / spread / math.sqrt(2))
        limit += _HASH_PER_PAGE
    return pages


def brin_pages(heap_pages: int, pages_per_range: int, value_bytes: int, columns: int) -> tuple[int, int]:
    """Pages of a BRIN index that keeps two values of each column for a range, and of those the ones of its map."""
    ranges = max(1, math.ceil(heap_pages / pages_per_range))
    nulls = 8 if columns > 4 else 0  # two bits a column; the first byte fits behind the header
    item = 8 + nulls + math.ceil(2 * value_bytes / 8) * 8 + _POINTER
    revmap = math.ceil(ranges / _BRIN_REVMAP)
    return 1 + revmap + math.ceil(ranges / (_BRIN_USABLE // item)), revmap


def gist_pages(rows: float, tuple_bytes: float, *, by_sorting: bool, splits: bool) -> int:
    """Pages of a GiST index, built by inserting or by sorting; ``splits``: neighbours are regrouped unevenly."""
    fill = _GIST_REGROUPED if splits else _GIST_SORTED if by_sorting else _GIST_INSERTED
    return max(1, math.ceil(rows * (tuple_bytes + _POINTER) / _USABLE / fill))


def spgist_pages(rows: float, value_bytes: float) -> int:
    """Pages of an SP-GiST index: leaf tuples have a header of 16 bytes; metapage, root and the root for nulls."""
    return 3 + math.ceil(rows * (16 + math.ceil(value_bytes / 8) * 8 + _POINTER) / _USABLE / _SPGIST)


def hnsw_pages(rows: float, value_bytes: float, links: int) -> int:
    """Pages of pgvector's HNSW index with ``m`` = ``links``: an element lies with its neighbours where both fit."""
    element = math.ceil((_HNSW_ELEMENT + value_bytes) / 8) * 8
    # One element in m reaches the next level: 1 / (m - 1) further levels on average.
    neighbours = math.ceil((4 + 12 * links) / 8) * 8 + 6 * links / max(1, links - 1)
    together = [element + neighbours + 2 * _POINTER]
    separate = [element + _POINTER, neighbours + _POINTER]
    parts = together if sum(together) <= _HNSW_PAGE else separate
    # Half an item's room is left on a page on average, since their sizes differ.
    return 1 + sum(math.ceil(rows / max(1.0, _HNSW_PAGE / part - 0.5)) for part in parts)


def ivfflat_pages(rows: float, value_bytes: float, lists: int) -> int:
    """Pages of pgvector's IVFFlat index: each list has pages of its own."""
    per_page = max(1, int(_HNSW_PAGE // (_IVF_ITEM + value_bytes + _POINTER)))
    centres = math.ceil(lists / max(1, int(_HNSW_PAGE // (value_bytes + 8 + _POINTER))))
    return 1 + centres + lists * max(1, math.ceil(rows / lists / per_page))
