"""Step 4 of the audit: what could help, less what the memory knows; and what became of what was recommended before."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.kinds import propose
from pgarchitect.candidates.missing_index import present_keys, why_none
from pgarchitect.memory.entry import Event, EventKind, Remembered
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.memory.recall import (
    Recall,
    guessed,
    in_force,
    known_recommendation,
    newly_applied,
    newly_gone,
    unanswered,
    without_known,
)
from pgarchitect.postgres.connection import Connection
from pgarchitect.proving import parsed
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.workload.syntax import plain_names
from pgarchitect.workload.workload import Statement

_UNREADABLE = "The parser does not understand its syntax."


@dataclass(frozen=True, slots=True)
class Proposed:
    """What step 4 leaves.

    Attributes:
        catalog: of the tables concerned.
        fresh: candidates that are to be proven.
        known: recommended before, so not proposed again.
        events: what became of changes that were recommended before.
        unserved: fingerprint → why nothing was proposed for it.
    """

    catalog: Catalog
    fresh: Sequence[Candidate]
    known: tuple[Recommendation, ...]
    events: tuple[Event, ...]
    unserved: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposing:
    """Looks at a database with what is remembered of it.

    Attributes:
        target: the audited database.
        log: what is remembered.
        identity: of the audited database, in the log.
        now: when it is looked at.
    """

    target: Connection
    log: OptimizationLog
    identity: str
    now: datetime

    def propose(self, statements: Sequence[Statement], recall: Recall, *, reconsider: bool) -> Proposed:
        """Propose changes for statements.

        Args:
            statements: the slow ones.
            recall: what is known of them; its changes are looked up here.
            reconsider: propose again what is known.
        """
        trees = parsed(statements)
        waiting = self.log.recommended(self.identity)
        catalog = read_catalog(self.target, plain_names([*trees.values(), *_trees(waiting)]))
        present = {key: table.qualified for table in catalog.tables for key in present_keys(Catalog((table,)))}
        by_fingerprint = {each.fingerprint: each for each in statements}
        candidates = propose(trees, catalog)
        candidates = (*candidates, *_guessed(waiting, candidates, by_fingerprint, catalog, present))
        if not reconsider:
            keys = [candidate.key for candidate in candidates]
            recall = replace(recall, changes=self.log.of_candidates(self.identity, keys))
        fresh, known = without_known(candidates, recall)
        if not recall.proving:
            fresh = unanswered(fresh, candidates, known)
        applied, gone = newly_applied(waiting, present), newly_gone(known.values(), present)
        seen = (in_force(e, present[e.candidate_key], by_fingerprint.get(e.fingerprint), self.now) for e in applied)
        repeated = _repeated(candidates, known, by_fingerprint, {each.candidate_key for each in gone})
        return Proposed(
            catalog=catalog,
            fresh=fresh,
            known=(*repeated, *seen),
            events=(
                *(Event(each.id, EventKind.APPLIED, "seen by an audit") for each in applied),
                *(Event(each.id, EventKind.REVERTED, "no longer seen by an audit") for each in gone),
            ),
            unserved={
                each: why_none(trees[each], catalog) if each in trees else _UNREADABLE for each in by_fingerprint
            },
        )


def _guessed(
    waiting: Iterable[Remembered],
    candidates: Iterable[Candidate],
    statements: Container[str],
    catalog: Catalog,
    present: Iterable[str],
) -> Iterator[Candidate]:
    """What was recommended before for these statements with a value in it that was guessed for a parameter."""
    known = {*present, *(each.key for each in candidates)}
    tables = {table.qualified for table in catalog.tables}
    for entry in waiting:
        if entry.fingerprint in statements and (found := guessed(entry, known, tables)) is not None:
            yield found


def _repeated(
    candidates: Iterable[Candidate],
    known: Mapping[str, Remembered],
    statements: Mapping[str, Statement],
    gone: Collection[str],
) -> list[Recommendation]:
    """What was recommended before and would be recommended again."""
    return [
        known_recommendation(
            candidate,
            statements.get(entry.fingerprint) or statements[candidate.fingerprints[0]],
            entry,
            gone=candidate.key in gone,
        )
        for candidate in candidates
        if (entry := known.get(candidate.key)) is not None and entry.verdict is not Verdict.REJECTED
    ]


def _trees(entries: Iterable[Remembered]) -> list[exp.Expr]:
    """The syntax trees of remembered statements."""
    texts = {each.statement: Statement.uncounted(each.statement, identity=each.fingerprint) for each in entries}
    return list(parsed(list(texts.values())).values())
