"""What an index costs the writes, in the planner's units, so that it can be weighed against what the reads gain.

A row that is inserted, and a row that is updated elsewhere than in place (a HOT update touches no index; see
PostgreSQL's ``README.HOT``), needs an entry in every index of its table: a descent of the tree as ``btcostestimate``
(selfuncs.c) prices it, the entry, and a leaf page that has to be fetched unless new entries always go to one place.
An index that holds a column which an UPDATE sets makes HOT updates impossible: those rows then need an entry in all the
other indexes as well. BRIN indexes summarise ranges of pages: they take hardly anything for a row, and from PostgreSQL
16 on they leave HOT updates as they are.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp

from pgarchitect.candidates.index_definition import IndexDefinition
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.catalog import Table
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.workload.syntax import folded, table_name
from pgarchitect.workload.table_writes import Writes

_PAGE_CPU: Final = 50.0
"""DEFAULT_PAGE_CPU_MULTIPLIER: operators that a page of a descent costs."""
_GIN_KEYS: Final = 8.0
"""Entries of a row in a GIN index where nothing is known: our guess, for documents and arrays of usual length."""
_GIN_BYTES: Final = {"trgm": 1, "tsvector": 8, "jsonb": 12}
"""Bytes of a value for each entry: every letter begins a trigram; words and parts of documents are longer."""
_BRIN_OPERATORS: Final = 4.0
"""Operators that compare a new row with the least and the greatest value of its range, and look the range up."""
_SUMMARISING_IS_HOT: Final = 160_000
"""Server version from which on an index that only summarises does not prevent HOT updates."""
_USUAL_HEIGHT: Final = 2
"""Levels above the leaves of an existing index, where it is not looked up."""


@dataclass(frozen=True, slots=True)
class PlannerUnits:
    """The settings that the planner's units are made of, and the server's version, such as 180001."""

    random_page: float = 4.0
    operator: float = 0.0025
    index_tuple: float = 0.005
    version: float = 180_000


def read_units(connection: Connection) -> PlannerUnits:
    """The settings of the session's planner."""
    names = ("random_page_cost", "cpu_operator_cost", "cpu_index_tuple_cost", "server_version_num")
    rows = connection.execute(
        "SELECT pg_catalog.current_setting(name)::float8 FROM unnest(%s::text[]) AS name", (list(names),)
    ).fetchall()
    return PlannerUnits(*(row[0] for row in rows))


@dataclass(frozen=True, slots=True)
class UpdatedColumns:
    """Of one table: rows that the workload's UPDATEs change, and which columns these set.

    Attributes:
        rows: by the columns that are set.
    """

    rows: Mapping[frozenset[str], float]

    def share(self, held: Collection[str]) -> float:
        """The part of the updated rows whose UPDATE sets a column of ``held``, 0 … 1."""
        total = math.fsum(self.rows.values())
        touching = math.fsum(count for columns, count in self.rows.items() if not columns.isdisjoint(held))
        return touching / total if total else 0.0


@dataclass(frozen=True, slots=True)
class WriteCost:
    """What one index costs the writes of its table.

    Attributes:
        cost: in the planner's units, for all writes.
        entries: that have to be written, in this index and, for HOT updates that are lost, in others.
        hot_lost: rows whose updates are no longer heap-only.
    """

    cost: float = 0.0
    entries: float = 0.0
    hot_lost: float = 0.0


def updated_columns(
    statements: Iterable[tuple[exp.Expr, float]], tables: Collection[Table]
) -> dict[int, UpdatedColumns]:
    """Table's oid → what the UPDATEs among parsed statements, each with the rows that it changes, set."""
    found: dict[int, dict[frozenset[str], float]] = {}
    for tree, rows in statements:
        for update in tree.find_all(exp.Update):
            table = _meant(update, tables)
            if table is not None:
                columns = frozenset(set_columns(update))
                counted = found.setdefault(table.oid, {})
                counted[columns] = counted.get(columns, 0.0) + rows
    return {oid: UpdatedColumns(rows) for oid, rows in found.items()}


def _meant(update: exp.Update, tables: Collection[Table]) -> Table | None:
    if not isinstance(update.this, exp.Table):
        return None
    name, schema = table_name(update.this)
    fitting = [
        each for each in tables if each.name == name and (each.schema == schema or (not schema and each.visible))
    ]
    return fitting[0] if fitting else None


def set_columns(update: exp.Update) -> list[str]:
    """The columns that an UPDATE sets, as the catalog has them."""
    targets = [each.this for each in update.expressions if isinstance(each, exp.EQ)]
    columns = [column for target in targets for column in target.find_all(exp.Column)]
    return [folded(column.this) for column in columns if isinstance(column.this, exp.Identifier)]


def write_cost(
    definition: IndexDefinition, made: Hypothetical, writes: Writes, updated: UpdatedColumns, units: PlannerUnits
) -> WriteCost:
    """What an index would cost the writes of its table.

    Args:
        definition: of the index.
        made: its estimate.
        writes: rows written to the table, in the time that the workload's weights are counted in.
        updated: what the workload's UPDATEs set.
        units: of the planner.
    """
    table = definition.table
    new = _new_entries(definition, made, units)
    spared = definition.method == "brin" and units.version >= _SUMMARISING_IS_HOT
    lost = 0.0 if spared else writes.hot * updated.share(held_columns(definition))
    elsewhere = max(0.0, writes.updated - writes.hot)
    rows = writes.inserted + elsewhere + lost
    others = [each for each in table.indexes if each.valid]
    known = math.fsum(_entry(table, index.keys[0], _USUAL_HEIGHT, units) for index in others if index.keys)
    return WriteCost(rows * new + lost * known, rows + lost * len(others), lost)


def _new_entries(definition: IndexDefinition, made: Hypothetical, units: PlannerUnits) -> float:
    """Cost of what one row puts into an index."""
    table, first = definition.table, definition.keys[0].sql
    if definition.method == "brin":
        return _BRIN_OPERATORS * units.operator
    if definition.method == "gin":
        return _entry(table, first, made.height, units) * _gin_keys(definition)
    # A hash code scatters what arrives in order.
    return _entry(table, "" if definition.method == "hash" else first, made.height, units)


def _gin_keys(definition: IndexDefinition) -> float:
    """Entries of a row in a GIN index."""
    key = definition.keys[0]
    column = next((each for each in definition.table.columns if each.quoted == key.sql), None)
    kind = "trgm" if "trgm" in key.operator_class else column.type if column is not None else ""
    if column is None or column.statistics is None or kind not in _GIN_BYTES:
        return _GIN_KEYS
    return max(1.0, column.statistics.width / _GIN_BYTES[kind])


def _entry(table: Table, first_key: str, height: int | None, units: PlannerUnits) -> float:
    """Cost of one entry: the descent, the entry, and its page unless entries arrive in the index's order."""
    halvings = math.ceil(math.log2(max(2.0, table.rows)))
    descent = (halvings + ((height or 0) + 1) * _PAGE_CPU) * units.operator
    column = next((each for each in table.columns if each.quoted == first_key), None)
    known = column.statistics.correlation if column is not None and column.statistics is not None else None
    return descent + units.index_tuple + units.random_page * (1.0 - abs(known or 0.0))


def held_columns(definition: IndexDefinition) -> frozenset[str]:
    """Names of the columns that an index holds or that its condition looks at."""
    texts = [*(key.sql for key in definition.keys), *definition.included, *filter(None, (definition.where,))]
    trees = [sqlglot.parse_one(f"SELECT {text}", dialect="postgres") for text in texts]
    return frozenset(folded(column.this) for tree in trees for column in tree.find_all(exp.Column))
