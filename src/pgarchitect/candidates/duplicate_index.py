"""Duplicate indexes: the same table, method, keys, operator classes, collations, directions and predicate twice."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from pgarchitect.candidates.index_cleanup import Found, IndexCleanup, Situation, Spared, scans
from pgarchitect.candidates.index_drop import dropped
from pgarchitect.candidates.index_protection import concerns, protected_by
from pgarchitect.schema.index_census import OwnedIndex

KIND = "duplicate_index"


def duplicate_indexes(situation: Situation, gone: Collection[int]) -> Found:
    """Of indexes that are the same, all but the one that has to stay."""
    alike: dict[tuple[Any, ...], list[OwnedIndex]] = defaultdict(list)
    for index in situation.census.indexes.values():
        if index.valid and index.oid not in gone:
            alike[_sameness(index)].append(index)
    found = Found()
    for group in alike.values():
        if len(group) > 1:
            for part in _without_all_but_one(situation, group, gone):
                found += part
    return found


def _sameness(index: OwnedIndex) -> tuple[Any, ...]:
    """What two indexes must have in common to be the same; uniqueness is looked at later."""
    return (index.table_oid, index.method, index.key_kinds, index.options, index.included, index.predicate)


def _without_all_but_one(situation: Situation, group: Sequence[OwnedIndex], gone: Collection[int]) -> Iterator[Found]:
    kept, *others = sorted(group, key=lambda index: _rank(situation, index))
    for index in others:
        why_not = protected_by(index, situation.census) or _not_served(index, kept)
        if not why_not:
            yield Found((_cleanup(situation, index, kept, gone),))
        elif index.parent is None:
            reason = f"It is the same as {kept.qualified}, but {why_not}."
            yield Found(spared=(Spared(KIND, index, situation.census.size(index), reason),))


def _rank(situation: Situation, index: OwnedIndex) -> tuple[Any, ...]:
    """The one to keep first: what something stands on, what is unique, what somebody chose, what is used, the older."""
    return (
        not protected_by(index, situation.census),
        not index.unique,
        not index.immediate,
        not index.clustered,
        not index.comment,
        -scans(situation, index),
        index.size_bytes,
        index.oid,
    )


def _not_served(index: OwnedIndex, kept: OwnedIndex) -> str:
    """What a unique index does that the kept one does not, as a clause."""
    if not index.unique:
        return ""
    if not kept.unique:
        return "it is UNIQUE and the other is not"
    if index.immediate and not kept.immediate:
        return "it is checked at once and the other at the end of a transaction"
    if index.nulls_not_distinct != kept.nulls_not_distinct:
        return "the two treat nulls differently"
    return ""


def _cleanup(situation: Situation, index: OwnedIndex, kept: OwnedIndex, gone: Collection[int]) -> IndexCleanup:
    reason = f"It is the same as {kept.qualified}."
    doubts = concerns(index, situation.census, gone)
    return dropped(situation, KIND, index, reason, takes_over=kept, concerns=doubts)
