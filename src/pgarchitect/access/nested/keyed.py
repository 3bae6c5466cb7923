"""Statements on rows that are named by keys, any number of them in one statement, which tells which it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pgarchitect.access.nested.sources import Recorder, Source
from pgarchitect.access.nested.tree import Key
from pgarchitect.access.reading import selected
from pgarchitect.access.shapes import RelationShape, TableShape
from pgarchitect.access.statement import Parameters, Statement
from pgarchitect.access.writing import Data, assignments


@dataclass(frozen=True, slots=True)
class Link:
    """The rows that keyed rows must belong to.

    Attributes:
        owner: the table of those.
        relation: of theirs, which leads to the keyed rows.
        parents: for each keyed row, the values of ``relation.here``.
    """

    owner: TableShape
    relation: RelationShape
    parents: tuple[tuple[Any, ...], ...]

    def of(self, numbers: Sequence[int]) -> "Link":
        """Only those of some of the keyed rows."""
        return Link(self.owner, self.relation, tuple(self.parents[each] for each in numbers))


class Keyed:
    """Rows of a table, one for each key.

    Args:
        table: that they are in.
        keys: all of the same fields; empty ones with a link: the row that the relation leads to.
        link: rows that they must belong to; None: to none.
    """

    __slots__ = ("_parameters", "_table", "_tests", "source")

    def __init__(self, table: TableShape, keys: Sequence[Key], link: Link | None = None) -> None:
        self._table = table
        self._parameters = Parameters()
        self.source = Source(self._parameters)
        self._tests: list[str] = []
        for name in keys[0]:
            column = table.column(name)
            self._tests.append(f"t.{column.quoted} = {self.source.column(column, [each[name] for each in keys])}")
        if link is not None:
            self._tests.append(belongs(table, link.relation, self.parents(link), "t"))

    def parents(self, link: Link) -> list[str]:
        """The rows of a link, as columns of the statement."""
        columns = [link.owner.column(each) for each in link.relation.here]
        return [
            self.source.column(each, [parent[number] for parent in link.parents]) for number, each in enumerate(columns)
        ]

    def find(self, *, lock: bool) -> Statement:
        """The rows: number of the key, then all columns."""
        text = (
            f"SELECT u.n, {_listed(self._table)} FROM {self.source.sql()} JOIN {self._table.qualified} t"
            f" ON {self._test}{' FOR UPDATE OF t' if lock else ''}"
        )
        return self._parameters.statement(text)

    def update(self, columns: Sequence[str], returning: str) -> Statement:
        """UPDATE of the rows by columns of the source that were added before."""
        text = (
            f"UPDATE {self._table.qualified} t SET {', '.join(columns)} FROM {self.source.sql()}"
            f" WHERE {self._test} RETURNING u.n{returning}"
        )
        return self._parameters.statement(text)

    def delete(self) -> Statement:
        """DELETE of the rows: numbers of the keys that were found."""
        return self._parameters.statement(
            f"DELETE FROM {self._table.qualified} t USING {self.source.sql()} WHERE {self._test} RETURNING u.n"
        )

    def attach(self, link: Link) -> Statement:
        """Make the rows those that a relation leads to from the rows of ``link``: numbers of the keys found."""
        other = [self._table.column(each) for each in link.relation.there]
        sets = [f"{each.quoted} = {parent}" for each, parent in zip(other, self.parents(link), strict=True)]
        return self.update([*sets, *touched(self._table, self._parameters)], "")

    def clear(self, names: Sequence[str]) -> Statement:
        """Make columns of the rows NULL: numbers of the keys found."""
        sets = [f"{self._table.column(each).quoted} = NULL" for each in names]
        return self.update([*sets, *touched(self._table, self._parameters)], "")

    def join(self, link: Link) -> Statement:
        """Put the rows and those of ``link`` into the table between them: numbers of the keys found."""
        between = link.relation.through
        assert between is not None  # noqa: S101  # asked of such relations only
        [parent] = self.parents(link)
        there = self._table.column(link.relation.there[0]).quoted
        return self._parameters.statement(
            f"WITH found AS (SELECT u.n, {parent} AS p, t.{there} AS k FROM {self.source.sql()}"
            f" JOIN {self._table.qualified} t ON {self._test}),"
            f" made AS (INSERT INTO {between.qualified} ({between.here_quoted}, {between.there_quoted})"
            " SELECT p, k FROM found ON CONFLICT DO NOTHING) SELECT n FROM found"
        )

    def part(self, link: Link) -> Statement:
        """Take the rows and those of ``link`` out of the table between them."""
        between = link.relation.through
        assert between is not None  # noqa: S101  # likewise
        [parent] = self.parents(link)
        there = self._table.column(link.relation.there[0]).quoted
        return self._parameters.statement(
            f"DELETE FROM {between.qualified} j USING {self.source.sql()}, {self._table.qualified} t"
            f" WHERE {self._test} AND j.{between.here_quoted} = {parent} AND j.{between.there_quoted} = t.{there}"
        )

    @property
    def _test(self) -> str:
        return " AND ".join(self._tests)


@dataclass(frozen=True, slots=True)
class Change:
    """What is set in one row of many, in the text that all of them share.

    Attributes:
        sets: assignments; their values are columns of a source.
        recorder: those columns, and this row's values.
    """

    sets: tuple[str, ...]
    recorder: Recorder


def change(table: TableShape, data: Data, first: int) -> Change:
    """What an update sets; ``first``: number of the source's first column that is free."""
    recorder = Recorder(first)
    return Change(tuple(assignments(table, data, recorder, "t")), recorder)


def update_keyed(table: TableShape, keys: Sequence[Key], link: Link | None, changes: Sequence[Change]) -> Statement:
    """UPDATE of rows, each by its own values: number of the key, then all columns."""
    keyed = Keyed(table, keys, link)
    columns = changes[0].recorder.columns
    for number, column in enumerate(columns):
        keyed.source.column(column, [each.recorder.values[number] for each in changes])
    return keyed.update(changes[0].sets, f", {_listed(table)}")


def belongs(table: TableShape, relation: RelationShape, parents: Sequence[str], alias: str) -> str:
    """The condition that a relation leads to row ``alias`` of ``table`` from one with such values of ``here``."""
    there = [f"{alias}.{table.column(each).quoted}" for each in relation.there]
    if relation.through is None:
        return " AND ".join(f"{theirs} = {mine}" for theirs, mine in zip(there, parents, strict=True))
    between = relation.through
    return (
        f"EXISTS (SELECT 1 FROM {between.qualified} j WHERE j.{between.here_quoted} = {parents[0]}"
        f" AND j.{between.there_quoted} = {there[0]})"
    )


def touched(table: TableShape, parameters: Parameters) -> list[str]:
    """What is made for every UPDATE."""
    return [f"{each.quoted} = {parameters.add(each, each.make_update())}" for each in table.columns if each.make_update]


def _listed(table: TableShape) -> str:
    return ", ".join(selected(each, "t") for each in table.columns)
