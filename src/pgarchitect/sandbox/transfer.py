"""Rows on their way from the source to the sandbox: as COPY writes text, a piece at a time, never a table in memory.

Text, not binary: binary COPY took 5 to 15 % less time with the orders of TPC-H, but its arrays and composite values
name types by oids, which differ between servers, and some types have no binary form.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from psycopg.abc import Buffer
from psycopg.rows import TupleRow

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.marker import marked
from pgarchitect.sandbox.tables import Table
from pgarchitect.twin.scope import quoted

_PIECE: Final = 1 << 16
"""Bytes that are sent at once: COPY comes row by row."""
_ESCAPED: Final = ((b"\\", rb"\\"), (b"\t", rb"\t"), (b"\n", rb"\n"), (b"\r", rb"\r"))

Heard = Callable[[int], None]
"""Told of the bytes that were sent."""


class SourceRefused(Exception):
    """The source refused to send rows; its error is the cause."""


def copy_rows(source: Connection, target: Connection, table: Table, query: str | None, heard: Heard) -> int:
    """Fill an empty table of the sandbox.

    Its rows are frozen as they arrive, and at ``wal_level`` minimal not logged: VACUUM has nothing left to do.

    Args:
        source: inside its transaction, which goes on whatever happens here.
        target: to the sandbox.
        table: that holds rows, not a partitioned one.
        query: for some of its rows; None: all.
        heard: told of the bytes.

    Returns:
        How many rows came.

    Raises:
        SourceRefused: the source refuses.
        psycopg.Error: the sandbox refuses.
    """
    columns = _listed(table.columns)
    what = f"({query})" if query is not None else f"{table.spelled}{columns}"
    with _raw(source, target), target.transaction(), target.cursor() as cursor:
        target.execute(f"TRUNCATE ONLY {table.spelled}".encode())
        with cursor.copy(_marked(f"COPY {table.spelled}{columns} FROM STDIN (FREEZE)")) as into:
            for piece in _pieces(source, f"COPY {what} TO STDOUT"):
                into.write(piece)
                heard(len(piece))
        return _taken(cursor)


def add_rows(source: Connection, target: Connection, table: Table, query: str, keys: Sequence[str]) -> int:
    """Add rows that the source answers a query with, which takes arrays as parameters.

    A query, not COPY: COPY takes no parameters, so the keys would stand in its text, and pg_stat_statements of the
    source would keep every one of these texts.

    Raises:
        SourceRefused: the source refuses.
        psycopg.Error: the sandbox refuses.
    """
    try:
        with _apart(source):
            rows = _rows(source.execute(query.encode(), list(keys), prepare=False))
    except psycopg.Error as error:
        raise SourceRefused from error
    with target.cursor() as cursor:
        with cursor.copy(_marked(f"COPY {table.spelled}{_listed(table.columns)} FROM STDIN")) as into:
            for row in rows:
                into.write(b"\t".join(map(_escaped, row)) + b"\n")
        return _taken(cursor)


def _taken(cursor: psycopg.Cursor[TupleRow]) -> int:
    """How many rows a COPY took; ``rowcount`` does not tell it."""
    return (cursor.pgresult.command_tuples or 0) if cursor.pgresult is not None else 0


def _rows(cursor: psycopg.Cursor[TupleRow]) -> list[list[bytes | None]]:
    """The values of an answer as the server wrote them."""
    answer = cursor.pgresult
    if answer is None:
        return []
    return [[answer.get_value(row, field) for field in range(answer.nfields)] for row in range(answer.ntuples)]


def _pieces(source: Connection, statement: str) -> Iterator[bytes]:
    rows: list[Buffer] = []
    size = 0
    try:
        with _apart(source), source.cursor() as cursor, cursor.copy(_marked(statement)) as out:
            for row in out:
                rows.append(row)
                size += len(row)
                if size >= _PIECE:
                    yield b"".join(rows)
                    rows.clear()
                    size = 0
    except psycopg.Error as error:
        raise SourceRefused from error
    yield b"".join(rows)


@contextmanager
def _apart(source: Connection) -> Iterator[None]:
    """A transaction inside the one that reads, which outlives what fails in this one; its statements are marked."""
    source.execute("SAVEPOINT pgarchitect")
    try:
        yield
    except BaseException:
        if not source.closed:
            # After an interruption even this may be refused; what is told is the interruption.
            with suppress(psycopg.Error):
                source.execute("ROLLBACK TO SAVEPOINT pgarchitect")
        raise
    source.execute("RELEASE SAVEPOINT pgarchitect")


@contextmanager
def _raw(*connections: Connection) -> Iterator[None]:
    """Let bytes pass as they are where the encoding is not known: as UTF-8 they might not be valid."""
    unknown = [each for each in connections if each.info.parameter_status("server_encoding") == "SQL_ASCII"]
    for each in unknown:
        each.execute("SET client_encoding = 'SQL_ASCII'")
    yield
    for each in unknown:
        each.execute("SET client_encoding = 'UTF8'")


def _marked(statement: str) -> bytes:
    return marked(statement).encode()


def _listed(columns: Sequence[str]) -> str:
    return f" ({', '.join(map(quoted, columns))})" if columns else ""


def _escaped(value: bytes | None) -> bytes:
    if value is None:
        return rb"\N"
    for plain, escaped in _ESCAPED:
        value = value.replace(plain, escaped)
    return value
