"""Nested writes, level by level: all rows of one table that a level has are written together."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from pgarchitect.access.aio.executor import Bound, Executor, Pooled
from pgarchitect.access.aio.related import RelatedWriter
from pgarchitect.access.aio.row_writer import Found
from pgarchitect.access.aio.transaction import Isolation, transaction
from pgarchitect.access.conditions import Where
from pgarchitect.access.failures import AccessError, UniqueViolated
from pgarchitect.access.nested.batches import connecting, created_of, held_of, not_found, pairs_of, vanished
from pgarchitect.access.nested.keyed import Keyed, Link
from pgarchitect.access.nested.keys import are_ambiguous, collide, follow, identity_of, moves_of, touch_keys
from pgarchitect.access.nested.keys import current as now
from pgarchitect.access.nested.reading import is_moved
from pgarchitect.access.nested.tree import ChangedRow, Key, KeyedRow, NewRow, Record, Related, Upserted
from pgarchitect.access.shapes import RelationShape, Tables, TableShape

_SPOIL: Final = (
    "DO $$BEGIN RAISE EXCEPTION 'a nested write failed half-way, so its transaction cannot be committed'; END$$"
)
_Values = list[dict[str, Any]]
"""For each row fields → values, which relations add to."""


@asynccontextmanager
async def together(executor: Executor) -> AsyncIterator[Executor]:
    """Statements that take effect together, or not at all.

    In a transaction that is under way an error ends it, as the error of any statement does: what was written before it
    is not to be committed by who catches the error.
    """
    if isinstance(executor, Pooled):
        async with transaction(executor.pool, Isolation.READ_COMMITTED, read_only=False) as bound:
            yield bound
        return
    try:
        yield executor
    except AccessError as error:
        if not error.sqlstate and not (isinstance(executor, Bound) and executor.is_over):
            with suppress(AccessError):
                await executor.affected(_SPOIL, ())
        raise


class NestedWriter(RelatedWriter):
    """Writes rows with what their relations lead to.

    Args:
        tables: shapes of all tables.
        executor: where statements run, in a transaction.
    """

    def __init__(self, tables: Tables, executor: Executor) -> None:
        super().__init__(tables, executor)
        self._above: list[str] = []
        """Tables of the rows that are being changed, from the first level to the one at hand."""

    async def create_one(self, row: NewRow) -> Found:
        """Write one row and all below it."""
        [made] = await self.create(row.table, [row])
        return made

    async def update_one(self, row: ChangedRow, more: Where | None = None) -> Found:
        """Change one row and all below it; None: it is not there or does not fit ``more``, and nothing was written."""
        if more is not None and not await self.fits(row.table, more):
            return None
        [made] = await self.update(row.table, [row])
        return made

    async def upsert_one(self, row: Upserted, more: Where | None = None) -> Found:
        """Change a row, or write it."""
        [found] = await self.find(row.create.table, [row.key], lock=True)
        if found is not None and (more is None or await self.fits(row.create.table, more)):
            return await self.update_one(row.update)
        return await self.create_one(row.create)

    async def create(self, table: TableShape, rows: Sequence[NewRow]) -> list[Record]:
        """Write rows, what they refer to before them, and what refers to them after them."""
        values = [dict(each.values) for each in rows]
        await self._hold(table, rows, values, None)
        with connecting(table, rows):
            records = await self.insert(table, values)
        for pairs in pairs_of(table, rows, records):
            await self.relate(pairs, is_new=True)
        return records

    async def update(self, table: TableShape, rows: Sequence[ChangedRow], link: Link | None = None) -> list[Found]:
        """Change rows, what they refer to before them, and what refers to them after them.

        None for each that is not there or does not belong to the row of ``link``; nothing was written then.
        """
        self._above.append(table.name)
        made = await self._update(table, rows, link)
        self._above.pop()
        return made

    async def _update(self, table: TableShape, rows: Sequence[ChangedRow], link: Link | None) -> list[Found]:
        keys: list[Key] = [each.where for each in rows]
        values = [dict(each.values) for each in rows]
        left: list[tuple[TableShape, Key]] = []
        current: list[Record] = []
        since, is_below = len(self._moves), table.name in self._above[:-1]
        if any(e.held for e in rows) or are_ambiguous(table, keys, values) or (is_below and touch_keys(table, values)):
            looked = await self.find(table, keys, link, lock=True)
            current = [each for each in looked if each is not None]
            if len(current) < len(rows):
                return looked
            left = await self._hold(table, rows, values, current)
            if table.identity:
                current = [now(table, each, self._moves[since:]) for each in current]
                keys = [identity_of(table, each) for each in current]
                link = None
        with connecting(table, rows):
            if current and collide(table, current, values):
                records = await self.change_in_turn(table, keys, values)
            else:
                records = await self.change(table, keys, values, link)
        made = [each for each in records if each is not None]
        if len(made) < len(rows):
            if current:
                raise vanished(table, rows, records)
            return records
        for other, key in left:
            await self.delete(other, [key])
        if is_below and current:
            self._moves += moves_of(table, current, made)
        since = len(self._moves)
        for pairs in list(pairs_of(table, rows, made)):
            await self.relate(pairs.after(self._moves[since:]), is_new=False)
        return [now(table, each, self._moves[since:]) for each in made] if table.identity else records

    async def connect_or_create(self, table: TableShape, rows: Sequence[KeyedRow]) -> tuple[list[Record], list[bool]]:
        """The row of each key, and whether it was created; one that an earlier one creates is created once."""
        found = await self.find(table, [each.key for each in rows])
        created = [False] * len(rows)
        absent = [number for number, record in enumerate(found) if record is None]
        groups = [[absent[n] for n in several] for several in created_of(table, [rows[each] for each in absent])]
        made = await self._ensure(table, [rows[several[0]] for several in groups])
        for several, (record, is_made) in zip(groups, made, strict=True):
            created[several[0]] = is_made
            for number in several:
                found[number] = record
        return [each for each in found if each is not None], created

    async def _ensure(self, table: TableShape, rows: Sequence[KeyedRow]) -> list[tuple[Record, bool]]:
        """Write rows, and take those that somebody else wrote meanwhile."""
        if not rows:
            return []
        new = [each.create for each in rows]
        if any(each.held or each.below for each in new) or not all(each.is_found for each in rows):
            return [(record, True) for record in await self.create(table, new)]
        with connecting(table, new):
            made = await self.insert_absent(table, [each.values for each in new])
        missing = [number for number, record in enumerate(made) if record is None]
        again = await self.find(table, [rows[each].key for each in missing]) if missing else []
        for number, record in zip(missing, again, strict=True):
            if record is None:
                raise UniqueViolated(
                    f"A row of {table.name} that was to be created has a key that another has; use other values."
                )
            made[number] = record
        return [(record, number not in missing) for number, record in enumerate(made) if record is not None]

    async def _hold(
        self, table: TableShape, rows: Sequence[NewRow | ChangedRow], values: _Values, current: list[Record] | None
    ) -> list[tuple[TableShape, Key]]:
        """Write what rows refer to, and put its keys into their values; rows to delete when they no longer do.

        ``current``, which rows that are new do not have, follows where the keys that it refers to change.
        """
        left: list[tuple[TableShape, Key]] = []
        for relation, several in held_of(rows):
            other = self._tables[relation.target]
            led = await self._led(other, relation, several)
            if current is not None:
                whose = {number: table.values(current[number], relation.here) for number, _ in several}
                moved = await self._follow(other, relation, several, whose, led)
                if moved:
                    current[:] = [follow(table, relation, each, moved) for each in current]
                for number, related in several:
                    if related.delete:
                        key = table.values(current[number], relation.here)
                        left.append((other, dict(zip(relation.there, key, strict=True))))
                        values[number].update(dict.fromkeys(relation.here))
            keys = {number: other.values(record, relation.there) for number, record in led.items()}
            if keys and is_moved(table, relation):
                await self._release(table, relation, list(keys.values()))
            for number, key in keys.items():
                values[number].update(zip(relation.here, key, strict=True))
        return left

    async def _led(
        self, other: TableShape, relation: RelationShape, several: Sequence[tuple[int, Related]]
    ) -> dict[int, Record]:
        """The rows that are referred to from now on, by the numbers of those that do."""
        led: dict[int, Record] = {}
        created = [(number, each.create[0]) for number, each in several if each.create]
        if created:
            records = await self.create(other, [each for _, each in created])
            led.update(zip([number for number, _ in created], records, strict=True))
        ensured = [(number, each.connect_or_create[0]) for number, each in several if each.connect_or_create]
        if ensured:
            records, _ = await self.connect_or_create(other, [each for _, each in ensured])
            led.update(zip([number for number, _ in ensured], records, strict=True))
        connected = [(number, each.connect[0]) for number, each in several if each.connect]
        if connected:
            found = await self.find(other, [each for _, each in connected])
            for (number, key), record in zip(connected, found, strict=True):
                if record is None:
                    raise not_found(other, key, relation)
                led[number] = record
        return led

    async def _follow(
        self,
        other: TableShape,
        relation: RelationShape,
        several: Sequence[tuple[int, Related]],
        whose: Mapping[int, tuple[Any, ...]],
        led: dict[int, Record],
    ) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """Change the rows that keys (``whose``) refer to, or write one where none is; keys that changed, old → new."""
        changed: list[ChangedRow] = []
        absent: list[tuple[int, NewRow]] = []
        for number, related in several:
            key = whose[number]
            rows = [*related.update, *(each.update for each in related.upsert)]
            if None not in key:
                where = dict(zip(relation.there, key, strict=True))
                changed += [replace(each, where=where) for each in rows]
            elif related.upsert:
                absent.append((number, related.upsert[0].create))
            elif rows or related.delete:
                raise not_found(other, {}, relation)
        records = await self.update(other, changed) if changed else []
        if None in records:
            raise not_found(other, {}, relation)
        moved = {
            tuple(row.where.values()): other.values(record, relation.there)
            for row, record in zip(changed, records, strict=True)
            if record is not None
        }
        if absent:
            made = await self.create(other, [each for _, each in absent])
            led.update(zip([number for number, _ in absent], made, strict=True))
        return {old: new for old, new in moved.items() if old != new}

    async def _release(self, table: TableShape, relation: RelationShape, keys: Sequence[tuple[Any, ...]]) -> None:
        """Take keys of a one-to-one relation from the rows that have them."""
        keyed = Keyed(table, [dict(zip(relation.here, key, strict=True)) for key in keys])
        await self.run(keyed.clear(relation.here))
