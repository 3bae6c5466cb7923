"""A plan as a tree, read from ``EXPLAIN (FORMAT JSON)``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One node of a plan.

    Attributes:
        node_type: as EXPLAIN names it: ``Seq Scan``, ``Index Scan`` …
        relation: table that it reads, alias in parentheses where it differs; None when it reads none.
        index_name: index that it uses, if any.
        detail: conditions, sort and group keys, one phrase each, as EXPLAIN prints them.
        total_cost: planner's cost of this node and everything below.
        plan_rows: rows the planner expected per loop.
        actual_rows: rows per loop it got; None when only planned.
        actual_ms: time of this node and everything below, all loops, milliseconds; None when not timed.
        loops: how often it ran; None when only planned.
        removed_rows: rows that a filter threw away per loop; None when it has no filter.
        children: nodes below.
    """

    node_type: str
    relation: str | None
    index_name: str | None
    detail: tuple[str, ...]
    total_cost: float
    plan_rows: float
    actual_rows: float | None
    actual_ms: float | None
    loops: float | None
    removed_rows: float | None
    children: tuple["PlanNode", ...]

    @classmethod
    def from_explain(cls, node: Mapping[str, Any]) -> Self:
        """Read the ``Plan`` object of EXPLAIN's JSON, children included."""
        loops = node.get("Actual Loops")
        each_ms = node.get("Actual Total Time")
        return cls(
            node_type=node["Node Type"],
            relation=_relation(node),
            index_name=node.get("Index Name"),
            detail=tuple(_details(node)),
            total_cost=float(node["Total Cost"]),
            plan_rows=float(node["Plan Rows"]),
            actual_rows=node.get("Actual Rows"),
            actual_ms=each_ms * (loops or 1) if each_ms is not None else None,
            loops=loops,
            removed_rows=node.get("Rows Removed by Filter"),
            children=tuple(cls.from_explain(child) for child in node.get("Plans", ())),
        )

    def walk(self) -> Iterator["PlanNode"]:
        """This node and all below, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def shape(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """Kind, table and index of each node, parents first: what makes it another plan."""
        return tuple((node.node_type, node.relation, node.index_name) for node in self.walk())

    @property
    def identity(self) -> tuple[object, ...]:
        """Everything that makes one plan do other work than another: the nodes, their conditions and their places."""
        below = tuple(child.identity for child in self.children)
        return self.node_type, self.relation, self.index_name, self.detail, below

    def uses(self, index_name: str) -> bool:
        """Whether any node reads the index of that name."""
        return any(node.index_name == index_name for node in self.walk())


def _relation(node: Mapping[str, Any]) -> str | None:
    name: str | None = node.get("Relation Name")
    alias = node.get("Alias")
    return f"{name} ({alias})" if name and alias and alias != name else name


_DETAILS = ("Index Cond", "Recheck Cond", "Filter", "Hash Cond", "Merge Cond", "Join Filter")
_KEYS = ("Sort Key", "Group Key", "Presorted Key")


def _details(node: Mapping[str, Any]) -> Iterator[str]:
    for name in _DETAILS:
        if name in node:
            yield f"{name}: {node[name]}"
    for name in _KEYS:
        if name in node:
            yield f"{name}: {', '.join(node[name])}"
