"""Statements that write rows: pure, nothing here waits.

A row to write is a mapping of fields to values. Fields that are left out get what makes their values (``uuid()``,
``@updatedAt``), or the database's default.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

from pgarchitect.access.columns import Column, column_of, columns_of, converted
from pgarchitect.access.conditions import Conditions, Where
from pgarchitect.access.failures import InvalidCondition, InvalidValue
from pgarchitect.access.reading import selected
from pgarchitect.access.shapes import ColumnShape, Tables, TableShape, ValueKind
from pgarchitect.access.statement import Parameters, Statement
from pgarchitect.access.validation.rows import check_ranges, check_rows

Data = Mapping[str, Any]
"""Fields → values."""

_ARITHMETIC: Final = {"increment": "+", "decrement": "-", "multiply": "*", "divide": "/"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for COPY or ``unnest``, column by column.

    Attributes:
        table: that they are written to.
        columns: that any of them has, with their values.
        count: of rows.
    """

    table: TableShape
    columns: tuple[Column, ...]
    count: int

    @property
    def shapes(self) -> list[ColumnShape]:
        """Of the columns."""
        return [each.shape for each in self.columns]

    @property
    def tuples(self) -> Iterator[tuple[Any, ...]]:
        """Each row's values, JSON in UTF-8, one row at a time: to hold all is work for the garbage collector."""
        return zip(*(each.encoded for each in self.columns), strict=True) if self.columns else repeat((), self.count)

    @property
    def can_copy(self) -> bool:
        """Whether the drivers know how to send all columns by COPY."""
        return not any(
            each.kind is ValueKind.OTHER or (each.is_list and each.kind is ValueKind.ENUM) for each in self.shapes
        )


def insert(table: TableShape, data: Data, *, returning: bool = True) -> Statement:
    """INSERT of one row, which comes back whole.

    Raises:
        UnknownField: a name does not exist.
        InvalidValue: a value cannot be written.
    """
    parameters = Parameters()
    row = completed(table, data)
    columns = [table.column(name) for name in row]
    values = [parameters.add(each, row[each.name]) for each in columns]
    return parameters.statement(f"{_into(table, columns, values)}{_returning(table) if returning else ''}")


def _into(table: TableShape, columns: Sequence[ColumnShape], values: Sequence[str]) -> str:
    if not columns:
        return f"INSERT INTO {table.qualified} AS t DEFAULT VALUES"
    names = ", ".join(each.quoted for each in columns)
    return f"INSERT INTO {table.qualified} AS t ({names}) VALUES ({', '.join(values)})"


def completed(table: TableShape, data: Data) -> dict[str, Any]:
    """A row with the values that are made for the fields it leaves out."""
    for name in data:
        table.column(name)
    made = {each.name: each.make_default() for each in table.columns if each.make_default and each.name not in data}
    return {**data, **made}


def listed(table: TableShape, data: Iterable[Data]) -> list[Data]:
    """Rows as a list.

    Raises:
        InvalidCondition: they are one row.
    """
    if isinstance(data, Mapping):
        raise InvalidCondition(f"Many rows of {table.name} are a list of mappings; of one row use insert.")
    return data if isinstance(data, list) else list(data)


def rows_of(table: TableShape, data: Iterable[Data], *, validate: bool = True) -> Rows:
    """Rows for COPY or ``unnest``; all must have the same fields, since what one leaves out would have to be guessed.

    Args:
        table: that they are written to.
        data: the rows.
        validate: look whether all values fit before any is sent.

    Raises:
        UnknownField: a name does not exist.
        ValidationFailed: values do not fit.
        InvalidValue: rows have different fields, or a value cannot be written.
    """
    several = listed(table, data)
    if not several:
        return Rows(table, (), 0)
    names = tuple(several[0])
    makers = [each for each in table.columns if each.make_default is not None and each.name not in several[0]]
    given = columns_of([table.column(name) for name in names], several)
    if given is None:
        raise _uneven(table, names, several)
    if validate:
        check_rows(table, given)
    else:
        check_ranges(given)
    made = [column_of(each, [each.make_default() for _ in several]) for each in makers if each.make_default]
    try:
        return Rows(table, tuple(map(converted, given + made)), len(several))
    except InvalidValue:
        if validate:  # tell of all such values, not only of the first
            check_rows(table, given, closely=True)
        raise


