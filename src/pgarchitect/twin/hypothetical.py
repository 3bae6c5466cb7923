"""A hypothetical index: a real catalog entry made on an emptied heap, with the size that the real one would have."""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import psycopg

from pgarchitect.errors import CannotConnect, UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import refused
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.end_points import Column, Ends, Tree, trees
from pgarchitect.twin.expression_statistics import imagine_expressions
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.files import IndexFile, Own, emptied, shape
from pgarchitect.twin.index_sizes import asks_with_others, sized
from pgarchitect.twin.pages import BLOCK
from pgarchitect.twin.sample_subject import Subject, subjects_of
from pgarchitect.twin.sampling import Sampler, TableName
from pgarchitect.twin.share_sample import Shares
from pgarchitect.twin.together_sample import Together

_CREATE: Final = re.compile(
    r'^\s*CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>"(?:[^"]|"")+"|\w+)?'
    r'\s*ON\s+(?:ONLY\s+)?(?P<table>(?:(?:"(?:[^"]|"")+"|\w+)\.)?(?:"(?:[^"]|"")+"|\w+))(?P<rest>[\s(].*?);?\s*$',
    re.IGNORECASE | re.DOTALL,
)
_MATERIALIZED: Final = "m"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a hypothetical index: the index itself, or that of one partition; ``guessed`` as of the whole.

    It may be larger by a part ``doubt`` of its size.
    """

    oid: int
    name: str
    file: IndexFile
    guessed: str | None = None
    doubt: float = 0.0


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

    @property
    def most_bytes(self) -> int:
        """What the built index will hardly exceed."""
        more = sum(math.ceil(part.file.pages * part.doubt) for part in self.parts)
        return self.size_bytes + more * BLOCK


@dataclass(frozen=True, slots=True)
class Workshop:
    """What hypothetical indexes are made with.

    Attributes:
        data: the twin's data directory.
        own: hands new files over to the server's account.
        ends: least and greatest values of columns, which the planner takes from the newest index that begins with one.
        sampler: looks at rows of the source where its statistics do not tell enough.
        shares: of rows that conditions keep.
        together: what indexes of several columns have in common.
    """

    data: Path
    own: Own
    ends: Mapping[Column, Ends]
    sampler: Sampler
    shares: Shares
    together: Together


@dataclass(frozen=True, slots=True)
class _Batch:
    """Indexes of one table that were just made: their names and files, and what those with rows are about."""

    facts: Facts
    workshop: Workshop
    files: Mapping[int, tuple[str, str | None]]
    subjects: Mapping[int, Subject]
    trees: Mapping[tuple[str, str], Tree]


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


def table_of(ddl: str) -> str | None:
    """The table of a CREATE INDEX statement, as it is spelled there; None for anything else."""
    parts = _CREATE.match(ddl)
    return parts["table"] if parts else None


def create(connection: Connection, ddls: Sequence[str], workshop: Workshop) -> list[Hypothetical | UsageError]:
    """Create hypothetical indexes of one table, switched off; in place of one that cannot be, the reason.

    Args:
        connection: to the twin, new: it must not have the table's length in mind.
        ddls: CREATE INDEX statements of one table, which they spell alike; CONCURRENTLY is left out.
        workshop: what they are made with.

    Raises:
        CannotConnect: the server ended meanwhile.
    """
    if table_of(ddls[0]) is None:
        return [UsageError(f"This is not a CREATE INDEX statement: {ddl.strip()[:80]}") for ddl in ddls]
    try:
        made = _made(connection, ddls, workshop)
        batch = _batch(connection, [oid for each in made if isinstance(each, tuple) for oid in each], workshop)
    except psycopg.Error as error:
        return [_refusal(connection, ddl, error) for ddl in ddls]
    return [
        _finished(connection, batch, each, ddl) if isinstance(each, tuple) else each
        for ddl, each in zip(ddls, made, strict=True)
    ]


def _refusal(connection: Connection, ddl: str, error: psycopg.Error) -> UsageError:
    """Why an index cannot be; an error of a server that ended is raised."""
    told = f"The twin refused the index ({str(error).splitlines()[0]}): {ddl.strip()[:80]}"
    if connection.closed:
        raise CannotConnect(told) from error
    return UsageError(told)


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


def _made(connection: Connection, ddls: Sequence[str], workshop: Workshop) -> list[tuple[int, ...] | UsageError]:
    """For each statement, oids of the new indexes, the wanted one first, then those of partitions."""
    table = table_of(ddls[0])
    heaps = [_Heap(*row) for row in _rows(connection, "heaps", {"table": table})]
    with connection.transaction():
        # Nobody may plan while the heap looks empty. A materialised view cannot be locked by name.
        owner = f"ALTER MATERIALIZED VIEW {table} OWNER TO CURRENT_USER"
        lock = owner if heaps[0].kind == _MATERIALIZED else f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
        connection.execute(lock.encode())
        with ExitStack() as empty:
            for heap in heaps:
                if heap.file is not None:
                    empty.enter_context(emptied(workshop.data / heap.file, workshop.own))
            made = _made_on_nothing(connection, ddls, [heap.oid for heap in heaps])
        for heap in heaps:
            connection.execute(
                _sql("set_planned").encode(),
                {"pages": heap.pages, "rows": heap.rows, "visible": heap.visible, "relation": heap.oid},
            )
        new = [oid for each in made if isinstance(each, tuple) for oid in each]
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = ANY (%s)", (new,))
    return made


def _made_on_nothing(
    connection: Connection, ddls: Sequence[str], heaps: Sequence[int]
) -> list[tuple[int, ...] | UsageError]:
    found: list[tuple[int, ...] | UsageError] = []
    before = {row[0] for row in _rows(connection, "indexes_of", (heaps,))}
    for ddl in ddls:
        try:
            with connection.transaction():
                connection.execute(_plain(ddl).encode())
        except psycopg.Error as error:
            found.append(_refusal(connection, ddl, error))
            continue
        after = {row[0] for row in _rows(connection, "indexes_of", (heaps,))}
        found.append(tuple(sorted(after - before)))
        before = after
    return found


def _plain(ddl: str) -> str:
    parts = _CREATE.match(ddl)
    if parts is None:
        raise AssertionError(ddl)
    return f"CREATE {parts['unique'] or ''}INDEX {parts['name'] or ''} ON {parts['table']}{parts['rest']}"


def _batch(connection: Connection, oids: Sequence[int], workshop: Workshop) -> _Batch:
    files = {row[0]: row[1:] for row in _rows(connection, "index_files", (oids,))}
    subjects = subjects_of(connection, [oid for oid in oids if files[oid][1] is not None])
    facts = Facts(connection)
    workshop.shares.look(subjects)
    by_table: dict[TableName, list[Subject]] = {}
    for each in subjects:
        if asks_with_others(facts, each):
            by_table.setdefault(each.table, []).append(each)
    for some in by_table.values():
        workshop.together.look(some)
    by_oid = {each.index: each for each in subjects}
    return _Batch(facts, workshop, files, by_oid, trees(connection, only=oids))


def _finished(connection: Connection, batch: _Batch, oids: Sequence[int], ddl: str) -> Hypothetical | UsageError:
    """Give an index and its partitions' statistics, sizes and files; what fails is dropped."""
    try:
        parts = tuple(_shaped(connection, batch, oid) for oid in oids if oid in batch.subjects)
    except psycopg.Error as error:
        refusal = _refusal(connection, ddl, error)
        connection.execute(f"DROP INDEX {_rows(connection, 'spelled', (oids[0],))[0][0]}".encode())
        return refusal
    heights = [part.file.height for part in parts if part.file.height is not None]
    return Hypothetical(
        oids[0],
        batch.files[oids[0]][0],
        ddl.strip().rstrip(";"),
        sum(part.file.pages for part in parts) * BLOCK,
        max(heights) if heights else None,
        parts,
        next((part.guessed for part in parts if part.guessed), None),
    )


def _shaped(connection: Connection, batch: _Batch, oid: int) -> Part:
    """Give the index statistics, a size and a file of that size."""
    workshop, subject, (name, path) = batch.workshop, batch.subjects[oid], batch.files[oid]
    imagined = imagine_expressions(batch.facts, subject, workshop.sampler)
    found = sized(batch.facts, subject, workshop.sampler, workshop.shares, workshop.together)
    file = found.file
    tree = batch.trees.get((subject.table[0], name))
    if tree is not None:
        file = replace(file, keys=tree.keys(workshop.ends))
    shape(workshop.data / str(path), file, workshop.own)
    connection.execute(
        "UPDATE pg_class SET relpages = %s, reltuples = %s WHERE oid = %s", (file.pages, found.rows, oid)
    )
    return Part(oid, name, file, found.guessed or imagined, found.doubt)


def _rows(connection: Connection, name: str, parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  # psycopg's
    return connection.execute(_sql(name).encode(), parameters).fetchall()


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
