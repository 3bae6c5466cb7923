# Written by scripts/sync_from_async.py from ../aio/related.py: change that one.
"""What nested writes do with the rows that relations lead to, relation by relation, for all rows of a level at once."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pgarchitect.access import writing
from pgarchitect.access.nested.batches import Pairs, by_fields, by_key, not_found
from pgarchitect.access.nested.keyed import Keyed, Link
from pgarchitect.access.nested.keys import identity_of
from pgarchitect.access.nested.linked import delete_linked, join_rows, keep_only, update_linked
from pgarchitect.access.nested.tree import ChangedRow, Key, KeyedRow, NewRow, Record
from pgarchitect.access.nested.wishes import shared_changes, shared_deletes
from pgarchitect.access.shapes import RelationShape, TableShape
from pgarchitect.access.sync.row_writer import Found, RowWriter
from pgarchitect.access.writing import Conflict


class RelatedWriter(RowWriter, ABC):
    """Writes what relations lead to, where the other table or a table between has the key."""

    @abstractmethod
    def create(self, table: TableShape, rows: Sequence[NewRow]) -> list[Record]:
        """Write rows and all below them."""

    @abstractmethod
    def update(self, table: TableShape, rows: Sequence[ChangedRow], link: Link | None = None) -> list[Found]:
        """Change rows and all below them."""

    @abstractmethod
    def connect_or_create(self, table: TableShape, rows: Sequence[KeyedRow]) -> tuple[list[Record], list[bool]]:
        """The row of each key, and whether it was created."""

    def relate(self, pairs: Pairs, *, is_new: bool) -> None:
        """Do with a relation what was asked for; the rows it leads from are new, or were there before."""
        other = self._tables[pairs.relation.target]
        since = len(self._moves)
        if not is_new:
            self._delete(pairs, other)
            self._set(pairs, other)
            self._disconnect(pairs, other)
        self._connect(pairs, other)
        self._connect_or_create(pairs, other)
        if not is_new:
            self._change(pairs, other)
            self._change_many(pairs.after(self._moves[since:]), other)
            self._upsert(pairs.after(self._moves[since:]), other)
        self._create(pairs.after(self._moves[since:]), other)

    def _delete(self, pairs: Pairs, other: TableShape) -> None:
        keys, link = pairs.of("delete")
        if keys:
            _require(other, pairs.relation, keys, self.delete(other, keys, link))
        for parents, several in shared_deletes(pairs.owner, pairs.relation, other, pairs.pairs):
            self.run(delete_linked(self._tables, pairs.owner, pairs.relation, parents, several))

    def _set(self, pairs: Pairs, other: TableShape) -> None:
        given = [(parent, related.set) for parent, related in pairs.pairs if related.set is not None]
        if not given:
            return
        keys = [key for _, several in given for key in several]
        whose = [parent for parent, several in given for _ in several]
        found = _present(other, pairs.relation, keys, self.find(other, keys) if keys else [])
        names = pairs.relation.there if pairs.relation.through else other.identity
        kept = [(parent, other.values(record, names)) for parent, record in zip(whose, found, strict=True)]
        self.run(keep_only(self._tables, pairs.owner, pairs.relation, [parent for parent, _ in given], kept))
        self._attach(pairs, other, whose, found)

    def _disconnect(self, pairs: Pairs, other: TableShape) -> None:
        keys, link = pairs.of("disconnect")
        if not pairs.relation.to_many:
            # A row that comes in the place of another takes its place.
            optional = all(other.column(each).nullable for each in pairs.relation.there)
            replaced = [
                parent
                for parent, related in pairs.pairs
                if optional and (related.connect or related.connect_or_create or related.create)
            ]
            keys, link = [*keys, *({} for _ in replaced)], pairs.link([*link.parents, *replaced])
        for numbers in by_fields(keys):
            those, whose = [keys[each] for each in numbers], link.of(numbers)
            if pairs.relation.through:
                self.run(Keyed(other, those).part(whose))
            else:
                self.run(Keyed(other, those, whose).clear(pairs.relation.there))

    def _connect(self, pairs: Pairs, other: TableShape) -> None:
        keys, link = pairs.of("connect")
        if not pairs.relation.through:
            # A row belongs to one: of those that connect the same, by whatever key, it is the last.
            if len(by_fields(keys)) > 1 and other.identity:
                there = _present(other, pairs.relation, keys, self.find(other, keys))
                keys = [identity_of(other, each) for each in there]
            chosen = [several[-1] for several in by_key(other, keys)]
            keys, link = [keys[each] for each in chosen], link.of(chosen)
        found = [False] * len(keys)
        for numbers in self._turns(pairs, other, keys, link):
            keyed = Keyed(other, [keys[each] for each in numbers])
            whose = link.of(numbers)
            statement = keyed.join(whose) if pairs.relation.through else keyed.attach(whose)
            for [number] in self._rows(statement):
                found[numbers[number - 1]] = True
        _require(other, pairs.relation, keys, found)

    def _turns(self, pairs: Pairs, other: TableShape, keys: Sequence[Key], link: Link) -> Sequence[Sequence[int]]:
        """Which of the keys are connected by one statement: one each where a row takes what another has until then."""
        relation = pairs.relation
        if len(keys) > 1 and not relation.to_many:
            records = self.find(other, keys)
            owners = {other.values(each, relation.there) for each in records if each is not None}
            if not owners.isdisjoint(link.parents):
                return [[number] for number in range(len(keys))]
        return by_fields(keys)

    def _connect_or_create(self, pairs: Pairs, other: TableShape) -> None:
        rows, link = pairs.of("connect_or_create")
        if not rows:
            return
        filled = [
            KeyedRow(row.key, _with(row.create, pairs.filled(parent)))
            for row, parent in zip(rows, link.parents, strict=True)
        ]
        records, created = self.connect_or_create(other, filled)
        # A row that was created has its key; one that connects what another created has to have it yet.
        rest = [n for n, is_created in enumerate(created) if pairs.relation.through or not is_created]
        self._attach(pairs, other, [link.parents[each] for each in rest], [records[each] for each in rest])

    def _change(self, pairs: Pairs, other: TableShape) -> None:
        rows, link = pairs.of("update")
        if rows:
            _require(other, pairs.relation, [each.where for each in rows], self.update(other, rows, link))

    def _change_many(self, pairs: Pairs, other: TableShape) -> None:
        for parents, each in shared_changes(pairs.relation, other, pairs.pairs):
            statement = update_linked(self._tables, pairs.owner, pairs.relation, parents, each)
            if statement is not None:
                self.run(statement)

    def _upsert(self, pairs: Pairs, other: TableShape) -> None:
        rows, link = pairs.of("upsert")
        if not rows:
            return
        found = self.find(other, [each.key for each in rows], link, lock=True)
        there = [number for number, record in enumerate(found) if record is not None]
        absent = [number for number, record in enumerate(found) if record is None]
        since = len(self._moves)
        if there:
            self.update(other, [rows[each].update for each in there], link.of(there))
        _, link = pairs.after(self._moves[since:]).of("upsert")
        self._add(pairs, other, [rows[each].create for each in absent], link.of(absent))

    def _create(self, pairs: Pairs, other: TableShape) -> None:
        rows, link = pairs.of("create")
        self._add(pairs, other, rows, link)
        several, whose = pairs.of("create_many")
        for skip in (False, True):
            chosen = [
                {**row, **pairs.filled(parent)}
                for each, parent in zip(several, whose.parents, strict=True)
                if each.skip_duplicates is skip
                for row in each.rows
            ]
            for numbers in by_fields(chosen):
                self._copy(other, [chosen[each] for each in numbers], skip=skip)

    def _copy(self, other: TableShape, rows: Sequence[dict[str, Any]], *, skip: bool) -> None:
        made = writing.rows_of(other, rows, validate=False)
        if made.can_copy and not skip:
            self._executor.copy(made)
        else:
            self.run(writing.insert_unnest(made, Conflict() if skip else None, returning=False))

    def _add(self, pairs: Pairs, other: TableShape, rows: Sequence[NewRow], link: Link) -> None:
        """Write rows that belong to those of the link."""
        if not rows:
            return
        filled = [_with(row, pairs.filled(parent)) for row, parent in zip(rows, link.parents, strict=True)]
        records = self.create(other, filled)
        if pairs.relation.through:
            self._attach(pairs, other, link.parents, records)

    def _attach(
        self, pairs: Pairs, other: TableShape, parents: Sequence[tuple[Any, ...]], records: Sequence[Record]
    ) -> None:
        """Make rows belong to others."""
        if not records:
            return
        relation = pairs.relation
        if relation.through:
            joined = [(mine, other.values(row, relation.there)) for mine, row in zip(parents, records, strict=True)]
            self.run(join_rows(self._tables, pairs.owner, relation, joined))
            return
        keys = [identity_of(other, each) for each in records]
        link = pairs.link(parents)
        chosen = [several[-1] for several in by_key(other, keys)]
        keys, link = [keys[each] for each in chosen], link.of(chosen)
        for numbers in self._turns(pairs, other, keys, link):
            self.run(Keyed(other, [keys[each] for each in numbers]).attach(link.of(numbers)))


def _with(row: NewRow, filled: dict[str, Any]) -> NewRow:
    return replace(row, values={**row.values, **filled})


def _require(table: TableShape, relation: RelationShape, keys: Sequence[Key], found: Sequence[object]) -> None:
    """Refuse keys of rows that are not there.

    Raises:
        RelatedNotFound: one is not.
    """
    for key, each in zip(keys, found, strict=True):
        if not each:
            raise not_found(table, key, relation)


def _present(table: TableShape, relation: RelationShape, keys: Sequence[Key], found: Sequence[Found]) -> list[Record]:
    """The rows of keys, all of which must be there; raises as ``_require`` does."""
    _require(table, relation, keys, found)
    return [each for each in found if each is not None]
