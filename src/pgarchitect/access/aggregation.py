"""``count``, ``aggregate`` and ``group_by`` as SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.access.conditions import Conditions, Where
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import mapping, names
from pgarchitect.access.reading import as_text
from pgarchitect.access.shapes import ColumnShape, Tables, TableShape, ValueKind, quoted
from pgarchitect.access.statement import Parameters, Statement

_FUNCTIONS: Final = ("count", "sum", "avg", "min", "max")
_OF_VALUES: Final = ("min", "max")
_NUMERIC: Final = frozenset({"sum", "avg"})
_COMPARISONS: Final = {"equals": "=", "not": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True, slots=True)
class Figures:
    """Which figures are wanted of each field: ``count`` and the functions of numbers; ``all`` counts rows.

    Attributes:
        of: function → fields.
        all: also count the rows.
    """

    of: Mapping[str, Sequence[str]]
    all: bool = True


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A statement of figures, and the names of its columns: a field, ``count``, or ``sum_points``."""

    statement: Statement
    columns: tuple[str, ...]


def count(tables: Tables, table: TableShape, where: Where | None) -> Statement:
    """How many rows fit."""
    parameters = Parameters()
    test = Conditions(tables, parameters).of(table, where, "t")
    return parameters.statement(f"SELECT count(*) FROM {table.qualified} t WHERE {test}")


def aggregate(tables: Tables, table: TableShape, figures: Figures, where: Where | None) -> Aggregate:
    """Figures of all rows that fit.

    Raises:
        InvalidCondition: a figure does not exist, or not for the field.
    """
    return _Grouping(tables, table, (), figures).statement(where, {}, {})


def group_by(
    tables: Tables,
    table: TableShape,
    by: Sequence[str],
    figures: Figures,
    *,
    where: Where | None = None,
    having: Mapping[str, Any] | None = None,
    order_by: Mapping[str, str] | None = None,
) -> Aggregate:
    """Figures of the rows of each value of ``by``.

    Args:
        tables: all shapes.
        table: whose rows.
        by: fields.
        figures: which.
        where: which rows count.
        having: ``{"sum_points": {"gt": 10}}``: which groups count.
        order_by: names of the result's columns → ``asc`` or ``desc``.

    Raises:
        InvalidCondition: there is nothing to group by, or a figure does not exist.
    """
    if not names(by, "group_by"):
        raise InvalidCondition("group_by takes at least one field to group by.")
    return _Grouping(tables, table, tuple(by), figures).statement(where, having or {}, order_by or {})


@dataclass(frozen=True, slots=True)
class _Grouping:
    tables: Tables
    table: TableShape
    by: tuple[str, ...]
    figures: Figures

    def statement(self, where: Where | None, having: Mapping[str, Any], order_by: Mapping[str, str]) -> Aggregate:
        made = self._made()
        if not made:
            raise InvalidCondition("aggregate names no figure; ask for count, sum, avg, min or max.")
        parameters = Parameters()
        casts = self._casts()
        listed = ", ".join(f"{sql}{casts.get(name, '')} AS {quoted(name)}" for name, sql in made.items())
        test = Conditions(self.tables, parameters).of(self.table, where, "t")
        text = f"SELECT {listed} FROM {self.table.qualified} t WHERE {test}"
        if self.by:
            text += f" GROUP BY {', '.join(made[name] for name in self.by)}"
        text += _having(having, made, parameters) + _order(order_by, made)
        return Aggregate(parameters.statement(text), tuple(made))

    def _casts(self) -> dict[str, str]:
        """Name of a result's column → the cast with which it is read."""
        read = {name: as_text(self.table.column(name)) for name in self.by}
        for function in _OF_VALUES:
            read |= {
                f"{function}_{field}": as_text(self.table.column(field)) for field in self.figures.of.get(function, ())
            }
        return read

    def _made(self) -> dict[str, str]:
        """Name of a result's column → its SQL."""
        made = {name: self.table.column(name).present("t") for name in self.by}
        if self.figures.all:
            made["count"] = "count(*)"
        for function, fields in self.figures.of.items():
            for field in names(fields, function):
                made[f"{function}_{field}"] = _figure(function, self.table.column(field))
        return made


def _figure(function: str, column: ColumnShape) -> str:
    if function not in _FUNCTIONS:
        raise InvalidCondition(f"There is no figure {function!r}; there are {', '.join(_FUNCTIONS)}.")
    if function in _NUMERIC and column.kind is not ValueKind.NUMBER:
        raise InvalidCondition(f"{column.name} is no number, so it has no {function}.")
    return f"{function}(t.{column.quoted})"


def _having(having: Mapping[str, Any], made: Mapping[str, str], parameters: Parameters) -> str:
    tests = []
    for name, given in mapping(having, "having").items():
        subject = _known(name, made)
        asked = given if isinstance(given, Mapping) else {"equals": given}
        for operator, value in asked.items():
            if operator not in list(_COMPARISONS) or isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidCondition(f"having of {name} takes numbers with {', '.join(_COMPARISONS)}.")
            tests.append(f"{subject} {_COMPARISONS[operator]} {parameters.typed(value, 'float8')}")
    return f" HAVING {' AND '.join(tests)}" if tests else ""


def _order(order_by: Mapping[str, str], made: Mapping[str, str]) -> str:
    keys = []
    for name, direction in mapping(order_by, "order_by").items():
        if direction not in ["asc", "desc"]:
            raise InvalidCondition(f'The order of {name} is {direction!r}; it may be "asc" or "desc".')
        keys.append(f"{_known(name, made)} {direction.upper()}")
    return f" ORDER BY {', '.join(keys)}" if keys else ""


def _known(name: str, made: Mapping[str, str]) -> str:
    if name not in made:
        raise InvalidCondition(f"The result has no column {name!r}; it has {', '.join(made)}.")
    return made[name]
