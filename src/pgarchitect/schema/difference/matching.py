"""What of one schema is what of the other: by name, and what has no name in common but is the same by definition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pgarchitect.schema.database_schema import DatabaseSchema, Table
from pgarchitect.schema.ddl.tables import parents_first
from pgarchitect.schema.difference.equality import same_expression


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """As the catalog has it."""


_Thing = TypeVar("_Thing", bound=Named)


@dataclass(frozen=True, slots=True)
class Matched(Generic[_Thing]):
    """Objects of a table before and after.

    Attributes:
        kept: the same, under the same name.
        renamed: the same, under another name.
        dropped: of the first that are not in the second, or have to be made anew.
        added: of the second likewise.
    """

    kept: tuple[tuple[_Thing, _Thing], ...]
    renamed: tuple[tuple[_Thing, _Thing], ...]
    dropped: tuple[_Thing, ...]
    added: tuple[_Thing, ...]


def match(
    before: Sequence[_Thing],
    after: Sequence[_Thing],
    same: Callable[[_Thing, _Thing], bool],
    stays: Callable[[_Thing], bool],
) -> Matched[_Thing]:
    """Match objects.

    Args:
        before: of the first schema.
        after: of the second one.
        same: whether two have the same definition.
        stays: whether one of the first may stay as it is, as far as what it stands on is concerned.
    """
    names = {each.name: each for each in after}
    kept = [
        (each, names[each.name])
        for each in before
        if each.name in names and stays(each) and same(each, names[each.name])
    ]
    old_ones, new_ones = {id(old) for old, _ in kept}, {id(new) for _, new in kept}
    ours = [each for each in before if id(each) not in old_ones]
    theirs = [each for each in after if id(each) not in new_ones]
    renamed = []
    for old in list(ours):
        # A name that the other schema has too is not renamed: it is another object then.
        new = next((each for each in theirs if stays(old) and old.name not in names and same(old, each)), None)
        if new is not None and all(new.name != each.name for each in before):
            renamed.append((old, new))
            ours.remove(old)
            theirs.remove(new)
    return Matched(tuple(kept), tuple(renamed), tuple(ours), tuple(theirs))


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables before and after: those that are in both, those that go, those that come."""

    pairs: tuple[tuple[Table, Table], ...]
    dropped: tuple[Table, ...]
    created: tuple[Table, ...]


def match_tables(before: DatabaseSchema, after: DatabaseSchema) -> Tables:
    """Match tables by name; one that is to be partitioned otherwise, and what is a partition of it, is made anew."""
    pairs: list[tuple[Table, Table]] = []
    anew: set[tuple[str, str]] = set()
    for table in parents_first(before.tables):
        other = after.table(table.schema, table.name)
        if other is None:
            continue
        parents = {table.partition_of} if table.partition_bound else set()
        if parents & anew or not same_expression(table.partition_key, other.partition_key):
            anew.add((table.schema, table.name))
        else:
            pairs.append((table, other))
    matched = {(old.schema, old.name) for old, _ in pairs}
    dropped = [each for each in parents_first(before.tables) if (each.schema, each.name) not in matched]
    created = [each for each in parents_first(after.tables) if (each.schema, each.name) not in matched]
    return Tables(tuple(pairs), tuple(reversed(dropped)), tuple(created))
