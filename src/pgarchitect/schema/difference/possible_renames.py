"""What looks as if it had been renamed: the questions to ask before something is dropped.

Only where it is unambiguous: what is gone and what is new resemble each other more than anything else in reach.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product
from typing import Final, TypeVar

from pgarchitect.schema.database_schema import Column, DatabaseSchema, EnumType, Table
from pgarchitect.schema.difference.equality import same_default, same_type
from pgarchitect.schema.difference.rename import Path, Rename, RenameKind
from pgarchitect.schema.difference.renamed_first import renamed_first
from pgarchitect.schema.difference.wishes import Wishes

_Thing = TypeVar("_Thing", Table, Column, EnumType)
_TABLE: Final = 0.5
"""From this likeness on a table may be the other one: half of all columns have the same names and types."""
_ENUM: Final = 0.5
"""Likewise for the labels of an enum."""
_COLUMN: Final = 0.35
"""Likewise for a column, of which the type has to be the same anyway."""
_MARGIN: Final = 0.15
"""By so much the best likeness has to be ahead of the next."""


def possible_renames(before: DatabaseSchema, after: DatabaseSchema, wishes: Wishes | None = None) -> tuple[Rename, ...]:
    """What may have been renamed, as questions.

    Ask about them, put the answers into the wishes, and call it again until nothing is left: columns are looked at
    once their table is known.

    Args:
        before: the database as it is.
        after: as it is to be.
        wishes: what is answered already; it is left out.

    Raises:
        UsageError: one of the renames that were wished for is about nothing.
    """
    wishes = wishes or Wishes()
    home = after.schemas[0] if after.schemas else "public"
    now, _ = renamed_first(before, after, wishes, home)
    found = (*_enums(now, after), *_tables(now, after), *_labels(now, after), *_columns(now, after))
    answered = {(each.old, each.new[-1]) for each in wishes.refused}
    return tuple(each for each in found if not _answered(each, answered))


def _answered(rename: Rename, answers: set[tuple[Path, str]]) -> bool:
    return any((rename.old[start:], rename.new[-1]) in answers for start in range(len(rename.old)))


def _tables(before: DatabaseSchema, after: DatabaseSchema) -> Iterator[Rename]:
    gone = [each for each in before.tables if after.table(each.schema, each.name) is None]
    new = [each for each in after.tables if before.table(each.schema, each.name) is None]
    for old, now in _pairs(gone, new, _table_likeness, _TABLE):
        yield Rename((old.schema, old.name), (now.schema, now.name), RenameKind.TABLE)


def _table_likeness(old: Table, new: Table) -> float:
    if old.partition_of or new.partition_of:
        return 0.0
    ours = {(each.name, each.type.name, each.type.array) for each in old.columns}
    theirs = {(each.name, each.type.name, each.type.array) for each in new.columns}
    share = len(ours & theirs) / max(len(ours | theirs), 1)
    return share if old.name != new.name else share + 1.0


def _columns(before: DatabaseSchema, after: DatabaseSchema) -> Iterator[Rename]:
    for old, new in ((each, after.table(each.schema, each.name)) for each in before.tables):
        if new is None:
            continue
        gone = [each for each in old.columns if new.column(each.name) is None]
        come = [each for each in new.columns if old.column(each.name) is None]
        where = (old.schema, old.name)
        for was, now in _pairs(gone, come, _ColumnLikeness(old, new), _COLUMN):
            yield Rename((*where, was.name), (*where, now.name), RenameKind.COLUMN)


@dataclass(frozen=True, slots=True)
class _ColumnLikeness:
    """How much a column of one table resembles one of the other: nothing unless the types are the same."""

    old: Table
    new: Table

    def __call__(self, was: Column, now: Column) -> float:
        if not same_type(was.type, now.type) or bool(was.generated) is not bool(now.generated):
            return 0.0
        return (
            0.5 * SequenceMatcher(None, was.name.lower(), now.name.lower()).ratio()
            + 0.2 * (was.nullable is now.nullable)
            + 0.1 * (_place(self.old, was) == _place(self.new, now))
            + 0.1 * same_default(was, now)
            + 0.1 * (_uses(self.old, was) == _uses(self.new, now))
        )


def _place(table: Table, column: Column) -> int:
    return [each.name for each in table.columns].index(column.name)


def _uses(table: Table, column: Column) -> list[tuple[str, bool, int]]:
    """Where the column stands in indexes and keys."""
    keys = [("", True, table.primary_key.columns)] if table.primary_key else []
    indexes = [(each.method, each.unique, tuple(key.name for key in each.columns)) for each in table.indexes]
    references = [(each.table, False, each.columns) for each in table.foreign_keys]
    all_keys = (*keys, *indexes, *references)
    return sorted((what, unique, names.index(column.name)) for what, unique, names in all_keys if column.name in names)


def _enums(before: DatabaseSchema, after: DatabaseSchema) -> Iterator[Rename]:
    gone = [each for each in before.enums if after.enum(each.schema, each.name) is None]
    new = [each for each in after.enums if before.enum(each.schema, each.name) is None]
    for old, now in _pairs(gone, new, _enum_likeness, _ENUM):
        yield Rename((old.schema, old.name), (now.schema, now.name), RenameKind.ENUM)


def _enum_likeness(old: EnumType, new: EnumType) -> float:
    ours, theirs = set(old.labels), set(new.labels)
    return len(ours & theirs) / max(len(ours | theirs), 1) + (old.name == new.name)


def _labels(before: DatabaseSchema, after: DatabaseSchema) -> Iterator[Rename]:
    """A value that is gone where one stands that is new, between the same neighbours."""
    for old, new in ((each, after.enum(each.schema, each.name)) for each in before.enums):
        if new is None or len(old.labels) != len(new.labels):
            continue
        where = (old.schema, old.name)
        changed = [(was, now) for was, now in zip(old.labels, new.labels, strict=True) if was != now]
        if all(was not in new.labels and now not in old.labels for was, now in changed):
            yield from (Rename((*where, was), (*where, now), RenameKind.ENUM_VALUE) for was, now in changed)


def _pairs(
    gone: Sequence[_Thing], new: Sequence[_Thing], likeness: Callable[[_Thing, _Thing], float], least: float
) -> Iterator[tuple[_Thing, _Thing]]:
    """Pairs that resemble each other most, each clearly more than any other pair of either."""
    scores = {(old, now): likeness(gone[old], new[now]) for old, now in product(range(len(gone)), range(len(new)))}
    for (old, now), score in scores.items():
        others = (each for (was, other), each in scores.items() if (was == old) is not (other == now))
        if score >= least and score - max(others, default=0.0) >= _MARGIN:
            yield gone[old], new[now]
