"""Least and greatest values of columns, put into the leaves of the twin's B-trees, where the planner looks for them.

The planner uses two things: the histogram as ANALYZE left it, and, where it compares with the histogram's first or
last value, the ends of an index (``ineq_histogram_selectivity`` and ``get_variable_range`` of selfuncs.c). A value's
bytes are those that the twin's own server writes into a scratch index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.pages import Key, index_tuple, keys_of
from pgarchitect.twin.source import EndPoints

_HISTOGRAM_SLOTS: Final = (1, 2, 3, 4, 5)

Column = tuple[str, str, str]
"""Schema, table, column."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The least and the greatest value of a column, as index keys of the type with oid ``type``."""

    least: Key
    greatest: Key
    type: int


@dataclass(frozen=True, slots=True)
class Tree:
    """A B-tree whose ends the planner looks up: what it begins with, how it sorts, how many attributes it has."""

    column: Column
    descends: bool
    attributes: int
    type: int

    def keys(self, known: Mapping[Column, Ends]) -> tuple[bytes, ...]:
        """The tuples of its leaf; none where the ends of its column are not known."""
        ends = known.get(self.column)
        if ends is None or ends.type != self.type:
            return ()
        both = (ends.greatest, ends.least) if self.descends else (ends.least, ends.greatest)
        found = dict.fromkeys(both)  # one, where they are the same
        return tuple(index_tuple(key, place, self.attributes) for place, key in enumerate(found, 1))


def write_ends(
    connection: Connection, found: Sequence[EndPoints], with_rows: frozenset[tuple[str, str]], data: Path
) -> dict[Column, Ends]:
    """Bring end points into the form that they have in index leaves.

    Those that cannot be brought into it, since the twin lacks the index or refuses the value, become the ends of the
    column's histogram, which is nearly as good.

    Args:
        connection: to the twin.
        found: what the source told.
        with_rows: schema and name of the tables whose files are not empty.
        data: the twin's data directory.
    """
    able = [each for each in found if (each.schema, each.table) in with_rows]
    columns = [each.schema for each in able], [each.table for each in able], [each.column for each in able]
    by_type: dict[str, list[EndPoints]] = {}
    for place, spelled in _rows(connection, "types", columns):
        by_type.setdefault(spelled, []).append(able[place - 1])
    known: dict[Column, Ends] = {}
    for spelled, some in by_type.items():
        known |= _as_keys(connection, spelled, some, data)
    for each in found:
        if _column(each) not in known:
            _set_histogram(connection, each)
    return known


def trees(connection: Connection, only: Sequence[int] | None = None) -> dict[tuple[str, str], Tree]:
    """B-trees of the twin, all or those with these oids, by schema and name."""
    rows = _rows(connection, "trees", {"only": None if only is None else list(only)})
    return {(row[0], row[1]): Tree((row[2], row[3], row[4]), *row[5:]) for row in rows}


def _column(each: EndPoints) -> Column:
    return each.schema, each.table, each.column


def _as_keys(connection: Connection, spelled: str, some: Sequence[EndPoints], data: Path) -> dict[Column, Ends]:
    """Ends of columns of one type; a value that the server refuses costs its own column only."""
    with Attempt(connection, undone=True):
        keys, kind = _written(connection, spelled, some, data)
        return {
            _column(each): Ends(keys[2 * place], keys[2 * place + 1], kind)
            for place, each in enumerate(some)
            if 2 * place in keys and 2 * place + 1 in keys
        }
    half = len(some) // 2
    parts = (some[:half], some[half:]) if half else ()
    return {column: ends for part in parts for column, ends in _as_keys(connection, spelled, part, data).items()}


def _written(connection: Connection, spelled: str, some: Sequence[EndPoints], data: Path) -> tuple[dict[int, Key], int]:
    """Keys by their place among least and greatest values in turn, and the type that they have in an index."""
    values = [value for each in some for value in (each.least, each.greatest)]
    names = {"table": "pg_temp.ends", "index": "ends_value", "type": spelled}
    connection.execute(_text("make", names).encode())
    places = dict(_rows(connection, "fill", (list(range(len(values))), values), names))
    # The tree is made now, from rows that are there: CREATE INDEX writes its pages to the file at once.
    connection.execute(_text("index", names).encode())
    ((file, kind),) = _rows(connection, "file", ("pg_temp.ends_value",))
    found = keys_of((data / file).read_bytes())
    return {places[f"({block},{place})"]: key for (block, place), key in found}, kind


def _set_histogram(connection: Connection, ends: EndPoints) -> None:
    table = sql.Identifier(ends.schema, ends.table).as_string(connection)
    for slot in _HISTOGRAM_SLOTS:
        text = _text("set_histogram", {"slot": str(slot)})
        values: dict[str, Any] = {
            "least": ends.least, "greatest": ends.greatest, "table": table, "column": ends.column
        }  # fmt: skip
        try:
            connection.execute(text.encode(), values)
        except psycopg.Error:
            if connection.closed:
                raise
            return  # a table that could not be recreated


def _rows(
    connection: Connection,
    name: str,
    parameters: Any,  # noqa: ANN401  # psycopg's
    names: Mapping[str, str] | None = None,
) -> list[tuple[Any, ...]]:
    return connection.execute(_text(name, names or {}).encode(), parameters).fetchall()


def _text(name: str, names: Mapping[str, str]) -> str:
    text = named("pgarchitect.twin", "end_points.sql", name)
    for part, spelled in names.items():
        text = text.replace("{" + part + "}", spelled)
    return text
