"""``order_by`` and ``cursor`` as SQL: which rows come first, and where a page begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import mapping
from pgarchitect.access.shapes import ColumnShape, TableShape
from pgarchitect.access.statement import Parameters

OrderBy = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""Field → ``asc`` or ``desc``, or ``{"sort": …, "nulls": "first" | "last"}``; one mapping or several in turn."""

_DIRECTIONS: Final = {"asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order: descending, and whether nulls come first."""

    column: ColumnShape
    descending: bool
    nulls_first: bool

    def sql(self, alias: str) -> str:
        """The key as ORDER BY has it."""
        usual = self.nulls_first == self.descending
        nulls = "" if usual or not self.column.nullable else f" NULLS {'FIRST' if self.nulls_first else 'LAST'}"
        return f"{self.column.present(alias)}{' DESC' if self.descending else ''}{nulls}"

    @property
    def reversed(self) -> "Key":
        """The key of the opposite order."""
        return Key(self.column, not self.descending, not self.nulls_first)


def keys_of(table: TableShape, order_by: OrderBy | None) -> tuple[Key, ...]:
    """The columns of an order.

    Raises:
        UnknownField: a name is none of the table's.
        InvalidCondition: a direction is none.
    """
    several = order_by if isinstance(order_by, list | tuple) else [{} if order_by is None else order_by]
    return tuple(
        _key(table.column(name), given) for each in several for name, given in mapping(each, "order_by").items()
    )


def _key(column: ColumnShape, given: object) -> Key:
    options: Mapping[str, object] = given if isinstance(given, Mapping) else {"sort": given}
    sort, nulls = options.get("sort", "asc"), options.get("nulls")
    if sort not in list(_DIRECTIONS) or nulls not in [None, "first", "last"] or set(options) - {"sort", "nulls"}:
        raise InvalidCondition(
            f'The order of {column.name} is {given!r}; it may be "asc", "desc", or a mapping with "sort" and perhaps'
            ' "nulls", which is "first" or "last".'
        )
    descending = _DIRECTIONS[str(sort)]
    return Key(column, descending, descending if nulls is None else nulls == "first")


def total(table: TableShape, keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """An order in which no two rows are equal: the primary key decides where the keys do not."""
    named = {each.column.name for each in keys}
    rest = [table.column(name) for name in table.primary_key if name not in named]
    return (*keys, *(Key(each, descending=False, nulls_first=False) for each in rest))


def from_cursor(
    table: TableShape, keys: tuple[Key, ...], cursor: Mapping[str, object], parameters: Parameters, alias: str
) -> str:
    """The condition on rows that do not come before the one that ``cursor`` names; none, where there is no such row.

    Raises:
        InvalidCondition: the cursor's fields do not name one row.
    """
    if not table.identifies(frozenset(mapping(cursor, "cursor"))):
        raise InvalidCondition(f"The cursor of {table.name} must name one row: give its primary key or a unique key.")
    where = " AND ".join(
        f"c.{table.column(n).quoted} = {parameters.add(table.column(n), v)}" for n, v in cursor.items()
    )
    start = f"(SELECT {{}} FROM {table.qualified} c WHERE {where})"
    if all(not each.column.nullable for each in keys) and len({each.descending for each in keys}) == 1:
        # One comparison of rows, which an index on these columns serves.
        mine = ", ".join(each.column.present(alias) for each in keys)
        theirs = ", ".join(each.column.present("c") for each in keys)
        sign = "<=" if keys[0].descending else ">="
        return f"({mine}) {sign} (SELECT {theirs} FROM {table.qualified} c WHERE {where})"
    exists = f"EXISTS (SELECT 1 FROM {table.qualified} c WHERE {where})"
    return f"({exists} AND ({_not_before(keys, start, alias)}))"


def after(keys: tuple[Key, ...], values: Sequence[object], parameters: Parameters, alias: str) -> str:
    """The condition on rows that come after the one which has these values of the keys, whether it is there or not."""
    bound = [parameters.add(each.column, value) for each, value in zip(keys, values, strict=True)]
    if all(not each.column.nullable for each in keys) and len({each.descending for each in keys}) == 1:
        mine = ", ".join(each.column.present(alias) for each in keys)
        return f"({mine}) {'<' if keys[0].descending else '>'} ({', '.join(bound)})"
    test = "false"
    for each, theirs in zip(reversed(keys), reversed(bound), strict=True):
        mine = each.column.present(alias)
        test = f"({_later(each, mine, theirs)} OR ({mine} IS NOT DISTINCT FROM {theirs} AND {test}))"
    return test


def _not_before(keys: tuple[Key, ...], start: str, alias: str) -> str:
    """Later in the first key, or equal there and later in the next, …, or equal in all."""
    test = "true"
    for each in reversed(keys):
        mine, theirs = each.column.present(alias), start.format(each.column.present("c"))
        test = f"({_later(each, mine, theirs)} OR ({mine} IS NOT DISTINCT FROM {theirs} AND {test}))"
    return test


def _later(key: Key, mine: str, theirs: str) -> str:
    sign = "<" if key.descending else ">"
    if not key.column.nullable:
        return f"{mine} {sign} {theirs}"
    if key.nulls_first:
        return f"({mine} {sign} {theirs} OR ({theirs} IS NULL AND {mine} IS NOT NULL))"
    return f"({mine} {sign} {theirs} OR ({mine} IS NULL AND {theirs} IS NOT NULL))"
