"""From an audit's recommendations to what the log keeps of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from pgarchitect.evidence.evidence import Method
from pgarchitect.memory.embedding import Vector
from pgarchitect.memory.entry import Entry
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.workload.workload import Statement


@dataclass(frozen=True, slots=True)
class Record:
    """An audit as the log sees it.

    Attributes:
        run_id: UUID of the audit.
        target: identity of the audited database.
        statements: by fingerprint.
        intents: fingerprint → sentence.
        vectors: fingerprint → embedding.
        embedder: name of the embedding.
        runs: the audit could run statements, so that what only the planner rejected is settled.
    """

    run_id: str
    target: str
    statements: Mapping[str, Statement]
    intents: Mapping[str, str]
    vectors: Mapping[str, Vector]
    embedder: str
    runs: bool = False

    def entries(self, recommendations: Sequence[Recommendation]) -> list[Entry]:
        """One entry for each statement that each change was tried for, rejected ones included.

        A change that could not be tried for a statement leaves none, nor does one that only the planner rejected where
        nothing could be run: a later audit must be free to try it.
        """
        return [entry for item in recommendations for entry in self._entries(item)]

    def _entries(self, item: Recommendation) -> Iterator[Entry]:
        rejected = item.verdict is Verdict.REJECTED
        by_fingerprint = {evidence.fingerprint: evidence for evidence in item.evidence}
        for fingerprint in dict.fromkeys([*item.candidate.fingerprints, *by_fingerprint]):
            evidence = by_fingerprint.get(fingerprint)
            if rejected and (evidence is None or (evidence.method is Method.PLANNER and not self.runs)):
                continue
            yield Entry(
                run_id=self.run_id,
                target=self.target,
                statement=self.statements[fingerprint].text,
                fingerprint=fingerprint,
                kind=item.candidate.kind,
                recommendation=item.candidate.sql,
                rollback=item.candidate.rollback_sql,
                candidate_key=item.candidate.key,
                reason=item.next_step if rejected else item.candidate.reason,
                evidence=asdict(evidence) if evidence else {},
                gain_percent=evidence.gain_percent if evidence else None,
                confidence=item.confidence,
                verdict=item.verdict,
                saved_ms=item.saved_ms if fingerprint == item.statement.fingerprint else 0.0,
                intent=self.intents[fingerprint],
                embedding=self.vectors[fingerprint],
                embedder=self.embedder,
            )
