"""The choice among candidates that were tried one by one, wherever they were tried."""

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

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


@dataclass(frozen=True, slots=True)
class Together:
    """Statements with all chosen changes present, or with what was left of them.

    Attributes:
        evidence: of each statement.
        used: fingerprint → keys of the changes that its plans then use.
        removed: key of a change → why it was taken out, or could not be made, a clause.
        added: changes that were put in for a statement that the others had made slower.
    """

    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    used: Mapping[str, frozenset[str]] = field(default_factory=dict)
    removed: Mapping[str, str] = field(default_factory=dict)
    added: Sequence[Candidate] = ()


Jointly = Callable[[Sequence[Candidate], Container[str]], Together]
"""Chosen changes, keys of what is known → what they do together."""


def planned_together(laboratory: Laboratory, ready: Mapping[str, Baseline]) -> Jointly:
    """What the chosen changes do together, where a planner says so: there is nothing to repair."""

    def together(chosen: Sequence[Candidate], _known: Container[str]) -> Together:
        if not chosen:
            return Together()
        try:
            return Together(*laboratory.try_together(chosen, list(ready.values())))
        except ChangeRefused as error:
            return Together(removed={error.key: refused(str(error))})

    return together


def refused(reason: str) -> str:
    """That the server refused a change, as a clause."""
    return f"the server refused it: {reason}"


@dataclass(slots=True)
class Contest:
    """The choice among candidates that were tried one by one."""

    asked: Proposals
    laboratory: Laboratory
    jointly: Jointly
    ready: Mapping[str, Baseline]
    alone: dict[str, dict[str, Evidence]]
    refusals: Mapping[str, str]
    size_ratios: Mapping[str, float]

    def decide(self, reads: Mapping[str, frozenset[str]]) -> Case:
        """Choose, see the chosen ones at work together, and choose anew without those that no plan then gains by.

        Args:
            reads: fingerprint → tables that the statement reads.
        """
        finalists = self._by_key(self._select({}).chosen)
        for key, found in try_for_others(self.laboratory, finalists, self.ready, reads).items():
            self.alone[key].update(found)
        idle: dict[str, str] = {}
        case = self._chosen(idle)
        for _ in range(_ROUNDS):
            useless = [each for each in self._by_key(case.selection.chosen) if not helped(case, each)]
            if not useless:
                break
            idle.update(
                dict.fromkeys((each.key for each in useless), "no plan gains by it once the others are present")
            )
            case = self._chosen(idle)
        return case

    def _chosen(self, idle: dict[str, str]) -> Case:
        """The case of the best choice without those in ``idle``; what is taken out of it, or refused, joins them."""
        while True:
            selection = self._select(idle)
            found = self.jointly(self._by_key(selection.chosen), {each.key for each in self.asked.candidates})
            if not found.removed and not found.added:
                return self._case(selection, found)
            idle.update(found.removed)
            for candidate in found.added:
                self._join(candidate)
            again = self._select(idle)
            kept = {*selection.chosen, *(each.key for each in found.added)} - found.removed.keys()
            if set(again.chosen) == kept and found.evidence:
                return self._case(again, found)

    def _join(self, candidate: Candidate) -> None:
        """One more candidate, for a statement that the others had made slower."""
        self.asked = replace(self.asked, candidates=(*self.asked.candidates, candidate))
        with suppress(ChangeRefused):
            self.alone[candidate.key] = self.laboratory.try_alone(
                candidate, [self.ready[each] for each in candidate.fingerprints]
            )

    def _case(self, selection: Selection, found: Together) -> Case:
        return Case(
            target=self.asked.target,
            statements={each.fingerprint: each for each in self.asked.everybody},
            candidates=self.asked.candidates,
            refusals=self.refusals,
            alone=self.alone,
            selection=selection,
            together=found.evidence,
            used=found.used,
            size_ratios=self.size_ratios,
        )

    def _select(self, idle: Mapping[str, str]) -> Selection:
        """The best choice among those that were tried and are not in ``idle``."""
        candidates = [each for each in self.asked.candidates if each.key in self.alone and each.key not in idle]
        weights = {each.fingerprint: each.total_ms for each in self.asked.everybody}
        alone: Tried = self.alone
        chosen = select(candidates, alone, weights)
        return Selection(chosen.chosen, {**chosen.reasons, **idle})

    def _by_key(self, keys: Sequence[str]) -> list[Candidate]:
        by_key = {candidate.key: candidate for candidate in self.asked.candidates}
        return [by_key[key] for key in keys]
