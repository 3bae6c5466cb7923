"""Statistics of columns as the catalog has them, written to the twin's catalog.

A twin of PostgreSQL 18 takes most of them from the dump; not those of tables with row security, which the view
``pg_stats`` hides from everybody whom the policies bind. An older twin takes all of them from here. The slots are those
of ``catalog/pg_statistic.h``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named

_ELEMENTS: Final = 4
"""STATISTIC_KIND_MCELEM: values are elements of the column's arrays, lexemes of its documents."""
_RANGE_LENGTHS: Final = 6
"""STATISTIC_KIND_RANGE_LENGTH_HISTOGRAM: values are double precision."""
_RANGE_BOUNDS: Final = 7
"""STATISTIC_KIND_BOUNDS_HISTOGRAM: values are ranges, of a multirange column too."""
_FIRST_FOREIGN: Final = 8
"""Kinds from here on are those of extensions, whose values' types nobody knows."""
_FLOAT8: Final = 701


@dataclass(frozen=True, slots=True)
class Slot:
    """One kind of statistics: numbers and values as text, operator and collation as SQL spells them."""

    kind: int
    operator: str | None = None
    collation: str | None = None
    numbers: str | None = None
    values: str | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """What is known of a column's, or an expression's, values.

    Attributes:
        null_fraction: share of rows.
        width: mean bytes of a value.
        distinct: number of values; negative: share of the rows.
        slots: five.
    """

    null_fraction: float
    width: int
    distinct: float
    slots: tuple[Slot, ...]

    @classmethod
    def of(cls, row: Sequence[Any]) -> "Distribution":
        """From null fraction, width, distinct values and five arrays of five slots."""
        fraction, width, distinct, *arrays = row
        return cls(fraction, width, distinct, tuple(Slot(*slot) for slot in zip(*arrays, strict=True)))


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """The statistics of one column; ``number`` counts for indexes, whose columns' names are not theirs to keep."""

    schema: str
    relation: str
    is_index: bool
    column: str
    number: int
    inherited: bool
    distribution: Distribution


def read_column_statistics(connection: Connection, *, everything: bool) -> tuple[ColumnStatistics, ...]:
    """Statistics of the source's columns, of all or of tables with row security; empty when the role may not."""
    rows = connection.execute(_sql("columns").encode(), {"everything": everything}).fetchall()
    return tuple(_column(row) for row in rows)


def _column(row: Sequence[Any]) -> ColumnStatistics:
    schema, relation, is_index, column, number, inherited, *rest = row
    return ColumnStatistics(schema, relation, is_index, column, number, inherited, Distribution.of(rest))


def write_column_statistics(connection: Connection, found: Sequence[ColumnStatistics]) -> tuple[str, ...]:
    """Write statistics to the twin's catalog; names of columns that are there and refuse theirs are returned."""
    return tuple(f"{each.schema}.{each.relation}.{each.column}" for each in found if not _written(connection, each))


def _written(connection: Connection, each: ColumnStatistics) -> bool:
    """False: the server refused them."""
    wanted = {
        "schema": each.schema,
        "relation": each.relation,
        "is_index": each.is_index,
        "number": each.number,
        "column": each.column,
    }
    row = connection.execute(_sql("column").encode(), wanted).fetchone()
    if row is None:  # a relation that is not in the twin is told elsewhere
        return True
    oid, number, *types = row
    where = {"relation": oid, "number": number, "inherited": each.inherited}
    with Attempt(connection) as attempt:
        connection.execute(_sql("delete_column").encode(), where)
        insert_distribution(connection, where, each.distribution, types)
    return not attempt.refused


def insert_distribution(
    connection: Connection, where: Mapping[str, Any], distribution: Distribution, types: Sequence[int]
) -> None:
    """Insert a row into ``pg_statistic``.

    Args:
        connection: to the twin.
        where: ``relation``, ``number`` and ``inherited``.
        distribution: what to say.
        types: oids of the type of the column, of its elements, of its ranges.
    """
    composed = as_columns(distribution, types).as_string(connection).replace("%", "%%")
    connection.execute(_sql("insert_column").replace("{statistics}", composed).encode(), where)


def as_columns(distribution: Distribution, types: Sequence[int]) -> sql.Composed:
    """A distribution as expressions for the columns of ``pg_statistic`` from ``stanullfrac`` on."""
    slots = [slot if slot.kind < _FIRST_FOREIGN else Slot(0) for slot in distribution.slots]
    return sql.SQL(", ").join([
        sql.SQL("{}::real, {}::int, {}::real").format(
            distribution.null_fraction, distribution.width, distribution.distinct
        ),
        *(sql.SQL("{}::smallint").format(slot.kind) for slot in slots),
        *(_named(slot.operator, "regoperator") for slot in slots),
        *(_named(slot.collation, "regcollation") for slot in slots),
        *(sql.SQL("{}::real[]").format(slot.numbers) for slot in slots),
        *(_values(slot, types) for slot in slots),
    ])  # fmt: skip


def _named(name: str | None, kind: str) -> sql.Composable:
    # Zero, where there is none, is spelled as a number or a dash.
    if name in {None, "0", "-"}:
        return sql.SQL("0")
    return sql.SQL("{}::pg_catalog.{}").format(name, sql.SQL(kind))


def _values(slot: Slot, types: Sequence[int]) -> sql.Composable:
    column, element, range_ = types
    if slot.values is None or slot.kind == 0:
        return sql.SQL("NULL")
    kind = {_ELEMENTS: element, _RANGE_LENGTHS: _FLOAT8, _RANGE_BOUNDS: range_}.get(slot.kind, column)
    return sql.SQL("pg_catalog.array_in({}::cstring, {}::oid, -1)").format(slot.values, kind)


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "statistics.sql", name)
