"""What a sample for a hypothetical index is about: its table, condition and columns as the source can read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.sampling import TableName


@dataclass(frozen=True, slots=True)
class Subject:
    """An index, spelled with schemas, so that no search path matters.

    Attributes:
        index: its oid in the twin.
        table: of the source.
        method: of the index.
        unique: whether its keys are.
        predicate: SQL; None when it holds all rows.
        columns: SQL of each.
        collations: SQL of each; None where it has none.
        keys: how many of the columns are no INCLUDE columns.
        numbers: of the table's columns; 0 for an expression.
        functions: signatures of those that it calls and that are not PostgreSQL's own.
    """

    index: int
    table: TableName
    method: str
    unique: bool
    predicate: str | None
    columns: tuple[str, ...]
    collations: tuple[str | None, ...]
    keys: int
    numbers: tuple[int, ...]
    functions: tuple[str, ...]

    @property
    def condition(self) -> str:
        """The predicate, or what is always true."""
        return self.predicate or "true"


def subjects_of(connection: Connection, indexes: Sequence[int]) -> list[Subject]:
    """Read them from the twin, outside of any transaction; in the order of the indexes' oids."""
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")
        rows = connection.execute(_sql("wanted").encode(), (list(indexes),)).fetchall()
        called: dict[int, list[str]] = {}
        for index, function in connection.execute(_sql("functions").encode(), (list(indexes),)):
            called.setdefault(index, []).append(function)
    return [_subject(row, called.get(row[0], ())) for row in rows]


def _subject(row: Sequence[Any], functions: Sequence[str]) -> Subject:
    index, schema, table, method, unique, predicate, columns, collations, keys, numbers = row
    return Subject(
        index,
        (schema, table),
        method,
        unique,
        predicate,
        tuple(columns),
        tuple(collations),
        keys,
        tuple(numbers),
        tuple(functions),
    )


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "sample.sql", name)
