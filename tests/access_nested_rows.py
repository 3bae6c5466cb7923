"""Rows of ``access_nested_schema`` in a database: written, and read in a form in which its own numbers do not count."""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from psycopg import sql

from tests.access_nested_schema import LINKS, OWN, PAIRS, TABLES, Row, fields_of
from tests.access_nested_store import FIRST_NEW

Rows = Mapping[str, list[Row]]
Pairs = Mapping[str, set[tuple[int, int]]]


def camel(name: str) -> str:
    """A field's name in the schema."""
    first, *rest = name.split("_")
    return first + "".join(each.title() for each in rest)


class Stored:
    """A database from outside.

    Args:
        url: where it is; the tables are there.
    """

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("SET synchronous_commit = off")

    def fill(self, rows: Rows, pairs: Pairs) -> None:
        """Hold just these."""
        parts = [sql.SQL("DELETE FROM {}").format(sql.Identifier(TABLES[name])) for name in reversed(TABLES)]
        parts += [
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), {}, false)").format(f'"{TABLES[name]}"', FIRST_NEW)
            for name in TABLES
            if name not in OWN
        ]
        parts += [_insert(TABLES[name], several) for name, several in rows.items() if several]
        joined = {name: [{"A": a, "B": b} for a, b in several] for name, several in pairs.items()}
        parts += [_insert(name, several) for name, several in joined.items() if several]
        self._connection.execute(sql.SQL("; ").join(parts))

    def state(self, *, ids: bool = True) -> dict[str, list[Any]]:
        """All that it holds; see ``told``."""
        rows = {name: self._rows(name) for name in TABLES}
        pairs = {each.between: set(self._read(each.between, ["A", "B"])) for each in PAIRS}
        return told(rows, pairs, ids=ids)

    def _rows(self, table: str) -> list[Row]:
        names = fields_of(table)
        found = self._read(TABLES[table], [camel(each) for each in names])
        return [dict(zip(names, each, strict=True)) for each in found]

    def _read(self, table: str, names: Iterable[str]) -> list[tuple[Any, ...]]:
        listed = sql.SQL(", ").join(map(sql.Identifier, names))
        asked = sql.SQL("SELECT {} FROM {}").format(listed, sql.Identifier(table))
        return self._connection.execute(asked).fetchall()

    def close(self) -> None:
        """Leave it."""
        self._connection.close()


def told(rows: Rows, pairs: Pairs, *, ids: bool = True) -> dict[str, list[Any]]:
    """Rows in an order of their own; whoever is referred to by a number that the database gave is told by name.

    Args:
        rows: of each table.
        pairs: of each table between.
        ids: tell numbers that rows were given, too.
    """
    names = {table: {row["id"]: row["name"] for row in several} for table, several in rows.items() if table not in OWN}
    made: dict[str, list[Any]] = {}
    for table, several in rows.items():
        made[table] = sorted((_told(table, row, names, ids=ids) for row in several), key=repr)
    for pair in PAIRS:
        both = [(names[pair.first][a], names[pair.second][b]) for a, b in pairs[pair.between]]
        made[pair.between] = sorted(both)
    return made


def _told(table: str, row: Row, names: Mapping[str, Mapping[int, str]], *, ids: bool) -> dict[str, Any]:
    made = dict(row)
    if "id" in made and (made["id"] >= FIRST_NEW or not ids):
        made["id"] = "any"
    for link in LINKS:
        if link.table == table and link.there == ("id",):
            [name] = link.fields
            made[name] = None if row[name] is None else names[link.target][row[name]]
    return made


def _insert(table: str, rows: list[Row]) -> sql.Composed:
    names = list(rows[0])
    values = [sql.SQL("({})").format(sql.SQL(", ").join(sql.Literal(row[each]) for each in names)) for row in rows]
    return sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.Identifier(camel(each)) for each in names),
        sql.SQL(", ").join(values),
    )
