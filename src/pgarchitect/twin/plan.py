"""What the twin's planner says, and under which indexes it was asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final


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
        return tuple(dict.fromkeys(_values(self.tree, "Index Name")))

    def relations(self) -> tuple[str, ...]:
        """Names of the tables that the plan reads or writes, each once."""
        return tuple(dict.fromkeys(_values(self.tree, "Relation Name")))

    def nodes(self) -> tuple[str, ...]:
        """Kinds of the plan's nodes, each once."""
        return tuple(dict.fromkeys(_values(self.tree, "Node Type")))

    def written(self) -> tuple[str, ...]:
        """Names of the tables that the plan writes, as far as EXPLAIN names them."""
        return tuple(_written(self.tree))


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


def _values(tree: dict[str, Any], key: str) -> Iterator[str]:
    if key in tree:
        yield tree[key]
    for child in tree.get("Plans", ()):
        yield from _values(child, key)


def _written(tree: dict[str, Any]) -> Iterator[str]:
    if tree["Node Type"] == "ModifyTable":
        for target in (tree, *tree.get("Target Tables", ())):
            if "Relation Name" in target:
                yield target["Relation Name"]
    for child in tree.get("Plans", ()):
        yield from _written(child)


_SHAPE: Final = ("Node Type", "Join Type", "Strategy", "Partial Mode", "Scan Direction", "Relation Name", "Index Name")


def shape(tree: Mapping[str, Any], names: Mapping[str, str] | None = None) -> tuple[Any, ...]:
    """What a plan does, without its figures: kinds of nodes, what they read, and in which order.

    Args:
        tree: the ``Plan`` object of EXPLAIN's JSON.
        names: what to call a table or index instead, where two plans know it by different names.
    """
    own = (tree.get(key) for key in _SHAPE)
    known = names or {}
    below = (shape(child, names) for child in tree.get("Plans", ()))
    return (*(known.get(value, value) if isinstance(value, str) else value for value in own), *below)
