"""Invalid indexes: left by a CREATE INDEX or REINDEX CONCURRENTLY that failed; the planner ignores them."""

from collections.abc import Collection

from pgarchitect.candidates.index_cleanup import Found, IndexCleanup, Situation, Spared
from pgarchitect.candidates.index_drop import dropped
from pgarchitect.candidates.index_protection import protected_by
from pgarchitect.schema.index_census import IndexCensus, OwnedIndex

KIND = "invalid_index"


def invalid_indexes(situation: Situation, gone: Collection[int]) -> Found:
    """Indexes that no statement can use, unless somebody builds them right now."""
    found = Found()
    for index in situation.census.indexes.values():
        if not index.valid and index.oid not in gone:
            why_not = _why_not(index, situation.census)
            if why_not:
                size = situation.census.size(index)
                found += Found(spared=(Spared(KIND, index, size, f"It is not valid, but {why_not}."),))
            else:
                found += Found((_cleanup(situation, index),))
    return found


def _why_not(index: OwnedIndex, census: IndexCensus) -> str:
    if index.table_oid in census.at_work:
        return "somebody may be building an index on this table right now; look again when that has ended"
    if index.partitioned:
        return "it waits for indexes of partitions: ALTER INDEX … ATTACH PARTITION for those that it lacks"
    return protected_by(index, census)


def _cleanup(situation: Situation, index: OwnedIndex) -> IndexCleanup:
    kept = "every write keeps it up to date all the same" if index.ready else "writes leave it alone"
    reason = f"It is not valid: no statement can use it, and {kept}."
    unique = "Rows that were alike already may be why it failed. " if index.unique else ""
    note = f"{unique}If it is still wanted, REINDEX INDEX CONCURRENTLY {index.qualified} finishes it."
    return dropped(situation, KIND, index, reason, notes=(note,))
