"""What a nested write is, once it is understood: rows to create and to change, and what becomes of their relations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pgarchitect.access.shapes import RelationShape, TableShape

Key = Mapping[str, Any]
"""Fields of a unique key → values; empty: whatever row the relation leads to."""
Record = tuple[Any, ...]
"""All columns of a row, in the order of its table."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to create.

    Attributes:
        table: that it is written to.
        values: fields → values.
        held: relations whose foreign key it has itself: they are written before it.
        below: the other relations: they are written after it.
        folded: relations that were connected by writing their key into ``values``.
    """

    table: TableShape
    values: Mapping[str, Any]
    held: tuple["Related", ...] = ()
    below: tuple["Related", ...] = ()
    folded: tuple[str, ...] = ()

    @property
    def is_alone(self) -> bool:
        """Whether one statement writes all of it."""
        return not self.held and not self.below


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row to change; attributes as of ``NewRow``.

    Attributes:
        table: that it is in.
        where: what names it.
        values: fields → values or operations.
        held: relations whose foreign key it has itself.
        below: the other relations.
        folded: relations that were connected by writing their key into ``values``.
    """

    table: TableShape
    where: Key
    values: Mapping[str, Any]
    held: tuple["Related", ...] = ()
    below: tuple["Related", ...] = ()
    folded: tuple[str, ...] = ()

    @property
    def is_alone(self) -> bool:
        """Whether one statement writes all of it."""
        return not self.held and not self.below


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """A row that is looked for by a key, and created where there is none."""

    key: Key
    create: NewRow

    @property
    def is_found(self) -> bool:
        """Whether the row has the key once it is created, as far as is known before what it refers to is written."""
        held = {name for each in self.create.held for name in each.relation.here}
        values = self.create.values
        return all(name in held or (name in values and values[name] == self.key[name]) for name in self.key)


@dataclass(frozen=True, slots=True)
class Upserted:
    """A row that is changed where it is, and created where it is not."""

    key: Key
    create: NewRow
    update: ChangedRow


@dataclass(frozen=True, slots=True)
class ManyRows:
    """Rows to create that have no relations of their own."""

    rows: tuple[Mapping[str, Any], ...]
    skip_duplicates: bool


@dataclass(frozen=True, slots=True)
class ChangedMany:
    """Rows of a relation that fit a condition, and what is changed of them."""

    where: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Related:
    """What becomes of one relation of one row; the operations are done in this order.

    Attributes:
        relation: it.
        delete: rows to delete.
        delete_many: conditions on rows to delete.
        set: the rows that it leads to from now on; None: it is not set.
        disconnect: rows that it no longer leads to.
        connect: rows that it leads to as well.
        connect_or_create: likewise, and created where there are none.
        update: rows to change.
        update_many: conditions on rows, and what is changed of them.
        upsert: rows to change or to create.
        create: rows to create.
        create_many: likewise.
    """

    relation: RelationShape
    delete: tuple[Key, ...] = ()
    delete_many: tuple[Mapping[str, Any], ...] = ()
    set: tuple[Key, ...] | None = None
    disconnect: tuple[Key, ...] = ()
    connect: tuple[Key, ...] = ()
    connect_or_create: tuple[KeyedRow, ...] = ()
    update: tuple[ChangedRow, ...] = ()
    update_many: tuple[ChangedMany, ...] = ()
    upsert: tuple[Upserted, ...] = ()
    create: tuple[NewRow, ...] = ()
    create_many: tuple[ManyRows, ...] = ()
