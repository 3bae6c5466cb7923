"""Partial indexes: without the rows that a statement never asks for ("Partial Indexes", PostgreSQL documentation)."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from pgarchitect.candidates.index_definition import IndexKey
from pgarchitect.candidates.key_orders import Keys
from pgarchitect.candidates.table_use import Condition, TableUse

WORTH_KEEPING: Final = 0.9
"""Part of the rows: a condition that more of them meet leaves hardly anything out."""
_FEW: Final = 0.2
"""Part of the rows that a condition alone is worth an index for."""
_CONDITIONS: Final = 4
_TOGETHER: Final = 3
"""Of the most selective conditions: those that are tried, and those that are tried two at a time."""
_ORDERS: Final = 4
"""Of the likeliest orders of keys, partial indexes are tried."""


def partial_conditions(use: TableUse) -> list[Condition]:
    """Conditions of partial indexes that could serve, the most selective first, then pairs of them."""
    ranked = sorted((each for each in use.conditions if each.kept <= WORTH_KEEPING), key=lambda c: (c.kept, c.sql))
    pairs = combinations(ranked[:_TOGETHER], 2)
    return [*ranked[:_CONDITIONS], *(_both(one, other) for one, other in pairs if one.columns != other.columns)]


def meets(use: TableUse, where: str) -> bool:
    """Whether all rows that are asked for meet the condition of a partial index."""
    pairs = (_both(one, other).sql for one, other in combinations(use.conditions, 2))
    return where in {each.sql for each in use.conditions} or where in pairs


def partial_orders(orders: Sequence[Keys], condition: Condition) -> Iterator[Keys]:
    """Of the orders of keys that could serve, those that still say something where a condition holds."""
    fixed = {column.quoted for column in condition.columns} if condition.fixed else set()
    found = dict.fromkeys(tuple(key for key in keys if key.sql not in fixed) for keys in orders)
    likely = [keys for keys in found if keys][:_ORDERS]
    if not likely and condition.kept <= _FEW:
        likely = [tuple(IndexKey(column.quoted) for column in condition.columns if column.sortable)]
    yield from (keys for keys in likely if keys)


def _both(one: Condition, other: Condition) -> Condition:
    sql = " AND ".join(sorted((one.sql, other.sql)))
    columns = tuple(dict.fromkeys((*one.columns, *other.columns)))
    return Condition(sql, one.kept * other.kept, columns, one.fixed and other.fixed)
