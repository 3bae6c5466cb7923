"""``order_by`` and ``cursor`` as SQL: which rows come first, and where a page begins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pgarchitect.access.conditions import joined
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import mapping
from pgarchitect.access.shapes import ColumnShape, RelationShape, Tables, TableShape, ValueKind
from pgarchitect.access.statement import Parameters

OrderBy = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""Field → ``asc`` or ``desc``, or ``{"sort": …, "nulls": "first" | "last"}``; relation to one row → the same of its
fields, to many → ``{"_count": …}``; one mapping or several in turn."""

_DIRECTIONS: Final = {"asc": False, "desc": True}


CURSOR: Final = "c"
"""What a statement calls the row of a cursor."""
COUNT: Final = ColumnShape("_count", "_count", "int8", ValueKind.NUMBER)
"""How many rows a relation leads to, as a column."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A relation on the way to what rows are ordered by: the table where it is, itself, the table that it leads to."""

    table: TableShape
    relation: RelationShape
    other: TableShape


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order: descending, whether nulls come first, and the relations that lead to it."""

    column: ColumnShape
    descending: bool
    nulls_first: bool
    hops: tuple[Hop, ...] = ()

    def sql(self, alias: str) -> str:
        """The key as ORDER BY has it."""
        usual = self.nulls_first == self.descending
        nulls = "" if usual or not self.column.nullable else f" NULLS {'FIRST' if self.nulls_first else 'LAST'}"
        return f"{self._subject(alias)}{' DESC' if self.descending else ''}{nulls}"

    @property
    def reversed(self) -> "Key":
        """The key of the opposite order."""
        return Key(self.column, not self.descending, not self.nulls_first, self.hops)

    def _subject(self, alias: str, gone: int = 0) -> str:
        if gone == len(self.hops):
            return "count(*)" if self.column is COUNT else self.column.present(alias)
        hop, inner = self.hops[gone], f"o{gone}"
        join = joined(hop.table, hop.other, hop.relation, alias, inner)
        return f"(SELECT {self._subject(inner, gone + 1)} FROM {hop.other.qualified} {inner} WHERE {join})"


def keys_of(tables: Tables, table: TableShape, order_by: OrderBy | None) -> tuple[Key, ...]:
    """The columns of an order.

    Raises:
        UnknownField: a name is none of the table's.
        InvalidCondition: a direction is none.
    """
    several = order_by if isinstance(order_by, list | tuple) else [{} if order_by is None else order_by]
    pairs = [pair for each in several for pair in mapping(each, "order_by").items()]
    return tuple(key for name, given in pairs for key in _keys(tables, table, name, given))


def _keys(tables: Tables, table: TableShape, name: str, given: object) -> Iterator[Key]:
    if not table.is_relation(name):
        yield _key(table.column(name), given)
        return
    relation = table.relation(name)
    hop = Hop(table, relation, tables[relation.target])
    if not relation.to_many:
        below = keys_of(tables, hop.other, mapping(given, f"The order by {name}"))
        # Where there is no such row there is no value.
        yield from (replace(each, column=_nullable(each.column), hops=(hop, *each.hops)) for each in below)
    elif isinstance(given, Mapping) and set(given) == {"_count"}:
        yield replace(_key(COUNT, given["_count"]), hops=(hop,))
    else:
        raise InvalidCondition(f'{name} leads to many rows: order by their number, {{"{name}": {{"_count": "desc"}}}}.')


def _nullable(column: ColumnShape) -> ColumnShape:
    return column if column is COUNT else replace(column, nullable=True)


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


def from_cursor(table: TableShape, keys: tuple[Key, ...], where: str, alias: str) -> str:
    """The condition on rows that do not come before the one (``CURSOR``) that fits ``where``; none, where it is not."""
    start = f"(SELECT {{}} FROM {table.qualified} {CURSOR} WHERE {where})"
    if all(not each.column.nullable for each in keys) and len({each.descending for each in keys}) == 1:
        # One comparison of rows, which an index on these columns serves.
        mine = ", ".join(each.column.present(alias) for each in keys)
        theirs = ", ".join(each.column.present(CURSOR) for each in keys)
        sign = "<=" if keys[0].descending else ">="
        return f"({mine}) {sign} (SELECT {theirs} FROM {table.qualified} {CURSOR} WHERE {where})"
    exists = f"EXISTS (SELECT 1 FROM {table.qualified} {CURSOR} WHERE {where})"
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
        mine, theirs = each.column.present(alias), start.format(each.column.present(CURSOR))
        test = f"({_later(each, mine, theirs)} OR ({mine} IS NOT DISTINCT FROM {theirs} AND {test}))"
    return test


def _later(key: Key, mine: str, theirs: str) -> str:
    sign = "<" if key.descending else ">"
    if not key.column.nullable:
        return f"{mine} {sign} {theirs}"
    if key.nulls_first:
        return f"({mine} {sign} {theirs} OR ({theirs} IS NULL AND {mine} IS NOT NULL))"
    return f"({mine} {sign} {theirs} OR ({mine} IS NULL AND {theirs} IS NOT NULL))"
