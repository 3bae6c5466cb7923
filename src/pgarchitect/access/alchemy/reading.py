"""Reads as SELECTs of SQLAlchemy; what they mean stands in ``access.reading``."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from pgarchitect.access.alchemy.catalog import Catalog, bound, present, shown, type_of
from pgarchitect.access.alchemy.conditions import Test, Tests
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.ordering import Key
from pgarchitect.access.reading import Included, ReadPlan, keys_by
from pgarchitect.access.shapes import TableShape


def select(catalog: Catalog, read: ReadPlan) -> sa.Select[Any]:
    """The SELECT of a read's own rows."""
    source = catalog.table(read.table.name).alias("t")
    keys, wanted = keys_by(read), read.wanted
    made = sa.select(*shown(source, read.columns)).where(_test(catalog, read, source, keys))
    made = _distinct(read, made, source, keys) if wanted.distinct else made.order_by(*_orders(source, keys))
    if wanted.take is not None:
        made = made.limit(abs(wanted.take))
    return made.offset(wanted.skip) if wanted.skip else made


def _test(catalog: Catalog, read: ReadPlan, source: sa.FromClause, keys: Sequence[Key]) -> Test:
    test = Tests(catalog).of(read.table, read.wanted.where, source)
    if read.wanted.after:
        test = sa.and_(test, _after(source, keys, read.wanted.after))
    if read.wanted.cursor is None:
        return test
    return sa.and_(test, _from_cursor(catalog, read.table, source, keys, read.wanted.cursor))


def _orders(source: sa.FromClause, keys: Sequence[Key]) -> list[sa.ColumnElement[Any]]:
    return [_order(present(source, each.column), each) for each in keys]


def _order(column: sa.ColumnElement[Any], key: Key) -> sa.ColumnElement[Any]:
    made = column.desc() if key.descending else column.asc()
    return made.nulls_first() if key.nulls_first else made.nulls_last()


def _from_cursor(
    catalog: Catalog, table: TableShape, source: sa.FromClause, keys: Sequence[Key], cursor: Mapping[str, object]
) -> Test:
    """Not before the row of the cursor: there is such a row, and this one is later in the order or is equal."""
    if not table.identifies(frozenset(cursor)):
        raise InvalidCondition(f"The cursor of {table.name} must name one row: give its primary key or a unique key.")
    start = catalog.table(table.name).alias()
    test: Test = sa.true()
    for key in reversed(keys):
        mine, theirs = present(source, key.column), present(start, key.column)
        test = sa.or_(_later(key, mine, theirs), sa.and_(mine.is_not_distinct_from(theirs), test))
    named = [start.c[name] == bound(table.column(name), value) for name, value in cursor.items()]
    inside: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(start).where(*named, test)
    return inside.correlate_except(start).exists()


def _after(source: sa.FromClause, keys: Sequence[Key], values: Sequence[object]) -> Test:
    test: Test = sa.false()
    for key, value in zip(reversed(keys), reversed(values), strict=True):
        mine, theirs = present(source, key.column), bound(key.column, value)
        test = sa.or_(_later(key, mine, theirs), sa.and_(mine.is_not_distinct_from(theirs), test))
    return test


def _later(key: Key, mine: sa.ColumnElement[Any], theirs: sa.ColumnElement[Any]) -> Test:
    beyond = mine < theirs if key.descending else mine > theirs
    first, last = (theirs, mine) if key.nulls_first else (mine, theirs)
    return sa.or_(beyond, sa.and_(first.is_(None), last.is_not(None)))


def _distinct(read: ReadPlan, made: sa.Select[Any], source: sa.FromClause, keys: Sequence[Key]) -> sa.Select[Any]:
    chosen = [read.table.column(name) for name in read.wanted.distinct]
    missing = [each.column.name for each in keys if each.column not in read.columns]
    if missing:
        raise InvalidCondition(f"With distinct, the fields of order_by must be selected: add {', '.join(missing)}.")
    own = {each.column: each for each in keys}
    first = [own.get(each, Key(each, descending=False, nulls_first=False)) for each in chosen]
    rest = [each for each in keys if each.column not in chosen]
    ordered = made.ext(pg.distinct_on(*(present(source, each) for each in chosen))).order_by(
        *_orders(source, [*first, *rest])
    )
    inner = ordered.add_columns(
        *(present(source, each.column).label(f"_{n}") for n, each in enumerate(keys))
    ).subquery()
    columns = list(inner.c)
    orders = [_order(column, key) for column, key in zip(columns[len(read.columns) :], keys, strict=True)]
    return sa.select(*columns[: len(read.columns)]).order_by(*orders)


def select_included(catalog: Catalog, table: TableShape, included: Included, rows: Sequence[Sequence[Any]]) -> Any:  # noqa: ANN401
    """The SELECT of what a relation leads to from ``rows``; its first column is the number of the row, from 1.

    Each row's own are numbered by a window, of which ``skip`` and ``take`` are a part.
    """
    relation, read = included.relation, included.plan
    parents = _parents(table, included, rows)
    inner = catalog.table(read.table.name).alias("t")
    keys = keys_by(read)
    joined = Tests(catalog).joined(relation, parents, inner)
    number = sa.func.row_number().over(partition_by=parents.c.n, order_by=_orders(inner, keys) or None).label("_r")
    numbered = (
        sa.select(parents.c.n, number, *shown(inner, read.columns))
        .select_from(parents.join(inner, joined))
        .where(_test(catalog, read, inner, keys))
        .subquery()
    )
    wanted, columns = read.wanted, list(numbered.c)
    made = sa.select(columns[0], *columns[2:]).order_by(columns[0], columns[1]).where(columns[1] > wanted.skip)
    return made if wanted.take is None else made.where(columns[1] <= wanted.skip + abs(wanted.take))


def _parents(table: TableShape, included: Included, rows: Sequence[Sequence[Any]]) -> sa.Values:
    """The rows that lead to others: number and keys."""
    here = [table.column(name) for name in included.relation.here]
    columns = [sa.column("n", sa.Integer()), *(sa.column(each.name, type_of(each)) for each in here)]
    positions = list(zip(here, included.positions, strict=True))
    data = [
        (sa.literal(number, sa.Integer()), *(bound(column, row[position]) for column, position in positions))
        for number, row in enumerate(rows, 1)
    ]
    return sa.values(*columns, name="p").data(data)
