"""What the memory knows of a change: whether it was recorded already and must not be proposed again."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.memory.entry import Remembered
from pgarchitect.recommendations.judgement import identity
from pgarchitect.recommendations.recommendation import KnownFrom, Recommendation, Verdict
from pgarchitect.workload.workload import Statement

SAME_FAMILY: Final = 0.85
"""Cosine similarity from which two statements count as one family (step 2 of the original design)."""
_INDEX_NAME: Final = re.compile(r'INDEX (?:CONCURRENTLY )?"?((?:[^" ]|"")+)"? ON ')

_NAME: Final = r'(?:"(?:[^"]|"")+"|[^"\s.(]+)'
_CREATED: Final = re.compile(rf"CREATE INDEX (?:CONCURRENTLY )?(?P<name>{_NAME}) ON (?P<table>{_NAME}(?:\.{_NAME})?) ")


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
        family = [
            entry
            for entry in self.families.get(fingerprint, ())
            if entry.candidate_key == candidate.key and self._counts(entry)
        ]
        if change is not None and change.verdict is not Verdict.REJECTED and self._counts(change):
            # Not one that was rejected before: the change was recommended since.
            recommended = (entry for entry in family if entry.verdict is not Verdict.REJECTED)
            return next(recommended, replace(change, similarity=0.0))
        return next(iter(family), None)

    def _counts(self, entry: Remembered) -> bool:
        return not (self.proving and entry.verdict is Verdict.UNPROVEN)


def newly_applied(recommended: Iterable[Remembered], present: Collection[str]) -> tuple[Remembered, ...]:
    """Recommended changes that are now in force but were not seen so before; ``present`` holds candidate keys."""
    return tuple(entry for entry in recommended if entry.applied_at is None and entry.candidate_key in present)


def newly_gone(known: Iterable[Remembered], present: Collection[str]) -> tuple[Remembered, ...]:
    """Changes that were in force once and now are asked for again, since somebody took them back.

    Args:
        known: entries of changes that would be proposed if they were not known.
        present: candidate keys of what is in force.
    """
    return tuple(entry for entry in known if entry.applied_at is not None and entry.candidate_key not in present)


def unanswered(
    fresh: Iterable[Candidate], candidates: Iterable[Candidate], known: Mapping[str, Remembered]
) -> list[Candidate]:
    """``fresh`` without what is for a statement that a known recommended change waits to be applied for.

    For an audit that runs nothing: it names one change for each statement, and must not name another one at every
    further audit.
    """
    answered = {
        fingerprint
        for candidate in candidates
        if candidate.key in known and known[candidate.key].verdict is not Verdict.REJECTED
        for fingerprint in candidate.fingerprints
    }
    left = (
        replace(each, fingerprints=tuple(one for one in each.fingerprints if one not in answered)) for each in fresh
    )
    return [each for each in left if each.fingerprints]


def remembered(family: Sequence[Remembered]) -> str:
    """What is known of a statement's family, in a sentence."""
    nearest = family[0]
    accepted = sum(entry.verdict is not Verdict.REJECTED for entry in family)
    return (
        f"Recorded on {nearest.created_at:%Y-%m-%d} (similarity {nearest.similarity:.2f}):"
        f" {accepted} recommended, {len(family) - accepted} rejected; not proposed again without --reconsider."
    )


def known_recommendation(
    candidate: Candidate, main: Statement, entry: Remembered, *, gone: bool = False
) -> Recommendation:
    """What was recommended before, as it was recorded.

    Args:
        candidate: the change.
        main: the statement it is shown with.
        entry: what is known of it.
        gone: it was in force, and is so no longer.
    """
    if gone:
        state, entry = (
            "It was in force and is no longer; it waits to be applied again.",
            replace(entry, applied_at=None),
        )
    elif entry.applied_at:
        state = "It is in force."
    else:
        state = "It is recorded and waits to be applied."
    return Recommendation(
        id=identity(entry.target, candidate),
        candidate=replace(candidate, sql=entry.recommendation, rollback_sql=entry.rollback),
        statement=main,
        evidence=(),
        confidence=entry.confidence,
        gain_percent=entry.gain_percent,
        saved_ms=entry.saved_ms,
        verdict=entry.verdict,
        next_step=f"Not proposed again: known since {entry.created_at:%Y-%m-%d}. {state}",
        known_from=_known_from(entry),
    )


def guessed(entry: Remembered, known: Collection[str], tables: Collection[str]) -> Candidate | None:
    """A recommended change that a statement does not ask for by its text alone, as a candidate to be recognised by.

    Args:
        entry: what is known of it.
        known: keys of the candidates that were proposed, and of what is in force.
        tables: qualified names of those that are there.
    """
    parts = _CREATED.search(entry.recommendation)
    if parts is None or entry.candidate_key in known or parts["table"] not in tables:
        return None
    schema = parts["table"].rpartition(".")[0]
    candidate = Candidate(
        kind=entry.kind,
        table=parts["table"],
        sql=entry.recommendation,
        rollback_sql=entry.rollback,
        trial_sql=entry.recommendation.replace("CONCURRENTLY ", "", 1).removesuffix(";"),
        object_name=parts["name"].removeprefix('"').removesuffix('"').replace('""', '"'),
        qualified_name=f"{schema}.{parts['name']}",
        reason=entry.reason,
        fingerprints=(entry.fingerprint,),
        key=entry.candidate_key,
    )
    return candidate if candidate.guesses_for(entry.statement) else None


def in_force(entry: Remembered, table: str, main: Statement | None, now: datetime) -> Recommendation:
    """A recommended change that this audit is the first to see in force.

    Args:
        entry: what is known of it.
        table: qualified, quoted name of its table.
        main: its statement, if it is still a slow one.
        now: when it was seen.
    """
    name = _INDEX_NAME.search(entry.recommendation)
    candidate = Candidate(
        kind=entry.kind,
        table=table,
        sql=entry.recommendation,
        rollback_sql=entry.rollback,
        trial_sql="",
        object_name=name[1] if name else "",
        qualified_name="",
        reason=entry.reason,
        fingerprints=(entry.fingerprint,),
        key=entry.candidate_key,
    )
    statement = main or Statement.uncounted(entry.statement, identity=entry.fingerprint)
    return known_recommendation(candidate, statement, replace(entry, applied_at=now))


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
