"""The choice among candidates that were tried one by one, wherever they were tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.proof import Baseline
from pgarchitect.evidence.standing import ChangeRefused
from pgarchitect.evidence.trials import Laboratory, try_for_others
from pgarchitect.recommendations.judgement import Case, helped
from pgarchitect.recommendations.selection import Selection, Tried, select
from pgarchitect.schema.catalog import Catalog
from pgarchitect.workload.workload import Statement

_ROUNDS = 4
"""How often the choice is made anew without what no plan used once all of it was present."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """What is to be proven.

    Attributes:
        target: identity of the audited database.
        statements: those that some candidate is for.
        candidates: all of them.
        pending: recommended earlier and not yet in force.
        catalog: of the audited database.
        bystanders: other statements that read the candidates' tables; a change may slow them.
    """

    target: str
    statements: Sequence[Statement]
    candidates: Sequence[Candidate]
    pending: Sequence[Candidate]
    catalog: Catalog
    bystanders: Sequence[Statement] = ()

    @property
    def everybody(self) -> tuple[Statement, ...]:
        """The statements and the bystanders."""
        return (*self.statements, *self.bystanders)


@dataclass(slots=True)
class Contest:
    """The choice among candidates that were tried one by one."""

    asked: Proposals
    laboratory: Laboratory
    ready: Mapping[str, Baseline]
    alone: dict[str, dict[str, Evidence]]
    refusals: Mapping[str, str]
    size_ratios: Mapping[str, float]

    def decide(self, reads: Mapping[str, frozenset[str]]) -> Case:
        """Choose, see the chosen ones at work together, and choose anew without those that no plan then gains by.

        Args:
            reads: fingerprint → tables that the statement reads.
        """
        tried = [each for each in self.asked.candidates if each.key in self.alone]
        finalists = self._by_key(self._select(tried, {}).chosen)
        for key, found in try_for_others(self.laboratory, finalists, self.ready, reads).items():
            self.alone[key].update(found)
        idle: dict[str, str] = {}
        case = self._chosen(tried, idle)
        for _ in range(_ROUNDS):
            useless = [each for each in self._by_key(case.selection.chosen) if not helped(case, each)]
            if not useless:
                break
            idle.update(
                dict.fromkeys((each.key for each in useless), "no plan gains by it once the others are present")
            )
            case = self._chosen(tried, idle)
        return case

    def _chosen(self, tried: Sequence[Candidate], idle: dict[str, str]) -> Case:
        """The case of the best choice without those in ``idle``; what the server now refuses joins them."""
        while True:
            try:
                return self._case(self._select([each for each in tried if each.key not in idle], idle))
            except ChangeRefused as error:
                idle[error.key] = f"the server refused it: {error}"

    def _case(self, selection: Selection) -> Case:
        """The chosen changes all present at once, every statement run."""
        chosen = self._by_key(selection.chosen)
        together, used = self.laboratory.try_together(chosen, list(self.ready.values())) if chosen else ({}, {})
        return Case(
            target=self.asked.target,
            statements={each.fingerprint: each for each in self.asked.everybody},
            candidates=self.asked.candidates,
            refusals=self.refusals,
            alone=self.alone,
            selection=selection,
            together=together,
            used=used,
            size_ratios=self.size_ratios,
        )

    def _select(self, candidates: Sequence[Candidate], idle: Mapping[str, str]) -> Selection:
        weights = {each.fingerprint: each.total_ms for each in self.asked.everybody}
        alone: Tried = self.alone
        chosen = select(candidates, alone, weights)
        return Selection(chosen.chosen, {**chosen.reasons, **idle})

    def _by_key(self, keys: Sequence[str]) -> list[Candidate]:
        by_key = {candidate.key: candidate for candidate in self.asked.candidates}
        return [by_key[key] for key in keys]
