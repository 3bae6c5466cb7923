"""Which rows of a level wish the same of the rows that a relation leads to, so that one statement does it for all."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pgarchitect.access.nested.linked import Values
from pgarchitect.access.nested.tree import ChangedMany, Related
from pgarchitect.access.shapes import RelationShape, TableShape

_PLAIN: Final = (str, int, bool, float, bytes, Decimal, datetime, date, time, timedelta, UUID, type(None))
_Conditions = tuple[Mapping[str, Any], ...]


def shared_changes(
    relation: RelationShape, other: TableShape, pairs: Sequence[tuple[Values, Related]]
) -> list[tuple[list[Values], ChangedMany]]:
    """Changes in the order in which they are made, each with the rows that wish it.

    They come to what they would come to row after row: of one row they keep their order, and those of several rows are
    joined only where none can see what another did.
    """
    seen: Counter[str] = Counter()
    asked: list[tuple[tuple[int, int], Values, ChangedMany]] = []
    for parent, related in pairs:
        seen[repr(parent)] += 1
        asked += [((seen[repr(parent)], at), parent, each) for at, each in enumerate(related.update_many)]
    if not _is_shareable(relation, other, [each for _, _, each in asked]):
        return [([parent], each) for _, parent, each in asked]
    found: dict[Hashable, tuple[list[Values], ChangedMany]] = {}
    for place, parent, each in sorted(asked, key=lambda one: one[0]):
        found.setdefault((place, _same(each.where), _same(each.values)), ([], each))[0].append(parent)
    return list(found.values())


def shared_deletes(
    owner: TableShape, relation: RelationShape, other: TableShape, pairs: Sequence[tuple[Values, Related]]
) -> list[tuple[list[Values], _Conditions]]:
    """Conditions on rows to delete, each with the rows that wish it; as of ``shared_changes``."""
    asked = [(parent, related.delete_many) for parent, related in pairs if related.delete_many]
    # A row of the table itself may be deleted by one and have rows of its own, which another wishes to delete.
    if relation.target == owner.name or not all(_is_own(other, each) for _, several in asked for each in several):
        return [([parent], several) for parent, several in asked]
    found: dict[Hashable, tuple[list[Values], _Conditions]] = {}
    for parent, several in asked:
        found.setdefault(_same(several), ([], several))[0].append(parent)
    return list(found.values())


def _is_shareable(relation: RelationShape, other: TableShape, several: Sequence[ChangedMany]) -> bool:
    keys = {*relation.here, *relation.there}
    if any(not keys.isdisjoint(each.values) or not _is_own(other, each.where) for each in several):
        return False
    if relation.through is None:
        return True
    # A row that belongs to several is changed once for each, which only makes no difference where it is set once.
    wishes = {_same((each.where, each.values)) for each in several}
    return len(wishes) == 1 and all(_is_set(value) for value in several[0].values.values())


def _is_own(table: TableShape, where: Mapping[str, Any]) -> bool:
    """Whether a condition asks nothing of other rows."""
    for name, asked in where.items():
        if table.is_relation(name):
            return False
        if name in {"AND", "OR", "NOT"}:
            below = [asked] if isinstance(asked, Mapping) else asked or ()
            if not all(_is_own(table, each) for each in below):
                return False
    return True


def _is_set(value: object) -> bool:
    return not isinstance(value, Mapping) or set(value) == {"set"}


def _same(value: object) -> Hashable:
    """What is equal for values that the database cannot tell apart; of what is unknown only for one and the same."""
    if isinstance(value, Mapping):
        return ("mapping", *((name, _same(each)) for name, each in value.items()))
    if isinstance(value, list | tuple):
        return ("list", *(_same(each) for each in value))
    return (type(value), repr(value)) if type(value) in _PLAIN else ("object", id(value))
