"""The figures that every report states, worked out once."""

from dataclasses import dataclass
from datetime import timedelta

from pgarchitect.evidence.evidence import Evidence, Method
from pgarchitect.recommendations.audit import Audit, Finding, Outcome
from pgarchitect.recommendations.recommendation import Recommendation, Verdict

SCATTER = 0.2
"""Part of its time by which a statement must be slower to be called slower: the same 20 % that a gain must exceed."""


@dataclass(frozen=True, slots=True)
class StatementTime:
    """One statement's part of the workload, now and with every proven change.

    Attributes:
        finding: the statement and what became of it.
        before: part of the whole workload's execution time, 0 … 1.
        after: the same with the proven changes; None where they do not change its plan.
        saved_ms: time saved over its recorded calls, milliseconds; negative where they make it slower.
    """

    finding: Finding
    before: float
    after: float | None
    saved_ms: float

    @property
    def slower(self) -> bool:
        """Whether the proven changes make it slower by more than runs scatter."""
        return self.after is not None and self.after > self.before * (1 + SCATTER)


@dataclass(frozen=True, slots=True)
class Figures:
    """The key figures of an audit.

    Attributes:
        slow: statements that passed the filters.
        seen: statements before the filters.
        covered: time that the counts cover; None when the server does not say.
        proposed: recommendations that ask somebody to do something.
        proven: how many of them rest on real runs.
        known: recommendations that the memory had already.
        waiting: how many of these an earlier audit advised to apply and are not in force.
        in_force: how many of these are in force.
        rejected: recommendations that were tried and are not worth it.
        total_ms: execution time of the whole workload, milliseconds.
        saved_ms: what the proven proposals save of it together, each statement counted once.
        statements: one per finding.
    """

    slow: int
    seen: int
    covered: timedelta | None
    proposed: int
    proven: int
    known: int
    waiting: int
    in_force: int
    rejected: int
    total_ms: float
    saved_ms: float
    statements: tuple[StatementTime, ...]

    @property
    def slower(self) -> tuple[StatementTime, ...]:
        """The statements that the proven changes make slower."""
        return tuple(item for item in self.statements if item.slower)

    @property
    def saved_share(self) -> float:
        """Part of the workload's time that is saved, 0 … 1."""
        return self.saved_ms / self.total_ms if self.total_ms > 0 else 0.0


def figures(audit: Audit) -> Figures:
    """Work out the key figures of an audit."""
    statements = tuple(_statement_time(audit, finding) for finding in audit.findings)
    since = audit.workload.since
    return Figures(
        slow=len(audit.workload.statements),
        seen=audit.workload.seen,
        covered=audit.started_at - since if since else None,
        proposed=len(proposed(audit)),
        proven=sum(is_proven(item) for item in proposed(audit)),
        known=len(known(audit)),
        waiting=sum(waits(item) for item in known(audit)),
        in_force=sum(in_force(item) for item in known(audit)),
        rejected=len(rejected(audit)),
        total_ms=audit.workload.total_ms,
        saved_ms=sum(statement.saved_ms for statement in statements),
        statements=statements,
    )


def proposed(audit: Audit) -> tuple[Recommendation, ...]:
    """The recommendations that ask somebody to do something, in the audit's order."""
    return tuple(item for item in audit.recommendations if item.proposed)


def known(audit: Audit) -> tuple[Recommendation, ...]:
    """The recommendations that the memory had already: those to be applied first, those in force last."""
    found = (item for item in audit.recommendations if item.known_from)
    return tuple(sorted(found, key=lambda item: (in_force(item), not waits(item), -item.saved_ms)))


def in_force(recommendation: Recommendation) -> bool:
    """Whether an audit has seen the change in the database."""
    return recommendation.known_from is not None and recommendation.known_from.applied_at is not None


def waits(recommendation: Recommendation) -> bool:
    """Whether an earlier audit advised a pull request for a change that is not in force."""
    source = recommendation.known_from
    return source is not None and source.applied_at is None and source.verdict in {Verdict.APPLY, Verdict.REVIEW}


def rejected(audit: Audit) -> tuple[Recommendation, ...]:
    """The recommendations that were tried now and are not worth it."""
    return tuple(item for item in audit.recommendations if not item.known_from and not item.proposed)


def without_proposal(audit: Audit) -> tuple[Finding, ...]:
    """Findings for which there was nothing to try, or nothing that could be tried."""
    return tuple(item for item in audit.findings if item.outcome in {Outcome.NO_CANDIDATE, Outcome.NOT_TRIED})


def is_proven(recommendation: Recommendation) -> bool:
    """Whether it rests on real runs before and after."""
    return any(item.method is Method.EXECUTION and item.gain_percent is not None for item in recommendation.evidence)


def main_evidence(recommendation: Recommendation) -> Evidence | None:
    """The evidence for the statement that gains most; None for a recommendation known from memory."""
    return recommendation.evidence[0] if recommendation.evidence else None


def recommendation_share(recommendation: Recommendation, audit: Audit) -> float:
    """Part of the workload's time that one recommendation saves, 0 … 1."""
    total = audit.workload.total_ms
    return recommendation.saved_ms / total if total > 0 else 0.0


def _statement_time(audit: Audit, finding: Finding) -> StatementTime:
    gain = _gain(audit, finding)
    saved = finding.statement.total_ms * gain / 100 if gain is not None else 0.0
    before = finding.statement.share
    return StatementTime(finding, before, None if gain is None else before * (1 - gain / 100), saved)


def _gain(audit: Audit, finding: Finding) -> float | None:
    together = finding.together
    if together is None or together.gain_percent is None:
        return _best_gain(audit, finding.statement.fingerprint)
    # A plan that uses none of the changes takes the same time; a difference is only how runs scatter.
    return together.gain_percent if together.object_used else None


def _best_gain(audit: Audit, fingerprint: str) -> float | None:
    """The best gain of any single proven proposal, percent: two changes do not add up on one statement."""
    gains = (
        evidence.gain_percent
        for item in proposed(audit)
        for evidence in item.evidence
        if evidence.fingerprint == fingerprint and evidence.method is Method.EXECUTION
    )
    return max((gain for gain in gains if gain is not None), default=None)
