"""A database in which schemas are created, changed and read back, with a row in every table that takes one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.schema.database_schema import Column, DatabaseSchema, Table, TypeKind
from pgarchitect.schema.ddl.quoting import literal, qualified, quote, quoted_list
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.difference import Rename, RenameKind, Step, difference
from pgarchitect.schema.difference.equality import same_expression, same_type
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.spelling import spelled
from tests.random_databases import SCHEMAS

VALUES = {
    "bool": "true",
    "date": "2024-02-29",
    "time": "12:34:56.789",
    "timestamp": "2024-02-29 12:34:56.789",
    "timestamptz": "2024-02-29 12:34:56.789+00",
    "json": '{"a": 1}',
    "jsonb": '{"a": 1}',
    "uuid": "00000000-0000-4000-8000-000000000001",
    "bytea": "\\x01ff",
    "inet": "10.0.0.1",
    "bit": "101",
    "varbit": "101",
    "xml": "<a/>",
    "interval": "1 day",
    "tsvector": "a b",
}
"""Type → a value; of all others it is 1."""
Rows = dict[tuple[str, str], dict[str, str | None]]
"""Table → column → the value of its one row as text."""


@dataclass(frozen=True, slots=True)
class SchemaLab:
    """A database of a test's own."""

    connection: Connection

    @property
    def version(self) -> int:
        """Of the server, as libpq gives it."""
        return self.connection.info.server_version

    def run(self, script: str) -> None:
        """Run a script as one query, as a migration is."""
        try:
            self.connection.execute(script.encode())
        except psycopg.Error:
            with suppress(psycopg.Error):
                self.connection.rollback()
            raise

    def create(self, database: DatabaseSchema) -> None:
        """Make the database this one, whatever it was."""
        self.run(
            "SET client_min_messages = warning; SET synchronous_commit = off;"
            + "".join(f"DROP SCHEMA IF EXISTS {each} CASCADE;" for each in SCHEMAS)
            + "CREATE SCHEMA public;"
        )
        self.run(create_script(database))

    def read(self) -> DatabaseSchema:
        """What the database is."""
        return read_database_schema(self.connection, SCHEMAS)

    def spelled(self, database: DatabaseSchema) -> DatabaseSchema:
        """A schema as the server spells it."""
        return spelled(database, self.connection)

    def fill(self, database: DatabaseSchema) -> None:
        """A row in every table; all of the same values, so that foreign keys find what they refer to."""
        self.run("SET session_replication_role = replica")
        for table in database.tables:
            if not table.partition_of:
                with suppress(psycopg.Error):
                    self.run(_insert(table, database))
        self.run("SET session_replication_role = origin")

    def rows(self, database: DatabaseSchema) -> Rows:
        """The rows; of tables that have one."""
        return dict(self._rows(database))

    def _rows(self, database: DatabaseSchema) -> Iterator[tuple[tuple[str, str], dict[str, str | None]]]:
        for table in database.tables:
            columns = ", ".join(f"{quote(each.name)}::text" for each in table.columns)
            name = qualified(table.schema, table.name)
            found = self.connection.execute(f"SELECT {columns} FROM {name}".encode()).fetchone()
            if found is not None:
                yield (table.schema, table.name), dict(zip((each.name for each in table.columns), found, strict=True))


@contextmanager
def schema_lab(url: str) -> Iterator[SchemaLab]:
    """The lab in a database that is empty but for extensions."""
    with connect(url, read_only=False) as connection:
        connection.execute("DROP EXTENSION IF EXISTS pg_stat_statements")
        yield SchemaLab(connection)


def between(one: DatabaseSchema, other: DatabaseSchema) -> tuple[Step, ...]:
    """All steps there and back: none if the two are equal."""
    return (*difference(one, other), *difference(other, one))


def survivors(
    before: DatabaseSchema, after: DatabaseSchema, rows: Rows, renames: tuple[Rename, ...]
) -> Iterator[tuple[tuple[str, str], str, str | None]]:
    """What must be there afterwards: table, column and value of every column that keeps its type."""
    tables = {each.old: each.new for each in renames if each.kind is RenameKind.TABLE}
    columns = {each.old: each.new[-1] for each in renames if each.kind is RenameKind.COLUMN}
    for (schema, name), row in rows.items():
        old = before.table(schema, name)
        new = after.table(*_pair(tables.get((schema, name), (schema, name))))
        taken = (schema, name) not in tables and (schema, name) in tables.values()
        if old is None or new is None or taken or not same_expression(old.partition_key, new.partition_key):
            continue
        for column in old.columns:
            target = new.column(columns.get((schema, name, column.name), column.name))
            if target is not None and _stays(column, target, renames) and not old.partition_of:
                yield (new.schema, new.name), target.name, row[column.name]


def _pair(path: tuple[str, ...]) -> tuple[str, str]:
    schema, name = path
    return schema, name


def _stays(old: Column, new: Column, renames: tuple[Rename, ...]) -> bool:
    renamed = any(each.kind in {RenameKind.ENUM, RenameKind.ENUM_VALUE} for each in renames)
    if old.generated or new.generated or (renamed and old.type.kind is TypeKind.ENUM):
        return False
    return same_type(old.type, new.type)


def _insert(table: Table, database: DatabaseSchema) -> str:
    columns = [each for each in table.columns if not each.generated]
    labels: Mapping[tuple[str, str], tuple[str, ...]] = {
        (each.schema, each.name): each.labels for each in database.enums
    }
    values = ", ".join(_value(each, labels) for each in columns)
    names = quoted_list(each.name for each in columns)
    return f"INSERT INTO {qualified(table.schema, table.name)} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})"


def _value(column: Column, labels: Mapping[tuple[str, str], tuple[str, ...]]) -> str:
    known = labels.get((column.type.schema, column.type.name))
    text = literal(known[-1] if known else VALUES.get(column.type.name, "1"))
    return f"ARRAY[{text}]::{type_sql(column.type)}" if column.type.array else f"{text}::{type_sql(column.type)}"
