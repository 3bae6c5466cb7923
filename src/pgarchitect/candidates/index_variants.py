"""Every index that could serve a statement: the orders of its keys that matter, covering and partial ones.

Where the planner twin says in a millisecond what an index is worth, proposing too many costs little and proposing too
few costs the best one. A covering index adds what the statement reads besides its keys (PostgreSQL documentation,
"Index-Only Scans and Covering Indexes"); a partial one leaves out the rows that the statement never asks for.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from pgarchitect.candidates.brin_index import brin_indexes
from pgarchitect.candidates.hash_index import hash_indexes
from pgarchitect.candidates.index_definition import IndexDefinition
from pgarchitect.candidates.inverted_index import inverted_indexes
from pgarchitect.candidates.key_orders import Keys, key_orders
from pgarchitect.candidates.merged_index import MOST_CARRIED
from pgarchitect.candidates.missing_index import worth_an_index
from pgarchitect.candidates.partial_index import meets, partial_conditions, partial_orders
from pgarchitect.candidates.table_use import Key, TableUse
from pgarchitect.schema.catalog import Catalog, Column, Index, Table

_WIDE_TYPES: Final = ("json", "text[]", "bytea", "tsvector", "vector", "xml")
"""Types whose values are seldom small enough to be carried along."""

_ROLES: Final = ("filters by", "joins by", "orders by", "groups by")


def index_variants(uses: Sequence[TableUse], catalog: Catalog) -> list[IndexDefinition]:
    """The indexes that could serve a statement with these uses of tables, each once; those that exist are left out."""
    found: dict[str, IndexDefinition] = {}
    for use in uses:
        if worth_an_index(use):
            for definition in (*_of_use(use), *_of_other_methods(use, catalog)):
                if not any(definition.served_by(index) or _repeats(definition, index) for index in use.table.indexes):
                    found.setdefault(str(definition), definition)
    return list(found.values())


def could_use(uses: Sequence[TableUse], definition: IndexDefinition) -> bool:
    """Whether a statement with these uses of tables could use an index: it mentions its first key or all that it
    reads is in it, and it has the condition of a partial one."""
    return any(_same(use.table, definition.table) and _could_use(use, definition) for use in uses)


def why(uses: Sequence[TableUse], definition: IndexDefinition) -> str:
    """What an index does for a statement with these uses of tables, in a sentence."""
    first = definition.keys[0].sql
    own = [use for use in uses if _same(use.table, definition.table)]
    found = [role for role in _ROLES if any(key.sql == first for use in own for key in _keys_of(use, role))]
    partial = "" if not definition.where else f"; only where {definition.where}"
    if not found:
        covers = any({c.quoted for c in use.touched} <= _held(definition) for use in own)
        what = "reads no more of the table than the index holds" if covers else "asks for few of the rows"
        return f"{what}{partial}"
    covered = "" if not definition.included else "; the index holds all that it reads of the table"
    return f"{found[0]} {first}{covered}{partial}"


def _held(definition: IndexDefinition) -> set[str]:
    return {key.sql for key in definition.keys}.union(definition.included)


def _same(one: Table, other: Table) -> bool:
    """Whether they are the same, or one is a partition of the other: then they share indexes."""
    return one.oid == other.oid or one.oid in other.ancestors or other.oid in one.ancestors


def _keys_of(use: TableUse, role: str) -> Sequence[Key]:
    match role:
        case "filters by":
            searched = (*use.pattern, *use.searched, *use.contained, *use.with_keys, *use.words)
            return (*use.equal, *use.ranged, *use.flags, *searched, *use.either)
        case "joins by":
            return use.joined
        case "orders by":
            return [item.key for order in (use.order, *use.windows) for item in order]
        case _:
            return (*use.grouped, *use.extremes)


def _could_use(use: TableUse, definition: IndexDefinition) -> bool:
    if definition.where:
        return meets(use, definition.where)
    return definition.keys[0].sql in _searched(use) or {column.quoted for column in use.touched} <= _held(definition)


def _searched(use: TableUse) -> set[str]:
    """What an index is searched or read in order by."""
    return {key.sql for role in _ROLES for key in _keys_of(use, role)}


def _repeats(definition: IndexDefinition, index: Index) -> bool:
    """Whether a unique index leaves nothing for it to do; one that covers more columns still has something."""
    return not definition.included and definition.follows_unique(index)


def _of_use(use: TableUse) -> Iterator[IndexDefinition]:
    orders = key_orders(use)
    for keys in orders:
        yield from _with_and_without(use, keys, "")
    conditions = partial_conditions(use)
    for condition in conditions:
        for keys in partial_orders(orders, condition):
            yield from _with_and_without(use, keys, condition.sql)


def _with_and_without(use: TableUse, keys: Keys, where: str) -> Iterator[IndexDefinition]:
    """An index, and the one that covers what is read besides its keys."""
    names = {key.sql for key in keys}
    rest = tuple(column.quoted for column in use.touched if column.quoted not in names)
    yield IndexDefinition(use.table, keys, where=where)
    if 0 < len(rest) <= MOST_CARRIED and _narrow(use.touched):
        yield IndexDefinition(use.table, keys, included=rest, where=where)


def _of_other_methods(use: TableUse, catalog: Catalog) -> Iterator[IndexDefinition]:
    yield from (definition for definition, _ in inverted_indexes(use, catalog))
    yield from brin_indexes(use)
    yield from hash_indexes(use)


def _narrow(columns: Sequence[Column]) -> bool:
    return not any(column.type.startswith(_WIDE_TYPES) for column in columns)
