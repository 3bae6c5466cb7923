"""Between the nouns of the log and the rows of its client."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pgarchitect.memory.embedding import Vector
from pgarchitect.memory.entry import Entry, Event, Remembered
from pgarchitect.recommendations.recommendation import Verdict

if TYPE_CHECKING:
    from pgarchitect.memory.client import Optimization, OptimizationEventCreateMany, OptimizationLogCreateMany


def log_rows(entries: Sequence[Entry], leaders: set[tuple[str, str, str]]) -> Iterator["OptimizationLogCreateMany"]:
    """Entries as rows, in their order.

    Args:
        entries: of one batch.
        leaders: database, fingerprint and embedding of statements that have an entry already; the batch's are added.

    Raises:
        ValueError: evidence holds NaN or infinity, which JSON cannot.
    """
    for entry in entries:
        statement = (entry.target, entry.fingerprint, entry.embedder)
        json.dumps(entry.evidence, allow_nan=False)  # the data layer would make null of a NaN
        yield {
            "run_id": entry.run_id,
            "target": entry.target,
            "statement": entry.statement,
            "fingerprint": entry.fingerprint,
            "kind": entry.kind,
            "recommendation": entry.recommendation,
            "rollback": entry.rollback,
            "candidate_key": entry.candidate_key,
            "reason": entry.reason,
            "evidence": dict(entry.evidence),
            "gain_percent": entry.gain_percent,
            "confidence": entry.confidence,
            "verdict": entry.verdict.value,
            "saved_ms": entry.saved_ms,
            "intent": entry.intent,
            "embedder": entry.embedder,
            "embedding": as_text(entry.embedding),
            "leads": statement not in leaders,
        }
        leaders.add(statement)


def event_row(event: Event) -> "OptimizationEventCreateMany":
    """An event as a row; without a time the server fills it in."""
    row: OptimizationEventCreateMany = {"log_id": event.log_id, "kind": event.kind.value, "note": event.note}
    return row if event.at is None else {**row, "at": event.at}


def remembered(row: "Optimization", similarity: float = 1.0) -> Remembered:
    """An entry as the log gives it back.

    Args:
        row: of the log's view.
        similarity: cosine similarity of its statement to the one asked about.
    """
    return Remembered(
        id=row.id,
        run_id=str(row.run_id),
        target=row.target,
        fingerprint=row.fingerprint,
        statement=row.statement,
        candidate_key=row.candidate_key,
        kind=row.kind,
        recommendation=row.recommendation,
        rollback=row.rollback,
        reason=row.reason,
        intent=row.intent,
        gain_percent=row.gain_percent,
        confidence=row.confidence,
        verdict=Verdict(row.verdict),
        saved_ms=row.saved_ms,
        similarity=similarity,
        created_at=row.created_at,
        applied_at=row.applied_at,
        dismissed_at=row.dismissed_at,
    )


def as_text(vector: Vector) -> str:
    """A vector as pgvector reads it."""
    return f"[{','.join(map(repr, vector))}]"
