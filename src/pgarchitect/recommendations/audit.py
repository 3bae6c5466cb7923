"""The result of an audit, as data: what the report shows and the log keeps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.twin_use import TwinUse
from pgarchitect.recommendations.recommendation import Recommendation
from pgarchitect.workload.workload import Statement, Workload


class Outcome(StrEnum):
    """What became of one statement in an audit."""

    IMPROVED = "improved"
    """At least one recommendation helps it."""
    KNOWN = "known"
    """The memory knows it; nothing new is proposed."""
    NO_CANDIDATE = "no candidate"
    """Nothing that this version proposes would help it."""
    REJECTED = "rejected"
    """Candidates were tried, none was worth it."""
    UNPROVEN = "unproven"
    """There are candidates, judged by the planner's cost alone."""
    NOT_TRIED = "not tried"
    """It could not be planned or run; the note says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One slow statement and what the audit understood of it.

    Attributes:
        statement: with its figures.
        intent: one sentence: what it computes.
        outcome: what became of it.
        note: why, one sentence, or empty.
        recommendation_ids: recommendations that concern it.
        together: its evidence with every accepted change present at once; None when it was not run so.
    """

    statement: Statement
    intent: str
    outcome: Outcome
    note: str
    recommendation_ids: tuple[str, ...]
    together: Evidence | None = None


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long one of the seven steps took: its name, seconds, and what it counted."""

    name: str
    seconds: float
    count: str


@dataclass(frozen=True, slots=True)
class Audit:
    """One run of the audit.

    Attributes:
        run_id: UUID of this run.
        started_at: with time zone.
        database: name of the audited database.
        server: host as named in the DSN, without password; ``embedded`` for the embedded server.
        server_version: as the server prints it: ``18.6``.
        proven_on: name of the sandbox; None when nothing was run.
        workload: what was collected.
        findings: one per statement of the workload, in its order.
        recommendations: proposed first, by time saved; then known; then rejected.
        steps: the seven steps.
        warnings: what limits this audit, one sentence each.
        recorded: False when the log could not be written; a warning then says why.
        twin: the planner twin that took part; None when there was none.
    """

    run_id: str
    started_at: datetime
    database: str
    server: str
    server_version: str
    proven_on: str | None
    workload: Workload
    findings: tuple[Finding, ...]
    recommendations: tuple[Recommendation, ...]
    steps: tuple[StepTime, ...]
    warnings: tuple[str, ...]
    recorded: bool
    twin: TwinUse | None = None

    @property
    def seconds(self) -> float:
        """Duration of the whole audit, seconds."""
        return sum(step.seconds for step in self.steps)
