"""Which of the candidates that help are worth having: as few as give almost all of the gain."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.evidence import Evidence, Method

WORTH_IT_PERCENT: Final = 20.0
"""A gain must be above this to count; the threshold of the original design, step 5."""
ALIKE: Final = 0.95
"""Candidates whose benefit is within 5 % of the best are alike; the smallest of them is taken."""

Tried = Mapping[str, Mapping[str, Evidence]]
"""Candidate key → fingerprint → evidence."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen candidates' keys, best first, and why each other one was not chosen."""

    chosen: tuple[str, ...]
    reasons: Mapping[str, str]


def select(candidates: Sequence[Candidate], tried: Tried, weights: Mapping[str, float]) -> Selection:
    """Choose greedily by time saved, then drop what the others made superfluous.

    Args:
        candidates: all that were tried.
        tried: what was measured.
        weights: fingerprint → total time of the statement, milliseconds.
    """
    factors = {candidate.key: _factors(tried.get(candidate.key, {})) for candidate in candidates}
    sizes = {key: max((each.size_bytes or 0 for each in found.values()), default=0) for key, found in tried.items()}
    chosen: list[str] = []
    while True:
        benefits = {key: _benefit(factors, chosen, key, weights) for key in factors if key not in chosen}
        best = max(benefits.values(), default=0.0)
        if best <= 0:
            break
        alike = [key for key, benefit in benefits.items() if benefit >= ALIKE * best]
        chosen.append(min(alike, key=lambda key: (sizes.get(key, 0), -benefits[key], key)))
    needed = _needed(factors, chosen, weights)
    names = {candidate.key: candidate.object_name for candidate in candidates}
    reasons = {key: _reason(key, factors, tried, needed, names) for key in factors if key not in needed}
    return Selection(needed, reasons)


def _factors(found: Mapping[str, Evidence]) -> dict[str, float]:
    """Fingerprint → time (or cost) after ÷ before, where the change was used and is worth it."""
    return {
        fingerprint: 1 - (evidence.judged_gain_percent or 0.0) / 100
        for fingerprint, evidence in found.items()
        if evidence.object_used and worth_it(evidence)
    }


def worth_it(evidence: Evidence) -> bool:
    """Whether the gain is above the threshold, for the likeliest parameters as for all that were tried together.

    Of what was only planned, whether the planner's cost goes down by more than that.
    """
    gains = [evidence.judged_gain_percent]
    if evidence.method is Method.EXECUTION:
        gains.append(evidence.gain_percent)
    return all(gain is not None and gain > WORTH_IT_PERCENT for gain in gains)


_Factors = Mapping[str, Mapping[str, float]]


def _current(factors: _Factors, chosen: Sequence[str], fingerprint: str) -> float:
    return min((factors[key].get(fingerprint, 1.0) for key in chosen), default=1.0)


def _benefit(factors: _Factors, chosen: Sequence[str], key: str, weights: Mapping[str, float]) -> float:
    """Milliseconds of workload time that ``key`` saves beyond what is chosen already."""
    saved: list[float] = []
    for fingerprint, factor in factors[key].items():
        current = _current(factors, chosen, fingerprint)
        if factor < current * (1 - WORTH_IT_PERCENT / 100):
            saved.append((current - factor) * weights.get(fingerprint, 0.0))
    return math.fsum(saved)  # the same in whatever order they come


def _needed(factors: _Factors, chosen: Sequence[str], weights: Mapping[str, float]) -> tuple[str, ...]:
    needed = list(chosen)
    for key in chosen:
        others = [other for other in needed if other != key]
        if _benefit(factors, others, key, weights) <= 0:
            needed = others
    return tuple(needed)


def _reason(key: str, factors: _Factors, tried: Tried, chosen: Sequence[str], names: Mapping[str, str]) -> str:
    found = tried.get(key, {})
    if not any(evidence.object_used for evidence in found.values()):
        planned = any(evidence.method is Method.PLANNER for evidence in found.values())
        return "the planner would not use it" if planned else "the planner did not use it in the real run"
    if not factors[key]:
        best = max(evidence.judged_gain_percent or 0.0 for evidence in found.values())
        return f"its gain of {best:.0f} % is not above {WORTH_IT_PERCENT:.0f} %"
    better = min(
        chosen,
        key=lambda other: min((factors[other].get(each, 1.0) for each in factors[key]), default=1.0),
        default=None,
    )
    return f"{names[better]} serves the same statements at least as well" if better else "others do more"
