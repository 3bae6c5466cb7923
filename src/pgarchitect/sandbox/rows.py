"""The query for the rows of a table that a sample draws, before what they refer to is fetched.

A table is read once, in the order of its pages, and what it is joined with is hashed: so rows arrive in the order in
which the source stores them, and indexes find them as scattered as they are there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.sandbox.choice import HASHES, Choice
from pgarchitect.sandbox.tables import Reference, Table, Tables
from pgarchitect.twin.scope import quoted

_MASK: Final = HASHES - 1


@dataclass(frozen=True, slots=True)
class _Draw:
    """How a row is drawn: what its table is joined with, and the condition."""

    joins: str
    condition: str


class DrawnRows:
    """Queries for the rows that a choice draws."""

    def __init__(self, tables: Tables, choice: Choice) -> None:
        self._tables = tables
        self._choice = choice
        self._units = tables.units

    def query(self, table: Table) -> str | None:
        """The rows of a table that holds some; None: all of them."""
        if table.root not in self._choice.sampled:
            return None
        draw = self._draw(table.root, "t")
        columns = columns_of("t", table.columns)
        return f"SELECT {columns} FROM ONLY {table.spelled} AS t{draw.joins} WHERE {draw.condition}"

    def _draw(self, root: int, alias: str) -> _Draw:
        own = _hashed(self._own_key(root, alias))
        reference = self._choice.anchors.get(root)
        if reference is None:
            return _Draw("", self._low(own))
        columns = [f"{alias}.{quoted(name)}" for name in reference.child_columns]
        unset = " OR ".join(f"{column} IS NULL" for column in columns)
        parent = self._tables.by_oid[reference.parent].root
        if self._decides(parent, reference):
            cast = [f"{column}::{type_}" for column, type_ in zip(columns, reference.types, strict=True)]
            theirs = _hashed(cast)
            either = f"CASE WHEN {unset} THEN {own} ELSE {theirs} END"
            return _Draw("", self._low(either if reference.nullable else theirs))
        inner = f"{alias}p"
        names = [f"k{number}" for number in range(len(columns))]
        pairs = zip(names, reference.operators, columns, strict=True)
        match = " AND ".join(f"{inner}.{name} {operator} {column}" for name, operator, column in pairs)
        keys = f"({self._drawn_keys(parent, reference, names, f'{inner}t')}) AS {inner}"
        if not reference.nullable:
            return _Draw(f" JOIN {keys} ON {match}", "true")
        # A left join, not a union, so that the table is read but once.
        return _Draw(f" LEFT JOIN {keys} ON {match}", f"({inner}.k0 IS NOT NULL OR ({unset}) AND {self._low(own)})")

    def _decides(self, parent: int, reference: Reference) -> bool:
        """Whether the hash of the reference itself decides: its parent is whole, or is drawn by these very columns."""
        if parent not in self._choice.sampled:
            return True
        return parent not in self._choice.anchors and self._choice.keys.get(parent) == reference.parent_columns

    def _drawn_keys(self, parent: int, reference: Reference, names: Sequence[str], alias: str) -> str:
        columns = zip(reference.parent_columns, names, strict=True)
        keys = ", ".join(f"{alias}.{quoted(column)} AS {name}" for column, name in columns)
        draw = self._draw(parent, alias)
        table = self._units[parent].table
        return f"SELECT {keys} FROM {table.from_item} AS {alias}{draw.joins} WHERE {draw.condition}"

    def _own_key(self, root: int, alias: str) -> list[str]:
        names = self._choice.keys.get(root) or self._units[root].table.key
        return [f"{alias}.{quoted(name)}" for name in names] or [f"{alias}.ctid"]

    def _low(self, hash_: str) -> str:
        return f"{hash_} & {_MASK} < {self._choice.limit}"


def _hashed(values: Sequence[str]) -> str:
    """A hash of values: of their text, which is the same for types that compare."""
    text = f'(ROW({", ".join(values)})::pg_catalog.text COLLATE pg_catalog."C")'
    return f"pg_catalog.hashtextextended({text}, 0)"


def columns_of(alias: str, columns: Sequence[str]) -> str:
    """The columns as a list of SQL."""
    return ", ".join(f"{alias}.{quoted(name)}" for name in columns)
