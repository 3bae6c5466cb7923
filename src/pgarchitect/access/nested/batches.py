"""Which rows of a nested write go into one statement: those of which the statement's text would be the same."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pgarchitect.access.failures import ForeignKeyViolated, RelatedNotFound
from pgarchitect.access.nested.keyed import Change, Link, change
from pgarchitect.access.nested.keys import Moved, followed
from pgarchitect.access.nested.linked import Values
from pgarchitect.access.nested.tree import ChangedRow, Key, KeyedRow, NewRow, Record, Related
from pgarchitect.access.shapes import RelationShape, TableShape
from pgarchitect.access.statement import to_database


@dataclass(frozen=True, slots=True)
class Pairs:
    """What becomes of one relation of several rows.

    Attributes:
        owner: table of the rows.
        relation: of theirs.
        pairs: for each row the values of ``relation.here``, and what becomes of the relation.
    """

    owner: TableShape
    relation: RelationShape
    pairs: tuple[tuple[Values, Related], ...]

    def of(self, operation: str) -> tuple[list[Any], Link]:
        """All items of an operation, and the row that each belongs to."""
        found = [(parent, each) for parent, related in self.pairs for each in getattr(related, operation)]
        return [each for _, each in found], self.link([parent for parent, _ in found])

    def after(self, moves: Sequence[Moved]) -> "Pairs":
        """The same of the rows as they are after some have moved."""
        if not moves:
            return self
        here = self.relation.here
        pairs = tuple((followed(self.owner, here, parent, moves), related) for parent, related in self.pairs)
        return replace(self, pairs=pairs)

    def link(self, parents: Sequence[Values]) -> Link:
        """Rows of the owner's."""
        return Link(self.owner, self.relation, tuple(parents))

    def filled(self, parent: Values) -> dict[str, Any]:
        """What a row that the relation leads to has of the row that it belongs to."""
        return {} if self.relation.through else dict(zip(self.relation.there, parent, strict=True))


def pairs_of(owner: TableShape, rows: Sequence[NewRow | ChangedRow], records: Sequence[Record]) -> Iterator[Pairs]:
    """What becomes of the relations of rows that are written, relation by relation."""
    found: dict[str, list[tuple[Values, Related]]] = defaultdict(list)
    relations = {}
    for row, record in zip(rows, records, strict=True):
        for each in row.below:
            relations[each.relation.name] = each.relation
            found[each.relation.name].append((owner.values(record, each.relation.here), each))
    return (Pairs(owner, relation, tuple(found[name])) for name, relation in relations.items())


def held_of(rows: Sequence[NewRow | ChangedRow]) -> Iterator[tuple[RelationShape, list[tuple[int, Related]]]]:
    """Relations whose key the rows have themselves, each with the numbers of the rows."""
    found: dict[str, list[tuple[int, Related]]] = defaultdict(list)
    for number, row in enumerate(rows):
        for each in row.held:
            found[each.relation.name].append((number, each))
    return ((several[0][1].relation, several) for several in found.values())


def by_fields(rows: Iterable[Mapping[str, Any]]) -> list[list[int]]:
    """Numbers of the rows that have the same fields."""
    return _grouped(frozenset(each) for each in rows)


def by_key(table: TableShape, keys: Sequence[Key]) -> list[list[int]]:
    """Numbers of the keys that are equal."""
    return _grouped(_key(table, each) for each in keys)


def created_of(table: TableShape, rows: Sequence[KeyedRow]) -> list[list[int]]:
    """Numbers of the rows to create that are one row, its creator first: one is looked for by the key of another, or by
    a key that an earlier one has once it is created, as if they were written one after another."""
    named = {frozenset(each.key) for each in rows}
    first: dict[str, int] = {}
    groups: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        creator = first.get(_key(table, row.key), number)
        groups.setdefault(creator, []).append(number)
        if creator == number:
            if row.is_found:
                first[_key(table, row.key)] = number
            values = row.create.values
            for names in named:
                if names <= values.keys():
                    first.setdefault(_key(table, {name: values[name] for name in names}), number)
    return list(groups.values())


def changes_of(
    table: TableShape, keys: Sequence[Key], values: Sequence[Mapping[str, Any]], link: Link | None
) -> list[tuple[list[int], list[Change]]]:
    """What is set in which rows, statement by statement; a row that is named twice is changed by two in turn."""
    width = len(link.relation.here) if link else 0
    made = [change(table, each, len(key) + width) for key, each in zip(keys, values, strict=True)]
    times: Counter[Hashable] = Counter()
    texts: list[tuple[int, frozenset[str], tuple[str, ...]]] = []
    for number, (key, each) in enumerate(zip(keys, made, strict=True)):
        row = (_key(table, key), repr(link.parents[number]) if link else "")
        times[row] += 1
        texts.append((times[row], frozenset(key), each.sets))
    grouped = sorted(_grouped(texts), key=lambda numbers: texts[numbers[0]][0])
    return [(numbers, [made[each] for each in numbers]) for numbers in grouped]


def _key(table: TableShape, key: Key) -> str:
    """A key in one spelling; a UUID may be given as text, too."""
    return repr([(name, to_database(table.column(name), key[name])) for name in sorted(key)])


def _grouped(several: Iterable[Hashable]) -> list[list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, each in enumerate(several):
        groups[each].append(number)
    return list(groups.values())


@contextmanager
def connecting(table: TableShape, rows: Sequence[NewRow | ChangedRow]) -> Iterator[None]:
    """A statement that writes keys of relations, which were not looked up before.

    Raises:
        RelatedNotFound: one of them is no row's.
    """
    try:
        yield
    except ForeignKeyViolated as error:
        names = sorted({name for each in rows for name in each.folded})
        if not names:
            raise
        made = RelatedNotFound(
            f"{' or '.join(names)} of {table.name} is connected with a row that is not there. {error}"
        )
        made.sqlstate = error.sqlstate
        raise made from error


def vanished(table: TableShape, rows: Sequence[ChangedRow], records: Sequence[Record | None]) -> RelatedNotFound:
    """The error of rows that were there until what they refer to was written."""
    lost = next(row for row, record in zip(rows, records, strict=True) if record is None)
    named = " and ".join(f"{name} {value!r}" for name, value in lost.where.items())
    return RelatedNotFound(
        f"{table.name} had the row with {named} until this write deleted it through a relation of its own; change or"
        " delete it, not both. Nothing was written."
    )


def not_found(table: TableShape, key: Key, relation: RelationShape) -> RelatedNotFound:
    """The error of a row that should be there."""
    named = " and ".join(f"{name} {value!r}" for name, value in key.items())
    told = f"no row with {named}" if named else "no row there"
    return RelatedNotFound(
        f"{relation.name} leads to {table.name}, which has {told} for this write; check the key. Nothing was written."
    )
