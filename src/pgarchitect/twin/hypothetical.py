"""A hypothetical index: a real catalog entry made on an emptied heap, with the size that the real one would have."""

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import psycopg

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import refused
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.end_points import Column, Ends, trees
from pgarchitect.twin.expression_statistics import imagine_expressions
from pgarchitect.twin.files import IndexFile, Own, emptied, shape
from pgarchitect.twin.index_sizes import sized
from pgarchitect.twin.pages import BLOCK
from pgarchitect.twin.sample_subject import subject_of
from pgarchitect.twin.sampling import Sampler

_CREATE: Final = re.compile(
    r'^\s*CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>"(?:[^"]|"")+"|\w+)?'
    r'\s*ON\s+(?:ONLY\s+)?(?P<table>(?:(?:"(?:[^"]|"")+"|\w+)\.)?(?:"(?:[^"]|"")+"|\w+))(?P<rest>[\s(].*?);?\s*$',
    re.IGNORECASE | re.DOTALL,
)
_MATERIALIZED: Final = "m"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a hypothetical index: the index itself, or that of one partition; ``guessed`` as of the whole."""

    oid: int
    name: str
    file: IndexFile
    guessed: str | None = None


@dataclass(frozen=True, slots=True)
class Hypothetical:
    """An index that exists only in the twin.

    Attributes:
        oid: in the twin's catalog.
        name: as plans show it; plans of a partitioned table show the names of ``parts``.
        ddl: the statement that would create it.
        size_bytes: estimated, all partitions together.
        height: levels above the leaves, of the highest partition; None for other methods than B-tree.
        parts: what of it holds rows.
        guessed: why no rows of the source were sampled where statistics do not tell its size or its expressions'
            distribution: both are guesses then; None when they are not.
    """

    oid: int
    name: str
    ddl: str
    size_bytes: int
    height: int | None
    parts: tuple[Part, ...] = ()
    guessed: str | None = None


@dataclass(frozen=True, slots=True)
class _Heap:
    """A table, partition or partitioned table (without a file), and what the planner is told of it."""

    oid: int
    file: str | None
    pages: int
    rows: float
    visible: int
    kind: str
    spelled: str


def create(
    connection: Connection, ddl: str, ends: Mapping[Column, Ends], data: Path, own: Own, *, sampler: Sampler
) -> Hypothetical:
    """Create a hypothetical index, switched off.

    Args:
        connection: to the twin, new: it must not have the table's length in mind.
        ddl: CREATE INDEX; CONCURRENTLY is left out.
        ends: least and greatest values of columns, which the planner takes from the newest index that begins with one.
        data: the twin's data directory.
        own: hands new files over to the server's account.
        sampler: looks at rows of the source where its statistics do not tell enough.

    Raises:
        UsageError: ``ddl`` is not a CREATE INDEX, or the server refuses it.
    """
    parts = _CREATE.match(ddl)
    if parts is None:
        raise UsageError(f"This is not a CREATE INDEX statement: {ddl.strip()[:80]}")
    table = parts["table"]
    plain = f"CREATE {parts['unique'] or ''}INDEX {parts['name'] or ''} ON {table}{parts['rest']}"
    try:
        made = _made(connection, plain, table, data, own)
        shaped = (_shaped(connection, oid, ends, data, own, sampler=sampler) for oid in made)
        found = tuple(part for part in shaped if part is not None)
        return _whole(connection, made, found, ddl)
    except psycopg.Error as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"The twin refused the index ({reason}): {ddl.strip()[:80]}") from error


def newest(connection: Connection) -> int:
    """Oid of the relation that the twin created last."""
    return int(_rows(connection, "newest", None)[0][0])


def discard(connection: Connection, after: int) -> None:
    """Drop the indexes that were created since ``after`` was the newest relation: nobody finished them.

    Raises:
        StatementRefused: the server does not drop one.
    """
    try:
        for (spelled,) in _rows(connection, "made_after", (after,)):
            connection.execute(f"DROP INDEX {spelled}".encode())
    except psycopg.Error as error:
        if connection.closed:
            raise
        raise refused(error) from error


def _made(connection: Connection, plain: str, table: str, data: Path, own: Own) -> tuple[int, ...]:
    """Oids of the new indexes, the wanted one first, then those of partitions."""
    heaps = [_Heap(*row) for row in _rows(connection, "heaps", {"table": table})]
    oids = [heap.oid for heap in heaps]
    before = {row[0] for row in _rows(connection, "indexes_of", (oids,))}
    with connection.transaction():
        # Nobody may plan while the heap looks empty. A materialised view cannot be locked by name.
        owner = f"ALTER MATERIALIZED VIEW {table} OWNER TO CURRENT_USER"
        lock = owner if heaps[0].kind == _MATERIALIZED else f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
        connection.execute(lock.encode())
        with ExitStack() as empty:
            for heap in heaps:
                if heap.file is not None:
                    empty.enter_context(emptied(data / heap.file, own))
            connection.execute(plain.encode())
        for heap in heaps:
            connection.execute(
                _sql("set_planned").encode(),
                {"pages": heap.pages, "rows": heap.rows, "visible": heap.visible, "relation": heap.oid},
            )
        made = sorted({row[0] for row in _rows(connection, "indexes_of", (oids,))} - before)
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = ANY (%s)", (made,))
    return tuple(made)


def _shaped(
    connection: Connection, oid: int, ends: Mapping[Column, Ends], data: Path, own: Own, *, sampler: Sampler
) -> Part | None:
    """Give the index statistics, a size and a file of that size; None for what has no file."""
    name, path = _rows(connection, "index_file", (oid,))[0]
    if path is None:
        return None
    subject = subject_of(connection, oid)
    imagined = imagine_expressions(connection, subject, sampler)
    rows, file, guessed = sized(connection, subject, sampler)
    for tree in trees(connection, only=oid).values():
        file = replace(file, keys=tree.keys(ends))
    shape(data / path, file, own)
    connection.execute("UPDATE pg_class SET relpages = %s, reltuples = %s WHERE oid = %s", (file.pages, rows, oid))
    return Part(oid, name, file, guessed or imagined)


def _whole(connection: Connection, made: Sequence[int], parts: tuple[Part, ...], ddl: str) -> Hypothetical:
    name, _ = _rows(connection, "index_file", (made[0],))[0]
    heights = [part.file.height for part in parts if part.file.height is not None]
    return Hypothetical(
        made[0],
        name,
        ddl.strip().rstrip(";"),
        sum(part.file.pages for part in parts) * BLOCK,
        max(heights) if heights else None,
        parts,
        next((part.guessed for part in parts if part.guessed), None),
    )


def _rows(connection: Connection, name: str, parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  # psycopg's
    found = connection.execute(_sql(name).encode(), parameters).fetchall()
    if not found and name not in {"indexes_of", "made_after"}:
        raise UsageError("The twin does not know this table or index.")
    return found


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
