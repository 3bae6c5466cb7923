"""A hypothetical index: a real catalog entry made on an emptied heap, with the size that the real one would have."""

import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.files import BLOCK, Own, resize, set_btree_height
from pgarchitect.twin.size_model import aligned, btree_pages

_CREATE: Final = re.compile(
    r'^\s*CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>"(?:[^"]|"")+"|\w+)?'
    r'\s*ON\s+(?:ONLY\s+)?(?P<table>(?:(?:"(?:[^"]|"")+"|\w+)\.)?(?:"(?:[^"]|"")+"|\w+))(?P<rest>[\s(].*?);?\s*$',
    re.IGNORECASE | re.DOTALL,
)
_TUPLE_HEADER: Final = 8
_ALIGNMENT: Final = {"c": 1, "s": 2, "i": 4, "d": 8}


@dataclass(frozen=True, slots=True)
class Hypothetical:
    """An index that exists only in the twin.

    Attributes:
        oid: in the twin's catalog.
        name: as plans show it.
        ddl: the statement that would create it.
        size_bytes: estimated.
        height: levels above the leaves; None for other methods than B-tree.
    """

    oid: int
    name: str
    ddl: str
    size_bytes: int
    height: int | None


def create(connection: Connection, ddl: str, data: Path, own: Own) -> Hypothetical:
    """Create a hypothetical index, switched off.

    Args:
        connection: to the twin, new: it must not have the table's length in mind.
        ddl: CREATE INDEX; CONCURRENTLY is left out.
        data: the twin's data directory.
        own: hands new files over to the server's account.

    Raises:
        UsageError: ``ddl`` is not a CREATE INDEX, or the server refuses it.
    """
    parts = _CREATE.match(ddl)
    if parts is None:
        raise UsageError(f"This is not a CREATE INDEX statement: {ddl.strip()[:80]}")
    table = parts["table"]
    plain = f"CREATE {parts['unique'] or ''}INDEX {parts['name'] or ''} ON {table}{parts['rest']}"
    try:
        oid = _made(connection, plain, table, data)
        return _sized(connection, oid, ddl, data, own)
    except psycopg.Error as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"The twin refused the index ({reason}): {ddl.strip()[:80]}") from error


def _made(connection: Connection, plain: str, table: str, data: Path) -> int:
    before = _indexes(connection, table)
    with connection.transaction():
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        kept = _one(
            connection,
            "SELECT pg_relation_filepath(oid), relpages, reltuples, relallvisible FROM pg_class"
            " WHERE oid = %s::regclass",
            (table,),
        )
        with _emptied(data / kept[0]):
            connection.execute(plain.encode())
        connection.execute(
            "UPDATE pg_class SET relpages = %s, reltuples = %s, relallvisible = %s WHERE oid = %s::regclass",
            (*kept[1:], table),
        )
        (oid,) = _indexes(connection, table) - before
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s", (oid,))
    return oid


@contextmanager
def _emptied(heap: Path) -> Iterator[None]:
    """The heap looks empty while the block runs, so that nothing is read; it gets its length back in any case."""
    length = heap.stat().st_size
    os.truncate(heap, 0)
    try:
        yield
    finally:
        os.truncate(heap, length)


def _sized(connection: Connection, oid: int, ddl: str, data: Path, own: Own) -> Hypothetical:
    found = _one(connection, _sql("index"), (oid,))
    name, file, method, unique, rows, predicate, keys, columns, table = (*found[2:8], *found[8:11])
    rows = _planned_rows(connection, f"SELECT 1 FROM {table} WHERE {predicate}") if predicate else max(rows, 0.0)
    shape = _Shape.of(connection, oid, table)
    height: int | None = None
    if method == "btree":
        deduplicates = not unique and keys == columns and shape.comparable
        where = f" WHERE {predicate}" if predicate else ""
        distinct = _distinct(connection, f"{table}{where}", shape.spelled, rows) if deduplicates else rows
        pages, height = btree_pages(rows, distinct, shape.tuple_bytes, shape.key_bytes, deduplicates=deduplicates)
        set_btree_height(data / file, height)
    else:
        pages = _other_pages(connection, method, rows, shape.tuple_bytes, table)
    if pages * BLOCK > (data / file).stat().st_size:
        resize(data / file, pages, own)
    connection.execute("UPDATE pg_class SET relpages = %s, reltuples = %s WHERE oid = %s", (pages, rows, oid))
    return Hypothetical(oid, name, ddl.strip().rstrip(";"), pages * BLOCK, height)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Widths of an index's tuples, how its keys are spelled, and whether equal keys are the same to the eye."""

    tuple_bytes: int
    key_bytes: int
    spelled: tuple[str, ...]
    comparable: bool

    @classmethod
    def of(cls, connection: Connection, oid: int, table: str) -> "_Shape":
        rows = connection.execute(_sql("index_columns").encode(), (oid,)).fetchall()
        offset = key_offset = float(_TUPLE_HEADER)
        for length, alignment, spelled, is_key, width, _ in rows:
            bytes_ = width if width is not None else length if length > 0 else _width(connection, table, spelled)
            offset = _after(offset, length, _ALIGNMENT[alignment], bytes_)
            key_offset = offset if is_key else key_offset
        return cls(aligned(offset), aligned(key_offset), tuple(row[2] for row in rows), all(row[5] for row in rows))


def _after(offset: float, length: int, alignment: int, width: float) -> float:
    if length > 0:
        return aligned(offset, alignment) + length
    # A short varlena has a one-byte header and is not aligned.
    return offset + width if width <= 127 else aligned(offset, alignment) + width


def _distinct(connection: Connection, source: str, keys: Sequence[str], rows: float) -> float:
    """Distinct keys, as the planner counts groups; several columns are taken to be independent, up to the rows."""
    product = 1.0
    for key in keys:
        product *= max(1.0, _planned_rows(connection, f"SELECT 1 FROM {source} GROUP BY {key}"))
    return min(product, rows)


def _other_pages(connection: Connection, method: str, rows: float, tuple_bytes: int, table: str) -> int:
    """Rough sizes of methods whose size the planner hardly looks at."""
    if method == "hash":
        buckets = 2 ** math.ceil(math.log2(max(2.0, rows / (0.75 * 8152 / 20))))
        return int(buckets * 1.25 + 2)
    if method == "brin":
        heap = int(_one(connection, "SELECT pg_relation_size(%s::regclass) / 8192", (table,))[0])
        return 3 + math.ceil(math.ceil(heap / 128) * (20 + 2 * (tuple_bytes - 8)) / 8152)
    if method == "gin":
        return max(2, int(rows * 12 / 8152))
    return max(2, int(rows * (tuple_bytes + 4) / (8152 * 0.7)))


def _width(connection: Connection, table: str, expression: str) -> float:
    return float(_plan(connection, f"SELECT {expression} FROM {table}")["Plan Width"])


def _planned_rows(connection: Connection, query: str) -> float:
    return float(_plan(connection, query)["Plan Rows"])


def _plan(connection: Connection, query: str) -> dict[str, Any]:
    plan: dict[str, Any] = _one(connection, f"EXPLAIN (FORMAT JSON) {query}")[0][0]["Plan"]
    return plan


def _indexes(connection: Connection, table: str) -> set[int]:
    return {row[0] for row in connection.execute(_sql("new_indexes").encode(), (table,)).fetchall()}


def _one(connection: Connection, query: str, parameters: tuple[Any, ...] | None = None) -> tuple[Any, ...]:
    row = connection.execute(query.encode(), parameters).fetchone()
    if row is None:
        raise UsageError("The twin does not know this table or index.")
    return row


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
