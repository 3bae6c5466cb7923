"""What writes would save without an index: the entries that they would not have made."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pgarchitect.candidates.index_cleanup import Situation
from pgarchitect.schema.index_census import OwnedIndex

_DAY: Final = timedelta(days=1)
_SUMMARISING: Final = "brin"
"""Its entries stand for ranges of pages, not for rows."""


@dataclass(frozen=True, slots=True)
class WriteSaving:
    """Entries since the counters began, and for a day where at least one was counted."""

    entries: int
    per_day: float | None


def write_saving(situation: Situation, index: OwnedIndex) -> WriteSaving:
    """Entries that the rows written to the table put into an index.

    An inserted row makes one entry, an updated one another unless the update was HOT; a deleted one none. A partial
    index gets the part of them that it holds of the table's rows. GIN makes several for a row: then this is the least.
    """
    total = sum(_entries(situation, each) for each in situation.census.whole(index))
    age = situation.use.primary.age
    per_day = total / (age / _DAY) if age is not None and age >= _DAY else None
    return WriteSaving(round(total), per_day)


def _entries(situation: Situation, index: OwnedIndex) -> float:
    writes = situation.use.writes.get(index.table_oid)
    if writes is None or index.partitioned or not index.ready or index.method == _SUMMARISING:
        return 0.0
    return writes.entries * _part(situation, index)


def _part(situation: Situation, index: OwnedIndex) -> float:
    """The part of its table's rows that an index holds."""
    rows = situation.census.tables[index.table_oid].rows
    if index.predicate is None or index.entries < 0 or rows <= 0:
        return 1.0
    return min(1.0, index.entries / rows)


def hot_note(situation: Situation, index: OwnedIndex) -> str:
    """A sentence on columns that no other index names, so that updates of them could become HOT; else empty."""
    below = [each for each in situation.census.whole(index) if not each.partitioned]
    writes = [situation.use.writes[each.table_oid] for each in below if each.table_oid in situation.use.writes]
    if index.method == _SUMMARISING or not any(each.updates > each.hot_updates for each in writes):
        return ""
    others = {
        column
        for each in situation.census.of_table(index.table_oid)
        if each.oid != index.oid and each.method != _SUMMARISING
        for column in each.touched
    }
    own = [column for column in index.touched if column not in others]
    if not own:
        return ""
    return f"No other index depends on {', '.join(own)}: updates of {'them' if own[1:] else 'it'} could become HOT."
