"""Statements that read rows, and the plan by which a read loads what it includes: pure, nothing here waits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pgarchitect.access import counting
from pgarchitect.access.conditions import Conditions, Where
from pgarchitect.access.counting import Counted
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import mapping, names, whole
from pgarchitect.access.identifying import key_of
from pgarchitect.access.ordering import CURSOR, Key, OrderBy, after, from_cursor, keys_of, total
from pgarchitect.access.shapes import ColumnShape, RelationShape, Tables, TableShape, ValueKind
from pgarchitect.access.statement import Parameters, Statement, is_converted, to_database

_ALIAS: Final = "t"
_OF_INCLUDED: Final = ("where", "order_by", "take", "skip", "cursor", "distinct", "select", "include")
"""What may be asked of the rows of an included relation."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted, and how.

    Attributes:
        where: condition; None: all.
        order_by: order; None: none.
        take: rows at most; negative: the last so many of the order.
        skip: rows to pass over.
        cursor: key of the row to begin with.
        distinct: only the first row of each value of these fields.
        select: fields to read; None: all.
        include: relations to load with each row → True, or what is wanted of them; ``_count`` → which are counted.
        after: a page of all rows, in an order in which no two are equal: values of its keys in the row before the page;
            empty: the first page; None: no page.
    """

    where: Where | None = None
    order_by: OrderBy | None = None
    take: int | None = None
    skip: int = 0
    cursor: Mapping[str, object] | None = None
    distinct: Sequence[str] = ()
    select: Iterable[str] | None = None
    include: Mapping[str, Any] | None = None
    after: Sequence[object] | None = None


@dataclass(frozen=True, slots=True)
class Included:
    """A relation that is loaded with the rows: one statement for all of them.

    Attributes:
        relation: it.
        plan: how the other table's rows are read.
        positions: of the columns in a row of this table's that lead to them.
    """

    relation: RelationShape
    plan: "ReadPlan"
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """How rows of a table are read.

    Attributes:
        table: whose.
        columns: that are read, in order.
        wanted: which rows.
        includes: what is loaded with them.
        as_mapping: rows are dictionaries of the selected fields rather than the table's row type.
        shown: how many of ``columns`` were asked for; those behind them only lead to included rows.
        counts: relations whose rows are counted; the numbers stand behind the columns.
    """

    table: TableShape
    columns: tuple[ColumnShape, ...]
    wanted: Wanted
    includes: tuple[Included, ...]
    as_mapping: bool
    shown: int
    counts: tuple[Counted, ...] = ()

    @property
    def is_backward(self) -> bool:
        """Whether the rows come in reverse, since the last ones were asked for."""
        return self.wanted.take is not None and self.wanted.take < 0


def plan(tables: Tables, table: TableShape, wanted: Wanted) -> ReadPlan:
    """Decide how a read is done.

    Raises:
        UnknownField: a name does not exist.
        InvalidCondition: an argument has the wrong form.
    """
    if wanted.take is not None:
        whole(wanted.take, "take")
    whole(wanted.skip, "skip", least=0)
    if wanted.cursor is not None:
        key_of(table, wanted.cursor, "cursor")
    columns = table.columns if wanted.select is None else tuple(table.column(name) for name in _selected(wanted.select))
    shown = len(columns)
    includes: list[Included] = []
    counts: tuple[Counted, ...] = ()
    for name, asked in mapping(wanted.include or {}, "include").items():
        if asked is False:
            continue
        if name == counting.WORD:
            counts = counting.counted_of(table, asked)
            continue
        relation = table.relation(name)
        needed = [table.column(each) for each in relation.here]
        columns = (*columns, *(each for each in needed if each not in columns))
        below = plan(tables, tables[relation.target], _below(name, asked))
        includes.append(Included(relation, below, tuple(columns.index(each) for each in needed)))
    return ReadPlan(table, columns, wanted, tuple(includes), wanted.select is not None, shown, counts)


def _selected(select: Iterable[str]) -> list[str]:
    chosen = [name for name in names(select, "select") if not isinstance(select, Mapping) or select[name]]
    if not chosen:
        raise InvalidCondition("select names no field; name one, or leave it out to read all.")
    return chosen


def _below(name: str, asked: object) -> Wanted:
    if asked is True:
        return Wanted()
    if not isinstance(asked, Mapping):
        raise InvalidCondition(f"include of {name} takes True or a mapping, not {type(asked).__name__}.")
    unknown = set(map(str, asked)) - set(_OF_INCLUDED)
    if unknown:
        raise InvalidCondition(f"include of {name} has no {min(unknown)!r}; it has {', '.join(_OF_INCLUDED)}.")
    return Wanted(**asked)


def select(tables: Tables, read: ReadPlan, parameters: Parameters | None = None) -> Statement:
    """The statement of a read's own rows; ``parameters`` collects its values."""
    parameters = parameters or Parameters()
    return parameters.statement(_select(tables, read, parameters))


