"""Which candidates are worth real runs: those that some plan of the twin would use, and gain by."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.proof import Baseline
from pgarchitect.evidence.standing import ChangeRefused
from pgarchitect.evidence.whatif import WhatIf

LEAST_GAIN: Final = 0.01
"""Part of a plan's cost that a candidate must save, for some values of some statement, to be run for real.

Far below the 20 % of time that count in the end, since cost and time disagree. On the sample application at full scale
every index that real runs proved saved 14.9 % of a cost or more, and 10 of 75 candidates less than 1 %: none that real
runs proved.
"""


@dataclass(frozen=True, slots=True)
class Screened:
    """A candidate that is not worth real runs: why, a clause, and what the twin said of each statement, best first."""

    reason: str
    evidence: tuple[Evidence, ...]


def screen(
    what_if: WhatIf, candidates: Sequence[Candidate], ready: Mapping[str, Baseline], *, unsure: Container[str] = ()
) -> dict[str, Screened]:
    """Plan every statement with each candidate alone and with all of them; name those that no plan gains by.

    A candidate is never named for what the twin does not know: when it cannot create the index or plan a statement, or
    when the statement is one of those that it may plan otherwise than the audited database.

    Args:
        what_if: on a twin of the audited database.
        candidates: all of them.
        ready: fingerprint → the statement as it is planned today.
        unsure: fingerprints of statements for which the twin does not decide.

    Returns:
        Candidate key → why not.
    """
    judged = [each for each in candidates if all(one in ready and one not in unsure for one in each.fingerprints)]
    alone = dict(_alone(what_if, judged, ready))
    created = [each for each in judged if each.key in alone]
    together, used = what_if.try_together(created, list(ready.values())) if created else ({}, {})
    found: dict[str, Screened] = {}
    for candidate in created:
        shown = sorted(alone[candidate.key].values(), key=lambda each: -_gain(each))
        joint = [together[each] for each in candidate.fingerprints if candidate.key in used.get(each, ())]
        complete = {each.fingerprint for each in shown if len(each.sets) == len(ready[each.fingerprint].bound)}
        if complete.issuperset(candidate.fingerprints) and max(map(_gain, (*shown, *joint))) < LEAST_GAIN:
            found[candidate.key] = Screened(_reason(shown), tuple(shown))
    return found


def _alone(
    what_if: WhatIf, candidates: Sequence[Candidate], ready: Mapping[str, Baseline]
) -> Iterator[tuple[str, dict[str, Evidence]]]:
    for candidate in candidates:
        with suppress(ChangeRefused):  # the real run will say why
            yield candidate.key, what_if.try_alone(candidate, [ready[each] for each in candidate.fingerprints])


def _gain(evidence: Evidence) -> float:
    """Part of the cost that is saved with the values that gain most, 0 … 1."""
    if not evidence.object_used:
        return 0.0
    return max((1 - each.after / each.before for each in evidence.sets if each.before > 0), default=0.0)


def _reason(shown: Sequence[Evidence]) -> str:
    used = any(each.object_used for each in shown)
    told = "the planner expects next to nothing of it" if used else "the planner would not use it"
    first = shown[0]
    return f"{told}: cost {first.before.cost:,.2f} → {first.after.cost:,.2f}" if first.after else told
