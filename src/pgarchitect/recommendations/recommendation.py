"""A candidate with its evidence, judged."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.recommendations.in_schema import InSchema
from pgarchitect.workload.workload import Statement


class Verdict(StrEnum):
    """What a human should do next; docs/how-the-audit-works.md explains each."""

    APPLY = "apply"
    """Proven, confidence ≥ 0.9: open a pull request, merging is advised."""
    REVIEW = "review"
    """Proven, confidence ≥ 0.8: open a pull request, a review is asked for."""
    LOG = "log"
    """Confidence ≥ 0.6: kept in the log; try it where there is time."""
    HUMAN = "human"
    """Confidence below 0.6: a person must look before anything is done."""
    UNPROVEN = "unproven"
    """Only the planner's cost is known; prove it on a sandbox."""
    REJECTED = "rejected"
    """Tried and not worth it: unused by the real run, or a gain of 20 % or less."""


@dataclass(frozen=True, slots=True)
class KnownFrom:
    """Where the memory knows a recommendation from.

    Attributes:
        log_id: the entry of OptimizationLog.
        similarity: cosine similarity of the two statements, 0 … 1.
        recorded_at: when it was recorded.
        verdict: verdict then.
        gain_percent: measured gain then; None when it was not measured.
        applied_at: when its index was first seen in the database; None while it is not there.
    """

    log_id: int
    similarity: float
    recorded_at: datetime
    verdict: Verdict
    gain_percent: float | None
    applied_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One change and what is known about it.

    Attributes:
        id: short and stable: the same change on the same database has the same id in every run.
        candidate: the change.
        statement: the statement that gains most by it.
        evidence: one per statement that was tried, the main statement's first; empty for one known from memory.
        confidence: 0 … 1.
        gain_percent: of the main statement; None when not measured.
        saved_ms: time saved over all recorded calls of all statements that it helps, milliseconds.
        verdict: what to do.
        next_step: the verdict in a sentence for a person.
        known_from: set when the memory had it already; it is then not proposed again.
        in_schema: how the application's schema says it; None: no schema is known, or the change does not fit it.
    """

    id: str
    candidate: Candidate
    statement: Statement
    evidence: tuple[Evidence, ...]
    confidence: float
    gain_percent: float | None
    saved_ms: float
    verdict: Verdict
    next_step: str
    known_from: KnownFrom | None = None
    in_schema: InSchema | None = None

    @property
    def proposed(self) -> bool:
        """Whether this run asks somebody to do something about it."""
        return self.known_from is None and self.verdict is not Verdict.REJECTED
