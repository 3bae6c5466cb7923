"""How large and how high a B-tree would be, from the repetition of its keys and the sizes of its tuples.

It follows ``nbtsort.c`` page by page: leaf pages are closed once less than a tenth is free, inner pages at 70 %, the
last tuple of a page moves to the next one, equal keys share posting lists of at most a tenth of a page
(``BTREE_DEFAULT_FILLFACTOR``, ``BTREE_NONLEAF_FILLFACTOR`` in access/nbtree.h, ``maxpostingsize`` in ``_bt_load``).
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_FREE: Final = 8144
"""Free bytes of an empty page once the high key's line pointer and the next one are taken off."""
_POINTER: Final = 4
_ROW_ID: Final = 6
_POSTING: Final = 808
"""Bytes that nbtree lets one posting list have when it builds an index."""
_FIRST_LEAF: Final = 819
_FIRST_INNER: Final = 2457
"""Bytes that stay free: 10 % of a page and 30 %."""
_MANY: Final = 60
"""Full posting lists of a key that are laid out one by one."""
_SAMPLE: Final = 3000
"""Keys that are laid out, in place of more."""
_LARGE_MEAN: Final = 200
"""Rows of a key from which on chance spreads them as a normal distribution."""
_REMEMBERED: Final = 256
"""Layouts: indexes of one table are much alike."""
_LAST_PAGE: Final = 0.003
"""The last page takes the tuple that would have begun another."""

