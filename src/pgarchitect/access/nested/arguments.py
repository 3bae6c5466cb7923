"""Types of nested writes, for a generated client; when it runs they are plain mappings.

``Key`` names a row by a unique key, ``New`` is a row to create, ``Row`` one of plain columns, ``Change`` what is
changed of a row, ``ChangeAll`` what is changed of many, ``Where`` a condition.
"""

from collections.abc import Sequence
from typing import Generic, NotRequired, TypedDict, TypeVar

Key = TypeVar("Key")
New = TypeVar("New")
Row = TypeVar("Row")
Change = TypeVar("Change")
ChangeAll = TypeVar("ChangeAll")
Where = TypeVar("Where")


class ConnectOrCreate(TypedDict, Generic[Key, New]):
    """The row of a key, created where there is none."""

    where: Key
    create: New


class CreateMany(TypedDict, Generic[Row]):
    """Rows of plain columns."""

    data: Sequence[Row]
    skip_duplicates: NotRequired[bool]


class UpdateWhere(TypedDict, Generic[Key, Change]):
    """A row, and what is changed of it."""

    where: Key
    data: Change


class UpsertOne(TypedDict, Generic[New, Change]):
    """The row that a relation leads to: what is changed of it, and what is written where there is none."""

    create: New
    update: Change


class UpsertWhere(TypedDict, Generic[Key, New, Change]):
    """The row of a key: what is changed of it, and what is written where there is none."""

    where: Key
    create: New
    update: Change


class NewOne(TypedDict, Generic[Key, New], total=False):
    """The one row that a new row's relation leads to; one of these."""

    create: New
    connect: Key
    connect_or_create: ConnectOrCreate[Key, New]


class NewJoined(TypedDict, Generic[Key, New], total=False):
    """The many rows that a new row is joined with."""

    create: New | Sequence[New]
    connect: Key | Sequence[Key]
    connect_or_create: ConnectOrCreate[Key, New] | Sequence[ConnectOrCreate[Key, New]]


class NewMany(NewJoined[Key, New], Generic[Key, New, Row], total=False):
    """The many rows that a new row's relation leads to."""

    create_many: CreateMany[Row]


class OneRequired(NewOne[Key, New], Generic[Key, New, Change], total=False):
    """What becomes of the one row that a relation leads to; one of these."""

    update: Change
    upsert: UpsertOne[New, Change]


class OneOwned(OneRequired[Key, New, Change], Generic[Key, New, Change], total=False):
    """Likewise, of a row that cannot be without the one it belongs to."""

    delete: bool


class OneOptional(OneOwned[Key, New, Change], Generic[Key, New, Change], total=False):
    """Likewise, of rows that can be without each other."""

    disconnect: bool


class ManyChanged(TypedDict, Generic[Key, New, Change, ChangeAll, Where], total=False):
    """What becomes of the many rows that a relation leads to."""

    update: UpdateWhere[Key, Change] | Sequence[UpdateWhere[Key, Change]]
    update_many: UpdateWhere[Where, ChangeAll] | Sequence[UpdateWhere[Where, ChangeAll]]
    upsert: UpsertWhere[Key, New, Change] | Sequence[UpsertWhere[Key, New, Change]]
    delete: Key | Sequence[Key]
    delete_many: Where | Sequence[Where]


class ManyOwned(
    NewMany[Key, New, Row],
    ManyChanged[Key, New, Change, ChangeAll, Where],
    Generic[Key, New, Row, Change, ChangeAll, Where],
    total=False,
):
    """Likewise, of rows that cannot be without the one they belong to."""


class ManyOptional(
    ManyOwned[Key, New, Row, Change, ChangeAll, Where], Generic[Key, New, Row, Change, ChangeAll, Where], total=False
):
    """Likewise, of rows that can be without it."""

    set: Sequence[Key]
    disconnect: Key | Sequence[Key]


class ManyJoined(
    NewJoined[Key, New],
    ManyChanged[Key, New, Change, ChangeAll, Where],
    Generic[Key, New, Change, ChangeAll, Where],
    total=False,
):
    """Likewise, of rows that a table in between joins."""

    set: Sequence[Key]
    disconnect: Key | Sequence[Key]
