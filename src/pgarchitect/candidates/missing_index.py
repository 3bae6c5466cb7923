"""Missing indexes: from what a statement filters, joins, groups and orders by to indexes that could serve it.

Every candidate is only a guess to be tried: the evidence decides. The rules are the field's own: columns compared
for equality first, then one range or the ORDER BY (PostgreSQL documentation, "Multicolumn Indexes" and "Indexes
and ORDER BY").
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey, canonical
from pgarchitect.candidates.inverted_index import inverted_indexes
from pgarchitect.candidates.shape import table_uses
from pgarchitect.candidates.table_use import Key, OrderKey, TableUse
from pgarchitect.schema.catalog import Catalog, Index

KIND = "missing_index"
WIDEST = 3
"""Most keys in one index: wider ones cost writes and are seldom better (three is also the peers' limit)."""
SMALLEST_TABLE_PAGES = 4
"""A table of fewer 8 kB pages is read whole faster than through an index."""

_PATTERN_CLASSES: Final = {"character varying": "varchar_pattern_ops", "character": "bpchar_pattern_ops"}
"""Operator classes that compare bytes, for a column whose collation does not; of other texts ``text_pattern_ops``."""

_Proposal = tuple[tuple[IndexKey, ...], str]


def missing_indexes(fingerprint: str, tree: exp.Expr, catalog: Catalog, taken: Collection[str] = ()) -> list[Candidate]:
    """Propose indexes for one parsed statement; those that an existing index already serves are left out."""
    found: dict[str, Candidate] = {}
    for use in table_uses(tree, catalog):
        if not worth_an_index(use):
            continue
        for definition, reason in [*_proposals(use), *inverted_indexes(use, catalog)]:
            if not any(definition.served_by(index) or definition.follows_unique(index) for index in use.table.indexes):
                found.setdefault(str(definition), definition.candidate(KIND, reason, (fingerprint,), taken))
    return list(found.values())


def worth_an_index(use: TableUse) -> bool:
    """Whether a table is read in a way that an index could make cheaper: not tiny, not by a unique key."""
    table = use.table
    if table.kind != "p" and 0 <= table.pages < SMALLEST_TABLE_PAGES and table.rows >= 0:
        return False
    constant = {canonical(key.sql) for key in use.equal}
    return not any(_finds_one_row(index, constant) for index in table.indexes)


def _finds_one_row(index: Index, constant: set[str]) -> bool:
    return index.unique and index.valid and not index.partial and set(map(canonical, index.keys)) <= constant


def _proposals(use: TableUse) -> Iterator[tuple[IndexDefinition, str]]:
    for keys, reason in _raw_proposals(use):
        by_sql: dict[str, IndexKey] = {}
        for key in keys:
            by_sql.setdefault(key.sql, key)  # compared for equality first: its place in an ORDER BY decides nothing
        if by_sql:
            yield IndexDefinition(use.table, tuple(by_sql.values())[:WIDEST]), reason


def _raw_proposals(use: TableUse) -> Iterator[_Proposal]:
    equal, flags = most_selective_first(use, use.equal), plain_keys(sortable(use.flags))
    joined = most_selective_first(use, use.joined)
    ranged, order = sortable(use.ranged), order_keys(use.order)
    yield from _for_filters(equal, ranged, order)
    if flags:
        yield (*equal, *flags), f"filters by {_names((*equal, *flags))}"
        if order:
            yield (*equal, *flags, *order), f"filters by {_names((*equal, *flags))}, ordered by {_names(order)}"
    yield from _for_joins(equal, joined, ranged, order)
    if order and use.limited:
        yield order, f"ORDER BY {_names(order)} with LIMIT reads only the first rows from an index"
    elif order and (ranged or use.grouped):
        yield order, f"returns rows ordered by {_names(order)}"
    for key in plain_keys(sortable(use.either)):
        yield (key,), f"one branch of the OR compares {key.sql}"
    for key in pattern_keys(use.pattern):
        yield (key,), f"LIKE on {key.sql} may begin with a fixed prefix"
    yield from _for_groups(equal, plain_keys(sortable(use.grouped)), plain_keys(sortable(use.extremes)))


def _for_filters(
    equal: tuple[IndexKey, ...], ranged: Sequence[Key], order: tuple[IndexKey, ...]
) -> Iterator[_Proposal]:
    ranges = plain_keys(ranged)
    if equal and order:
        yield (*equal, *order), f"filters by {_names(equal)} and returns rows ordered by {_names(order)}"
    for key in ranges:
        if equal:
            yield (*equal, key), f"filters by {_names(equal)} and a range of {key.sql}"
    if len(equal) > 1:
        yield equal, f"filters by {_names(equal)}"
    for key in equal:
        yield (key,), f"filters by {key.sql}"
        if order and len(equal) > 1:
            yield (key, *order), f"filters by {key.sql} and returns rows ordered by {_names(order)}"
    for key in ranges:
        yield (key,), f"filters by a range of {key.sql}"


def _for_joins(
    equal: tuple[IndexKey, ...], joined: tuple[IndexKey, ...], ranged: Sequence[Key], order: tuple[IndexKey, ...]
) -> Iterator[_Proposal]:
    for key in joined:
        if equal:
            yield (key, *equal), f"is joined by {key.sql} and filtered by {_names(equal)}"
        if order:
            yield (key, *order), f"is joined by {key.sql} and ordered by {_names(order)}"
        for limit in plain_keys(ranged):
            yield (key, limit), f"is joined by {key.sql} within a range of {limit.sql}"
        yield (key,), f"is joined by {key.sql}"
    if len(joined) > 1:
        yield joined, f"is joined by {_names(joined)}"


def _for_groups(
    equal: tuple[IndexKey, ...], grouped: tuple[IndexKey, ...], extremes: tuple[IndexKey, ...]
) -> Iterator[_Proposal]:
    for key in extremes:
        yield (
            (*equal, *grouped, key),
            f"asks for the least or greatest {key.sql}" + (f" for each {_names(grouped)}" if grouped else ""),
        )
    if grouped:
        yield (*equal, *grouped), f"groups by {_names(grouped)}, which an index returns already sorted"


def most_selective_first(use: TableUse, keys: Sequence[Key]) -> tuple[IndexKey, ...]:
    """Keys with most distinct values first."""
    ranked = sorted(sortable(keys), key=lambda key: -use.table.distinct(key.column))
    return plain_keys(ranked)


def sortable(keys: Sequence[Key]) -> list[Key]:
    """Those that a B-tree can hold."""
    return [key for key in keys if key.expression or (key.column.sortable and key.column.type != "jsonb")]


def plain_keys(keys: Sequence[Key]) -> tuple[IndexKey, ...]:
    """As keys of an index, ascending."""
    return tuple(IndexKey(key.sql) for key in keys)


def pattern_keys(keys: Sequence[Key]) -> tuple[IndexKey, ...]:
    """Keys that find what begins with a given text (PostgreSQL documentation, "Operator Classes and Families")."""
    return tuple(IndexKey(key.sql, operator_class=_pattern_class(key)) for key in sortable(keys))


def _pattern_class(key: Key) -> str:
    if key.column.bytewise or key.column.category != "S":
        return ""
    plain = key.column.type.partition("(")[0]
    return "text_pattern_ops" if key.expression else _PATTERN_CLASSES.get(plain, "text_pattern_ops")


def order_keys(order: Sequence[OrderKey]) -> tuple[IndexKey, ...]:
    """Keys for an ORDER BY; all ascending when one backward scan gives the wanted order."""
    if not order or any(not key.key.expression and not key.key.column.sortable for key in order):
        return ()
    usual = all(key.nulls_first is key.descending or key.key.column.not_null for key in order)
    backward = usual and all(key.descending for key in order)
    return tuple(
        IndexKey(
            key.key.sql,
            key.descending is not backward,
            None if key.key.column.not_null else key.nulls_first is not backward,
            ordered=True,
        )
        for key in order
    )


def _names(keys: Sequence[IndexKey]) -> str:
    return ", ".join(key.sql for key in keys)


def why_none(tree: exp.Expr, catalog: Catalog) -> str:
    """Why nothing was proposed for a statement, in a sentence."""
    uses = table_uses(tree, catalog)
    if isinstance(tree, exp.Insert) and not uses:
        return "An INSERT gains nothing from an index."
    if not uses:
        return "It reads no table of this database by itself."
    if not any(_narrows(use) for use in uses):
        return "It has no filter, join or limited ordering that an index could serve."
    if all(not worth_an_index(use) for use in uses):
        return "A unique index already finds its rows, or its tables are too small to need one."
    return "Existing indexes already serve what it filters, joins and orders by."


def _narrows(use: TableUse) -> bool:
    inside = (use.pattern, use.contained, use.with_keys, use.words)
    lists = (use.equal, use.flags, use.joined, use.ranged, use.either, use.extremes, *inside)
    return any(lists) or bool(use.order and use.limited)


def present_keys(catalog: Catalog) -> frozenset[str]:
    """The candidate keys of the valid, whole indexes that exist: what was proposed once and is now in force."""
    return frozenset(
        f"{KIND}: {IndexDefinition(table, keys, index.method)}"
        for table in catalog.tables
        for index in table.indexes
        if index.valid and not index.partial
        for keys in _spelled(index)
    )


def _spelled(index: Index) -> Iterator[tuple[IndexKey, ...]]:
    keys = [canonical(key) for key in index.keys]
    if index.method == "btree":
        facts = zip(keys, index.descending, index.nulls_first, index.classes, strict=True)
        yield tuple(IndexKey(key, descending, nulls, own) for key, descending, nulls, own in facts)
        return
    for broad in ("", "jsonb_path_ops"):
        yield tuple(IndexKey(key, operator_class=own or broad) for key, own in zip(keys, index.classes, strict=True))
