"""Rows of one table, many at a time: found, written, changed and deleted in as few statements as their texts allow."""

from collections.abc import Mapping, Sequence
from typing import Any

from pgarchitect.access import reading, writing
from pgarchitect.access.aio.executor import Executor
from pgarchitect.access.conditions import Where
from pgarchitect.access.failures import StatementFailed
from pgarchitect.access.nested.batches import by_fields, changes_of
from pgarchitect.access.nested.keyed import Keyed, Link, update_keyed
from pgarchitect.access.nested.keys import Moved, identity_of
from pgarchitect.access.nested.tree import Key, Record
from pgarchitect.access.shapes import Tables, TableShape
from pgarchitect.access.statement import Statement
from pgarchitect.access.writing import Conflict

Found = Record | None
"""A row, if there is one."""


class RowWriter:
    """Writes rows of tables.

    Args:
        tables: shapes of all tables.
        executor: where statements run, in a transaction.
    """

    def __init__(self, tables: Tables, executor: Executor) -> None:
        self._tables = tables
        self._executor = executor
        self._moves: list[Moved] = []
        """Rows whose keys have changed, in turn, as far as rows above them may be the same."""

    async def find(
        self, table: TableShape, keys: Sequence[Key], link: Link | None = None, *, lock: bool = False
    ) -> list[Found]:
        """The row of each key."""
        found: list[Found] = [None] * len(keys)
        for numbers in by_fields(keys):
            keyed = Keyed(table, [keys[each] for each in numbers], link and link.of(numbers))
            for number, *record in await self._rows(keyed.find(lock=lock)):
                found[numbers[number - 1]] = tuple(record)
        return found

    async def fits(self, table: TableShape, where: Where) -> bool:
        """Whether there is a row that fits; it stays as it is until the transaction ends."""
        return bool(await self._rows(reading.held(self._tables, table, where)))

    async def insert(self, table: TableShape, rows: Sequence[Mapping[str, Any]]) -> list[Record]:
        """Write rows; they come back."""
        made: list[Record] = [()] * len(rows)
        for numbers in by_fields(rows):
            records = await self._inserted(table, [rows[each] for each in numbers])
            for number, record in zip(numbers, records, strict=True):
                made[number] = tuple(record)
        return made

    async def _inserted(self, table: TableShape, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        if len(rows) == 1 or not rows[0]:
            made = [writing.insert(table, each) for each in rows]
            records = [await self._executor.row(each.text, each.parameters) for each in made]
        else:
            records = await self._rows(writing.insert_unnest(writing.rows_of(table, rows, validate=False)))
        if len(records) != len(rows) or None in records:
            raise StatementFailed(
                f"A trigger of {table.name} left out rows that were to be written; nothing was written."
            )
        return records

    async def insert_absent(self, table: TableShape, rows: Sequence[Mapping[str, Any]]) -> list[Found]:
        """Write rows unless somebody wrote one with such a key: then None for each row of the statement."""
        made: list[Found] = [None] * len(rows)
        for numbers in by_fields(rows):
            several = writing.rows_of(table, [rows[each] for each in numbers], validate=False)
            records = await self._rows(writing.insert_unnest(several, Conflict()))
            if len(records) == len(numbers):
                for number, record in zip(numbers, records, strict=True):
                    made[number] = tuple(record)
        return made

    async def change(
        self, table: TableShape, keys: Sequence[Key], values: Sequence[Mapping[str, Any]], link: Link | None
    ) -> list[Found]:
        """Update the row of each key by its own values; they come back, also those of which nothing is changed."""
        found: list[Found] = [None] * len(keys)
        for numbers, changes in changes_of(table, keys, values, link):
            those, whose = [keys[each] for each in numbers], link and link.of(numbers)
            if changes[0].sets:
                statement = update_keyed(table, those, whose, changes)
            else:
                statement = Keyed(table, those, whose).find(lock=True)
            for number, *record in await self._rows(statement):
                found[numbers[number - 1]] = tuple(record)
        return found

    async def change_in_turn(
        self, table: TableShape, keys: Sequence[Key], values: Sequence[Mapping[str, Any]]
    ) -> list[Found]:
        """The same one row after another, where one gets a key that another has until then; keys are identities."""
        found: list[Found] = [None] * len(keys)
        now = list(keys)
        for number, value in enumerate(values):
            was = now[number]
            [record] = await self.change(table, [was], [value], None)
            if record is None:
                return found
            for each in [each for each, key in enumerate(now) if key == was]:
                found[each] = record
                now[each] = identity_of(table, record)
        return found

    async def delete(self, table: TableShape, keys: Sequence[Key], link: Link | None = None) -> list[bool]:
        """Delete the row of each key; whether there was one."""
        found = [False] * len(keys)
        for numbers in by_fields(keys):
            keyed = Keyed(table, [keys[each] for each in numbers], link and link.of(numbers))
            for [number] in await self._rows(keyed.delete()):
                found[numbers[number - 1]] = True
        return found

    async def run(self, statement: Statement) -> None:
        """Run a statement that tells nothing."""
        await self._executor.affected(statement.text, statement.parameters)

    async def _rows(self, statement: Statement) -> list[Any]:
        return await self._executor.rows(statement.text, statement.parameters)
