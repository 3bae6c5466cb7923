"""Redundant indexes: ``(a)`` where ``(a, b)`` exists; whether the longer one serves as well, the planner has to say."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from pgarchitect.candidates.index_cleanup import Found, IndexCleanup, Situation, standing
from pgarchitect.candidates.index_drop import dropped
from pgarchitect.candidates.index_protection import concerns, protected_by
from pgarchitect.schema.index_census import OwnedIndex

KIND = "redundant_index"
_METHOD: Final = "btree"
_BACKWARD: Final = 3
"""Both option bits: a scan in the other direction turns the order and the place of nulls."""


def redundant_indexes(situation: Situation, gone: Collection[int]) -> Found:
    """Indexes whose keys are the first ones of another; shorter ones first."""
    left = [each for each in standing(situation, gone) if each.method == _METHOD]
    beside: dict[int, list[OwnedIndex]] = defaultdict(list)
    for index in left:
        beside[index.table_oid].append(index)
    found = Found()
    for index in sorted(left, key=lambda each: (len(each.keys), len(each.included), each.oid)):
        if index.unique or protected_by(index, situation.census):
            continue
        longer = [each for each in beside[index.table_oid] if covers(each, index) and each.oid not in found.gone]
        if longer:
            found += Found((_cleanup(situation, index, longer, gone),))
    return found


def covers(longer: OwnedIndex, index: OwnedIndex) -> bool:
    """Whether ``longer`` can do all that ``index`` can, and more: the same keys first, in one direction."""
    count = index.key_count
    if longer.oid == index.oid or longer.table_oid != index.table_oid or longer.predicate != index.predicate:
        return False
    more = longer.key_count > count or longer.included > index.included
    if not more or longer.key_kinds[:count] != index.key_kinds or not index.included <= set(longer.columns):
        return False
    forward = longer.options[:count] == index.options
    backward = longer.options[:count] == tuple(each ^ _BACKWARD for each in index.options)
    return forward or backward


def _cleanup(
    situation: Situation, index: OwnedIndex, longer: Sequence[OwnedIndex], gone: Collection[int]
) -> IndexCleanup:
    # One that is redundant itself is covered by a longer one, which covers this one too: the longest always stays.
    staying = [each for each in longer if not any(covers(other, each) and not each.unique for other in longer)]
    kept = min(staying or longer, key=lambda each: (each.size_bytes, each.oid))
    reason = f"{kept.qualified} begins with the same keys."
    doubts = concerns(index, situation.census, gone)
    return dropped(situation, KIND, index, reason, takes_over=kept, concerns=doubts)