def page(tables: Tables, read: ReadPlan, parameters: Parameters) -> str:
    """The text of a SELECT of the same rows, with all columns as the database has them."""
    return _select(tables, read, parameters, columns=f"{_ALIAS}.*")


def held(tables: Tables, table: TableShape, where: Where) -> Statement:
    """The statement that finds a row and keeps it from being changed by others."""
    parameters = Parameters()
    test = Conditions(tables, parameters).of(table, where, _ALIAS)
    return parameters.statement(f"SELECT 1 FROM {table.qualified} {_ALIAS} WHERE {test} FOR UPDATE OF {_ALIAS}")


def _select(
    tables: Tables,
    read: ReadPlan,
    parameters: Parameters,
    *,
    columns: str = "",
    match: Callable[[str], str] | None = None,
) -> str:
    """The text of a SELECT; ``match`` makes the condition on rows that belong to the row that includes them."""
    wanted, table = read.wanted, read.table
    keys, conditions = keys_by(tables, read), Conditions(tables, parameters)
    tests = [conditions.of(table, wanted.where, _ALIAS)]
    if match is not None:
        tests.append(match(_ALIAS))
    if wanted.cursor is not None:
        belongs = match(CURSOR) if match is not None else ""
        start = conditions.of(table, wanted.cursor, CURSOR)
        tests.append(from_cursor(table, keys, " AND ".join([start, belongs] if belongs else [start]), _ALIAS))
    if wanted.after:
        tests.append(after(keys, wanted.after, parameters, _ALIAS))
    where = " AND ".join(each for each in tests if each != "true")
    columns = columns or ", ".join([_listed(read.columns), *counting.listed(table, read.counts, conditions, _ALIAS)])
    text = f"SELECT {columns} FROM {table.qualified} {_ALIAS}{f' WHERE {where}' if where else ''}"
    if wanted.distinct:
        return _limited(_distinct(read, keys, text), wanted, parameters)
    return _limited(f"{text}{_ordered(keys)}", wanted, parameters)


def keys_by(tables: Tables, read: ReadPlan) -> tuple[Key, ...]:
    """The order of a read: total where a page must begin at one place, reversed where the last rows are wanted.

    Raises:
        InvalidCondition: it goes by a relation, and a page would have to begin behind a row of it.
    """
    wanted = read.wanted
    keys = keys_of(tables, read.table, wanted.order_by)
    if (wanted.cursor is not None or wanted.after is not None or wanted.distinct) and any(each.hops for each in keys):
        raise InvalidCondition(
            "A cursor, a stream and distinct go with an order by fields of the table, not of relations."
        )
    if wanted.cursor is not None or wanted.after is not None or read.is_backward:
        keys = total(read.table, keys)
    if read.is_backward:
        keys = tuple(each.reversed for each in keys)
    return keys


def _ordered(keys: tuple[Key, ...], alias: str = _ALIAS) -> str:
    return f" ORDER BY {', '.join(each.sql(alias) for each in keys)}" if keys else ""


def distinct_columns(read: ReadPlan, keys: Sequence[Key]) -> list[ColumnShape]:
    """The columns of whose values only the first row is wanted; none where all rows are.

    Raises:
        UnknownField: a name is no field's.
        InvalidCondition: the order goes by a field that is not selected.
    """
    chosen = [read.table.column(name) for name in names(read.wanted.distinct, "distinct")]
    missing = [each.column.name for each in keys if each.column not in read.columns]
    if chosen and missing:
        raise InvalidCondition(f"With distinct, the fields of order_by must be selected: add {', '.join(missing)}.")
    return chosen


def _distinct(read: ReadPlan, keys: tuple[Key, ...], text: str) -> str:
    """The first row of each value, in the order that was asked for."""
    chosen = distinct_columns(read, keys)
    listed = ", ".join(each.present(_ALIAS) for each in chosen)
    inner = text.replace("SELECT ", f"SELECT DISTINCT ON ({listed}) ", 1)
    first = [Key(each, descending=False, nulls_first=False) for each in chosen]
    rest = [each for each in keys if each.column not in chosen]
    own = {each.column: each for each in keys}
    inner += _ordered((*(own.get(each.column, each) for each in first), *rest))
    return f"SELECT * FROM ({inner}) d{_ordered(keys, 'd')}"


def _limited(text: str, wanted: Wanted, parameters: Parameters) -> str:
    if wanted.take is not None:
        text += f" LIMIT {parameters.typed(abs(wanted.take), 'int8')}"
    if wanted.skip:
        text += f" OFFSET {parameters.typed(wanted.skip, 'int8')}"
    return text


