"""The changes that an audit has chosen, built together on a sandbox, measured in turn with what was, and repaired."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.kinds import KINDS
from pgarchitect.evidence.proof import Effort, Prover
from pgarchitect.evidence.standing import Standing
from pgarchitect.evidence.trial_evidence import evidence_of
from pgarchitect.evidence.trials import Baselines, Told
from pgarchitect.evidence.turns import Turns
from pgarchitect.postgres.processor_time import ProcessorClock
from pgarchitect.recommendations.contest import Proposals, Together, refused
from pgarchitect.recommendations.removal_reason import removal_reason
from pgarchitect.recommendations.repair import Repaired, repaired
from pgarchitect.workload.syntax import UnreadableStatement, parse

_SUGGESTED: Final = 3
"""Further changes that are made for a statement that became slower."""
_LETTERS: Final = 50
"""Of a statement, by which a reason names it."""


@dataclass(frozen=True, slots=True)
class Building:
    """Sees what chosen changes do together, by real runs.

    Attributes:
        prover: on the sandbox.
        asked: what is judged.
        ready: statements as they are.
        effort: how much it may cost.
        clock: of the sandbox's process.
        told: hears of each step.
    """

    prover: Prover
    asked: Proposals
    ready: Baselines
    effort: Effort
    clock: ProcessorClock | None
    told: Told

    def __call__(self, chosen: Sequence[Candidate], known: Container[str]) -> Together:
        """Build the changes, measure every statement, take out what real runs do not want."""
        if not chosen:
            return Together()
        calls = {each.fingerprint: float(each.calls) for each in self.asked.everybody}
        with self.prover.standing(chosen) as standing:
            turns = Turns(standing, self.ready.ready, self.effort, self.clock, self.told)
            found = repaired(
                turns,
                [each.key for each in chosen if each.key in standing.created],
                {each: calls[each] for each in self.ready.ready},
                rescue=lambda fingerprint, _: [
                    each.key for each in self._suggested(fingerprint, known) if _stands(standing, each)
                ],
            )
            return self._together(found, standing, {each.key for each in chosen})

    def _together(self, found: Repaired, standing: Standing, chosen: Container[str]) -> Together:
        gone = {each.key: removal_reason(each, self._name) for each in found.removed if each.key in chosen}
        unmade = {key: refused(reason) for key, reason in standing.refused.items() if key in chosen}
        usable = all(standing.created[key].usable for key in found.kept)
        return Together(
            evidence={each: evidence_of(trial, usable=usable) for each, trial in found.trials.items()},
            used={each: trial.uses for each, trial in found.trials.items()},
            removed={**gone, **unmade},
            added=[standing.candidates[key] for key in found.added],
        )

    def _name(self, fingerprint: str) -> str:
        text = next(each.text for each in self.asked.everybody if each.fingerprint == fingerprint)
        line = " ".join(text.split())
        return f"“{line if len(line) <= _LETTERS else line[: _LETTERS - 1].rstrip() + '…'}”"

    def _suggested(self, fingerprint: str, known: Container[str]) -> list[Candidate]:
        return [each for each in self._proposed(fingerprint) if each.key not in known][:_SUGGESTED]

    def _proposed(self, fingerprint: str) -> Iterator[Candidate]:
        """What a statement asks for when its parameters are known: an index may need the value of one."""
        catalog = self.asked.catalog
        taken = catalog.taken | {each.object_name for each in self.asked.candidates}
        try:
            tree = parse(self.ready.ready[fingerprint].bound[0].sql)
        except UnreadableStatement:
            return
        for kind in KINDS:
            yield from kind(fingerprint, tree, catalog, taken)


def _stands(standing: Standing, candidate: Candidate) -> bool:
    return candidate.key in standing.created or standing.add(candidate)
