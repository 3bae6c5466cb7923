"""Keys of rows that change while they are written: which rows get in each other's way, and which follow another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.access.nested.tree import Key, Record
from pgarchitect.access.shapes import RelationShape, TableShape, ValueKind
from pgarchitect.access.statement import to_database

_UNTOLD: Final = frozenset({ValueKind.OTHER, ValueKind.JSON})
"""Kinds of which only the server knows what is equal."""
Values = Sequence[Mapping[str, Any]]
"""For each row fields → values or operations."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A row whose keys have changed: its table, and what it was and is."""

    table: TableShape
    before: Record
    after: Record


def followed(
    table: TableShape, names: Sequence[str], values: tuple[Any, ...], moves: Sequence[Moved]
) -> tuple[Any, ...]:
    """Values of such columns that were a row's, as they are after rows have moved."""
    for each in moves:
        if each.table.name == table.name and table.values(each.before, names) == values:
            values = table.values(each.after, names)
    return values


def current(table: TableShape, record: Record, moves: Sequence[Moved]) -> Record:
    """A row as it is after rows have moved."""
    for each in moves:
        if each.table.name == table.name and identity_of(table, each.before) == identity_of(table, record):
            record = each.after
    return record


def touch_keys(table: TableShape, values: Values) -> bool:
    """Whether any row is given another key."""
    names = {name for key in (table.primary_key, *table.uniques) for name in key}
    return any(not names.isdisjoint(each) for each in values)


def moves_of(table: TableShape, before: Sequence[Record], after: Sequence[Record]) -> list[Moved]:
    """Those of the rows whose keys are others than they were."""
    names = [name for key in (table.primary_key, *table.uniques) for name in key]
    pairs = zip(before, after, strict=True)
    return [Moved(table, old, new) for old, new in pairs if table.values(old, names) != table.values(new, names)]


def identity_of(table: TableShape, record: Record) -> Key:
    """What names a row."""
    return dict(zip(table.identity, table.values(record, table.identity), strict=True))


def are_ambiguous(table: TableShape, keys: Sequence[Key], values: Values) -> bool:
    """Whether keys may name one row twice, or other rows once some have got their values."""
    if len(keys) < 2:
        return False
    return len({frozenset(each) for each in keys}) > 1 or touch_keys(table, values)


def collide(table: TableShape, records: Sequence[Record], values: Values) -> bool:
    """Whether the order matters in which rows change: one gets a key that another has, or is there twice.

    One statement changes its rows in an order of the server's, and each at once must have a key of its own.
    """
    if len(records) < 2 or not table.identity:
        return False
    same = len({repr(table.values(each, table.identity)) for each in records}) < len(records)
    keys = [key for key in (table.primary_key, *table.uniques) if any(not set(key).isdisjoint(each) for each in values)]
    return bool(keys) and (same or any(_collide(table, key, records, values) for key in keys))


def _collide(table: TableShape, key: tuple[str, ...], records: Sequence[Record], values: Values) -> bool:
    if any(table.column(name).kind in _UNTOLD or table.column(name).is_list for name in key):
        return True
    had = [table.values(each, key) for each in records]
    whose = {each: number for number, each in enumerate(had)}
    for number, given in enumerate(values):
        if any(isinstance(given.get(name), Mapping) for name in key):
            return True
        own = zip(key, had[number], strict=True)
        new = tuple(to_database(table.column(name), given[name]) if name in given else mine for name, mine in own)
        if None not in new and whose.get(new, number) != number:
            return True
    return False


def follow(
    table: TableShape, relation: RelationShape, record: Record, moved: Mapping[tuple[Any, ...], tuple[Any, ...]]
) -> Record:
    """A row as it is after keys of the rows that ``relation`` leads to have changed, old → new."""
    values = dict(zip((each.name for each in table.columns), record, strict=True))
    sides = [relation.here, *([relation.there] if relation.target == table.name else [])]
    changed = [(names, moved[key]) for names in sides if (key := tuple(values[name] for name in names)) in moved]
    for names, key in changed:
        values.update(zip(names, key, strict=True))
    return tuple(values.values())
