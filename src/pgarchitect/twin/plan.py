"""What the twin's planner says, and under which indexes it was asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """What the twin's planner says of one statement.

    Attributes:
        cost: total, in the planner's units.
        tree: the ``Plan`` object of EXPLAIN's JSON.
    """

    cost: float
    tree: dict[str, Any]

    @classmethod
    def of(cls, answer: list[dict[str, Any]]) -> "Plan":
        """Of what ``EXPLAIN (FORMAT JSON)`` answered."""
        tree = answer[0]["Plan"]
        return cls(float(tree["Total Cost"]), tree)

    def indexes(self) -> tuple[str, ...]:
        """Names of the indexes that the plan uses, each once, in the plan's order."""
        return tuple(dict.fromkeys(_indexes(self.tree)))


@dataclass(frozen=True, slots=True)
class Generic:
    """A statement whose parameters stay unknown, so that it gets the plan that fits all values alike.

    Attributes:
        text: with ``$1`` …
        types: of its parameters, in their order; ``unknown`` where the server is to find out.
    """

    text: str
    types: tuple[str, ...]

    def prepare(self, name: str) -> str:
        """The statement that prepares it under ``name``."""
        return f"PREPARE {name} ({', '.join(self.types)}) AS {self.text}"

    def execute(self, name: str) -> str:
        """The statement to explain afterwards, under ``plan_cache_mode = force_generic_plan``."""
        return f"EXECUTE {name} ({', '.join(['NULL'] * len(self.types))})"


@dataclass(frozen=True, slots=True)
class Unplannable:
    """A statement that the twin cannot plan, and the server's reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """A set of indexes to plan under.

    Attributes:
        present: names of hypothetical indexes that shall exist.
        absent: names of existing indexes that shall not.
    """

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def _indexes(tree: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in tree:
        yield tree["Index Name"]
    for child in tree.get("Plans", ()):
        yield from _indexes(child)
