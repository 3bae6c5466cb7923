"""What the rules that clean up indexes work on, and what they leave."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.schema.index_census import IndexCensus, OwnedIndex
from pgarchitect.workload.index_use import IndexUse


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known before anything is proposed.

    Attributes:
        census: the indexes.
        use: how often they are scanned, their tables written.
        least_age: counters that are younger do not say that an index is unused.
        fresh_bytes: index oid → what it would take when built anew, where that was asked.
    """

    census: IndexCensus
    use: IndexUse
    least_age: timedelta
    fresh_bytes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexCleanup:
    """A proposal for one index, before the planner was asked.

    Attributes:
        candidate: the change.
        index: that it is about.
        size_bytes: of the index, with those of partitions.
        saved_bytes: disk space that it frees.
        saved_entries: index entries that the writes since the counters began would not have made.
        saved_per_day: the same for a day; None where less than a day was counted or nobody knows.
        scans: of it on all servers that were asked.
        last_scan: the latest of them, from PostgreSQL 16 on.
        takes_over: the index that serves in its place, as SQL spells it; empty: none.
        concerns: why a person must look first, a sentence each.
        notes: what is good to know, a sentence each.
    """

    candidate: Candidate
    index: OwnedIndex
    size_bytes: int
    saved_bytes: int
    saved_entries: int = 0
    saved_per_day: float | None = None
    scans: int = 0
    last_scan: datetime | None = None
    takes_over: str = ""
    concerns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spared:
    """An index that a rule would have named, and why it is left alone: a sentence."""

    kind: str
    index: OwnedIndex
    size_bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule leaves."""

    cleanups: tuple[IndexCleanup, ...] = ()
    spared: tuple[Spared, ...] = ()

    def __add__(self, other: "Found") -> "Found":
        """Both."""
        return Found(self.cleanups + other.cleanups, self.spared + other.spared)

    @property
    def gone(self) -> frozenset[int]:
        """Oids of the indexes that would no longer be there."""
        return frozenset(each.index.oid for each in self.cleanups)


def standing(situation: Situation, gone: Collection[int]) -> list[OwnedIndex]:
    """Indexes that stand by themselves, are valid, and are not gone already."""
    every = situation.census.indexes.values()
    return [each for each in every if each.parent is None and each.valid and each.oid not in gone]


def scans(situation: Situation, index: OwnedIndex) -> int:
    """Scans of an index, and of those below it, on all servers that were asked."""
    return sum(situation.use.scanned(each.oid) for each in situation.census.whole(index))


def last_scan(situation: Situation, index: OwnedIndex) -> datetime | None:
    """When an index, or one below it, was last scanned on any server, where they keep that."""
    oids = [each.oid for each in situation.census.whole(index)]
    found = (each.scans[oid].last for each in situation.use.servers for oid in oids if oid in each.scans)
    return max((at for at in found if at is not None), default=None)
