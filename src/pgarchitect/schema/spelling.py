"""Expressions as one server spells them, so that two schemas can be compared as texts.

``lower(name)`` of a schema.prisma is ``lower((name)::text)`` in a catalog. What holds expressions is created in a
scratch place of a shadow database, read back, and rolled back; nothing stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import psycopg

from pgarchitect.errors import SchemaInvalid
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.database_schema import (
    Column,
    DatabaseSchema,
    Index,
    Table,
    View,
)
from pgarchitect.schema.ddl.columns import column_definition
from pgarchitect.schema.ddl.enums import create_enum
from pgarchitect.schema.ddl.indexes import create_index
from pgarchitect.schema.ddl.namespaces import create_extension
from pgarchitect.schema.ddl.quoting import qualified, quote
from pgarchitect.schema.ddl.sequences import create_sequence
from pgarchitect.schema.ddl.tables import constraint_clause, create_table
from pgarchitect.schema.ddl.views import create_view
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.spelled_defaults import Key, ScratchDefault, owned_numbers, scratch_defaults, spelled_column

_ASIDE: Final = "pgarchitect_aside"


_UNKNOWN: Final = (
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFile,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedObject,
    psycopg.errors.UndefinedTable,
)
"""What a shadow database says of functions, types and extensions that only the real one has."""


def spelled(database: DatabaseSchema, connection: Connection, *, lenient: bool = False) -> DatabaseSchema:
    """The schema with its expressions as the server of a shadow database spells them.

    Defaults, conditions and keys of indexes, checks, generated columns and views. Texts that are the same already stay.

    Args:
        database: any schema.
        connection: to a shadow database, as a role that may create schemas there; what it holds is put aside and back.
        lenient: what names a function, type or extension that is not there stays as it is written: no migration has
            made those, so that only the live database can know them.

    Raises:
        SchemaInvalid: the server refuses an expression; the sentence names it.
    """
    tables = database.tables if database.views else tuple(filter(_is_unclear, database.tables))
    home = database.schemas[0]
    defaults = scratch_defaults(database, home)
    if not tables and not defaults:
        return database
    with _scratch(database, connection):
        statements = (*_foundations(database, home), *_defaults(defaults, home), *_objects(database, tables, home))
        _run(connection, statements, lenient=lenient)
        found = read_database_schema(connection, database.schemas)
    return replace(
        database,
        tables=tuple(
            _with_defaults(_as_found(each, found.table(each.schema, each.name)), defaults, found)
            for each in database.tables
        ),
        views=tuple(_view_as_found(each, found.views) for each in database.views),
    )


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL, and what it is about: a subject of a sentence."""

    subject: str
    sql: str


@contextmanager
def _scratch(database: DatabaseSchema, connection: Connection) -> Iterator[None]:
    """Empty schemas under the names that the database wants, and what was there within reach behind them."""
    with connection.transaction(force_rollback=True):
        there = {
            name
            for (name,) in connection.execute(
                "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname = ANY(%s)", [list(database.schemas)]
            )
        }
        path = [database.schemas[0]]
        for number, name in enumerate(database.schemas):
            if name in there:
                path.append(f"{_ASIDE}_{number}")
                connection.execute(f"ALTER SCHEMA {quote(name)} RENAME TO {quote(path[-1])}".encode())
            connection.execute(f"CREATE SCHEMA {quote(name)}".encode())
        connection.execute(f"SET LOCAL search_path = {', '.join(map(quote, path))}".encode())
        yield


def _run(connection: Connection, statements: Sequence[_Statement], *, lenient: bool) -> None:
    """Run all at once; if one of them fails, run them one by one to see which."""
    try:
        with connection.transaction():
            connection.execute("\n".join(each.sql for each in statements).encode())
    except psycopg.Error:
        for each in statements:
            _run_one(connection, each, lenient=lenient)


def _run_one(connection: Connection, statement: _Statement, *, lenient: bool) -> None:
    try:
        with connection.transaction():
            connection.execute(statement.sql.encode())
    except psycopg.Error as error:
        if lenient and isinstance(error, _UNKNOWN):
            return
        reason = error.diag.message_primary or str(error)
        raise SchemaInvalid(f"PostgreSQL refuses {statement.subject}: {reason}. Put it right in the schema.") from error


