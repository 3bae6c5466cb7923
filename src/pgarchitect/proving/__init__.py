"""Step 5 of the audit: candidates become recommendations, by real runs on a sandbox or by the planner's cost."""

from pgarchitect.evidence.relations import bystanders, parsed
from pgarchitect.proving.execution import by_execution, by_screened_execution
from pgarchitect.proving.planning import by_twin
from pgarchitect.proving.proven import Proven
from pgarchitect.proving.stakes import by_planner
from pgarchitect.recommendations.contest import Proposals

__all__ = [
    "Proposals",
    "Proven",
    "by_execution",
    "by_planner",
    "by_screened_execution",
    "by_twin",
    "bystanders",
    "parsed",
]
