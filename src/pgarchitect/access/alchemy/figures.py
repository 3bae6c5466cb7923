"""``count``, ``aggregate`` and ``group_by`` as SELECTs of SQLAlchemy; see ``access.aggregation``."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from pgarchitect.access.aggregation import Figures
from pgarchitect.access.alchemy.catalog import Catalog, as_text, is_by_text, present, shown
from pgarchitect.access.alchemy.conditions import Tests
from pgarchitect.access.conditions import Where
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.shapes import TableShape, ValueKind

_FUNCTIONS: Final = ("count", "sum", "avg", "min", "max")
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "equals": operator.eq,
    "not": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def count(catalog: Catalog, shape: TableShape, where: Where | None) -> sa.Select[Any]:
    """How many rows fit."""
    table = catalog.table(shape.name)
    return sa.select(sa.func.count()).select_from(table).where(Tests(catalog).of(shape, where, table))


def figures(
    catalog: Catalog,
    shape: TableShape,
    wanted: Figures,
    where: Where | None,
    *,
    by: Sequence[str] = (),
    having: Mapping[str, Any] | None = None,
    order_by: Mapping[str, str] | None = None,
) -> tuple[sa.Select[Any], tuple[str, ...]]:
    """Figures of the rows that fit, of each value of ``by``; the SELECT, and the names of its columns.

    Raises:
        InvalidCondition: a figure does not exist, or not for the field, or none is asked for.
    """
    table = catalog.table(shape.name)
    named = _named(table, shape, wanted, by)
    if not named:
        raise InvalidCondition("aggregate names no figure; ask for count, sum, avg, min or max.")
    grouped = shown(table, [shape.column(name) for name in by])
    listed = [*grouped, *(each.label(name) for name, each in list(named.items())[len(by) :])]
    made = sa.select(*listed).select_from(table).where(Tests(catalog).of(shape, where, table))
    made = made.group_by(*(named[name] for name in by)).having(_having(having or {}, named))
    return made.order_by(*_orders(order_by or {}, named)), tuple(named)


def _named(table: sa.Table, shape: TableShape, wanted: Figures, by: Sequence[str]) -> dict[str, sa.ColumnElement[Any]]:
    """Name of a result's column → what it is."""
    made: dict[str, sa.ColumnElement[Any]] = {name: present(table, shape.column(name)) for name in by}
    if wanted.all:
        made["count"] = sa.func.count()
    for function, fields in wanted.of.items():
        if function not in _FUNCTIONS:
            raise InvalidCondition(f"There is no figure {function!r}; there are {', '.join(_FUNCTIONS)}.")
        for field in fields:
            made[f"{function}_{field}"] = _figure(table, shape, function, field)
    return made


def _figure(table: sa.Table, shape: TableShape, function: str, field: str) -> sa.ColumnElement[Any]:
    column = shape.column(field)
    if function in {"sum", "avg"} and column.kind is not ValueKind.NUMBER:
        raise InvalidCondition(f"{column.name} is no number, so it has no {function}.")
    # sum and avg have types of their own (of int8 numeric), which are left to the driver.
    subject = table.c[column.name]
    if function in {"sum", "avg"}:
        made: sa.ColumnElement[Any] = getattr(sa.func, function)(subject, type_=sa.types.NULLTYPE)
    else:
        made = getattr(sa.func, function)(subject)
    return sa.cast(made, as_text(column)) if is_by_text(column) and function != "count" else made


def _having(having: Mapping[str, Any], named: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    tests = []
    for name, asked in having.items():
        subject = _known(name, named)
        for word, value in (asked if isinstance(asked, Mapping) else {"equals": asked}).items():
            if word not in _COMPARISONS or isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidCondition(f"having of {name} takes numbers with {', '.join(_COMPARISONS)}.")
            tests.append(_COMPARISONS[word](subject, sa.cast(sa.literal(value, sa.Double()), sa.Double())))
    return sa.and_(sa.true(), *tests)


def _orders(order_by: Mapping[str, str], named: Mapping[str, sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    made: list[sa.ColumnElement[Any]] = []
    for name, direction in order_by.items():
        if direction not in {"asc", "desc"}:
            raise InvalidCondition(f'The order of {name} is {direction!r}; it may be "asc" or "desc".')
        subject = _known(name, named)
        made.append(subject.desc() if direction == "desc" else subject.asc())
    return made


def _known(name: str, named: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    if name not in named:
        raise InvalidCondition(f"The result has no column {name!r}; it has {', '.join(named)}.")
    return named[name]
