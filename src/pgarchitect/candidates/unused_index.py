"""Unused indexes: not scanned once, on the primary and on every standby that was asked, for long enough to tell."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Final

from pgarchitect.candidates.index_cleanup import Found, IndexCleanup, Situation, Spared, scans, standing
from pgarchitect.candidates.index_drop import dropped
from pgarchitect.candidates.index_protection import concerns, protected_by
from pgarchitect.candidates.missing_index import SMALLEST_TABLE_PAGES
from pgarchitect.candidates.write_saving import hot_note
from pgarchitect.schema.index_census import OwnedIndex

KIND = "unused_index"
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


def unused_indexes(situation: Situation, gone: Collection[int]) -> Found:
    """Indexes without a scan, the largest first; of two for one foreign key only the first goes without a word."""
    dropped = set(gone)
    found = Found()
    for index in sorted(standing(situation, gone), key=lambda each: (-situation.census.size(each), each.qualified)):
        if scans(situation, index):
            continue
        why_not = _why_not(situation, index)
        if why_not:
            size = situation.census.size(index)
            found += Found(spared=(Spared(KIND, index, size, f"It was not scanned, but {why_not}."),))
        else:
            found += Found((_cleanup(situation, index, dropped),))
            dropped.add(index.oid)
    return found


def _why_not(situation: Situation, index: OwnedIndex) -> str:
    protection = protected_by(index, situation.census)
    if protection:
        return protection
    if index.unique:
        return "it is UNIQUE: it refuses duplicates, scanned or not"
    table = situation.census.tables[index.table_oid]
    if table.kind != "p" and table.rows >= 0 and table.pages < SMALLEST_TABLE_PAGES:
        return "its table is so small that it is read whole; it may be wanted once the table grows"
    return _too_young(situation, index)


def _too_young(situation: Situation, index: OwnedIndex) -> str:
    age = situation.use.age
    if age is None:
        return "a server does not say since when it counts"
    if age < situation.least_age:
        return f"scans are counted for {told(age)} only"
    known = situation.use.primary.now - situation.use.changed.get(index.oid, situation.use.primary.now - age)
    return f"it was created or changed {told(known)} ago" if known < situation.least_age else ""


def _cleanup(situation: Situation, index: OwnedIndex, gone: Collection[int]) -> IndexCleanup:
    doubts = (*concerns(index, situation.census, gone), *_doubts(situation, index))
    notes = tuple(_notes(situation, index))
    return dropped(situation, KIND, index, _reason(situation), concerns=doubts, notes=notes)


def _reason(situation: Situation) -> str:
    age = situation.use.age
    asked = len(situation.use.standbys)
    where = f", neither on the primary nor on {asked} standby{'s' if asked > 1 else ''}" if asked else ""
    return f"Not one scan in {told(age) if age else 'all the time'}{where}."


def _doubts(situation: Situation, index: OwnedIndex) -> Iterator[str]:
    below = [situation.use.writes.get(each.table_oid) for each in situation.census.whole(index)]
    if not any(each is not None and each.reads for each in below):
        yield "Nobody read its table in that time, so that its statements may be rare ones."
    missing = situation.use.streaming - len(situation.use.standbys)
    if missing > 0:
        yield f"{missing} standby{'s' if missing > 1 else ''} of this server may scan it; ask with --replica."


def _notes(situation: Situation, index: OwnedIndex) -> Iterator[str]:
    if index.has_expressions:
        yield (
            "ANALYZE keeps statistics of its expression, which serve the planner without a scan and would be gone;"
            " CREATE STATISTICS can keep them."
        )
    note = hot_note(situation, index)
    if note:
        yield note


def told(age: timedelta) -> str:
    """A stretch of time in its largest unit: ``41 days``, ``3 hours``, ``12 minutes``."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (timedelta(minutes=1), "minute")):
        number = age // unit
        if number:
            return f"{number} {name}{'s' if number > 1 else ''}"
    return "less than a minute"