def _uneven(table: TableShape, names: tuple[str, ...], several: Sequence[Data]) -> InvalidValue:
    number, row = next((number, row) for number, row in enumerate(several, 1) if set(row) != set(names))
    differ = sorted(set(names) ^ set(row))
    return InvalidValue(
        f"Row {number} of those for {table.name} has other fields than the first ({', '.join(differ)}); give all rows"
        " the same fields. Nothing was written."
    )


@dataclass(frozen=True, slots=True)
class Conflict:
    """What to do with a row whose key exists already.

    Attributes:
        columns: fields of the unique key; empty: any key.
        update: fields to overwrite; empty: the row is left as it is.
    """

    columns: tuple[str, ...] = ()
    update: tuple[str, ...] = ()

    def overwritten(self, table: TableShape) -> list[ColumnShape]:
        """The columns to overwrite: with the fields also those that are made for every UPDATE (``@updatedAt``)."""
        # What an INSERT leaves out is in EXCLUDED as the database's default (``@default(now()) @updatedAt``).
        made = [each for each in table.columns if each.make_update is not None]
        return list(dict.fromkeys([*map(table.column, self.update), *(each for each in made if self.update)]))


def insert_unnest(rows: Rows, conflict: Conflict | None = None, *, returning: bool = True) -> Statement:
    """INSERT of many rows in one statement of one text, however many there are.

    Raises:
        InvalidCondition: the conflict's columns are no unique key.
    """
    parameters = Parameters()
    shapes = rows.shapes
    names = ", ".join(each.quoted for each in shapes)
    arrays = [array(parameters, each.shape, each.driven) for each in rows.columns]
    # Arrays of arrays have one length in PostgreSQL, so a list column's values travel as texts of arrays.
    taken = ", ".join(f"u.c{n}::{each.type}[]" if each.is_list else f"u.c{n}" for n, each in enumerate(shapes))
    source = f"unnest({', '.join(arrays)}) AS u({', '.join(f'c{n}' for n in range(len(shapes)))})"
    text = f"INSERT INTO {rows.table.qualified} AS t ({names}) SELECT {taken} FROM {source}"
    text += _on_conflict(rows.table, conflict)
    return parameters.statement(f"{text}{_returning(rows.table) if returning else ''}")


def array(parameters: Parameters, column: ColumnShape, values: Sequence[Any]) -> str:
    """Values of a column, as one array a statement; lists among them as texts of arrays."""
    if column.is_list:
        return parameters.typed([None if each is None else array_text(each) for each in values], "text[]")
    by_text = column.kind in {ValueKind.JSON, ValueKind.OTHER}
    return parameters.typed(values, f"{column.type}[]", by_text=by_text)


def array_text(values: Sequence[Any]) -> str:
    """An array as PostgreSQL reads it from text."""
    return "{" + ",".join(_element(each) for each in values) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _on_conflict(table: TableShape, conflict: Conflict | None) -> str:
    if conflict is None:
        return ""
    if conflict.columns and not table.identifies(frozenset(conflict.columns)):
        raise InvalidCondition(f"{', '.join(conflict.columns)} of {table.name} is no unique key; name one.")
    target = f" ({', '.join(table.column(each).quoted for each in conflict.columns)})" if conflict.columns else ""
    if not conflict.update:
        return f" ON CONFLICT{target} DO NOTHING"
    sets = [f"{each.quoted} = EXCLUDED.{each.quoted}" for each in conflict.overwritten(table)]
    return f" ON CONFLICT{target} DO UPDATE SET {', '.join(sets)}"


def creates_its_key(key: Data, create: Data) -> bool:
    """Whether the row that an upsert would create is the one that it looks for; where it is not, one must look first.

    What is created is what ``create`` says: to write the key for it would put numbers into the table that its sequence
    comes to later.
    """
    return all(name in create and create[name] == key[name] for name in key)


