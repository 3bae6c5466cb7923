"""Indexes that serve several statements at once: what one covers and what another covers, in one index.

Two indexes that begin alike hold the same keys twice; one that carries what both carry is hardly larger than either of
them ("index merging"; Chaudhuri and Narasayya, ICDE 1999). Whether it is worth it the choice decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from pgarchitect.candidates.index_definition import Beginning, IndexDefinition

MOST_CARRIED: Final = 8
"""Columns that a covering index carries at most: beyond, it is another copy of the table."""

_MOST: Final = 50
"""Merged indexes that are tried, those first that spare most."""


def merged_indexes(sized: Iterable[tuple[IndexDefinition, int]]) -> list[IndexDefinition]:
    """What follows from some indexes by merging two that begin with the same keys, and all that have the same keys.

    Each is listed once, in an order of its own; none is among those that are given. Of many, those are left that stand
    for most bytes.

    Args:
        sized: the indexes, each with its size in bytes.
    """
    groups: dict[Beginning, list[IndexDefinition]] = {}
    sizes: dict[str, int] = {}
    for each, size in sorted(sized, key=lambda one: str(one[0])):
        sizes[str(each)] = size
        if each.method == "btree":
            groups.setdefault(each.beginning, []).append(each)
    found: dict[str, IndexDefinition] = {}
    spared: dict[str, int] = {}
    for group in groups.values():
        for merged, several in _merged(group):
            text, taken = str(merged), [sizes[str(each)] for each in several]
            found[text] = merged
            spared[text] = max(sum(taken) - max(taken), spared.get(text, 0))
    best = sorted((text for text in found if text not in sizes), key=lambda text: (-spared[text], text))
    return [found[text] for text in sorted(best[:_MOST])]


_Merged = tuple[IndexDefinition, Sequence[IndexDefinition]]


def _merged(group: list[IndexDefinition]) -> Iterator[_Merged]:
    for one, other in combinations(sorted(group, key=lambda each: (len(each.keys), str(each))), 2):
        if one.keys == other.keys[: len(one.keys)]:
            yield from _together([other, one])
    alike: dict[tuple[str, ...], list[IndexDefinition]] = {}
    for each in group:
        alike.setdefault(tuple(map(str, each.keys)), []).append(each)
    for several in alike.values():
        yield from _together(several)


def _together(several: list[IndexDefinition]) -> Iterator[_Merged]:
    """One index in place of several, with the keys of the first; none where it would carry too much, or no more than
    one of them does."""
    keys = {key.sql for key in several[0].keys}
    carried = tuple(sorted({column for each in several for column in each.included} - keys))
    if len(carried) <= MOST_CARRIED and all(set(each.included) - keys < set(carried) for each in several):
        first = several[0]
        yield (
            IndexDefinition(first.table, first.keys, included=carried, where=first.where, storage=first.storage),
            several,
        )
