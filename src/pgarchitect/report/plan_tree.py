"""A plan ready to be shown: what each node cost by itself, and where the planner was wrong about rows."""

from dataclasses import dataclass

from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.report import quantities

HOT_FROM = 0.25
"""Part of the statement's work from which a node is marked as expensive."""
WRONG_FROM = 10.0
"""Ratio of estimated to actual rows from which the estimate is marked as wrong."""
_READS_ALL = frozenset({"Sort", "Hash", "Bitmap Heap Scan", "BitmapAnd", "BitmapOr"})
"""Nodes that read everything below them even when a LIMIT above stops them early."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """One node as it is shown.

    Attributes:
        node: the plan's own node.
        own_share: part of the work that this node did by itself, without those below, 0 … 1.
        figure: its own time, or its own cost when the plan was not timed.
        hot: it is among the expensive ones.
        wrong_rows: how far the estimate of rows was off, or None where it was near.
        removed: rows that its filter threw away, all loops, or None.
        children: nodes below.
    """

    node: PlanNode
    own_share: float
    figure: str
    hot: bool
    wrong_rows: str | None
    removed: str | None
    children: tuple["PlanView", ...]


def plan_views(evidence: Evidence) -> tuple[PlanView, PlanView | None]:
    """The plans before and after, weighed alike: a fast plan's nodes are not marked next to a slow one's."""
    before = evidence.before.plan
    scale = _work(before)
    if evidence.after is None:
        return _view(before, scale, scale), None
    after = evidence.after.plan
    own = _work(after)
    comparable = is_timed(before) == is_timed(after)
    return _view(before, scale, scale), _view(after, own, max(own, scale) if comparable else own)


def is_timed(plan: PlanNode) -> bool:
    """Whether a plan holds actual times; otherwise its nodes are weighed by cost."""
    return plan.actual_ms is not None


def _view(node: PlanNode, total: float, scale: float, *, stopped: bool = False) -> PlanView:
    own = _own(node)
    below = (stopped or node.node_type == "Limit") and node.node_type not in _READS_ALL
    timed = is_timed(node)
    return PlanView(
        node=node,
        own_share=own / total if total > 0 else 0.0,
        figure=quantities.duration(own) if timed else f"cost {quantities.significant(own)}",
        hot=scale > 0 and own / scale >= HOT_FROM,
        wrong_rows=_wrong_rows(node, stopped=stopped),
        removed=_removed(node),
        children=tuple(_view(child, total, scale, stopped=below) for child in node.children),
    )


def _work(plan: PlanNode) -> float:
    return sum(_own(node) for node in plan.walk())


def _own(node: PlanNode) -> float:
    """Time, or cost, of a node without those below; never below zero, since parallel workers overlap."""
    if node.actual_ms is not None:
        return max(0.0, node.actual_ms - sum(child.actual_ms or 0.0 for child in node.children))
    return max(0.0, node.total_cost - sum(child.total_cost for child in node.children))


def _wrong_rows(node: PlanNode, *, stopped: bool) -> str | None:
    """How far the estimate was off; fewer rows below a LIMIT are no mistake, they were not asked for."""
    if node.actual_rows is None or (stopped and node.actual_rows < node.plan_rows):
        return None
    expected, actual = max(node.plan_rows, 1.0), max(node.actual_rows, 1.0)
    ratio = max(expected / actual, actual / expected)
    if ratio < WRONG_FROM:
        return None
    return (
        f"{quantities.significant(ratio)}{quantities.TIMES} {'more' if actual > expected else 'fewer'} than estimated"
    )


def _removed(node: PlanNode) -> str | None:
    if not node.removed_rows:
        return None
    return quantities.rows(round(node.removed_rows * (node.loops or 1)))
