"""The renames that were wished for: their steps, and the database after them, with which all else is compared."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import Column, ColumnDefault, DatabaseSchema, DefaultKind, Table
from pgarchitect.schema.ddl.quoting import literal, qualified, quote
from pgarchitect.schema.difference.located import located, paths
from pgarchitect.schema.difference.rename import Path, Rename, RenameKind
from pgarchitect.schema.difference.rename_order import free_path, in_order
from pgarchitect.schema.difference.renaming import (
    with_column_renamed,
    with_enum_renamed,
    with_label_renamed,
    with_sequence_renamed,
    with_table_renamed,
)
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.wishes import Wishes
from pgarchitect.schema.lowering.names import sequence_name

Renamed = tuple[DatabaseSchema, tuple[Step, ...]]
"""A database after renames, and their steps."""

_Change = Callable[[DatabaseSchema, Path, Path], DatabaseSchema]
_WHOLE: Final[Mapping[RenameKind, tuple[str, StepKind, _Change]]] = {
    RenameKind.ENUM: (
        "TYPE",
        StepKind.RENAME_ENUM,
        lambda given, old, new: with_enum_renamed(given, _name(old), _name(new)),
    ),
    RenameKind.SEQUENCE: (
        "SEQUENCE",
        StepKind.RENAME_SEQUENCE,
        lambda given, old, new: with_sequence_renamed(given, _name(old), _name(new)),
    ),
    RenameKind.TABLE: (
        "TABLE",
        StepKind.RENAME_TABLE,
        lambda given, old, new: with_table_renamed(given, _name(old), _name(new)),
    ),
}
"""What has a schema: its word in SQL, the step, and what becomes of the database."""


def renamed_first(before: DatabaseSchema, after: DatabaseSchema, wishes: Wishes, home: str) -> Renamed:
    """Do the renames.

    Args:
        before: the database as it is.
        after: as it is to be; what is renamed must be there.
        wishes: that name the renames.
        home: schema that is left out of names.

    Raises:
        UsageError: a rename is about nothing.
    """
    wanted = located(wishes.renames, before, after)
    database = before
    steps: list[Step] = []
    for kind in _WHOLE:
        renames = {**_in_the_way(before, after, kind), **_of(wanted, kind)}
        database, done = _whole(database, kind, renames, home)
        steps += done
    moved = {**_of(wanted, RenameKind.ENUM), **_of(wanted, RenameKind.TABLE)}
    for kind, inside in ((RenameKind.ENUM_VALUE, _label), (RenameKind.COLUMN, _column)):
        for owner in dict.fromkeys(each.old[:-1] for each in wanted if each.kind is kind):
            ours = [each for each in wanted if each.kind is kind and each.old[:-1] == owner]
            renames = {each.old: (*owner, each.new[-1]) for each in ours}
            taken = {path for path in paths(before, kind) if path[:-1] == owner}
            for old, new in in_order(renames, taken, free_path):
                database, step = inside(database, moved.get(owner, owner), old[-1], new[-1], home)
                steps.append(step)
    database, sequences = _owned_sequences(before, database, after, home)
    return database, (*steps, *sequences)


def _of(wanted: list[Rename], kind: RenameKind) -> dict[Path, Path]:
    return {each.old: each.new for each in wanted if each.kind is kind}


def _in_the_way(before: DatabaseSchema, after: DatabaseSchema, kind: RenameKind) -> dict[Path, Path]:
    """Enums and sequences that go, and whose names something of another kind gets before they are gone.

    Every table, view and sequence has a type of its name.
    """
    gone = paths(before, kind) - paths(after, kind)
    if kind is RenameKind.TABLE or not gone:
        return {}
    wanted = {*_relations(after), *paths(after, RenameKind.ENUM)}
    names = {*_relations(before), *paths(before, RenameKind.ENUM), *wanted}
    return {path: free_path(path, names) for path in sorted(gone & wanted)}


def _relations(database: DatabaseSchema) -> set[Path]:
    indexes = {(each.schema, index.name) for each in database.tables for index in each.indexes}
    tables = {(each.schema, each.name) for each in database.tables}
    views = {(each.schema, each.name) for each in database.views}
    return indexes | tables | views | {(each.schema, each.name) for each in database.sequences}


def _name(path: Path) -> tuple[str, str]:
    schema, name = path
    return schema, name


def _whole(database: DatabaseSchema, kind: RenameKind, renames: Mapping[Path, Path], home: str) -> Renamed:
    word, step, change = _WHOLE[kind]
    taken = paths(database, kind)
    steps = []
    for old, new in in_order(renames, taken, free_path):
        steps.append(Step(step, tuple(_moves(word, _name(old), _name(new), home)), qualified(*_name(old), home)))
        database = change(database, old, new)
    return database, tuple(steps)


def _moves(word: str, old: tuple[str, str], new: tuple[str, str], home: str) -> Iterator[str]:
    if old[0] != new[0]:
        yield f"ALTER {word} {qualified(*old, home)} SET SCHEMA {quote(new[0])};"
    if old[1] != new[1]:
        yield f"ALTER {word} {qualified(new[0], old[1], home)} RENAME TO {quote(new[1])};"


def _label(database: DatabaseSchema, enum: Path, old: str, new: str, home: str) -> tuple[DatabaseSchema, Step]:
    name = qualified(*_name(enum), home)
    rename = f"ALTER TYPE {name} RENAME VALUE {literal(old)} TO {literal(new)};"
    return with_label_renamed(database, _name(enum), old, new), Step(StepKind.RENAME_ENUM, (rename,), name)


def _column(database: DatabaseSchema, table: Path, old: str, new: str, home: str) -> tuple[DatabaseSchema, Step]:
    name = qualified(*_name(table), home)
    rename = f"ALTER TABLE {name} RENAME COLUMN {quote(old)} TO {quote(new)};"
    return with_column_renamed(database, _name(table), old, new), Step(StepKind.RENAME_COLUMN, (rename,), name)


def _owned_sequences(before: DatabaseSchema, database: DatabaseSchema, after: DatabaseSchema, home: str) -> Renamed:
    """Sequences of SERIAL columns follow their table and column if they bear the name that PostgreSQL gave them."""
    renames: dict[Path, Path] = {}
    tables = []
    for old, table in zip(before.tables, database.tables, strict=True):
        wanted = after.table(table.schema, table.name)
        columns = []
        for was, column in zip(old.columns, table.columns, strict=True):
            same = (old.name, was.name) == (table.name, column.name)
            new = None if same else _follows(old, was, column, wanted)
            if new is not None and was.default is not None:
                renames[table.schema, was.default.sequence] = (table.schema, new.sequence)
            columns.append(column if new is None else replace(column, default=new))
        tables.append(replace(table, columns=tuple(columns)))
    steps = (
        Step(
            StepKind.RENAME_SEQUENCE,
            tuple(_moves("SEQUENCE", _name(old), _name(new), home)),
            qualified(*_name(old), home),
        )
        for old, new in in_order(renames, renames.keys(), free_path)
    )
    return replace(database, tables=tuple(tables)), tuple(steps)


def _follows(old: Table, was: Column, column: Column, wanted: Table | None) -> ColumnDefault | None:
    """The default with the sequence's new name, or None where it stays."""
    target = wanted.column(column.name) if wanted else None
    if was.default is None or was.default.kind is not DefaultKind.SEQUENCE or target is None or target.default is None:
        return None
    named = was.default.sequence == sequence_name(old.name, was.name)
    changed = target.default.sequence != was.default.sequence
    return target.default if named and changed and target.default.kind is DefaultKind.SEQUENCE else None
