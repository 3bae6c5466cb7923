"""The catalog as data: tables, columns, indexes and what ANALYZE knows of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named


@dataclass(frozen=True, slots=True)
class Statistics:
    """ANALYZE's picture of one column (``pg_stats``); values as text.

    Attributes:
        null_fraction: part of the rows that are null, 0 … 1.
        n_distinct: distinct values; negative: minus their ratio to the rows.
        correlation: of physical and logical order, -1 … 1; None when unknown.
        common_values: most common first.
        common_frequencies: of those, 0 … 1.
        histogram: bounds of equally populated ranges, ascending.
        width: mean bytes of a value.
    """

    null_fraction: float
    n_distinct: float
    correlation: float | None
    common_values: tuple[str, ...]
    common_frequencies: tuple[float, ...]
    histogram: tuple[str, ...]
    width: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as the catalog has it.
        quoted: as it is written in SQL.
        type: as ``format_type`` prints it.
        category: type category of ``pg_type``: N numeric, S string, D date/time, B boolean, …
        not_null: declared NOT NULL.
        sortable: its type has a default B-tree operator class.
        statistics: None when never analysed or not readable.
        methods: those of hash, brin, gin and gist that have a default operator class for its type.
        bytewise: its collation compares bytes, so that a plain B-tree finds what begins with a given text.
    """

    name: str
    quoted: str
    type: str
    category: str
    not_null: bool
    sortable: bool
    statistics: Statistics | None
    methods: frozenset[str] = frozenset()
    bytewise: bool = True


