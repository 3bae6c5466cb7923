"""Rows against their table: every value that does not fit, all at once, before anything is sent."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import NoneType
from typing import Any, Final

from pgarchitect.access.columns import Column
from pgarchitect.access.failures import InvalidValue, ValidationFailed
from pgarchitect.access.shapes import ColumnShape, TableShape, ValueKind
from pgarchitect.access.validation.check import ColumnCheck
from pgarchitect.access.validation.values import column_check

_TOLD: Final = 20
"""Problems that a message tells; the error has all of them."""


def row_problems(table: TableShape, row: Mapping[str, Any], filled: Container[str] = (), at: str = "") -> Iterator[str]:
    """What is wrong with a row to write, a sentence each.

    Args:
        table: that it is written to.
        row: fields → values.
        filled: fields that something else fills, such as the relation through which the row is written.
        at: where the row stands in what was given, to begin each sentence with.

    Raises:
        UnknownField: a name does not exist.
    """
    for name, value in row.items():
        if told := _check(table, table.column(name)).one(value):
            yield f"{at}{name} {told}."
    yield from _missing(table, row, filled, at)


def update_problems(table: TableShape, data: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """What is wrong with what an update sets, a sentence each; arguments as of ``row_problems``."""
    for name, given in data.items():
        column = table.column(name)
        check = _check(table, column).one
        for value in _set_values(column, given):
            if told := check(value):
                yield f"{at}{name} {told}."


def _set_values(column: ColumnShape, given: object) -> Iterator[object]:
    """The values that an update sets, as far as they are known before it runs."""
    is_json = column.kind is ValueKind.JSON and not column.is_list
    if not isinstance(given, Mapping) or (is_json and set(given) != {"set"}):
        yield given
    elif "set" in given:
        yield given["set"]
    elif column.is_list and "push" in given:
        pushed = given["push"]
        yield pushed if isinstance(pushed, list | tuple) else [pushed]


def check_rows(table: TableShape, columns: Sequence[Column], *, closely: bool = False) -> None:
    """Refuse rows that do not fit.

    Args:
        table: that they are written to.
        columns: of all rows, with their values.
        closely: look at each value by itself, also where all surely seem to fit.

    Raises:
        ValidationFailed: some do not.
    """
    problems = list(_missing(table, [each.shape.name for each in columns], (), ""))
    found: list[tuple[int, str]] = []
    for column in columns:
        check, name, values = _check(table, column.shape), column.shape.name, column.values
        if closely or not _fits(check, column):
            found += [(number, f"{name} {told}.") for number, each in enumerate(values, 1) if (told := check.one(each))]
    # As they stand in the rows, not column by column.
    problems += [f"Row {number}: {told}" for number, told in sorted(found, key=lambda each: each[0])]
    refuse(table, problems)


def check_ranges(columns: Sequence[Column]) -> None:
    """Refuse numbers that their type does not hold, where nothing else is looked at: psycopg would send the last bits.

    Raises:
        InvalidValue: there are some.
    """
    for column in columns:
        shape = column.shape
        if shape.kind is ValueKind.NUMBER and shape.type != "numeric" and column.kinds <= {int, float, NoneType}:
            check = column_check(replace(shape, rule=None))
            if not check.fits(column.present):
                told = next(filter(None, map(check.one, column.present)), "does not fit")
                raise InvalidValue(f"{shape.name} {told}; correct it. Nothing was written.")


def _fits(check: ColumnCheck, column: Column) -> bool:
    if column.shape.nullable or column.shape.is_list:
        return check.fits(column.present, column.kinds - {NoneType})
    return check.fits(column.values, column.kinds)


def _missing(table: TableShape, given: Container[str], filled: Container[str], at: str) -> Iterator[str]:
    for name in table.required:
        if name not in given and name not in filled:
            yield f"{at}{name} is missing, and has no default."


def _check(table: TableShape, column: ColumnShape) -> ColumnCheck:
    made: ColumnCheck | None = table.checks.get(column.name)
    if made is None:
        made = table.checks[column.name] = column_check(column)
    return made


def refuse(table: TableShape, problems: Iterable[str]) -> None:
    """Say what is wrong with what was to be written, if anything is.

    Raises:
        ValidationFailed: something is.
    """
    found = tuple(problems)
    if not found:
        return
    told = " ".join(found[:_TOLD])
    more = f" And {len(found) - _TOLD} more." if len(found) > _TOLD else ""
    error = ValidationFailed(f"{told}{more} Nothing was written to {table.name}; correct what is named.")
    error.problems = found
    raise error
