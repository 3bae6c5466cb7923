"""``count``, ``aggregate`` and ``group_by`` as SELECTs of SQLAlchemy; see ``access.aggregation``."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pgarchitect.access.aggregation import ALL, FUNCTIONS, ROWS, Figures, Groups, column_of, figure, unknown_figure
from pgarchitect.access.alchemy import reading
from pgarchitect.access.alchemy.catalog import Catalog, as_text, is_by_text, present
from pgarchitect.access.alchemy.conditions import Tests, tested
from pgarchitect.access.conditions import Where
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import mapping
from pgarchitect.access.reading import Wanted, plan
from pgarchitect.access.shapes import ColumnShape, TableShape

_Figure = tuple[sa.ColumnElement[Any], ColumnShape]


def count(catalog: Catalog, shape: TableShape, wanted: Wanted, fields: Sequence[str] = (ALL,)) -> sa.Select[Any]:
    """How many rows are wanted, and of each field that is named how many values they have."""
    rows = reading.select(catalog, plan(catalog.shapes, shape, wanted), bare=True).subquery()
    listed: list[sa.ColumnElement[Any]] = [
        sa.func.count() if name == ALL else sa.func.count(rows.c[name]) for name in fields
    ]
    made: sa.Select[Any] = sa.select(*listed)
    return made.select_from(rows)


def figures(
    catalog: Catalog,
    shape: TableShape,
    wanted: Figures,
    where: Where | None,
    *,
    by: Sequence[str] = (),
    groups: Groups | None = None,
) -> tuple[sa.Select[Any], tuple[str, ...]]:
    """Figures of the rows that fit, of each value of ``by``; the SELECT, and the names of its columns.

    Raises:
        InvalidCondition: a figure does not exist, or not for the field, or none is asked for.
    """
    table, groups = catalog.table(shape.name), groups or Groups()
    named = _named(table, shape, wanted, by)
    if not named:
        raise InvalidCondition("aggregate names no figure; ask for count, sum, avg, min or max.")
    made = sa.select(*(_shown(*each).label(name) for name, each in named.items())).select_from(table)
    made = made.where(Tests(catalog).of(shape, where, table)).group_by(*(named[name][0] for name in by))
    for name, asked in mapping(groups.having or {}, "having").items():
        subject, column = _known(table, shape, name, by)
        made = made.having(tested(column, subject, asked))
    for name, descends in groups.orders:
        subject = _known(table, shape, name, by)[0]
        made = made.order_by(subject.desc() if descends else subject.asc())
    take, skip = groups.part
    return made.limit(take).offset(skip or None), tuple(named)


def _named(table: sa.Table, shape: TableShape, wanted: Figures, by: Sequence[str]) -> dict[str, _Figure]:
    """Name of a result's column → what it is."""
    names = [*by, *(["count"] if wanted.all else [])]
    for function, fields in wanted.of.items():
        if function not in FUNCTIONS:
            raise InvalidCondition(f"There is no figure {function!r}; there are {', '.join(FUNCTIONS)}.")
        names += [f"{function}_{shape.column(field).name}" for field in fields]
    return {name: _known(table, shape, name, by) for name in names}


def _known(table: sa.Table, shape: TableShape, name: str, by: Sequence[str]) -> _Figure:
    if name in by:
        return present(table, shape.column(name)), shape.column(name)
    if name == "count":
        return sa.func.count(), ROWS
    found = figure(shape, name)
    if found is None:
        raise unknown_figure(name, by)
    function, column = found
    subject = table.c[column.name]
    # sum and avg have types of their own (of int8 numeric), which are left to the driver.
    types = {"type_": sa.types.NULLTYPE} if function in {"sum", "avg"} else {}
    return getattr(sa.func, function)(subject, **types), column_of(function, column)


def _shown(made: sa.ColumnElement[Any], column: ColumnShape) -> sa.ColumnElement[Any]:
    return sa.cast(made, as_text(column)) if is_by_text(column) else made
