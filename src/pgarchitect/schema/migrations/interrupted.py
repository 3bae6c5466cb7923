"""A statement outside a transaction that may or may not have run: the catalog says which, and what to do.

CREATE INDEX CONCURRENTLY that is killed leaves an index that is not valid and costs every write; it is dropped and
built anew. One that was finished is left as it is.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Final

from psycopg import sql

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.schema.safety.reading.create_index import CreateIndex
from pgarchitect.schema.safety.reading.forms import DropObjects, read_form
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import Statement


class Progress(Enum):
    """How far an interrupted statement has come."""

    DONE = auto()
    TO_DO = auto()
    """Not at all, or it does no harm to run it again."""
    UNKNOWN = auto()


_REPEATABLE: Final = ("VACUUM", "REINDEX", "CLUSTER", "ALTER")


def progress_of(statement: Statement, connection: Connection) -> Progress:
    """How far an interrupted statement has come; what it has left half done is cleared away."""
    form = read_form(statement)
    if isinstance(form, CreateIndex):
        return _index(form, connection)
    if isinstance(form, DropObjects):
        return _dropped(form, connection)
    for words, ask in _ASKED.items():
        if statement.begins(*words.split()):
            return ask(statement, connection)
    return Progress.TO_DO if any(map(statement.begins, _REPEATABLE)) else Progress.UNKNOWN


def clear_invalid(statement: Statement, connection: Connection) -> str:
    """Drop the index that an earlier attempt of CREATE INDEX CONCURRENTLY has left; its name, empty without one."""
    form = read_form(statement)
    if not isinstance(form, CreateIndex) or not form.concurrently or not form.name:
        return ""
    row = _row(connection, "index", table=form.table.sql, name=form.name)
    if row is None or row[0]:
        return ""
    connection.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS " + row[1]))
    return str(row[1])


def _index(form: CreateIndex, connection: Connection) -> Progress:
    if not form.name:
        return Progress.UNKNOWN
    row = _row(connection, "index", table=form.table.sql, name=form.name)
    return Progress.DONE if row is not None and row[0] else Progress.TO_DO


def _dropped(form: DropObjects, connection: Connection) -> Progress:
    question = "database" if form.kind == "DATABASE" else "relation"
    there = [_is(connection, question, each.name if form.kind == "DATABASE" else each.sql) for each in form.names]
    return Progress.TO_DO if any(there) else Progress.DONE


def _reindex(statement: Statement, connection: Connection) -> Progress:
    reader = Reader(statement, 1)
    reader.group()
    kind = reader.take_any("INDEX", "TABLE")
    reader.take("CONCURRENTLY")
    name = reader.name()
    if kind and name is not None:
        rows = connection.execute(named(__package__, "interrupted.sql", "half_rebuilt"), {"name": name.sql}).fetchall()
        for (leftover,) in rows:
            connection.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS " + leftover))
    return Progress.TO_DO


def _detached(statement: Statement, connection: Connection) -> Progress:
    reader = Reader(statement, 2)
    reader.if_exists()
    table = reader.name()
    place = reader.find("DETACH", "PARTITION")
    partition = Reader(statement, place + 2).name() if place is not None else None
    if table is None or partition is None:
        return Progress.UNKNOWN
    row = _row(connection, "partition", table=table.sql, partition=partition.sql)
    if row is None:
        return Progress.DONE
    if not row[0]:
        return Progress.TO_DO
    connection.execute(sql.SQL(f"ALTER TABLE {table.sql} DETACH PARTITION {partition.sql} FINALIZE"))
    return Progress.DONE


def _created_database(statement: Statement, connection: Connection) -> Progress:
    name = Reader(statement, 2).name() or Name("", "")
    return Progress.DONE if _is(connection, "database", name.name) else Progress.TO_DO


_ASKED: Final[dict[str, Callable[[Statement, Connection], Progress]]] = {
    "REINDEX": _reindex,
    "ALTER TABLE": _detached,
    "CREATE DATABASE": _created_database,
}


def _is(connection: Connection, question: str, name: str) -> bool:
    row = _row(connection, question, name=name)
    return bool(row and row[0])


def _row(connection: Connection, question: str, **values: str) -> tuple[Any, ...] | None:
    return connection.execute(named(__package__, "interrupted.sql", question), values).fetchone()
