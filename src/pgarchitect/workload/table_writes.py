"""How much is written to each table: what every index on it has to follow."""

from collections.abc import Mapping
from dataclasses import dataclass

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named

TableName = tuple[str, str]
"""Schema and name."""


@dataclass(frozen=True, slots=True)
class Writes:
    """Rows written to one table.

    Attributes:
        inserted: rows.
        updated: rows, HOT updates included.
        hot: rows whose update touched no index (heap-only tuples).
    """

    inserted: float = 0.0
    updated: float = 0.0
    hot: float = 0.0

    def times(self, factor: float) -> "Writes":
        """As many in a longer or shorter time."""
        return Writes(self.inserted * factor, self.updated * factor, self.hot * factor)


@dataclass(frozen=True, slots=True)
class TableWrites:
    """What was written since the counters of the database were reset.

    Attributes:
        tables: by name; partitions are counted at the root of their tree.
        seconds: for how long was counted; a server that was never reset counts from its start at least.
    """

    tables: Mapping[TableName, Writes]
    seconds: float

    def within(self, seconds: float) -> Mapping[TableName, Writes]:
        """What is written in another span of time, at the same pace."""
        factor = seconds / self.seconds if self.seconds > 0 else 0.0
        return {name: each.times(factor) for name, each in self.tables.items()}


def read_table_writes(connection: Connection) -> TableWrites:
    """Read the counters of the current database."""
    rows = connection.execute(_sql("writes").encode()).fetchall()
    seconds = connection.execute(_sql("counting_seconds").encode()).fetchone()
    found = {(row[0], row[1]): Writes(float(row[2] or 0), float(row[3] or 0), float(row[4] or 0)) for row in rows}
    return TableWrites(found, float(seconds[0]) if seconds else 0.0)


def _sql(name: str) -> str:
    return named("pgarchitect.workload", "table_writes.sql", name)
