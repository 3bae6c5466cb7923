"""What step 5 leaves, and what its ways have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.relations import parsed, qualified
from pgarchitect.evidence.trials import Baselines, Laboratory, try_each
from pgarchitect.evidence.twin_use import TwinUse
from pgarchitect.recommendations.contest import Contest, Jointly, Proposals, planned_together
from pgarchitect.recommendations.judgement import Case
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.recommendations.recommendation import Recommendation
from pgarchitect.schema.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Proven:
    """What step 5 leaves.

    Attributes:
        recommendations: one per candidate, rejected ones included.
        together: evidence of each statement with all accepted changes present.
        refused: fingerprint → why a statement was not run, a sentence.
        warnings: what limits the proof, one sentence each.
        twin: the planner twin that was used; None when there was none.
    """

    recommendations: tuple[Recommendation, ...] = ()
    together: Mapping[str, Evidence] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    twin: TwinUse | None = None


def in_place(done: str, asked: Proposals) -> list[str]:
    """What is to be said of changes that wait to be applied; ``done`` is what was done: Measured."""
    if not asked.pending:
        return []
    return [f"{done} with {len(asked.pending)} changes in place that were recommended before and wait to be applied."]


def of_the_asked(asked: Proposals, refused: Mapping[str, str]) -> dict[str, str]:
    """Without what was refused of bystanders."""
    concerned = {each.fingerprint for each in asked.statements}
    return {each: reason for each, reason in refused.items() if each in concerned}


def unwatched(asked: Proposals, refused: Mapping[str, str]) -> list[str]:
    """What is to be said of bystanders that could not be tried: nobody knows what a change does to them."""
    found: dict[str, int] = {}
    for each in asked.bystanders:
        if each.fingerprint in refused:
            found[refused[each.fingerprint]] = found.get(refused[each.fingerprint], 0) + 1
    return [
        f"{count} other statement{'s' * (count > 1)} that read{'s' * (count == 1)} the same tables could not be tried,"
        f" so a change may slow {'it' if count == 1 else 'them'} unseen. {reason}"
        for reason, count in found.items()
    ]


def decided(
    asked: Proposals,
    laboratory: Laboratory,
    ready: Baselines,
    local: Catalog,
    listener: ProgressListener,
    *,
    jointly: Jointly | None = None,
) -> Case:
    """Try each candidate alone, then choose.

    Args:
        asked: what is to be tried.
        laboratory: where.
        ready: baselines of the statements.
        local: catalog of the database that is tried on.
        listener: hears of progress.
        jointly: sees what the chosen ones do together; None: the planner of the laboratory.
    """
    trees = parsed([each for each in asked.everybody if each.fingerprint in ready.ready])
    alone, refusals = try_each(laboratory, asked.candidates, ready.ready, lambda note: listener.advance(1, note))
    jointly = jointly or planned_together(laboratory, ready.ready)
    contest = Contest(asked, laboratory, jointly, ready.ready, alone, refusals, _size_ratios(asked.catalog, local))
    listener.advance(0, "all together")
    return contest.decide({each: frozenset(qualified(trees[each], local)) for each in ready.ready})


def _size_ratios(production: Catalog, sandbox: Catalog) -> dict[str, float]:
    rows = {table.qualified: max(table.rows, 0.0) for table in production.tables}
    return {
        table.qualified: table.rows / rows[table.qualified] if rows.get(table.qualified) else 1.0
        for table in sandbox.tables
    }
