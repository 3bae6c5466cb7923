"""The source's tables, and which of their rows need which others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from pgarchitect.twin.scope import spelled


@dataclass(frozen=True, slots=True)
class Table:
    """One table that holds rows, or a partitioned one that holds none itself.

    Attributes:
        oid: of the source.
        root: oid of the topmost partitioned table that it is a part of; its own if of none.
        schema: its schema.
        name: its name.
        partitioned: its rows are in its partitions.
        rows: as of the last ANALYZE, or guessed from its size; 0 for a partitioned one.
        size_bytes: with TOAST and indexes; 0 for a partitioned one.
        columns: all that are stored and not generated, in their order.
        key: columns of its primary key; none if it has none.
    """

    oid: int
    root: int
    schema: str
    name: str
    partitioned: bool
    rows: float
    size_bytes: int
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def spelled(self) -> str:
        """Its name as SQL spells it."""
        return spelled(self.schema, self.name)

    @property
    def from_item(self) -> str:
        """What stands behind FROM to read what a foreign key sees of it: all partitions, but no inheriting table."""
        return self.spelled if self.partitioned else f"ONLY {self.spelled}"


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of one table need rows of another: a foreign key, or a join that somebody declared.

    Attributes:
        name: of the constraint, or what was declared.
        child: oid of the table that refers.
        parent: oid of the table that it refers to.
        child_columns: those that refer.
        parent_columns: those that they refer to; they are unique.
        types: of the parent's columns.
        operators: that compare a parent's column with the child's, as SQL spells them.
        nullable: rows that refer to nothing are possible.
        nulls: part of the child's rows that refer to nothing.
        distinct: how many different rows of the parent are referred to.
        temporal: its last column must be contained, not equal (PERIOD, since PostgreSQL 18).
    """

    name: str
    child: int
    parent: int
    child_columns: tuple[str, ...]
    parent_columns: tuple[str, ...]
    types: tuple[str, ...]
    operators: tuple[str, ...]
    nullable: bool
    nulls: float
    distinct: float
    temporal: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """What is copied whole or sampled as one: a table, or a partitioned table with all its partitions.

    Attributes:
        table: the topmost one.
        members: all of them.
    """

    table: Table
    members: tuple[Table, ...]

    @property
    def rows(self) -> float:
        """Of all members."""
        return sum(each.rows for each in self.members)

    @property
    def size_bytes(self) -> int:
        """Of all members."""
        return sum(each.size_bytes for each in self.members)


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables by oid, the references among them, and what is chosen as one, by the oid of its root."""

    by_oid: Mapping[int, Table]
    references: tuple[Reference, ...]
    units: Mapping[int, Unit]

    @classmethod
    def of(cls, tables: Iterable[Table], references: Iterable[Reference]) -> Self:
        """Of tables, and of the references both of whose ends are among them."""
        by_oid = {table.oid: table for table in tables}
        inside = (each for each in references if each.child in by_oid and each.parent in by_oid)
        members: dict[int, list[Table]] = {}
        for table in by_oid.values():
            members.setdefault(table.root, []).append(table)
        units = {root: Unit(by_oid.get(root, some[0]), tuple(some)) for root, some in members.items()}
        return cls(by_oid, tuple(inside), units)

    @property
    def leaves(self) -> list[Table]:
        """Those that hold rows, by name."""
        return sorted((each for each in self.by_oid.values() if not each.partitioned), key=lambda each: each.spelled)

    @property
    def size_bytes(self) -> int:
        """Of all tables together."""
        return sum(each.size_bytes for each in self.by_oid.values())
