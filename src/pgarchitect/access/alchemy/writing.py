"""Writes as INSERT, UPDATE and DELETE of SQLAlchemy; what they mean stands in ``access.writing``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from pgarchitect.access.alchemy.catalog import Catalog, as_text, bound, given, is_by_text, shown, type_of
from pgarchitect.access.alchemy.conditions import Tests
from pgarchitect.access.conditions import Where
from pgarchitect.access.failures import InvalidCondition, InvalidValue
from pgarchitect.access.shapes import ColumnShape, TableShape, ValueKind
from pgarchitect.access.writing import Conflict, Data, completed

_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "increment": lambda column, value: column + value,
    "decrement": lambda column, value: column - value,
    "multiply": lambda column, value: column * value,
    # SQLAlchemy's own division of whole numbers is one of decimals.
    "divide": lambda column, value: column.op("/")(value),
}


def insert(catalog: Catalog, shape: TableShape, data: Data) -> Any:  # noqa: ANN401  # an INSERT
    """INSERT of one row, which comes back whole."""
    table = catalog.table(shape.name)
    row = completed(shape, data)
    made = pg.insert(table).values({name: bound(shape.column(name), value) for name, value in row.items()})
    return (made if row else pg.insert(table)).returning(*shown(table, shape.columns))


def insert_many(
    catalog: Catalog, shape: TableShape, rows: Sequence[Data], conflict: Conflict | None
) -> tuple[Any, list[dict[str, Any]]]:
    """INSERT of one row a set of parameters, and the sets; what was written comes back.

    Raises:
        InvalidValue: rows have different fields.
        InvalidCondition: the conflict's columns are no unique key.
    """
    table = catalog.table(shape.name)
    full = [completed(shape, each) for each in _even(shape, rows)]
    columns = [shape.column(name) for name in full[0]]
    made = pg.insert(table).values({each.name: _parameter(each) for each in columns})
    made = _on_conflict(table, shape, made, conflict)
    sets = [{f"v_{each.name}": given(each, row[each.name]) for each in columns} for row in full]
    return made, sets


def _even(shape: TableShape, rows: Sequence[Data]) -> Sequence[Data]:
    for row in rows:
        if set(row) != set(rows[0]):
            raise InvalidValue(f"Rows for {shape.name} have different fields; give all the same. Nothing was written.")
    return rows


def _parameter(column: ColumnShape) -> sa.ColumnElement[Any]:
    name = f"v_{column.name}"
    if is_by_text(column):
        return sa.cast(sa.bindparam(name, type_=as_text(column)), type_of(column))
    return sa.bindparam(name, type_=type_of(column))


def _on_conflict(table: sa.Table, shape: TableShape, made: pg.Insert, conflict: Conflict | None) -> pg.Insert:
    if conflict is None:
        return made
    if conflict.columns and not shape.identifies(frozenset(conflict.columns)):
        raise InvalidCondition(f"{', '.join(conflict.columns)} of {shape.name} is no unique key; name one.")
    key = [table.c[shape.column(name).name] for name in conflict.columns]
    if not conflict.update:
        return made.on_conflict_do_nothing(index_elements=key or None)
    sets = {table.c[each.name]: made.excluded[each.name] for each in conflict.overwritten(shape)}
    return made.on_conflict_do_update(index_elements=key, set_=sets)


def upsert(catalog: Catalog, shape: TableShape, key: Data, create: Data, update: Data) -> Any:  # noqa: ANN401  # an INSERT
    """INSERT of a row, or UPDATE of the one that has its key; either comes back whole.

    Raises:
        InvalidCondition: ``key`` names no unique key.
    """
    if not shape.identifies(frozenset(key)):
        raise InvalidCondition(f"{', '.join(key)} of {shape.name} is no unique key; name one.")
    table = catalog.table(shape.name)
    row = completed(shape, create)
    made = pg.insert(table).values({name: bound(shape.column(name), value) for name, value in row.items()})
    sets = assignments(table, shape, update) or {table.c[name]: table.c[name] for name in key}
    conflicting = made.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=sets)
    return conflicting.returning(*shown(table, shape.columns))


def update(catalog: Catalog, shape: TableShape, where: Where | None, data: Data) -> Any:  # noqa: ANN401  # or None
    """UPDATE of the rows that fit; None: there is nothing to set."""
    table = catalog.table(shape.name)
    sets = assignments(table, shape, data)
    return sa.update(table).values(sets).where(Tests(catalog).of(shape, where, table)) if sets else None


def delete(catalog: Catalog, shape: TableShape, where: Where | None) -> sa.Delete:
    """DELETE of the rows that fit."""
    table = catalog.table(shape.name)
    return sa.delete(table).where(Tests(catalog).of(shape, where, table))


def returning(catalog: Catalog, shape: TableShape, made: Any) -> Any:  # noqa: ANN401  # any of the above
    """The write whose rows come back whole."""
    return made.returning(*shown(catalog.table(shape.name), shape.columns))


def assignments(table: sa.Table, shape: TableShape, data: Data) -> dict[Any, Any]:
    """Column → what it is set to, with what is made for every UPDATE; empty where ``data`` sets nothing."""
    sets = {table.c[name]: _assigned(shape.column(name), value, table) for name, value in _known(shape, data)}
    if sets:
        for each in shape.columns:
            if each.make_update is not None and each.name not in data:
                sets[table.c[each.name]] = bound(each, each.make_update())
    return sets


def _known(shape: TableShape, data: Data) -> list[tuple[str, Any]]:
    return [(shape.column(name).name, value) for name, value in data.items()]


def _assigned(column: ColumnShape, value: object, table: sa.Table) -> sa.ColumnElement[Any]:
    is_json = column.kind is ValueKind.JSON and not column.is_list
    if not isinstance(value, Mapping) or (is_json and set(value) != {"set"}):
        return bound(column, value)
    if len(value) != 1:
        raise InvalidCondition(f"An update of {column.name} takes one operation, not {len(value)}.")
    [(name, operand)] = value.items()
    subject = table.c[column.name]
    if name == "set":
        return bound(column, operand)
    if name == "push" and column.is_list:
        several = list(operand) if isinstance(operand, list | tuple) else [operand]
        return subject.op("||")(bound(column, several))
    if name in _ARITHMETIC and column.kind is ValueKind.NUMBER and not column.is_list:
        made: sa.ColumnElement[Any] = _ARITHMETIC[name](subject, bound(column, operand))
        return made
    raise InvalidCondition(f"{column.name} cannot be updated by {name!r}; set it to a value.")