Sizes = Mapping[int, float]
"""Share of the tuples by their aligned bytes."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """Keys that occur about equally often.

    Attributes:
        keys: their number.
        rows: of each, in the mean.
        varies: whether they differ.
        counts: how many keys have how many rows; None when they differ as by chance.
    """

    keys: float
    rows: float
    varies: bool = True
    counts: Mapping[int, float] | None = None


def aligned(size: float, alignment: int = 8) -> int:
    """``size`` rounded up to a multiple of ``alignment``."""
    return math.ceil(size / alignment) * alignment


def btree_pages(
    rows: float, sizes: Sizes, pivot_bytes: float, repetitions: Sequence[Repetition] = ()
) -> tuple[int, int]:
    """Pages (metapage included) and levels above the leaves of a freshly built B-tree.

    Args:
        rows: that it indexes.
        sizes: of its leaf tuples.
        pivot_bytes: mean size of a pivot tuple, header included.
        repetitions: of its keys, when equal ones share posting lists; empty when they do not.
    """
    if rows <= 0:
        return 1, 0
    leaves = _repeated_pages(repetitions, sizes) if repetitions else _plain_pages(rows, sizes)
    return _with_inner_pages(max(1, math.ceil(leaves - _LAST_PAGE)), pivot_bytes)


def levels(pages: int, pivot_bytes: float) -> int:
    """Levels above the leaves of an existing B-tree of ``pages`` pages, metapage included."""
    if pages <= 2:
        return 0
    leaves = pages - 1
    for _ in range(4):  # the inner pages are among the pages: leave them out, step by step
        total, _height = _with_inner_pages(leaves, pivot_bytes)
        leaves = max(1, leaves - (total - pages))
    return _with_inner_pages(leaves, pivot_bytes)[1]


def _with_inner_pages(leaves: int, pivot_bytes: float) -> tuple[int, int]:
    fan_out = max(2, int((_FREE - _FIRST_INNER) / (pivot_bytes + _POINTER)))
    pages, level, height = leaves, leaves, 0
    while level > 1:
        level = math.ceil(level / fan_out)
        pages += level
        height += 1
    return pages + 1, height


class _Leaves:
    """Leaf pages while tuples come in order, as ``_bt_buildadd`` fills them."""

    def __init__(self) -> None:
        self.items = 0
        self._closed = 0
        self._free = _FREE
        self._on_page = 0
        self._last = (0, 0)

    def add(self, size: int, dropped: int, times: int = 1) -> None:
        """Add a tuple of ``size`` bytes, ``dropped`` of which a high key would not need; several alike."""
        free, on_page, (last, less) = self._free, self._on_page, self._last
        for _ in range(times):
            if on_page and (free < size or (free + less < _FIRST_LEAF and on_page > 1)):
                self._closed += 1  # the last tuple becomes the high key, and the next page's first
                free, on_page = _FREE - last - _POINTER, 1
            free -= size + _POINTER
            on_page += 1
            last, less = size, dropped
        self._free, self._on_page, self._last = free, on_page, (last, less)
        self.items += times

    def pages(self) -> float:
        """Full pages, and the share of the last one."""
        return self._closed + min(1.0, (_FREE - self._free) / (_FREE - _FIRST_LEAF)) if self.items else 0.0


def _plain_pages(rows: float, sizes: Sizes) -> float:
    if len(sizes) == 1:
        (size,) = sizes
        return rows / max(1, (_FREE - _FIRST_LEAF) // (size + _POINTER))
    return _pages_of_one(tuple(sizes.items()), min(_SAMPLE, math.ceil(rows))) * rows


@lru_cache(_REMEMBERED)
def _pages_of_one(sizes: tuple[tuple[int, float], ...], number: int) -> float:
    """The part of a page that a tuple takes, of ``number`` that are laid out."""
    leaves = _Leaves()
    for size in _sampled(dict(sizes), number):
        leaves.add(size, 0)
    return leaves.pages() / leaves.items


def _repeated_pages(repetitions: Sequence[Repetition], sizes: Sizes) -> float:
    """Pages of keys with their posting lists: the listed ones each for itself, those of chance by a sample."""
    listed, pages = _Leaves(), 0.0
    fixed = [each for each in repetitions if not each.varies]
    for each, base in zip(fixed, _sampled(sizes, len(fixed)), strict=True):
        pages += _add_key(listed, each.rows, base)
    for each in repetitions:
        if each.varies:
            number = max(1, min(_SAMPLE, math.ceil(each.keys)))
            drawn = _Leaves()
            long = 0.0
            for rows, base in zip(_drawn(each, number), _sampled(sizes, number), strict=True):
                long += _add_key(drawn, rows, base)
            pages += (drawn.pages() + long) * each.keys / number
    return listed.pages() + pages


def _add_key(leaves: _Leaves, rows: float, base: int) -> float:
    """Add a key's posting lists; pages for those beyond the first many, which are all alike, are returned."""
    most = max(2, (_POSTING - base) // _ROW_ID)
    lists, rest = divmod(round(rows), most)
    full = _posting(most, base)
    if lists:
        leaves.add(full, full - base, min(lists, _MANY))
    if rest:
        size = _posting(rest, base)
        leaves.add(size, size - base)
    a_page = (_FREE - _FIRST_LEAF + full - base) // (full + _POINTER)
    return max(0, lists - _MANY) / max(1, a_page)


def _sampled(shares: Mapping[int, float], number: int) -> list[int]:
    """``number`` values in a random order that is always the same, as often as their shares say."""
    return _shuffled(tuple(shares.items()), number)


@lru_cache(_REMEMBERED)
def _shuffled(shared: tuple[tuple[int, float], ...], number: int) -> list[int]:
    shares = dict(shared)
    total = sum(shares.values())
    found: list[int] = []
    reached = 0.0
    for value in sorted(shares):
        reached += shares[value] / total
        found += [value] * (round(reached * number) - len(found))
    random.Random(number).shuffle(found)  # noqa: S311  # nothing secret
    return found


def _drawn(keys: Repetition, number: int) -> list[int]:
    """Rows of ``number`` keys, as counted or as chance would share them."""
    if keys.counts is not None:
        return _sampled(keys.counts, number)
    mean = keys.rows
    if mean > _LARGE_MEAN:
        steps = [NormalDist().inv_cdf((place + 0.5) / number) for place in range(number)]
        found = [max(1, round(mean + math.sqrt(mean) * step)) for step in steps]
        random.Random(number + 1).shuffle(found)  # noqa: S311  # nothing secret
        return found
    return _sampled(dict(_poisson(mean)), number)


def _posting(rows: int, base: int) -> int:
    return base if rows <= 1 else aligned(base + _ROW_ID * rows)


def _poisson(mean: float) -> list[tuple[int, float]]:
    """Probability of each number of rows of a key, which has at least one, when rows choose their keys by chance."""
    if mean <= 1:
        return [(1, 1.0)]
    rate = _rate(mean)
    found, seen, probability = [], 0.0, math.exp(-rate) / (1 - math.exp(-rate))
    for rows in range(1, 2_000):
        probability *= rate / rows
        seen += probability
        found.append((rows, probability))
        if seen > 1 - 1e-9:
            break
    return found


def _rate(mean: float) -> float:
    """The parameter of a Poisson distribution whose mean is ``mean`` once zero is left out, by iteration."""
    rate = mean
    for _ in range(200):
        rate = mean * (1 - math.exp(-rate))
    return rate