@dataclass(frozen=True, slots=True)
class Index:
    """One index.

    Attributes:
        name: as the catalog has it.
        method: of access.
        unique: it refuses duplicates.
        primary: of the primary key.
        valid: plans may use it.
        partial: it has a condition.
        keys: columns (quoted where needed) or expressions, as the server spells them; those only included are none.
        descending: of each key.
        nulls_first: of each key.
        size_bytes: of its file; 0 for a partitioned one.
        classes: of each key, its operator class and collation where they are not the usual ones, else empty.
        included: columns that it only carries.
        condition: of a partial one, as the server spells it.
        definition: its ``CREATE INDEX``.
        held: it refuses duplicates, or a constraint, a partitioned index, CLUSTER or a replica identity needs it.
    """

    name: str
    method: str
    unique: bool
    primary: bool
    valid: bool
    partial: bool
    keys: tuple[str, ...]
    descending: tuple[bool, ...]
    nulls_first: tuple[bool, ...]
    size_bytes: int
    classes: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    condition: str = ""
    definition: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table, partitioned table or materialised view.

    Attributes:
        oid: identity within its database.
        schema: name of its schema.
        name: as the catalog has it.
        qualified: schema and name as written in SQL.
        kind: ``r`` table, ``p`` partitioned table, ``m`` materialised view.
        rows: ANALYZE's estimate; -1 when never analysed.
        pages: 8 kB pages at the last ANALYZE or VACUUM.
        visible: found through ``search_path`` without its schema.
        ancestors: oids of the partitioned tables that it is a partition of.
    """

    oid: int
    schema: str
    name: str
    qualified: str
    kind: str
    rows: float
    pages: int
    visible: bool
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    ancestors: tuple[int, ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def distinct(self, column: Column) -> float:
        """Estimated number of distinct values of a column; the rows when nothing is known."""
        if column.statistics is None:
            return max(self.rows, 1.0)
        known = column.statistics.n_distinct
        return max(known if known >= 0 else -known * self.rows, 1.0)


@dataclass(frozen=True, slots=True)
class View:
    """One view; ``definition`` is its SELECT as the server spells it, ``visible`` as of a table."""

    schema: str
    name: str
    visible: bool
    definition: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables that a workload names.

    Attributes:
        tables: in no particular order; those beneath views too.
        taken: names of all relations in their schemas, which a new index cannot have.
        views: that the workload names, and those beneath them.
        trigram_class: the operator class of pg_trgm for GIN, as SQL spells it; empty where that is not installed.
        uncreated: extensions that are here and could be created in the database that is meant, but are not yet.
    """

    tables: tuple[Table, ...]
    taken: frozenset[str] = frozenset()
    views: tuple[View, ...] = ()
    trigram_class: str = ""
    uncreated: frozenset[str] = frozenset()
    _by_name: Mapping[str, tuple[Table, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names: dict[str, tuple[Table, ...]] = {}
        for table in self.tables:
            names[table.name] = (*names.get(table.name, ()), table)
        object.__setattr__(self, "_by_name", names)

    def find(self, name: str, schema: str = "") -> Table | None:
        """The table that a statement means by ``schema.name``; without a schema, the visible one, or the only one."""
        return _meant(self._by_name.get(name, ()), schema)

    def find_view(self, name: str, schema: str = "") -> View | None:
        """The view that a statement means, by the same rules."""
        return _meant([view for view in self.views if view.name == name], schema)


_Named = TypeVar("_Named", Table, View)


def _meant(found: Sequence[_Named], schema: str) -> _Named | None:
    if schema:
        return next((each for each in found if each.schema == schema), None)
    visible = [each for each in found if each.visible]
    if visible:
        return visible[0]
    return found[0] if len(found) == 1 else None


def read_catalog(connection: Connection, names: Iterable[str]) -> Catalog:
    """Read the tables called ``names`` (as the catalog has them), whatever their schema."""
    relations = _rows(connection, "relations", names=sorted(set(names)))
    oids = [row[0] for row in relations if row[-1] is None]
    columns = _columns(connection, oids)
    indexes: dict[int, list[Index]] = defaultdict(list)
    for oid, *row in _rows(connection, "indexes", tables=oids):
        indexes[oid].append(_index(*row))
    taken = frozenset(row[0] for row in _rows(connection, "relation_names", tables=oids))
    tables: list[Table] = []
    views: list[View] = []
    for oid, schema, name, qualified, kind, rows, pages, visible, ancestors, definition in relations:
        if definition is not None:
            views.append(View(schema, name, visible, definition))
            continue
        facts = (oid, schema, name, qualified, kind, rows, pages, visible)
        tables.append(Table(*facts, tuple(columns[oid]), tuple(indexes[oid]), tuple(ancestors)))
    trigrams = _rows(connection, "trigram_class")
    return Catalog(tuple(tables), taken, tuple(views), trigrams[0][0] if trigrams else "")


def _index(name: str, *row: Any) -> Index:  # noqa: ANN401  # a row of the catalog
    method, unique, primary, valid, condition, keys, options, size, classes, included, definition, held = row
    own = options[: len(keys)]
    return Index(
        name,
        method,
        unique,
        primary,
        valid,
        condition is not None,
        tuple(keys),
        tuple(bool(each & 1) for each in own),
        tuple(bool(each & 2) for each in own),
        size or 0,
        tuple(classes),
        tuple(included),
        condition or "",
        definition,
        held,
    )


def _columns(connection: Connection, oids: list[int]) -> Mapping[int, list[Column]]:
    statistics = {
        (oid, name): Statistics(
            nulls, distinct, correlation, tuple(values or ()), tuple(freqs or ()), tuple(bounds or ()), width
        )
        for oid, name, nulls, distinct, correlation, values, freqs, bounds, width in _rows(
            connection, "statistics", tables=oids
        )
    }
    columns: dict[int, list[Column]] = defaultdict(list)
    for oid, name, quoted, kind, category, not_null, sortable, methods, bytewise in _rows(
        connection, "columns", tables=oids
    ):
        known = statistics.get((oid, name))
        facts = (name, quoted, kind, category, not_null, sortable)
        columns[oid].append(Column(*facts, known, frozenset(methods), bytewise))
    return columns


def _rows(connection: Connection, name: str, **arguments: list[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(named("pgarchitect.schema", "catalog.sql", name), arguments).fetchall()
