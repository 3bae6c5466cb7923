"""Every index of a database as data: what tells two of them apart, what stands on them, what brings one back."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg.rows import dict_row

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named


@dataclass(frozen=True, slots=True)
class OwnedIndex:
    """One index.

    Attributes:
        oid: identity within the database, the same on its physical standbys.
        table_oid: of its table.
        name: as the catalog has it.
        quoted: as SQL spells it.
        qualified: schema and name as SQL spells them.
        table_name: schema and name of its table as SQL spells them.
        table_plain: the table's name as the catalog has it, without its schema.
        partitioned: it is only the roof over indexes of partitions.
        parent: oid of the partitioned index that it belongs to; None: it stands by itself.
        unique: it refuses duplicates.
        primary: of the primary key.
        immediate: checks uniqueness at once, not at the end of a transaction.
        nulls_not_distinct: takes nulls for equal.
        valid: the planner may use it.
        ready: writes keep it up to date.
        clustered: CLUSTER without a name would use it.
        replica_identity: logical replication finds rows by it.
        of_extension: an extension brought it, or its table.
        method: access method.
        key_count: columns that are keys; the others are only included.
        columns: keys and included columns as the server spells them.
        numbers: attribute numbers of these in the table; 0 for an expression.
        classes: oids of the operator classes of the keys.
        collations: oids of their collations.
        options: of each key, bit 0: descending, bit 1: nulls first.
        class_options: parameters of the operator classes, empty text where none.
        has_expressions: some column is an expression, of which ANALYZE keeps statistics.
        predicate: of a partial index.
        touched: names of all table columns that it depends on.
        definition: CREATE INDEX as the server prints it.
        storage: options such as ``fillfactor=70``.
        tablespace: quoted; None: the database's.
        comment: that somebody left on it.
        statistics_targets: of its columns, as ``ALTER INDEX … ALTER COLUMN`` takes them.
        size_bytes: of its main fork; 0 for a roof.
        entries: as VACUUM or ANALYZE last counted them; -1 when never.
    """

    oid: int
    table_oid: int
    name: str
    quoted: str
    qualified: str
    table_name: str
    table_plain: str
    partitioned: bool
    parent: int | None
    unique: bool
    primary: bool
    immediate: bool
    nulls_not_distinct: bool
    valid: bool
    ready: bool
    clustered: bool
    replica_identity: bool
    of_extension: bool
    method: str
    key_count: int
    columns: tuple[str, ...]
    numbers: tuple[int, ...]
    classes: tuple[int, ...]
    collations: tuple[int, ...]
    options: tuple[int, ...]
    class_options: tuple[str, ...]
    has_expressions: bool
    predicate: str | None
    touched: tuple[str, ...]
    definition: str
    storage: tuple[str, ...]
    tablespace: str | None
    comment: str | None
    statistics_targets: tuple[str, ...]
    size_bytes: int
    entries: float

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that are keys."""
        return self.columns[: self.key_count]

    @property
    def included(self) -> frozenset[str]:
        """The columns that are only included."""
        return frozenset(self.columns[self.key_count :])

    @property
    def key_kinds(self) -> tuple[tuple[Any, ...], ...]:
        """Of each key what must be the same for two keys to be compared alike; the direction is not among it."""
        return tuple(zip(self.keys, self.classes, self.collations, self.class_options, strict=False))


@dataclass(frozen=True, slots=True)
class Backed:
    """A constraint that stands on an index.

    Attributes:
        kind: ``p`` primary key, ``u`` unique, ``x`` exclude; ``f``: a foreign key refers to the index's columns.
        name: as SQL spells it.
        table: that the constraint is declared on.
    """

    kind: str
    name: str
    table: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key, by the side that refers: table, attribute numbers, name, and the table that it refers to."""

    table_oid: int
    columns: frozenset[int]
    name: str
    refers_to: str


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table: its kind as in ``pg_class``, rows (-1 when never analysed) and pages at the last ANALYZE or VACUUM."""

    oid: int
    kind: str
    rows: float
    pages: int


@dataclass(frozen=True, slots=True)
class IndexCensus:
    """All indexes of a database.

    Attributes:
        indexes: by oid, ordered by table and name.
        backed: index oid → a constraint that stands on it; its own before foreign keys of others.
        foreign_keys: all of them.
        tables: by oid.
        at_work: oids of tables on which an index may be being built right now.
    """

    indexes: Mapping[int, OwnedIndex]
    backed: Mapping[int, Backed]
    foreign_keys: tuple[ForeignKey, ...]
    tables: Mapping[int, TableFacts]
    at_work: frozenset[int]
    _by_table: Mapping[int, tuple[OwnedIndex, ...]] = field(init=False, repr=False, compare=False)
    _below: Mapping[int, tuple[OwnedIndex, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the indexes by their tables and by the partitioned indexes above them."""
        by_table: dict[int, list[OwnedIndex]] = defaultdict(list)
        below: dict[int, list[OwnedIndex]] = defaultdict(list)
        for each in self.indexes.values():
            by_table[each.table_oid].append(each)
            if each.parent is not None:
                below[each.parent].append(each)
        object.__setattr__(self, "_by_table", {oid: tuple(found) for oid, found in by_table.items()})
        object.__setattr__(self, "_below", {oid: tuple(found) for oid, found in below.items()})

    def of_table(self, table_oid: int) -> tuple[OwnedIndex, ...]:
        """The indexes of a table."""
        return self._by_table.get(table_oid, ())

    def whole(self, index: OwnedIndex) -> Iterator[OwnedIndex]:
        """An index and, of a partitioned one, all indexes below it."""
        yield index
        for each in self._below.get(index.oid, ()):
            yield from self.whole(each)

    def size(self, index: OwnedIndex) -> int:
        """Bytes of an index and of those below it."""
        return sum(each.size_bytes for each in self.whole(index))


def read_index_census(connection: Connection) -> IndexCensus:
    """Read all indexes of a database that are not the system's; sizes of indexes that somebody holds are guesses."""
    cursor = connection.cursor(row_factory=dict_row)
    indexes = [_index(row) for row in cursor.execute(_sql("indexes").encode()).fetchall()]
    backed: dict[int, Backed] = {}
    for oid, kind, name, table in _rows(connection, "constraints"):
        backed.setdefault(oid, Backed(kind, name, table))
    keys = tuple(
        ForeignKey(table, frozenset(columns), name, other)
        for table, columns, name, other in _rows(connection, "foreign_keys")
    )
    tables = {row[0]: TableFacts(*row) for row in _rows(connection, "tables")}
    at_work = frozenset(row[0] for row in _rows(connection, "at_work"))
    return IndexCensus({each.oid: each for each in indexes}, backed, keys, tables, at_work)


def _index(row: Mapping[str, Any]) -> OwnedIndex:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return OwnedIndex(**fields)


def _rows(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    return connection.execute(_sql(name).encode()).fetchall()


def _sql(name: str) -> str:
    return named("pgarchitect.schema", "index_census.sql", name)