def select_included(tables: Tables, table: TableShape, included: Included, rows: Sequence[Sequence[Any]]) -> Statement:
    """The statement of what a relation leads to from ``rows``; its first column is the number of the row, from 1."""
    parameters = Parameters()
    relation, read = included.relation, included.plan
    columns = [table.column(each) for each in relation.here]
    arrays = [
        parameters.list(column, [row[position] for row in rows])
        for column, position in zip(columns, included.positions, strict=True)
    ]
    keys = [f"k{number}" for number in range(len(columns))]
    source = f"unnest({', '.join(arrays)}) WITH ORDINALITY AS k({', '.join(keys)}, n)"
    inner = _select(tables, read, parameters, match=lambda alias: _match(tables, relation, keys, alias))
    names = [*(each.quoted for each in read.columns), *counting.names(read.counts)]
    listed = ", ".join(f"r.{each}" for each in names)
    return parameters.statement(
        f"SELECT k.n, {listed} FROM {source} CROSS JOIN LATERAL ({inner}) r({', '.join(names)}) ORDER BY k.n"
    )


def _match(tables: Tables, relation: RelationShape, keys: Sequence[str], alias: str) -> str:
    other = tables[relation.target]
    if relation.through is not None:
        between = relation.through
        return (
            f"{alias}.{other.column(relation.there[0]).quoted} IN (SELECT j.{between.there_quoted}"
            f" FROM {between.qualified} j WHERE j.{between.here_quoted} = k.{keys[0]})"
        )
    return " AND ".join(
        f"{alias}.{other.column(each).quoted} = k.{key}" for each, key in zip(relation.there, keys, strict=True)
    )


class UniqueRead:
    """The read of one row by a unique key: what of it is the same each time.

    Args:
        table: whose.
        key: its columns, by their names in Python.

    Attributes:
        key: those.
        text: of the statement.
    """

    __slots__ = ("_converted", "key", "text")

    def __init__(self, table: TableShape, key: tuple[str, ...]) -> None:
        self.key = key
        self.text = select_unique(table, key)
        columns = enumerate(table.column(name) for name in key)
        self._converted = [(number, column) for number, column in columns if is_converted(column)]

    def values(self, where: Mapping[str, Any]) -> list[Any]:
        """Those of the key, whose names come in its order, as the statement takes them.

        Raises:
            InvalidCondition: it is no mapping.
            InvalidValue: one is no UUID, or cannot be JSON.
        """
        try:
            values = [*where.values()]
        except AttributeError as error:
            raise InvalidCondition(f"find_unique takes a mapping, not {type(where).__name__}.") from error
        for number, column in self._converted:
            if type(values[number]) is not UUID:
                values[number] = to_database(column, values[number])
        return values


def select_unique(table: TableShape, key: tuple[str, ...]) -> str:
    """The text of the read of one row by the columns of a key, whose values are its parameters in that order."""
    tests = []
    for number, name in enumerate(key, 1):
        column = table.column(name)
        tests.append(f"{_ALIAS}.{column.quoted} = ${number}::{column.type}")
    return f"SELECT {_listed(table.columns)} FROM {table.qualified} {_ALIAS} WHERE {' AND '.join(tests)}"


def select_points(table: TableShape, key: tuple[str, ...]) -> str:
    """The text of many reads by the columns of a key: each column's values are an array, as many as there are reads.

    The rows come in the order of the reads, since the server compares, not we; where none was found all is NULL, also
    the key. The order costs nothing: the server knows that numbers from ``WITH ORDINALITY`` come sorted.
    """
    columns = [table.column(name) for name in key]
    arrays = ", ".join(f"${number}::{each.type}[]" for number, each in enumerate(columns, 1))
    keys = [f"k{number}" for number in range(len(columns))]
    match = " AND ".join(f"{_ALIAS}.{each.quoted} = k.{name}" for each, name in zip(columns, keys, strict=True))
    return (
        f"SELECT {_listed(table.columns)} FROM unnest({arrays}) WITH ORDINALITY AS k({', '.join(keys)}, n)"
        f" LEFT JOIN {table.qualified} {_ALIAS} ON {match} ORDER BY k.n"
    )


def _listed(columns: Iterable[ColumnShape]) -> str:
    return ", ".join(selected(each, _ALIAS) for each in columns)


def selected(column: ColumnShape, alias: str) -> str:
    """A column as it is read: a type that drivers do not know as text, so also a list of labels."""
    name, cast = column.present(alias), as_text(column)
    return f"{name}{cast} AS {column.quoted}" if cast or column.is_list else name


def as_text(column: ColumnShape) -> str:
    """The cast with which a value is read whose type drivers do not know; empty where they do."""
    if column.kind is ValueKind.OTHER or (column.kind is ValueKind.ENUM and column.is_list):
        return f"::text{'[]' if column.is_list else ''}"
    return ""
