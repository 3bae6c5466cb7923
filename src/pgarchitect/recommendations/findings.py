"""What became of each statement, from the recommendations that concern it."""

from collections.abc import Mapping, Sequence

from pgarchitect.evidence.evidence import Evidence
from pgarchitect.recommendations.audit import Finding, Outcome
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.workload.workload import Statement


def find(
    statement: Statement,
    intent: str,
    recommendations: Sequence[Recommendation],
    *,
    refused: Mapping[str, str],
    remembered: Mapping[str, str],
    unserved: Mapping[str, str],
    together: Mapping[str, Evidence],
) -> Finding:
    """The finding of one statement.

    Args:
        statement: which one.
        intent: what it is for.
        recommendations: all of the audit.
        refused: fingerprint → why it was not run, a sentence.
        remembered: fingerprint → what the memory says of it.
        unserved: fingerprint → why nothing was proposed for it.
        together: evidence with all changes present.
    """
    fingerprint = statement.fingerprint
    mine = [item for item in recommendations if fingerprint in item.candidate.fingerprints]
    outcome, note = _outcome(mine, refused.get(fingerprint), remembered.get(fingerprint), unserved.get(fingerprint, ""))
    return Finding(statement, intent, outcome, note, tuple(item.id for item in mine), together.get(fingerprint))


def _outcome(
    mine: Sequence[Recommendation], refusal: str | None, remembered: str | None, unserved: str
) -> tuple[Outcome, str]:
    if refusal is not None:
        return Outcome.NOT_TRIED, refusal
    fresh = [item for item in mine if item.known_from is None]
    if any(item.verdict is Verdict.UNPROVEN for item in fresh):
        return Outcome.UNPROVEN, ""
    if any(item.verdict is not Verdict.REJECTED for item in fresh):
        return Outcome.IMPROVED, ""
    if remembered is not None or any(item.known_from for item in mine):
        return Outcome.KNOWN, remembered or "The change was recorded for another statement."
    if fresh:
        return Outcome.REJECTED, fresh[0].next_step
    return Outcome.NO_CANDIDATE, unserved
