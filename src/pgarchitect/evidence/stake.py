"""What a change could save at most, by the planner's cost alone: for an audit without a sandbox."""

from collections.abc import Sequence

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.index_definition import last_part, unquoted
from pgarchitect.evidence.binding import Bound
from pgarchitect.evidence.evidence import Evidence, Measurement, Method
from pgarchitect.evidence.plan import PlanNode

NOTE = "Nothing was run: only the planner's cost of today's plan is known."


def planner_evidence(fingerprint: str, bound: Sequence[Bound]) -> Evidence:
    """Today's plan and cost of a statement with its likeliest values; the statement is not run."""
    return Evidence(
        fingerprint=fingerprint,
        method=Method.PLANNER,
        parameters=bound[0].literals,
        before=bound[0].planned,
        after=None,
        object_used=False,
        held_for=0,
        tried_for=0,
        size_bytes=None,
        build_ms=None,
        note=NOTE,
    )


def at_stake(before: Measurement, candidate: Candidate) -> float:
    """Part of the plan's cost, 0 … 1, that lies in reading the candidate's table whole or sorting what was read.

    It is an upper bound of what an index on that table can save, not an estimate of it.
    """
    total = before.plan.total_cost
    table = unquoted(last_part(candidate.table))
    scans = [node for node in before.plan.walk() if _reads_whole(node, table)]
    if not scans or total <= 0:
        return 0.0
    return min(1.0, sum(node.total_cost * _loops(before.plan, node) for node in scans) / total)


def _reads_whole(node: PlanNode, table: str) -> bool:
    return node.node_type == "Seq Scan" and f"{node.relation} (".startswith(f"{table} (")


def _loops(plan: PlanNode, scan: PlanNode) -> float:
    """How often a scan below a nested loop or a subplan is expected to be repeated."""
    for node in plan.walk():
        if node.node_type == "Nested Loop" and len(node.children) == 2 and scan in list(node.children[1].walk()):
            return max(node.children[0].plan_rows, 1.0)
    return 1.0
