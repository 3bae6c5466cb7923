"""What the memory knows of a change: whether it was recorded already and must not be proposed again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.memory.entry import Remembered
from pgarchitect.recommendations.judgement import identity
from pgarchitect.recommendations.recommendation import KnownFrom, Recommendation, Verdict
from pgarchitect.workload.workload import Statement

SAME_FAMILY: Final = 0.85
"""Cosine similarity from which two statements count as one family (step 2 of the original design)."""


@dataclass(frozen=True, slots=True)
class Recall:
    """What is known before anything is proposed.

    Attributes:
        families: fingerprint → what is known of the statement and its family, nearest first.
        changes: candidate key → the newest entry of that change on this database, for whichever statement.
        proving: this audit can run statements; what was never proven then does not count as known.
    """

    families: Mapping[str, tuple[Remembered, ...]]
    changes: Mapping[str, Remembered]
    proving: bool

    def known(self, candidate: Candidate, fingerprint: str) -> Remembered | None:
        """The entry that makes proposing ``candidate`` for a statement a repetition; None when it would be new.

        A change that was recommended is known whatever statement asks for it; one that was rejected is known only
        for the family that it was rejected for.
        """
        change = self.changes.get(candidate.key)
        if change is not None and change.verdict is not Verdict.REJECTED and self._counts(change):
            return self._nearest(fingerprint, candidate.key) or replace(change, similarity=0.0)
        return self._nearest(fingerprint, candidate.key)

    def _nearest(self, fingerprint: str, key: str) -> Remembered | None:
        family = self.families.get(fingerprint, ())
        return next((entry for entry in family if entry.candidate_key == key and self._counts(entry)), None)

    def _counts(self, entry: Remembered) -> bool:
        return not (self.proving and entry.verdict is Verdict.UNPROVEN)

    def newly_applied(self, present: frozenset[str]) -> tuple[Remembered, ...]:
        """Recommended changes that are now in force but were not seen so before; ``present`` holds candidate keys."""
        recommended = {
            entry.candidate_key: entry
            for family in self.families.values()
            for entry in family
            if entry.verdict is not Verdict.REJECTED and entry.applied_at is None
        }
        return tuple(entry for key, entry in recommended.items() if key in present)


def remembered(family: Sequence[Remembered]) -> str:
    """What is known of a statement's family, in a sentence."""
    nearest = family[0]
    accepted = sum(entry.verdict is not Verdict.REJECTED for entry in family)
    return (
        f"Recorded on {nearest.created_at:%Y-%m-%d} (similarity {nearest.similarity:.2f}):"
        f" {accepted} recommended, {len(family) - accepted} rejected; not proposed again."
    )


def known_recommendation(candidate: Candidate, main: Statement, entry: Remembered) -> Recommendation:
    """What was recommended before, as it was recorded; ``main`` is the statement it is shown with."""
    applied = "It is in force." if entry.applied_at else "It is recorded and waits to be applied."
    return Recommendation(
        id=identity(entry.target, candidate),
        candidate=replace(candidate, sql=entry.recommendation, rollback_sql=entry.rollback),
        statement=main,
        evidence=(),
        confidence=entry.confidence,
        gain_percent=entry.gain_percent,
        saved_ms=entry.saved_ms,
        verdict=entry.verdict,
        next_step=f"Not proposed again: known since {entry.created_at:%Y-%m-%d}. {applied}",
        known_from=_known_from(entry),
    )


def _known_from(entry: Remembered) -> KnownFrom:
    """An entry as a recommendation refers to it."""
    return KnownFrom(
        log_id=entry.id,
        similarity=entry.similarity,
        recorded_at=entry.created_at,
        verdict=entry.verdict,
        gain_percent=entry.gain_percent,
        applied_at=entry.applied_at,
    )


def without_known(candidates: Iterable[Candidate], recall: Recall) -> tuple[list[Candidate], dict[str, Remembered]]:
    """Split candidates: those to be tried, each for the statements that it is new for; and the known ones' entries.

    Returns:
        The new candidates, and candidate key → entry for those that are known for some statement.
    """
    fresh: list[Candidate] = []
    known: dict[str, Remembered] = {}
    for candidate in candidates:
        entries = {each: recall.known(candidate, each) for each in candidate.fingerprints}
        new = tuple(each for each, entry in entries.items() if entry is None)
        if new:
            fresh.append(replace(candidate, fingerprints=new))
        for entry in entries.values():
            if entry is not None and entry.similarity >= known.get(candidate.key, entry).similarity:
                known[candidate.key] = entry
    return fresh, known
