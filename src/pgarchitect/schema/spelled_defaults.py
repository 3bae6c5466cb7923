"""Defaults as a server spells them: each once, however many columns have it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from pgarchitect.schema.database_schema import (
    Column,
    ColumnDefault,
    ColumnType,
    DatabaseSchema,
    DefaultKind,
    Sequence,
    Table,
    TypeKind,
)
from pgarchitect.schema.ddl.columns import default_sql
from pgarchitect.schema.ddl.quoting import qualified, quote
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.defaults import default_of

_CLEAR: Final = frozenset({"text", "varchar", "bool", "int2", "int4", "int8"})
"""Types whose constants a server spells as they are written."""
_TABLE: Final = "pgarchitect_defaults"
_MOST: Final = 1000
"""Columns of a table, of 1600 that PostgreSQL can have: https://www.postgresql.org/docs/current/limits.html"""

Key = tuple[ColumnType, str]
"""A type and the default of a column of that type."""


@dataclass(frozen=True, slots=True)
class ScratchDefault:
    """Where a default is tried: table and column, and the words for the first column that has it."""

    table: str
    column: str
    subject: str

    def statement(self, key: Key, sql: str, home: str) -> str:
        """SQL that makes the column; without rewriting the table for a default that is computed."""
        column = quote(self.column)
        return (
            f"ALTER TABLE {quote(self.table)} ADD COLUMN {column} {type_sql(key[0], home)};"
            f"ALTER TABLE {quote(self.table)} ALTER COLUMN {column} SET DEFAULT {sql};"
        )


def scratch_defaults(database: DatabaseSchema, home: str) -> dict[Key, tuple[ScratchDefault, str]]:
    """Each default that has to be spelled: its place, and the SQL behind DEFAULT."""
    numbers = count()
    found: dict[Key, tuple[ScratchDefault, str]] = {}
    for table, column in unclear_columns(database):
        if column.default is not None and (key := (column.type, column.default.sql)) not in found:
            number = next(numbers)
            sql = default_sql(column, column.default, home)
            owner = qualified(table.schema, table.name, home)
            subject = f"the default `{sql}` of the column {quote(column.name)} of {owner}"
            found[key] = (ScratchDefault(f"{_TABLE}_{number // _MOST}", f"c{number}", subject), sql)
    return found


def unclear_columns(database: DatabaseSchema) -> Iterator[tuple[Table, Column]]:
    """Columns with defaults that a server may spell otherwise; a partition has its parent's."""
    for table in database.tables:
        if not table.partition_bound:
            yield from ((table, each) for each in table.columns if is_unclear(each))


def is_unclear(column: Column) -> bool:
    """Whether a server may spell the column's default otherwise."""
    if column.default is None or column.default.kind in {DefaultKind.NOW, DefaultKind.SEQUENCE}:
        return False
    clear = column.type.kind is TypeKind.ENUM or column.type.name in _CLEAR
    return not clear or column.default.kind is DefaultKind.EXPRESSION


def owned_numbers(database: DatabaseSchema) -> Iterator[Sequence]:
    """Sequences of columns from which another column's default takes its numbers."""
    texts = [
        each.default.sql for _, each in unclear_columns(database) if each.default and "nextval" in each.default.sql
    ]
    for table in database.tables if texts else ():
        for column in table.columns:
            name = column.default.sequence if column.default else ""
            if name and not table.partition_bound and any(name in each for each in texts):
                yield Sequence(table.schema, name)


def spelled_column(
    column: Column, places: Mapping[Key, tuple[ScratchDefault, str]], found: DatabaseSchema
) -> ColumnDefault | None:
    """A column's default as the server has spelled it."""
    if column.default is None or not is_unclear(column) or (column.type, column.default.sql) not in places:
        return column.default
    place, _ = places[column.type, column.default.sql]
    table = found.table(found.schemas[0], place.table)
    other = table.column(place.column) if table else None
    # One that was not made is taken as a server has printed it, for it may have been pulled.
    return other.default if other else default_of(column.default.sql, column.type.name, None)
