"""What a live database tells about its tables: sizes, columns, checks, partitions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.schema.safety.reading.names import Name

SMALL_ROWS: Final = 10_000
"""A table with fewer rows, and smaller than SMALL_BYTES, is read or rewritten in milliseconds."""
SMALL_BYTES: Final = 1_048_576
"""Bytes of a table's main fork; see SMALL_ROWS."""
_PACKAGE: Final = "pgarchitect.schema.safety"

Key = tuple[str, str]
"""Schema and name."""


@dataclass(frozen=True, slots=True)
class TableFact:
    """A table as the database has it.

    Attributes:
        name: with its schema.
        rows: as the last ANALYZE or VACUUM counted; negative where none has.
        bytes: of its main fork; of a partitioned table, those of all partitions.
        partitioned: it has partitions, or may have.
        key: columns of its partition key.
        method: RANGE, LIST or HASH of a partitioned table; else empty.
        default_partition: None without one.
        partitions: names of its direct ones.
        columns: name → (type as ``format_type`` has it, whether it is NOT NULL).
        checks: name of a check constraint → (its definition, whether it is validated).
    """

    name: Name
    rows: float = -1
    bytes: int = 0
    partitioned: bool = False
    key: tuple[str, ...] = ()
    method: str = ""
    default_partition: Name | None = None
    partitions: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    checks: Mapping[str, tuple[str, bool]] = field(default_factory=dict)

    @property
    def small(self) -> bool:
        """Whether no lock on it lasts long enough to hurt."""
        return self.rows < SMALL_ROWS and self.bytes < SMALL_BYTES


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What is known of a database.

    Attributes:
        server_version: as libpq gives it: 180000.
        tables: by schema and name.
        indexes: an index's schema and name → its table.
        functions: name → v, s or i: the most volatile of that name.
        applied: names of the migrations that ran to their end.
    """

    server_version: int
    tables: Mapping[Key, TableFact]
    indexes: Mapping[Key, Name] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    applied: frozenset[str] = frozenset()


def read_facts(connection: Connection) -> TableFacts:
    """Ask the database; reads catalogs only."""
    columns: dict[Key, dict[str, tuple[str, bool]]] = {}
    for schema, table, column, kind, not_null in _rows(connection, "columns"):
        columns.setdefault((schema, table), {})[column] = (kind, not_null)
    checks: dict[Key, dict[str, tuple[str, bool]]] = {}
    for schema, table, name, definition, valid in _rows(connection, "checks"):
        checks.setdefault((schema, table), {})[name] = (definition, valid)
    tables = {
        (row[0], row[1]): _table(row, columns.get((row[0], row[1]), {}), checks.get((row[0], row[1]), {}))
        for row in _rows(connection, "tables")
    }
    return TableFacts(
        server_version=connection.info.server_version,
        tables=tables,
        indexes={(row[0], row[1]): Name(row[2], row[3]) for row in _rows(connection, "indexes")},
        functions=dict(_rows(connection, "functions")),
        applied=_applied(connection),
    )


def _table(
    row: tuple[Any, ...], columns: Mapping[str, tuple[str, bool]], checks: Mapping[str, tuple[str, bool]]
) -> TableFact:
    schema, name, partitioned, rows, size, key, method, default_schema, default, partitions = row
    return TableFact(
        name=Name(schema, name),
        rows=-1 if rows is None else rows,
        bytes=size or 0,
        partitioned=partitioned,
        key=tuple(key),
        method=method,
        default_partition=Name(default_schema, default) if default else None,
        partitions=tuple(partitions),
        columns=columns,
        checks=checks,
    )


def _applied(connection: Connection) -> frozenset[str]:
    if not _rows(connection, "history")[0][0]:
        return frozenset()
    return frozenset(row[0] for row in _rows(connection, "applied"))


def _rows(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    return connection.execute(named(_PACKAGE, "facts.sql", name).encode()).fetchall()
