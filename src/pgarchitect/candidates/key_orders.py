"""The sequences of keys that could make a B-tree index of use to one use of a table.

The orders are the field's own: columns compared for equality first, then one range or the ORDER BY (PostgreSQL
documentation, "Multicolumn Indexes" and "Indexes and ORDER BY").
"""

from collections.abc import Iterator
from itertools import permutations

from pgarchitect.candidates.index_definition import IndexKey
from pgarchitect.candidates.missing_index import (
    WIDEST,
    most_selective_first,
    order_keys,
    pattern_keys,
    plain_keys,
    sortable,
)
from pgarchitect.candidates.table_use import TableUse

Keys = tuple[IndexKey, ...]


def key_orders(use: TableUse) -> list[Keys]:
    """Sequences of keys, each once, the likeliest first."""
    return list(dict.fromkeys(keys for keys in _orders(use) if keys))


def _orders(use: TableUse) -> Iterator[Keys]:
    equal, joined = most_selective_first(use, use.equal), most_selective_first(use, use.joined)
    ranged = (*plain_keys(sortable(use.ranged)), *pattern_keys(use.pattern))
    order = order_keys(use.order)
    grouped = plain_keys(sortable(use.grouped))
    for keys in _filters(equal, joined, ranged):
        yield _distinct(keys)[:WIDEST]
    for wanted in (order, *map(order_keys, use.windows)):
        for before in ((), equal, *((key,) for key in joined)):
            yield _ending(before, wanted)
    yield _distinct((*equal, *grouped))[:WIDEST]
    if use.limited and order:
        yield from (_distinct((*order, key)) for key in ranged)
    for key in plain_keys(sortable([*use.either, *use.flags, *use.extremes])):
        yield (key,)
        if equal:
            yield _distinct((*equal, key))[:WIDEST]


def _filters(equal: Keys, joined: Keys, ranged: Keys) -> Iterator[Keys]:
    yield equal
    for key in (*equal, *joined, *ranged):
        yield (key,)
    for last in ranged:
        yield (*equal[: WIDEST - 1], last)
        for join in joined:
            yield (join, last)
            yield (*equal[: WIDEST - 2], join, last)
    for join in joined:
        yield (*equal, join)
        yield (join, *equal)
    yield from permutations(joined, 2)
    yield from permutations(equal, 2)


def _ending(before: Keys, order: Keys) -> Keys:
    """``before`` and then an order, whole: a part of it would not return rows in that order."""
    first = tuple(key for key in before if key.sql not in {each.sql for each in order})
    return (*first, *order) if order else ()


def _distinct(keys: Keys) -> Keys:
    found: dict[str, IndexKey] = {}
    for key in keys:
        found.setdefault(key.sql, key)
    return tuple(found.values())