def _foundations(database: DatabaseSchema, home: str) -> Iterator[_Statement]:
    for extension in database.extensions:
        # Of any version and wherever it lies already: only its types and functions are needed.
        yield _Statement(f"the extension {quote(extension.name)}", create_extension(replace(extension, version="")))
    for enum in database.enums:
        yield _Statement(f"the enum {qualified(enum.schema, enum.name, home)}", create_enum(enum, home))
    # A default may take its numbers from the sequence of another column.
    for sequence in (*database.sequences, *owned_numbers(database)):
        name = qualified(sequence.schema, sequence.name, home)
        yield _Statement(f"the sequence {name}", create_sequence(sequence, home))


def _defaults(defaults: Mapping[Key, tuple[ScratchDefault, str]], home: str) -> Iterator[_Statement]:
    for name in dict.fromkeys(place.table for place, _ in defaults.values()):
        yield _Statement(f"the table {quote(name)}", f"CREATE TABLE {quote(name)} ();")
    for key, (place, sql) in defaults.items():
        yield _Statement(place.subject, place.statement(key, sql, home))


def _objects(database: DatabaseSchema, tables: Sequence[Table], home: str) -> Iterator[_Statement]:
    for table in tables:
        name = qualified(table.schema, table.name, home)
        yield _Statement(f"the table {name}", create_table(_bare(table), home))
        yield from _expressions(table, name, home)
        for index in filter(_has_expression, table.indexes):
            sql = create_index(table.schema, table.name, index, home)
            yield _Statement(f"the index {quote(index.name)} of {name}, `{sql}`", sql)
    for view in database.views:
        yield _Statement(f"the view {qualified(view.schema, view.name, home)}", create_view(view, home))


def _expressions(table: Table, name: str, home: str) -> Iterator[_Statement]:
    alter = f"ALTER TABLE {name}"
    for column in table.columns:
        if column.generated:
            words = f"the expression `{column.generated}` of the column {quote(column.name)} of {name}"
            yield _Statement(words, f"{alter} ADD COLUMN {column_definition(column, home)};")
    for constraint in table.constraints:
        words = f"the constraint {quote(constraint.name)} of {name}, `{constraint.definition}`"
        yield _Statement(words, f"{alter} ADD {constraint_clause(constraint)};")


def _bare(table: Table) -> Table:
    """The table without expressions and keys; a partition as a table of its own."""
    columns = tuple(replace(each, default=None, identity=None) for each in table.columns if not each.generated)
    return replace(
        table, columns=columns, primary_key=None, constraints=(), partition_of=None, partition_bound="", foreign_keys=()
    )


def _is_unclear(table: Table) -> bool:
    return (
        bool(table.constraints or table.partition_key)
        or any(each.generated for each in table.columns)
        or any(map(_has_expression, table.indexes))
    )


def _has_expression(index: Index) -> bool:
    return bool(index.where) or any(each.expression for each in index.columns)


def _as_found(table: Table, found: Table | None) -> Table:
    if found is None:
        return table
    columns = tuple(_column_as_found(each, found.column(each.name)) for each in table.columns)
    indexes = {each.name: each for each in found.indexes}
    definitions = {each.name: each.definition for each in found.constraints}
    return replace(
        table,
        columns=columns,
        indexes=tuple(_index_as_found(each, indexes.get(each.name)) for each in table.indexes),
        constraints=tuple(
            replace(each, definition=definitions.get(each.name, each.definition)) for each in table.constraints
        ),
        partition_key=found.partition_key,
    )


def _column_as_found(column: Column, found: Column | None) -> Column:
    if found is None:
        return column
    return replace(column, generated=found.generated)


def _with_defaults(table: Table, defaults: Mapping[Key, tuple[ScratchDefault, str]], found: DatabaseSchema) -> Table:
    if table.partition_bound:
        return table
    columns = (replace(each, default=spelled_column(each, defaults, found)) for each in table.columns)
    return replace(table, columns=tuple(columns))


def _index_as_found(index: Index, found: Index | None) -> Index:
    if found is None:
        return index
    keys = zip(index.columns, found.columns, strict=True)
    columns = tuple(
        replace(each, expression=other.expression, collation=other.collation) if each.expression else each
        for each, other in keys
    )
    return replace(index, columns=columns, where=found.where)


def _view_as_found(view: View, found: Sequence[View]) -> View:
    other = next((each for each in found if (each.schema, each.name) == (view.schema, view.name)), None)
    return view if other is None else replace(view, definition=other.definition, columns=other.columns)
