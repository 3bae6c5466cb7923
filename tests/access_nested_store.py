"""A database as dictionaries: rows with unique keys and foreign keys, written one after another."""

import copy
from collections.abc import Mapping
from typing import Any

from tests.access_nested_schema import KEYS, LINKS, PAIRS, Fields, Link, Pair, Row, fields_of

Data = Mapping[str, Any]
FIRST_NEW = 100
"""The first number that a row without one gets."""


class Refused(Exception):
    """The write is refused, and nothing is written."""


class Store:
    """Rows; one is the dictionary itself, whatever becomes of its keys.

    Args:
        rows: of each table.
        pairs: of each table between, as values of the columns A and B.
    """

    def __init__(self, rows: Mapping[str, list[Row]], pairs: Mapping[str, set[tuple[int, int]]]) -> None:
        self.rows = {name: [dict(each) for each in several] for name, several in rows.items()}
        self.pairs = {name: set(several) for name, several in pairs.items()}
        self._next = FIRST_NEW

    def kept(self) -> tuple[dict[str, list[Row]], dict[str, set[tuple[int, int]]]]:
        """All of it, to go back to."""
        return copy.deepcopy((self.rows, self.pairs))

    def find(self, table: str, key: Data) -> Row | None:
        """The row of a key."""
        return next((each for each in self.rows[table] if all(each[name] == key[name] for name in key)), None)

    def required(self, table: str, key: Data) -> Row:
        """The row of a key, which must be there."""
        found = self.find(table, key)
        if found is None:
            raise Refused(f"{table} has no {dict(key)}")
        return found

    def insert(self, table: str, values: Data) -> Row:
        """Write a row."""
        row: Row = {**dict.fromkeys(fields_of(table)), "points": 0, **values}
        if "id" in row and row["id"] is None:
            row["id"] = self._next
            self._next += 1
        self.rows[table].append(row)
        self._check(table, row)
        return row

    def update(self, table: str, row: Row, values: Data) -> None:
        """Give a row values; rows that refer to it follow."""
        if not any(row is each for each in self.rows[table]):
            raise Refused(f"a row of {table} was deleted by the write that changes it")
        touched: list[tuple[str, Row]] = []
        self._put(table, row, values, touched)
        for name, each in touched:
            self._check(name, each)

    def _put(self, table: str, row: Row, values: Data, touched: list[tuple[str, Row]]) -> None:
        """Give a row values, and new keys to all that refer to it."""
        before = dict(row)
        row.update(values)
        touched.append((table, row))
        for link in LINKS:
            if link.target == table and any(before[name] != row[name] for name in link.there):
                key = dict(zip(link.fields, values_of(row, link.there), strict=True))
                for child in [each for each in self.rows[link.table] if self.refers(link, each, before)]:
                    self._put(link.table, child, key, touched)
        if "id" in row and row["id"] != before["id"]:
            self._renumber(table, before["id"], row["id"])

    def _renumber(self, table: str, old: int, new: int) -> None:
        for pair in PAIRS:
            for place, name in enumerate((pair.first, pair.second)):
                if name == table:
                    self.pairs[pair.between] = {
                        tuple(new if n == place and each == old else each for n, each in enumerate(joined))  # type: ignore[misc]
                        for joined in self.pairs[pair.between]
                    }

    def _check(self, table: str, row: Row) -> None:
        for key in KEYS[table]:
            same = [each for each in self.rows[table] if values_of(each, key) == values_of(row, key)]
            if None not in values_of(row, key) and len(same) > 1:
                raise Refused(f"{table} has two {key}")
        if any(row[name] is None for name in KEYS[table][0]):
            raise Refused(f"{table} has no key")
        for link in LINKS:
            if link.table == table:
                self._check_link(link, row)

    def _check_link(self, link: Link, row: Row) -> None:
        if None in values_of(row, link.fields):
            if link.is_required:
                raise Refused(f"{link.table} has no {link.name}")
            return
        if not any(self.refers(link, row, each) for each in self.rows[link.target]):
            raise Refused(f"{link.table} refers to a {link.name} that is not there")

    @staticmethod
    def refers(link: Link, child: Row, parent: Row) -> bool:
        """Whether a row has the key of another."""
        key = values_of(child, link.fields)
        return None not in key and key == values_of(parent, link.there)

    def join(self, pair: Pair, ids: tuple[int, int]) -> None:
        """Write a row of a table between."""
        for table, number in zip((pair.first, pair.second), ids, strict=True):
            if all(each["id"] != number for each in self.rows[table]):
                raise Refused(f"a row of {table} was deleted by the write that joins it")
        self.pairs[pair.between].add(ids)

    def delete(self, table: str, row: Row) -> None:
        """Delete a row, and what its foreign keys say."""
        for link in LINKS:
            children = [each for each in self.rows[link.table] if link.target == table and self.refers(link, each, row)]
            if children and link.on_delete == "restrict":
                raise Refused(f"{link.table} refers to a {table} that is to be deleted")
            for child in children:
                if link.on_delete == "null":
                    child.update(dict.fromkeys(link.fields))
                else:
                    self.delete(link.table, child)
        for pair in PAIRS:
            for place, name in enumerate((pair.first, pair.second)):
                if name == table:
                    kept = {each for each in self.pairs[pair.between] if each[place] != row["id"]}
                    self.pairs[pair.between] = kept
        self.rows[table] = [each for each in self.rows[table] if each is not row]


def values_of(row: Data, names: Fields) -> tuple[Any, ...]:
    """Values of a row."""
    return tuple(row[name] for name in names)