def upsert(table: TableShape, key: Data, create: Data, update: Data) -> Statement:
    """INSERT of a row, or UPDATE of the one that has its key; either comes back whole.

    Raises:
        InvalidCondition: ``key`` names no unique key.
    """
    if not table.identifies(frozenset(key)):
        raise InvalidCondition(f"{', '.join(key)} of {table.name} is no unique key; name one.")
    row = completed(table, create)
    parameters = Parameters()
    columns = [table.column(name) for name in row]
    text = _into(table, columns, [parameters.add(each, row[each.name]) for each in columns])
    target = ", ".join(table.column(each).quoted for each in key)
    # A row that is found comes back too, also where nothing of it changes.
    sets = assignments(table, update, parameters, "t") or [
        f"{table.column(n).quoted} = t.{table.column(n).quoted}" for n in key
    ]
    return parameters.statement(f"{text} ON CONFLICT ({target}) DO UPDATE SET {', '.join(sets)}{_returning(table)}")


def update(tables: Tables, table: TableShape, where: Where | None, data: Data, *, returning: bool) -> Statement | None:
    """UPDATE of the rows that fit; None: there is nothing to set.

    Raises:
        InvalidCondition: an operation does not exist for a field.
    """
    parameters = Parameters()
    sets = assignments(table, data, parameters, "t")
    if not sets:
        return None
    test = Conditions(tables, parameters).of(table, where, "t")
    text = f"UPDATE {table.qualified} t SET {', '.join(sets)} WHERE {test}"
    return parameters.statement(f"{text}{_returning(table) if returning else ''}")


def delete(tables: Tables, table: TableShape, where: Where | None, *, returning: bool) -> Statement:
    """DELETE of the rows that fit."""
    parameters = Parameters()
    test = Conditions(tables, parameters).of(table, where, "t")
    text = f"DELETE FROM {table.qualified} t WHERE {test}"
    return parameters.statement(f"{text}{_returning(table) if returning else ''}")


def assignments(table: TableShape, data: Data, parameters: Parameters, alias: str) -> list[str]:
    """What an UPDATE sets, and what is made for every UPDATE; empty where ``data`` sets nothing."""
    sets = [_assigned(table.column(name), value, parameters, alias) for name, value in data.items()]
    if not sets:
        return []
    made = [each for each in table.columns if each.make_update is not None and each.name not in data]
    return [
        *sets,
        *(f"{each.quoted} = {parameters.add(each, each.make_update())}" for each in made if each.make_update),
    ]


def _assigned(column: ColumnShape, value: object, parameters: Parameters, alias: str) -> str:
    operation = _operation(column, value)
    if operation is None:
        return f"{column.quoted} = {parameters.add(column, value)}"
    name, operand = operation
    if name == "set":
        return f"{column.quoted} = {parameters.add(column, operand)}"
    subject = f"{alias}.{column.quoted}"
    if name == "push" and column.is_list:
        several = list(operand) if isinstance(operand, list | tuple) else [operand]
        return f"{column.quoted} = {subject} || {parameters.add(column, several)}"
    if name in _ARITHMETIC and column.kind is ValueKind.NUMBER and not column.is_list:
        return f"{column.quoted} = {subject} {_ARITHMETIC[name]} {parameters.add(column, operand)}"
    raise InvalidCondition(f"{column.name} cannot be updated by {name!r}; set it to a value.")


def _operation(column: ColumnShape, value: object) -> tuple[str, Any] | None:
    """``{"increment": 1}`` as operation and operand; of JSON a mapping is a value, unless it only says ``set``."""
    is_json = column.kind is ValueKind.JSON and not column.is_list
    if not isinstance(value, Mapping) or (is_json and set(value) != {"set"}):
        return None
    if len(value) != 1:
        raise InvalidCondition(f"An update of {column.name} takes one operation, not {len(value)}.")
    [(name, operand)] = value.items()
    return str(name), operand


def _returning(table: TableShape) -> str:
    return f" RETURNING {', '.join(selected(each, 't') for each in table.columns)}"
