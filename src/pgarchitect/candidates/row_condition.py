"""Conditions that the rows of one table meet by themselves: what a partial index could leave out.

Those that a statement writes, and those that follow from it: what is equal to a value is not null, and not the value
that nearly all rows have (``predicate_implied_by``, predtest.c, knows the same).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.key_expression import NESTED, PARAMETER, without_table
from pgarchitect.candidates.scope import Scope, Source
from pgarchitect.candidates.table_use import Condition, Key, TableUse
from pgarchitect.schema.catalog import Column, Table

_ALONE: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Not, exp.Column)
_FEW: Final = 20
"""Values of a column: a constant that is one of few is likely to stay the one that is asked for."""
_NEARLY_ALL: Final = 0.7
"""Part of the rows that have one value, or none, from which on an index without them is worth a thought."""
_UNKNOWN: Final = 1 / 3
"""Part of the rows that keeps a condition on several columns (``DEFAULT_INEQ_SEL``, selfuncs.h)."""


def row_condition(scope: Scope, node: exp.Expr) -> tuple[Source, Condition] | None:
    """``node`` as a condition on the rows of one table of ``scope``, whatever the statement's parameters are."""
    if not isinstance(node, _ALONE) or node.find(exp.Parameter, exp.Placeholder, *NESTED, exp.Func):
        return None
    found = [scope.resolve_here(column) for column in node.find_all(exp.Column)]
    resolved = [each for each in found if each is not None]
    if not resolved or len(resolved) != len(found) or any(source is not resolved[0][0] for source, _ in resolved):
        return None
    source, columns = resolved[0][0], tuple(dict.fromkeys(column for _, column in resolved))
    if PARAMETER.search(node.sql(dialect="postgres")) or not _lasting(node, source.table, columns):
        return None
    kept = _kept(node, source.table, columns[0]) if len(columns) == 1 else _UNKNOWN
    fixed = isinstance(node, exp.EQ) and len(columns) == 1
    return source, Condition(without_table(node), kept, columns, fixed)


def _lasting(node: exp.Expr, table: Table, columns: Sequence[Column]) -> bool:
    if isinstance(node, (exp.Is, exp.Not, exp.Column)) or not node.find(exp.Literal, exp.Boolean):
        return True
    return len(columns) == 1 and columns[0].statistics is not None and table.distinct(columns[0]) <= _FEW


def _kept(node: exp.Expr, table: Table, column: Column) -> float:
    """The part of the rows that keeps a condition on one column."""
    known = column.statistics
    if known is None:
        return _UNKNOWN
    present = 1 - known.null_fraction
    match node:
        case exp.Is():
            return present if node.args.get("negate") else known.null_fraction
        case exp.Column():
            return _share(table, column, "t")
        case exp.Not() if isinstance(node.this, exp.Column):
            return _share(table, column, "f")
        case exp.EQ() | exp.NEQ():
            share = _share(table, column, _text(node.expression if isinstance(node.this, exp.Column) else node.this))
            return share if isinstance(node, exp.EQ) else max(0.0, present - share)
        case exp.In():
            return min(present, sum(_share(table, column, _text(each)) for each in node.expressions))
        case _:
            return _UNKNOWN


def _text(node: exp.Expr) -> str:
    """A constant as the statistics have it."""
    node = node.unnest()
    if isinstance(node, exp.Boolean):
        return "t" if node.this else "f"
    return str(node.this) if isinstance(node, exp.Literal) else node.sql(dialect="postgres")


def _share(table: Table, column: Column, value: str) -> float:
    known = column.statistics
    if known is None:
        return _UNKNOWN
    common = dict(zip(known.common_values, known.common_frequencies, strict=False))
    rest = max(0.0, 1 - known.null_fraction - sum(common.values()))
    return common.get(value, rest / max(1.0, table.distinct(column) - len(common)))


def follows_from(use: TableUse) -> Iterator[Condition]:
    """What else holds for every row that this use of a table asks for."""
    compared = (*use.equal, *use.joined, *use.ranged, *use.pattern)
    for column in dict.fromkeys(key.column for key in compared if not key.expression):
        known = column.statistics
        if known is not None and known.null_fraction >= _NEARLY_ALL:
            yield Condition(f"{column.quoted} IS NOT NULL", 1 - known.null_fraction, (column,))


def other_than_usual(key: Key, value: exp.Expr) -> Condition | None:
    """That a column is not what it is in nearly all rows, where it is compared with another constant."""
    known = key.column.statistics
    if key.expression or known is None or not known.common_values or not isinstance(value, exp.Literal):
        return None
    usual, share = known.common_values[0], known.common_frequencies[0]
    if share < _NEARLY_ALL or PARAMETER.fullmatch(value.sql(dialect="postgres")) or _text(value) == usual:
        return None
    literal = _literal(key.column, usual)
    kept = max(0.0, 1 - share - known.null_fraction)
    return Condition(f"{key.sql} <> {literal}", kept, (key.column,)) if literal else None


def _literal(column: Column, value: str) -> str:
    """A value of the statistics as SQL; empty where its spelling is not certain."""
    if column.category in {"S", "E"}:
        return "'" + value.replace("'", "''") + "'" if "\\" not in value else ""
    return value if column.category == "N" and value.lstrip("-").isdigit() else ""
