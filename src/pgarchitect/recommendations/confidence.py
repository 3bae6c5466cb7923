"""How sure we are of a recommendation: a number from its evidence alone, and what to do at which number."""

from itertools import product
from typing import Final

from pgarchitect.evidence.evidence import Evidence, Measurement, Method
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.recommendations.selection import WORTH_IT_PERCENT

HIGHEST: Final = 0.99
"""Nothing measured on another machine than production is certain."""
UNPROVEN_HIGHEST: Final = 0.59
"""Planner's cost alone never reaches the 0.6 at which something may be tried without a person's look."""

DOUBTED: Final = 0.8
"""What each doubt about the twin leaves of a confidence: so many plans of a twin of 18 had the shape of their source's
of 15 (931 of 1,170, TPC-H with 26 indexes)."""

_WEIGHTS: Final = {"separation": 0.35, "robustness": 0.25, "margin": 0.20, "planner": 0.10, "runs": 0.10}


def confidence(evidence: Evidence, *, at_stake: float = 0.0, size_ratio: float = 1.0) -> float:
    """Confidence from 0 to 1 that the change helps in production.

    The weighted sum of five parts, each 0 … 1 (weights are ours, by judgement, to be calibrated by outcomes):
    separation (part of all pairs of runs in which the one after was faster: the probability of superiority,
    Mann-Whitney's U divided by the number of pairs), robustness (part of the tried parameter sets for which the
    gain held), margin (how far the gain is above the 20 % that count, full at 50 %), planner (its cost went down
    as well), runs (full at five). Multiplied by ``size_ratio`` when the sandbox is smaller than production.
    Without a run it is 0.2 + 0.39 · ``at_stake``, times 0.8 for each doubt about the twin that planned it.

    Args:
        evidence: of the statement that gains most.
        at_stake: without a real run: part of the plan's cost that the change could save, 0 … 1.
        size_ratio: rows of the table in the sandbox ÷ in production; above 0.5 it does not matter.
    """
    if evidence.method is Method.PLANNER or evidence.after is None or not evidence.after.times_ms:
        return round(min(UNPROVEN_HIGHEST, 0.2 + 0.39 * at_stake) * DOUBTED ** len(evidence.doubts), 2)
    gain = evidence.gain_percent or 0.0
    parts = {
        "separation": separation(evidence.before, evidence.after),
        "robustness": evidence.held_for / evidence.tried_for if evidence.tried_for else 0.0,
        "margin": min(max((gain - WORTH_IT_PERCENT) / 30.0, 0.0), 1.0),
        "planner": 1.0 if evidence.after.cost < evidence.before.cost else 0.0,
        "runs": 1.0 if evidence.before.timed_out else min(len(evidence.after.times_ms) / 5.0, 1.0),
    }
    total = sum(_WEIGHTS[name] * part for name, part in parts.items())
    return round(min(HIGHEST, total * min(1.0, 2.0 * size_ratio)), 2)


def separation(before: Measurement, after: Measurement) -> float:
    """Probability that a run after the change is faster than one before it, from all pairs; ties count half."""
    pairs = list(product(before.times_ms, after.times_ms))
    if not pairs:
        return 0.0
    return sum(1.0 if now < was else 0.5 if now == was else 0.0 for was, now in pairs) / len(pairs)


def verdict(evidence: Evidence, sure: float) -> Verdict:
    """The verdict for a change that was chosen, from its evidence and confidence."""
    if evidence.method is Method.PLANNER:
        return Verdict.UNPROVEN
    gain = evidence.gain_percent
    if not evidence.object_used or gain is None or gain <= WORTH_IT_PERCENT:
        return Verdict.REJECTED
    steps = ((0.9, Verdict.APPLY), (0.8, Verdict.REVIEW), (0.6, Verdict.LOG))
    return next((outcome for least, outcome in steps if sure >= least), Verdict.HUMAN)


NEXT_STEPS: Final = {
    Verdict.APPLY: "Open a pull request with this SQL; merging is advised.",
    Verdict.REVIEW: "Open a pull request with this SQL and ask for a review.",
    Verdict.LOG: "Kept in the log; try it on staging when there is time.",
    Verdict.HUMAN: "Have a person look at the evidence before anything is done.",
    Verdict.UNPROVEN: "Prove it first: run the audit again with --sandbox and a copy of this database.",
    Verdict.REJECTED: "Nothing to do: it was tried and is not worth it.",
}
