"""``count``, ``aggregate`` and ``group_by`` as SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pgarchitect.access import reading
from pgarchitect.access.conditions import Conditions, Where
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import mapping, names, whole
from pgarchitect.access.reading import Wanted, as_text
from pgarchitect.access.shapes import ColumnShape, Tables, TableShape, ValueKind, quoted
from pgarchitect.access.statement import Parameters, Statement

FUNCTIONS: Final = ("count", "sum", "avg", "min", "max")
"""Of the values of a field."""
_OF_VALUES: Final = ("min", "max")
_NUMERIC: Final = frozenset({"sum", "avg"})


@dataclass(frozen=True, slots=True)
class Figures:
    """Which figures are wanted of each field: ``count`` and the functions of numbers; ``all`` counts rows.

    Attributes:
        of: function → fields.
        all: also count the rows.
    """

    of: Mapping[str, Sequence[str]]
    all: bool = True


def wanted(count: bool | Sequence[str], of: Mapping[str, Sequence[str]]) -> Figures:  # noqa: FBT001  # as callers give it
    """Figures as they are asked for: ``count`` says whether rows are counted, or names fields whose values are, too."""
    return Figures({"count": () if isinstance(count, bool) else count, **of}, count is not False)


@dataclass(frozen=True, slots=True)
class Groups:
    """Which groups are wanted, and in which order.

    Attributes:
        having: figures and fields → conditions, also on figures that are not among the results.
        order_by: the same → ``asc`` or ``desc``; one mapping or several in turn.
        take: so many at most.
        skip: pass over so many.
    """

    having: Mapping[str, Any] | None = None
    order_by: Mapping[str, str] | Sequence[Mapping[str, str]] | None = None
    take: int | None = None
    skip: int = 0

    @property
    def orders(self) -> list[tuple[str, bool]]:
        """Name of a figure or field, and whether it descends.

        Raises:
            InvalidCondition: a direction is none.
        """
        several = self.order_by if isinstance(self.order_by, list | tuple) else [self.order_by or {}]
        made = []
        for name, direction in (pair for each in several for pair in mapping(each, "order_by").items()):
            if direction not in ["asc", "desc"]:
                raise InvalidCondition(f'The order of {name} is {direction!r}; it may be "asc" or "desc".')
            made.append((name, direction == "desc"))
        return made

    @property
    def part(self) -> tuple[int | None, int]:
        """How many at most, and how many are passed over.

        Raises:
            InvalidCondition: one is no such number.
        """
        take = None if self.take is None else whole(self.take, "take", least=0)
        return take, whole(self.skip, "skip", least=0)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A statement of figures, and the names of its columns: a field, ``count``, or ``sum_points``."""

    statement: Statement
    columns: tuple[str, ...]


ALL: Final = "_all"
"""What stands among the fields to count for the rows themselves."""


def count(tables: Tables, table: TableShape, wanted: Wanted, fields: Sequence[str] = (ALL,)) -> Statement:
    """How many rows are wanted, and of each field that is named how many values they have."""
    parameters = Parameters()
    listed = ", ".join("count(*)" if name == ALL else f"count(t.{table.column(name).quoted})" for name in fields)
    if wanted == Wanted(wanted.where):
        test = Conditions(tables, parameters).of(table, wanted.where, "t")
        return parameters.statement(f"SELECT {listed} FROM {table.qualified} t WHERE {test}")
    rows = reading.page(tables, reading.plan(tables, table, wanted), parameters)
    return parameters.statement(f"SELECT {listed} FROM ({rows}) t")


def counted_fields(table: TableShape, select: object) -> list[str]:
    """The fields of which ``count`` counts the values, and ``_all``.

    Raises:
        UnknownField: a name is none of the table's.
        InvalidCondition: there is none, or it is no mapping of names to booleans.
    """
    chosen = [name for name, is_chosen in mapping(select, "select of count").items() if is_chosen is not False]
    if not chosen:
        raise InvalidCondition(f"select of count names no field; name one, or {ALL!r} for the rows.")
    return [name if name == ALL else table.column(name).name for name in chosen]


def aggregate(tables: Tables, table: TableShape, figures: Figures, where: Where | None) -> Aggregate:
    """Figures of all rows that fit.

    Raises:
        InvalidCondition: a figure does not exist, or not for the field.
    """
    return _Grouping(tables, table, (), figures).statement(where, Groups())


