"""Reads as SELECTs of SQLAlchemy; what they mean stands in ``access.reading``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from pgarchitect.access.alchemy.catalog import Catalog, bound, present, shown, type_of
from pgarchitect.access.alchemy.conditions import Test, Tests
from pgarchitect.access.ordering import COUNT, Hop, Key
from pgarchitect.access.reading import Included, ReadPlan, distinct_columns, keys_by
from pgarchitect.access.shapes import TableShape

Belongs = Callable[[sa.FromClause], Test]
"""The condition that a row belongs to the one that includes it."""


def select(catalog: Catalog, read: ReadPlan, *, bare: bool = False) -> sa.Select[Any]:
    """The SELECT of a read's own rows; ``bare``: columns as the database has them."""
    source = catalog.table(read.table.name).alias("t")
    keys, wanted = keys_by(catalog.shapes, read), read.wanted
    columns = [source.c[each.name] for each in read.columns] if bare else _shown(catalog, read, source)
    made = sa.select(*columns).where(_test(catalog, read, source, keys))
    made = (
        _distinct(catalog, read, made, source, keys)
        if wanted.distinct
        else made.order_by(*_orders(catalog, source, keys))
    )
    if wanted.take is not None:
        made = made.limit(abs(wanted.take))
    return made.offset(wanted.skip) if wanted.skip else made


def _shown(catalog: Catalog, read: ReadPlan, source: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    """Columns, and the numbers of rows that relations lead to."""
    numbers = (Tests(catalog).number(each.relation, each.where, source) for each in read.counts)
    return [*shown(source, read.columns), *(each.label(f"_count {n}") for n, each in enumerate(numbers))]


def _test(
    catalog: Catalog, read: ReadPlan, source: sa.FromClause, keys: Sequence[Key], belongs: Belongs | None = None
) -> Test:
    test = Tests(catalog).of(read.table, read.wanted.where, source)
    if read.wanted.after:
        test = sa.and_(test, _after(source, keys, read.wanted.after))
    if read.wanted.cursor is None:
        return test
    return sa.and_(test, _from_cursor(catalog, read.table, source, keys, read.wanted.cursor, belongs=belongs))


def _orders(catalog: Catalog, source: sa.FromClause, keys: Sequence[Key]) -> list[sa.ColumnElement[Any]]:
    return [_order(_subject(catalog, source, each, each.hops), each) for each in keys]


def _subject(catalog: Catalog, row: sa.FromClause, key: Key, hops: Sequence[Hop]) -> sa.ColumnElement[Any]:
    if not hops:
        return sa.func.count() if key.column is COUNT else present(row, key.column)
    inner = catalog.table(hops[0].other.name).alias()
    made: sa.Select[Any] = sa.select(_subject(catalog, inner, key, hops[1:])).select_from(inner)
    return made.where(Tests(catalog).joined(hops[0].relation, row, inner)).correlate_except(inner).scalar_subquery()


def _order(column: sa.ColumnElement[Any], key: Key) -> sa.ColumnElement[Any]:
    made = column.desc() if key.descending else column.asc()
    return made.nulls_first() if key.nulls_first else made.nulls_last()


def _from_cursor(
    catalog: Catalog,
    table: TableShape,
    source: sa.FromClause,
    keys: Sequence[Key],
    cursor: Mapping[str, object],
    *,
    belongs: Belongs | None,
) -> Test:
    """Not before the row of the cursor: there is such a row, and this one is later in the order or is equal."""
    start = catalog.table(table.name).alias()
    test: Test = sa.true()
    for key in reversed(keys):
        mine, theirs = present(source, key.column), present(start, key.column)
        test = sa.or_(_later(key, mine, theirs), sa.and_(mine.is_not_distinct_from(theirs), test))
    named = [Tests(catalog).of(table, cursor, start)]
    named += [belongs(start)] if belongs is not None else []
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


def _distinct(
    catalog: Catalog, read: ReadPlan, made: sa.Select[Any], source: sa.FromClause, keys: Sequence[Key]
) -> sa.Select[Any]:
    chosen = distinct_columns(read, keys)
    known = {each.column: each for each in keys}
    first = [known.get(each, Key(each, descending=False, nulls_first=False)) for each in chosen]
    rest = [each for each in keys if each.column not in chosen]
    ordered = made.ext(pg.distinct_on(*(present(source, each) for each in chosen))).order_by(
        *_orders(catalog, source, [*first, *rest])
    )
    inner = ordered.add_columns(
        *(present(source, each.column).label(f"_{n}") for n, each in enumerate(keys))
    ).subquery()
    columns = list(inner.c)
    own = columns[: len(columns) - len(keys)]
    orders = [_order(column, key) for column, key in zip(columns[len(own) :], keys, strict=True)]
    return sa.select(*own).order_by(*orders)


def select_included(catalog: Catalog, table: TableShape, included: Included, rows: Sequence[Sequence[Any]]) -> Any:  # noqa: ANN401
    """The SELECT of what a relation leads to from ``rows``; its first column is the number of the row, from 1.

    Each row's own are numbered by a window, of which ``skip`` and ``take`` are a part.
    """
    relation, read = included.relation, included.plan
    parents = _parents(table, included, rows)
    inner = catalog.table(read.table.name).alias("t")
    keys = keys_by(catalog.shapes, read)

    def belongs(row: sa.FromClause) -> Test:
        return Tests(catalog).joined(relation, parents, row)

    source, columns = parents.join(inner, belongs(inner)), _shown(catalog, read, inner)
    parts = [present(inner, each) for each in distinct_columns(read, keys)]
    orders = [_subject(catalog, inner, each, each.hops) for each in keys]
    ordered = [_order(subject, key) for subject, key in zip(orders, keys, strict=True)]
    found = sa.select(parents.c.n, _number([parents.c.n, *parts], ordered), *columns).select_from(source)
    found = found.where(_test(catalog, read, inner, keys, belongs))
    numbered = _firsts(found, orders, keys) if parts else found.subquery()
    wanted, shown_there = read.wanted, list(numbered.c)
    number = shown_there[1]
    made = sa.select(shown_there[0], *shown_there[2:]).order_by(shown_there[0], number).where(number > wanted.skip)
    return made if wanted.take is None else made.where(number <= wanted.skip + abs(wanted.take))


def _number(parts: Sequence[sa.ColumnElement[Any]], orders: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    """The number of a row among those that are equal in ``parts``."""
    return sa.func.row_number().over(partition_by=parts, order_by=orders or None).label("_r")


def _firsts(found: sa.Select[Any], orders: Sequence[sa.ColumnElement[Any]], keys: Sequence[Key]) -> sa.Subquery:
    """The first row of each value, numbered anew in their order."""
    rows = found.add_columns(*(each.label(f"_o{n}") for n, each in enumerate(orders))).subquery()
    columns = list(rows.c)
    own = columns[: len(columns) - len(keys)]
    again = [_order(each, key) for each, key in zip(columns[len(own) :], keys, strict=True)]
    return sa.select(own[0], _number([own[0]], again), *own[2:]).where(own[1] == 1).subquery()


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
