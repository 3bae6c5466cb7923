"""The twin's catalog at one moment, by oid: what a migration changes is told by two of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.column_statistics import Distribution
from pgarchitect.twin.extended_statistics import ExtendedSource, read_extended_statistics

HEAPS: Final = frozenset({"r", "m"})
"""Kinds of relations that hold rows."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, partitioned table, materialised view or index.

    Attributes:
        kind: as in ``pg_class``.
        file: below the data directory; None for what holds nothing itself.
        length: pages of the file.
        pages: what the planner is told, with ``rows`` and ``visible`` pages.
        table: of an index: its table's oid.
        definition: of an index: its CREATE INDEX.
        valid: of an index: whether the planner may use it.
        spelled: as SQL names it.
    """

    oid: int
    schema: str
    name: str
    kind: str
    file: str | None
    length: int
    pages: int
    rows: float
    visible: int
    table: int | None
    definition: str | None
    valid: bool
    spelled: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``type`` is its oid; ``typed`` spells it with its length, ``bare`` without."""

    relation: int
    number: int
    name: str
    type: int
    modifier: int
    typed: str
    bare: str
    not_null: bool
    length: int
    alignment: str
    filled: bool
    has_default: bool
    identity: str
    generated: str
    default: str | None


Place = tuple[int, int]
"""A column: oid of its relation, and its number."""


@dataclass(frozen=True, slots=True)
class CatalogState:
    """What the catalog holds.

    Attributes:
        relations: by oid.
        columns: by relation and number.
        statistics: by relation, number, and whether they count inheriting tables.
        extended: statistics of CREATE STATISTICS.
    """

    relations: Mapping[int, Relation]
    columns: Mapping[Place, Column]
    statistics: Mapping[tuple[int, int, bool], Distribution]
    extended: ExtendedSource

    def columns_of(self, relation: int) -> list[Column]:
        """Columns of a relation, in their order."""
        return [column for column in self.columns.values() if column.relation == relation]


def read_state(connection: Connection, *, statistics: bool) -> CatalogState:
    """Read the twin's catalog; ``statistics``: with what it knows of the values."""
    relations = {row[0]: Relation(*row) for row in _rows(connection, "relations")}
    columns = {(row[0], row[1]): Column(*row) for row in _rows(connection, "columns")}
    found: dict[tuple[int, int, bool], Distribution] = {}
    extended = ExtendedSource()
    if statistics:
        with connection.transaction():
            connection.execute("SET LOCAL search_path = ''")  # operators are spelled with their schemas
            found = {(row[0], row[1], row[2]): Distribution.of(row[3:]) for row in _rows(connection, "statistics")}
            extended = read_extended_statistics(connection)
    return CatalogState(relations, columns, found, extended)


def _rows(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    return connection.execute(named("pgarchitect.twin", "migration.sql", name).encode()).fetchall()