def group_by(
    tables: Tables,
    table: TableShape,
    by: Sequence[str],
    figures: Figures,
    *,
    where: Where | None = None,
    groups: Groups | None = None,
) -> Aggregate:
    """Figures of the rows of each value of ``by``.

    Args:
        tables: all shapes.
        table: whose rows.
        by: fields.
        figures: which.
        where: which rows count.
        groups: which of them, in which order.

    Raises:
        InvalidCondition: there is nothing to group by, or a figure does not exist.
    """
    if not names(by, "group_by"):
        raise InvalidCondition("group_by takes at least one field to group by.")
    return _Grouping(tables, table, tuple(by), figures).statement(where, groups or Groups())


def figure(table: TableShape, name: str) -> tuple[str, ColumnShape] | None:
    """The function and the column of a figure of that name, such as ``sum_points``; None: there is none."""
    function, _, field = name.partition("_")
    if function not in FUNCTIONS or not table.has_column(field):
        return None
    column = table.column(field)
    if function in _NUMERIC and column.kind is not ValueKind.NUMBER:
        raise InvalidCondition(f"{column.name} is no number, so it has no {function}.")
    return function, column


def column_of(function: str, column: ColumnShape) -> ColumnShape:
    """A figure as a column, for conditions on it."""
    name = f"{function}_{column.name}"
    if function in _OF_VALUES:
        return replace(column, name=name, nullable=True)
    kind = "int8" if function == "count" else "float8" if column.type.startswith("float") else "numeric"
    return ColumnShape(name, name, kind, ValueKind.NUMBER, nullable=True)


ROWS: Final = ColumnShape("count", "count", "int8", ValueKind.NUMBER)
"""How many rows there are, as a column."""


@dataclass(frozen=True, slots=True)
class _Grouping:
    tables: Tables
    table: TableShape
    by: tuple[str, ...]
    figures: Figures

    def statement(self, where: Where | None, groups: Groups) -> Aggregate:
        made = self._made()
        if not made:
            raise InvalidCondition("aggregate names no figure; ask for count, sum, avg, min or max.")
        parameters = Parameters()
        conditions = Conditions(self.tables, parameters)
        listed = ", ".join(f"{sql}{as_text(column)} AS {quoted(name)}" for name, (sql, column) in made.items())
        text = f"SELECT {listed} FROM {self.table.qualified} t WHERE {conditions.of(self.table, where, 't')}"
        if self.by:
            text += f" GROUP BY {', '.join(made[name][0] for name in self.by)}"
        if tests := [self._having(name, each, conditions) for name, each in self._asked(groups)]:
            text += f" HAVING {' AND '.join(tests)}"
        if keys := [f"{self._known(name)[0]}{' DESC' if down else ''}" for name, down in groups.orders]:
            text += f" ORDER BY {', '.join(keys)}"
        for word, number in zip(("LIMIT", "OFFSET"), groups.part, strict=True):
            text += f" {word} {parameters.typed(number, 'int8')}" if number or (word == "LIMIT" and number == 0) else ""
        return Aggregate(parameters.statement(text), tuple(made))

    def _asked(self, groups: Groups) -> list[tuple[str, Any]]:
        return list(mapping(groups.having or {}, "having").items())

    def _having(self, name: str, asked: object, conditions: Conditions) -> str:
        sql, column = self._known(name)
        return conditions.tested(column, asked, sql)

    def _made(self) -> dict[str, tuple[str, ColumnShape]]:
        """Name of a result's column → its SQL, and what it is."""
        wanted = [*self.by, *(["count"] if self.figures.all else [])]
        for function, fields in self.figures.of.items():
            if function not in FUNCTIONS:
                raise InvalidCondition(f"There is no figure {function!r}; there are {', '.join(FUNCTIONS)}.")
            wanted += [f"{function}_{self.table.column(field).name}" for field in names(fields, function)]
        return {name: self._known(name) for name in wanted}

    def _known(self, name: str) -> tuple[str, ColumnShape]:
        if name in self.by:
            column = self.table.column(name)
            return column.present("t"), column
        if name == "count":
            return "count(*)", ROWS
        found = figure(self.table, name)
        if found is None:
            raise unknown_figure(name, self.by)
        function, column = found
        return f"{function}(t.{column.quoted})", column_of(function, column)


def unknown_figure(name: str, by: Sequence[str]) -> InvalidCondition:
    """What is said of a name that is neither a field that is grouped by nor a figure."""
    fields = "".join(f"{each}, " for each in by)
    told = f"there are {fields}count, and {', '.join(FUNCTIONS)} of a field, such as sum_points"
    return InvalidCondition(f"There is no figure {name!r}; {told}.")
