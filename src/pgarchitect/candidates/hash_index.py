"""Hash indexes: for equality alone, on values so wide that their four-byte codes take less room than they do.

A B-tree holds whole values but shares equal ones; a hash index holds a code for each row and no order ("Hash Indexes",
PostgreSQL documentation). It is smaller where values are wide and seldom repeat.
"""

from collections.abc import Iterator
from typing import Final

from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey
from pgarchitect.candidates.table_use import Key, TableUse

LEAST_WIDTH: Final = 16
"""Bytes of a value from which on an entry of a hash index (20 bytes, three quarters full) is the smaller one."""
LEAST_DISTINCT: Final = 0.3
"""Of the rows: where values repeat more often, a B-tree shares them and is smaller."""


def hash_indexes(use: TableUse) -> Iterator[IndexDefinition]:
    """For columns that are compared for equality only."""
    asked = {key.sql for key in (*use.ranged, *use.pattern, *use.grouped, *use.extremes, *(o.key for o in use.order))}
    for key in dict.fromkeys((*use.equal, *use.joined)):
        if key.sql not in asked and _wide(use, key) and not _begins_an_index(use, key):
            yield IndexDefinition(use.table, (IndexKey(key.sql),), "hash")


def _wide(use: TableUse, key: Key) -> bool:
    known = key.column.statistics
    if key.expression or "hash" not in key.column.methods or known is None:
        return False
    return known.width >= LEAST_WIDTH and use.table.distinct(key.column) >= LEAST_DISTINCT * max(use.table.rows, 1.0)


def _begins_an_index(use: TableUse, key: Key) -> bool:
    whole = (each for each in use.table.indexes if each.valid and not each.partial)
    return any(each.method in {"btree", "hash"} and each.keys[0] == key.sql for each in whole)
