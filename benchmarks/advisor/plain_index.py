"""The index that the published advisors know: a B-tree of columns; and what they ask of the world."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class PlainIndex:
    """A B-tree.

    Attributes:
        table: it is on, with its schema, as SQL spells it.
        columns: its keys in their order, as SQL spells them.
    """

    table: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table} ({', '.join(self.columns)})"

    def with_column(self, column: str) -> "PlainIndex":
        """With one more key at its end."""
        return PlainIndex(self.table, (*self.columns, column))

    def begins(self, other: "PlainIndex") -> bool:
        """Whether the other one has its keys, and perhaps more after them."""
        return self.table == other.table and other.columns[: len(self.columns)] == self.columns


Config = frozenset[PlainIndex]
NOTHING = Config()


class Costs(Protocol):
    """What a workload costs under indexes that need not exist."""

    @property
    def statements(self) -> Sequence[int]:
        """Their numbers."""

    def columns(self, statement: int) -> Sequence[PlainIndex]:
        """Of each column that a statement mentions, the index on it alone."""

    def costs(self, wanted: Sequence[tuple[int, Config]]) -> list[float]:
        """Weighted costs of statements, each under a set of indexes."""

    def used(self, statement: int, config: Config) -> tuple[float, Config]:
        """Weighted cost of a statement under a set of indexes, and those that its plan uses."""

    def sizes(self, indexes: Sequence[PlainIndex]) -> list[int]:
        """Bytes of each; quickest for many at once."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a set may not exceed; None: any."""

    size_bytes: int | None = None
    count: int | None = None

    def fits(self, config: Config, costs: Costs) -> bool:
        """Whether a set is within it."""
        if self.count is not None and len(config) > self.count:
            return False
        return self.size_bytes is None or size_of(config, costs) <= self.size_bytes


def size_of(config: Config, costs: Costs) -> int:
    """Bytes of a set."""
    return sum(costs.sizes(sorted(config)))


def totals(costs: Costs, configs: Sequence[Config], statements: Sequence[int]) -> list[float]:
    """Weighted cost of some statements together under each of many sets of indexes."""
    found = iter(costs.costs([(number, config) for config in configs for number in statements]))
    return [math.fsum(next(found) for _ in statements) for _ in configs]


def singles(costs: Costs, statements: Sequence[int]) -> list[PlainIndex]:
    """Indexes on one column that some of the statements mention, in an order of their own."""
    return sorted({index for number in statements for index in costs.columns(number)})


def wider(index: PlainIndex, columns: Sequence[PlainIndex]) -> Iterator[PlainIndex]:
    """An index with each other column of its table at its end."""
    for other in columns:
        if other.table == index.table and other.columns[0] not in index.columns:
            yield index.with_column(other.columns[0])


def up_to(width: int, columns: Sequence[PlainIndex]) -> list[PlainIndex]:
    """Every order of at most so many of the columns of a table."""
    tables = sorted({each.table for each in columns})
    return [
        PlainIndex(table, keys)
        for table in tables
        for count in range(1, width + 1)
        for keys in permutations([each.columns[0] for each in columns if each.table == table], count)
    ]
