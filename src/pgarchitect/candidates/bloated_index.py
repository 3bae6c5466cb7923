"""Bloated indexes: much larger than one built anew would be, by the size model of the planner twin."""

from collections.abc import Collection, Iterator
from typing import Final

from pgarchitect.candidates.index_cleanup import Found, IndexCleanup, Situation, Spared, last_scan, scans
from pgarchitect.candidates.index_sql import rebuild
from pgarchitect.schema.index_census import OwnedIndex

KIND = "bloated_index"
WORTH_FACTOR: Final = 2.0
"""Times the fresh size from which an index counts as bloated; random inserts alone keep pages about 70 % full."""
WORTH_BYTES: Final = 10 * 1024 * 1024
"""Bytes that a rebuild must free."""
_METHODS: Final = frozenset({"btree"})
"""Whose fresh size follows from PostgreSQL's code alone; that of others may be far off."""
_FILL: Final = 90
"""Percent that a fresh B-tree's leaves are filled, unless the index says otherwise (``BTREE_DEFAULT_FILLFACTOR``)."""


def worth_measuring(situation: Situation) -> Iterator[OwnedIndex]:
    """Indexes that are large enough to be bloated and whose fresh size can be told."""
    for index in situation.census.indexes.values():
        if index.valid and not index.partitioned and index.method in _METHODS and index.size_bytes > WORTH_BYTES:
            yield index


def bloated_indexes(situation: Situation, gone: Collection[int]) -> Found:
    """Of the indexes whose fresh size is known, those that waste more than they need."""
    found = Found()
    for oid in sorted(situation.fresh_bytes):
        index = situation.census.indexes[oid]
        fresh = fresh_bytes(situation, index)
        if oid in gone or index.size_bytes - fresh < WORTH_BYTES or index.size_bytes < WORTH_FACTOR * fresh:
            continue
        why_not = _why_not(situation, index)
        if why_not:
            found += Found(spared=(Spared(KIND, index, index.size_bytes, f"It looks bloated, but {why_not}."),))
        else:
            found += Found((_cleanup(situation, index, fresh),))
    return found


def fresh_bytes(situation: Situation, index: OwnedIndex) -> int:
    """What the index would take when built anew: the twin's figure, for its own fill and the rows of today.

    The twin takes the rows that ANALYZE counted; where more have come since, the larger number counts.
    """
    table, writes = situation.census.tables[index.table_oid], situation.use.writes.get(index.table_oid)
    live = writes.live_rows if writes else 0
    growth = max(1.0, live / table.rows) if table.rows > 0 else 1.0
    return round(situation.fresh_bytes[index.oid] * growth * _FILL / _fillfactor(index))


def _fillfactor(index: OwnedIndex) -> int:
    options = dict(each.split("=", 1) for each in index.storage if "=" in each)
    return int(options.get("fillfactor", _FILL))


def _why_not(situation: Situation, index: OwnedIndex) -> str:
    if situation.census.tables[index.table_oid].rows < 0:
        return "its table was never analysed, so that nobody knows what it has to hold"
    if index.table_oid in situation.census.at_work:
        return "somebody may be building an index on this table right now; look again when that has ended"
    backed = situation.census.backed.get(index.oid)
    if backed is not None and backed.kind == "x":
        return "it backs an EXCLUDE constraint, which REINDEX CONCURRENTLY cannot rebuild"
    return ""


def _cleanup(situation: Situation, index: OwnedIndex, fresh: int) -> IndexCleanup:
    factor = index.size_bytes / max(fresh, 1)
    doubt = "How many rows it holds is the planner's estimate, since it is a partial index."
    return IndexCleanup(
        candidate=rebuild(KIND, index, f"It is {factor:.1f} times as large as one built anew would be."),
        index=index,
        size_bytes=index.size_bytes,
        saved_bytes=index.size_bytes - fresh,
        scans=scans(situation, index),
        last_scan=last_scan(situation, index),
        concerns=(doubt,) if index.predicate else (),
        notes=("While it is rebuilt, both need disk space; when that fails, an invalid index with _ccnew is left.",),
    )
