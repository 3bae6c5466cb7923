"""Tables of a sample get the order back in which the source stores them.

Rows that others refer to come after those that were drawn, and a join may change the order of those. A table that is
stored in the order of a column, as most are in that of their key or of time, would then look shuffled: the planner
would take index scans for dear that are cheap on the source, and they would be dear.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.sandbox.tables import Table

SORTED: Final = 0.8
"""Correlation from which a table counts as stored in the order of a column."""
TOLERATED: Final = 0.02
"""So much less correlated a column may be in the copy."""
_INDEX: Final = "pgarchitect_order"


@dataclass(frozen=True, slots=True)
class Order:
    """A table that is stored in the order of a column, and how much: its correlation, below 0 when it descends."""

    table: Table
    column: str
    correlation: float


def orders_of(source: Connection, tables: Iterable[Table]) -> tuple[Order, ...]:
    """The orders of those tables that are stored in one."""
    found = (_order(source, table, SORTED) for table in tables)
    return tuple(each for each in found if each is not None)


def put_in_order(target: Connection, orders: Iterable[Order]) -> None:
    """Sort the tables of the sandbox that are stored in another order than the source's.

    Args:
        target: to the sandbox, as the owner of its tables; they have no statistics yet.
        orders: of the source.
    """
    for each in orders:
        target.execute(sql.SQL("ANALYZE {} ({})").format(_name(each.table), sql.Identifier(each.column)))
        here = _order(target, each.table, 0.0)
        if here is not None and abs(here.correlation - each.correlation) > TOLERATED:
            _sort(target, each)


def _order(connection: Connection, table: Table, least: float) -> Order | None:
    where = {"schema": table.schema, "name": table.name, "least": least}
    text = named("pgarchitect.sandbox", "source.sql", "sorted_by")
    row = connection.execute(text.encode(), where).fetchone()
    return Order(table, *row) if row is not None else None


def _sort(target: Connection, order: Order) -> None:
    name, index = _name(order.table), sql.Identifier(_INDEX)
    direction = sql.SQL("DESC" if order.correlation < 0 else "ASC")
    create = sql.SQL("CREATE INDEX {} ON {} ({} {})")
    target.execute(create.format(index, name, sql.Identifier(order.column), direction))
    target.execute(sql.SQL("CLUSTER {} USING {}").format(name, index))
    target.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(order.table.schema, _INDEX)))


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)
