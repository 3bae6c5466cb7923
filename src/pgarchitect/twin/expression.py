"""An expression of a hypothetical index, as the twin's catalog has it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expression:
    """One of an index's columns.

    Attributes:
        number: of the index's column.
        spelled: as SQL.
        type: oid.
        collation: oid; 0 where there is none.
        table: oid.
        table_spelled: as SQL.
        type_spelled: as SQL.
        equals: the type's operator.
        less: the same.
        collation_spelled: as SQL.
        scalar: whether ANALYZE makes a list of common values and a histogram for its type.
    """

    number: int
    spelled: str
    type: int
    collation: int
    table: int
    table_spelled: str
    type_spelled: str
    equals: str
    less: str
    collation_spelled: str | None
    scalar: bool
