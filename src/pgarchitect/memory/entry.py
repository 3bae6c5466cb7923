"""The nouns of the log: an entry to record, an entry remembered, an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pgarchitect.memory.embedding import SQL_SHAPE, Vector
from pgarchitect.recommendations.recommendation import Verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """One change for one statement, as an audit leaves it.

    Attributes:
        run_id: UUID of the audit.
        target: identity of the audited server and database.
        statement: the statement with ``$1`` … for its constants.
        fingerprint: of the statement.
        kind: the candidate's kind.
        recommendation: forward SQL.
        rollback: SQL that undoes it; empty when there is nothing to undo.
        candidate_key: the same change has the same key in every run.
        reason: one sentence: which part of the statement asks for it.
        evidence: what was measured, as JSON; no NaN or infinity.
        gain_percent: measured gain; None when it was not measured.
        confidence: 0 … 1.
        verdict: what to do.
        saved_ms: time saved over all recorded calls, milliseconds.
        intent: one sentence: what the statement computes.
        embedding: vector of the statement.
        embedder: name of the embedding that made the vector.
    """

    run_id: str
    target: str
    statement: str
    fingerprint: str
    kind: str
    recommendation: str
    rollback: str
    candidate_key: str
    reason: str
    evidence: Mapping[str, Any]
    gain_percent: float | None
    confidence: float
    verdict: Verdict
    saved_ms: float
    intent: str
    embedding: Vector
    embedder: str = SQL_SHAPE


@dataclass(frozen=True, slots=True)
class Remembered:
    """An entry as the log gives it back.

    Attributes:
        id: of the entry.
        similarity: cosine similarity of its statement to the one asked about, 0 … 1; 1 when none was asked about.
        created_at: when it was recorded.
        applied_at: when its change was first seen in force since it was last reverted; None while it is not.
        dismissed_at: when somebody last dismissed its change; None if nobody did.

    The other attributes are those of ``Entry``.
    """

    id: int
    run_id: str
    target: str
    fingerprint: str
    statement: str
    candidate_key: str
    kind: str
    recommendation: str
    rollback: str
    reason: str
    intent: str
    gain_percent: float | None
    confidence: float
    verdict: Verdict
    saved_ms: float
    similarity: float
    created_at: datetime
    applied_at: datetime | None
    dismissed_at: datetime | None


class EventKind(StrEnum):
    """What became of a change after its audit."""

    APPLIED = "applied"
    """It was seen in force."""
    REVERTED = "reverted"
    """It was taken back."""
    DISMISSED = "dismissed"
    """Somebody decided against it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a logged change.

    Attributes:
        log_id: the entry; the event counts for every entry of the same change on the same database.
        kind: what happened.
        note: by whom or why, one sentence, or empty.
        at: when, with time zone; None for now.
    """

    log_id: int
    kind: EventKind
    note: str = ""
    at: datetime | None = None
