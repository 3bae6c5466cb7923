"""Statistics that a dump does not carry: those of tables with row security, extended ones, the indexes' ages."""

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.column_statistics import ColumnStatistics, read_column_statistics, write_column_statistics
from pgarchitect.twin.extended_statistics import (
    ExtendedSource,
    read_extended_statistics,
    write_extended_statistics,
)
from pgarchitect.twin.index_order import IndexName
from pgarchitect.twin.scope import quoted, spelled

_REFUSED: Final = (
    "The twin's server does not take the statistics of {name}, and guesses there; where the type or an operator comes"
    " from an extension that it lacks, install that extension for it."
)


@dataclass(frozen=True, slots=True)
class SourceStatistics:
    """What was read from the source's catalogs of statistics.

    Attributes:
        columns: statistics of columns.
        extended: those of ``CREATE STATISTICS``.
        index_order: all indexes, oldest first.
        unread: schema and name of tables whose statistics this role may not read: the twin guesses there.
        role: that read them.
    """

    columns: tuple[ColumnStatistics, ...]
    extended: ExtendedSource
    index_order: tuple[IndexName, ...]
    unread: tuple[tuple[str, str], ...]
    role: str

    def warnings(self, tables: Container[tuple[str, str]], refused: Sequence[str]) -> tuple[str, ...]:
        """What is not known of ``tables`` for want of statistics, and of what ``refused`` theirs, a sentence each."""
        hidden = (
            f"The statistics of {spelled(*table)} are hidden from the role {quoted(self.role)} by row security, and the"
            f" twin guesses there; run GRANT pg_read_all_data TO {quoted(self.role)}."
            for table in self.unread
            if table in tables
        )
        return *hidden, *(_REFUSED.format(name=name) for name in refused)


def read_statistics(connection: Connection, *, everything: bool = False) -> SourceStatistics:
    """Read them; nothing is written, and no table is touched.

    Args:
        connection: to the source.
        everything: all columns, for a twin that takes none from its dump; otherwise tables with row security only.
    """
    role = connection.info.user
    with _qualified(connection):
        order = tuple((row[0], row[1], row[2]) for row in connection.execute(_sql("index_order").encode()))
        allowed = connection.execute(_sql("may_read").encode()).fetchone()
        if allowed != (True,):
            hidden = connection.execute(_sql("hidden").encode()).fetchall()
            return SourceStatistics((), ExtendedSource(), order, tuple((row[0], row[1]) for row in hidden), role)
        columns = read_column_statistics(connection, everything=everything)
        return SourceStatistics(columns, read_extended_statistics(connection), order, (), role)


def write_statistics(connection: Connection, found: SourceStatistics) -> tuple[str, ...]:
    """Write them to the twin; names of columns and objects that are there and do not take theirs are returned."""
    with _qualified(connection):
        lost = write_column_statistics(connection, found.columns)
        return lost + write_extended_statistics(connection, found.extended)


@contextmanager
def _qualified(connection: Connection) -> Iterator[None]:
    """Names are spelled with their schemas inside, whatever the search path is."""
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")
        yield


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "statistics.sql", name)
