"""What keeps an index from being dropped, whether or not it is scanned, and what must be said before it is."""

from collections.abc import Collection, Iterator
from typing import Final

from pgarchitect.schema.index_census import ForeignKey, IndexCensus, OwnedIndex

_CONSTRAINTS: Final = {"u": "a UNIQUE constraint", "x": "an EXCLUDE constraint", "p": "the PRIMARY KEY"}
_LOOKS_UP: Final = frozenset({"btree", "hash"})
"""Methods that find the rows of a key."""


def protected_by(index: OwnedIndex, census: IndexCensus) -> str:
    """What stands on an index, as a clause; empty: nothing but its own use."""
    backed = census.backed.get(index.oid)
    if backed is not None and backed.kind in _CONSTRAINTS:
        return f"it backs {_CONSTRAINTS[backed.kind]}"
    if backed is not None:
        return "a foreign key refers to its columns"
    if index.replica_identity:
        return "logical replication finds the table's rows by it (REPLICA IDENTITY)"
    if index.of_extension:
        return "it belongs to an extension"
    if index.parent is not None:
        return f"it is part of the partitioned index {census.indexes[index.parent].qualified}"
    return ""


def concerns(index: OwnedIndex, census: IndexCensus, gone: Collection[int]) -> tuple[str, ...]:
    """What a person must weigh before an index is dropped, a sentence each; ``gone`` are dropped already."""
    return tuple(_concerns(index, census, gone))


def _concerns(index: OwnedIndex, census: IndexCensus, gone: Collection[int]) -> Iterator[str]:
    for key in census.foreign_keys:
        if only_index_of(key, index, census, gone):
            yield (
                f"It is the only index for the foreign key {key.name}: without it a delete or a change of key in"
                f" {key.refers_to} reads all of {index.table_name}."
            )
    if index.clustered:
        yield f"CLUSTER {index.table_name} orders the table by it."
    if index.comment:
        yield f"Somebody left a comment on it: {' '.join(index.comment.split())}"


def only_index_of(key: ForeignKey, index: OwnedIndex, census: IndexCensus, gone: Collection[int]) -> bool:
    """Whether rows that refer by ``key`` are found by ``index``, and by no other as well."""
    if key.table_oid != index.table_oid or (own := _leading(key, index)) == 0:
        return False
    others = (
        each for each in census.of_table(key.table_oid) if each.valid and each.oid != index.oid and each.oid not in gone
    )
    return all(_leading(key, each) < own for each in others)


def _leading(key: ForeignKey, index: OwnedIndex) -> int:
    """How many of the first keys of an index are columns of a foreign key; 0 where it cannot look rows up."""
    if index.method not in _LOOKS_UP or not _holds_all(key, index):
        return 0
    count = 0
    for number in index.numbers[: index.key_count]:
        if number not in key.columns:
            break
        count += 1
    return count


def _holds_all(key: ForeignKey, index: OwnedIndex) -> bool:
    """Whether a partial index leaves out no more than rows that refer to nothing."""
    first = index.columns[0]
    return index.predicate is None or (
        index.numbers[0] in key.columns and index.predicate in {f"({first} IS NOT NULL)", f"{first} IS NOT NULL"}
    )
