"""Step 5 without a sandbox and without a twin: what most of today's cost lies in."""

from typing import Final

from pgarchitect.evidence.binding import bind
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.relations import parsed
from pgarchitect.evidence.stake import at_stake, planner_evidence
from pgarchitect.postgres.connection import Connection
from pgarchitect.proving.proven import Proven
from pgarchitect.recommendations.contest import Proposals
from pgarchitect.recommendations.judgement import unproven
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.recommendations.recommendation import Recommendation

_MIN_STAKE: Final = 0.2
"""Nothing is said of a candidate at which less of the plan's cost lies than the gain that counts."""
_NO_SANDBOX: Final = "No sandbox was given: only the planner's cost is known and nothing is proven."


def by_planner(target: Connection, asked: Proposals, listener: ProgressListener) -> Proven:
    """Plan every statement on the audited database, run none; name what most of the cost lies in."""
    trees = parsed(asked.statements)
    found: dict[str, Recommendation] = {}
    refused: dict[str, str] = {}
    for statement in asked.statements:
        identity = statement.fingerprint
        listener.advance(1, identity)
        try:
            bound = bind(target, statement, trees[identity], asked.catalog)
            evidence = planner_evidence(identity, bound)
        except CannotRun as error:
            refused[identity] = error.unplanned
            continue
        stakes = [
            (at_stake(evidence.before, candidate), candidate)
            for candidate in asked.candidates
            if identity in candidate.fingerprints
        ]
        stake, first = max(stakes, key=lambda pair: pair[0])
        if stake >= _MIN_STAKE and first.key not in found:
            found[first.key] = unproven(asked.target, first, statement, [evidence], stake)
    ranked = sorted(found.values(), key=lambda item: -item.statement.total_ms)
    return Proven(tuple(ranked), {}, refused, (_NO_SANDBOX,))
