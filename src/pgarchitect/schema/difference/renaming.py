"""A database schema after renames: every mention of the old names becomes one of the new."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pgarchitect.schema.database_schema import (
    Column,
    ColumnDefault,
    ColumnType,
    Constraint,
    DatabaseSchema,
    DefaultKind,
    ForeignKey,
    Index,
    IndexColumn,
    Table,
    TypeKind,
    View,
)
from pgarchitect.schema.difference.identifiers import recast, relabelled, renamed

Name = tuple[str, str]
"""Schema and name."""


def with_table_renamed(database: DatabaseSchema, old: Name, new: Name) -> DatabaseSchema:
    """The database after a table got another name or schema."""

    def move(name: Name) -> Name:
        return new if name == old else name

    tables = tuple(
        replace(
            table,
            schema=move((table.schema, table.name))[0],
            name=move((table.schema, table.name))[1],
            partition_of=table.partition_of and move(table.partition_of),
            foreign_keys=tuple(_moved_key(each, move) for each in table.foreign_keys),
        )
        for table in database.tables
    )
    views = tuple(
        replace(each, definition=renamed(each.definition, {old[1]: new[1]}), reads=_moved_reads(each, old, new))
        for each in database.views
    )
    return replace(database, tables=tables, views=views)


def with_column_renamed(database: DatabaseSchema, table: Name, old: str, new: str) -> DatabaseSchema:
    """The database after a column of a table got another name."""
    names = {old: new}

    def change(each: Table) -> Table:
        owner = (each.schema, each.name)
        keys = tuple(_key_renamed(key, owner, table, names) for key in each.foreign_keys)
        changed = replace(each, foreign_keys=keys)
        return _table_renamed(changed, names) if owner == table else changed

    views = tuple(
        replace(each, definition=renamed(each.definition, names), reads=_renamed_reads(each, table, names))
        if table[1] in each.definition
        else each
        for each in database.views
    )
    return replace(database, tables=tuple(map(change, database.tables)), views=views)


def with_enum_renamed(database: DatabaseSchema, old: Name, new: Name) -> DatabaseSchema:
    """The database after an enum got another name or schema."""

    def change(kind: ColumnType) -> ColumnType:
        if kind.kind is TypeKind.ENUM and (kind.schema, kind.name) == old:
            return replace(kind, schema=new[0], name=new[1], written="")
        return kind

    enums = tuple(
        replace(each, schema=new[0], name=new[1]) if (each.schema, each.name) == old else each
        for each in database.enums
    )
    tables = tuple(
        _expressions(
            replace(each, columns=tuple(replace(column, type=change(column.type)) for column in each.columns)),
            lambda text: recast(text, old[1], new[1]),
        )
        for each in database.tables
    )
    views = tuple(replace(each, definition=recast(each.definition, old[1], new[1])) for each in database.views)
    return replace(database, enums=enums, tables=tables, views=views)


def with_label_renamed(database: DatabaseSchema, enum: Name, old: str, new: str) -> DatabaseSchema:
    """The database after a value of an enum got another name."""
    labels = {old: new}

    def default(column: Column) -> Column:
        ours = column.type.kind is TypeKind.ENUM and (column.type.schema, column.type.name) == enum
        if column.default is None or not ours:
            return column
        return replace(column, default=replace(column.default, sql=relabelled(column.default.sql, labels)))

    enums = tuple(
        replace(each, labels=tuple(labels.get(label, label) for label in each.labels))
        if (each.schema, each.name) == enum
        else each
        for each in database.enums
    )
    tables = tuple(
        _expressions(
            replace(each, columns=tuple(map(default, each.columns))), lambda text: relabelled(text, labels, enum[1])
        )
        for each in database.tables
    )
    views = tuple(replace(each, definition=relabelled(each.definition, labels, enum[1])) for each in database.views)
    return replace(database, enums=enums, tables=tables, views=views)


def with_sequence_renamed(database: DatabaseSchema, old: Name, new: Name) -> DatabaseSchema:
    """The database after a sequence that no column owns got another name or schema."""
    sequences = tuple(
        replace(each, schema=new[0], name=new[1]) if (each.schema, each.name) == old else each
        for each in database.sequences
    )
    return replace(database, sequences=sequences)


def _moved_reads(view: View, old: Name, new: Name) -> frozenset[tuple[str, str, str]] | None:
    if view.reads is None:
        return None
    return frozenset((*(new if each[:2] == old else each[:2]), each[2]) for each in view.reads)


def _renamed_reads(view: View, table: Name, names: Mapping[str, str]) -> frozenset[tuple[str, str, str]] | None:
    if view.reads is None:
        return None
    return frozenset((*each[:2], names.get(each[2], each[2]) if each[:2] == table else each[2]) for each in view.reads)


def _moved_key(key: ForeignKey, move: Callable[[Name], Name]) -> ForeignKey:
    schema, table = move((key.schema, key.table))
    return replace(key, schema=schema, table=table)


def _key_renamed(key: ForeignKey, owner: Name, table: Name, names: Mapping[str, str]) -> ForeignKey:
    columns = _names(key.columns, names) if owner == table else key.columns
    references = _names(key.references, names) if (key.schema, key.table) == table else key.references
    set_columns = _names(key.set_columns, names) if owner == table else key.set_columns
    return replace(key, columns=columns, references=references, set_columns=set_columns)


def _names(columns: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(each, each) for each in columns)


def _table_renamed(table: Table, names: Mapping[str, str]) -> Table:
    """A table after some of its columns got other names; its foreign keys are done already."""
    key = table.primary_key
    return _expressions(
        replace(
            table,
            columns=tuple(replace(each, name=names.get(each.name, each.name)) for each in table.columns),
            primary_key=key and replace(key, columns=_names(key.columns, names), included=_names(key.included, names)),
            indexes=tuple(_index_renamed(each, names) for each in table.indexes),
        ),
        lambda text: renamed(text, names),
    )


def _index_renamed(index: Index, names: Mapping[str, str]) -> Index:
    columns = tuple(replace(each, name=names.get(each.name, each.name)) for each in index.columns)
    return replace(index, columns=columns, included=_names(index.included, names))


def _expressions(table: Table, change: Callable[[str], str]) -> Table:
    """The table with every expression of it changed."""

    def column(each: Column) -> Column:
        default = each.default
        if default is not None and default.kind is DefaultKind.EXPRESSION:
            default = ColumnDefault(default.kind, change(default.sql), default.sequence)
        return replace(each, default=default, generated=change(each.generated))

    def key(each: IndexColumn) -> IndexColumn:
        return replace(each, expression=change(each.expression))

    def index(each: Index) -> Index:
        return replace(each, columns=tuple(map(key, each.columns)), where=change(each.where))

    def constraint(each: Constraint) -> Constraint:
        return replace(each, definition=change(each.definition))

    return replace(
        table,
        columns=tuple(map(column, table.columns)),
        indexes=tuple(map(index, table.indexes)),
        constraints=tuple(map(constraint, table.constraints)),
        partition_key=change(table.partition_key),
    )
