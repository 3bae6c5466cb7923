"""From evidence to recommendations: who gains, how sure we are, what should be done."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.evidence import Evidence, Method
from pgarchitect.recommendations.confidence import NEXT_STEPS, confidence, separation, verdict
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.recommendations.selection import Selection, Tried, worth_it
from pgarchitect.workload.workload import Statement

HARM_PERCENT: Final = 10.0
"""A statement that a change slows by less is not counted as harmed."""
HARM_MS: Final = 0.05
"""Nor is one that loses less than this, milliseconds."""
_GUESSED: Final = "It holds a value that was guessed for a parameter: see first which values the application sends. "
_SHORT: Final = 60
"""Letters of values that a sentence may hold."""
HARM_SEPARATION: Final = 0.1
"""Nor one of which more than this part of the runs after were faster than those before: that is scatter."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a judgement may look at.

    Attributes:
        target: identity of the audited database.
        statements: by fingerprint.
        candidates: that were tried.
        refusals: candidate key → why the server refused to make the change.
        alone: evidence of each candidate by itself.
        selection: which were chosen.
        together: evidence of each statement with all chosen ones present.
        used: fingerprint → keys of the chosen candidates that its plan then used.
        size_ratios: table → rows in the sandbox ÷ rows in production.
    """

    target: str
    statements: Mapping[str, Statement]
    candidates: Sequence[Candidate]
    refusals: Mapping[str, str]
    alone: Tried
    selection: Selection
    together: Mapping[str, Evidence]
    used: Mapping[str, frozenset[str]]
    size_ratios: Mapping[str, float]


def judge(case: Case) -> tuple[Recommendation, ...]:
    """One recommendation per candidate: chosen ones by time saved, or expected to be; then the rejected ones."""
    judged = [_judge_one(case, candidate) for candidate in case.candidates]
    return tuple(sorted(judged, key=_rank))


def _rank(item: Recommendation) -> tuple[bool, float, float, str]:
    expected = item.statement.total_ms * item.evidence[0].expected if item.evidence else 0.0
    return item.verdict is Verdict.REJECTED, -item.saved_ms, -expected, item.id


def identity(target: str, candidate: Candidate) -> str:
    """The recommendation's id: the same change on the same database has the same one in every run."""
    return "R-" + hashlib.blake2b(f"{target}\n{candidate.key}".encode(), digest_size=4).hexdigest()


def unproven(
    target: str, candidate: Candidate, statement: Statement, evidence: Sequence[Evidence], stake: float
) -> Recommendation:
    """A candidate of which only the planner's cost today is known; ``stake`` is what it could save at most, 0 … 1."""
    return Recommendation(
        id=identity(target, candidate),
        candidate=candidate,
        statement=statement,
        evidence=tuple(evidence),
        confidence=confidence(evidence[0], at_stake=stake),
        gain_percent=None,
        saved_ms=0.0,
        verdict=Verdict.UNPROVEN,
        next_step=f"At most {100 * stake:.0f} % of the plan's cost is at stake. {NEXT_STEPS[Verdict.UNPROVEN]}",
    )


def _judge_one(case: Case, candidate: Candidate) -> Recommendation:
    refusal = case.refusals.get(candidate.key)
    if refusal is not None:
        return _rejected(case, candidate, f"the server refused it: {refusal}")
    if candidate.key not in case.selection.chosen:
        return _rejected(case, candidate, case.selection.reasons.get(candidate.key, "it was not needed"))
    gaining = helped(case, candidate)
    if not gaining:
        return _rejected(case, candidate, "no plan gains by it once the other recommended changes are present")
    main = gaining[0]
    sure = confidence(main, at_stake=main.expected, size_ratio=case.size_ratios.get(candidate.table, 1.0))
    slowed = harmed(case, candidate)
    mixed = [each for each in gaining if each.worse]
    outcome = verdict(main, sure)
    guess = _GUESSED if candidate.guesses_for(case.statements[main.fingerprint].text) else ""
    if (slowed or mixed or guess) and outcome is Verdict.APPLY:
        outcome = Verdict.REVIEW
    return Recommendation(
        id=identity(case.target, candidate),
        candidate=replace(candidate, fingerprints=tuple(each.fingerprint for each in gaining)),
        statement=case.statements[main.fingerprint],
        evidence=gaining,
        confidence=sure,
        gain_percent=main.gain_percent,
        saved_ms=sum(_saved_ms(case, candidate, each) for each in gaining),
        verdict=outcome,
        next_step=f"{_warning(slowed)}{_mixed(mixed)}{guess}{_expectation(main)}{NEXT_STEPS[outcome]}",
    )


def harmed(case: Case, candidate: Candidate) -> tuple[Evidence, ...]:
    """Evidence of the statements that use this change and are slower for it, beyond scatter, the slowest first."""
    found = [
        evidence
        for fingerprint, evidence in case.together.items()
        if candidate.key in case.used.get(fingerprint, frozenset()) and _slower(evidence)
    ]
    return tuple(sorted(found, key=lambda each: (each.gain_percent or 0.0, each.fingerprint)))


def _slower(evidence: Evidence) -> bool:
    if evidence.after is None or evidence.gain_percent is None:
        return False
    before, after = evidence.before.median_ms or 0.0, evidence.after.median_ms or 0.0
    noticeable = evidence.gain_percent < -HARM_PERCENT and after - before > HARM_MS
    return noticeable and separation(evidence.before, evidence.after) <= HARM_SEPARATION


def _warning(slowed: Sequence[Evidence]) -> str:
    if not slowed:
        return ""
    others = "1 other statement" if len(slowed) == 1 else f"{len(slowed)} other statements"
    worst = -(slowed[0].gain_percent or 0.0)
    return f"It makes {others} up to {worst:.0f} % slower: weigh that first. "


def _mixed(gaining: Sequence[Evidence]) -> str:
    """What is to be said of statements that gain on the whole but not for all values."""
    if not gaining:
        return ""
    sets = [each for evidence in gaining for each in evidence.worse]
    worst = max(sets, key=lambda each: each.after / each.before if each.before > 0 else 0.0)
    named = ", ".join(worst.parameters)
    values = f" ({named})" if 0 < len(named) <= _SHORT else ""
    return f"For {worst.scenario} values{values} it makes the statement slower: weigh that first. "


def _expectation(evidence: Evidence) -> str:
    if evidence.method is Method.EXECUTION:
        return ""
    return f"The planner expects {100 * evidence.expected:.0f} % less cost. "


def helped(case: Case, candidate: Candidate) -> tuple[Evidence, ...]:
    """Evidence of the statements that gain by this change, the one that saves (or is expected to save) most first.

    With several changes in one plan, a statement counts for those that help it by themselves as well.
    """
    own = case.alone.get(candidate.key, {})
    found = [
        _shown(own[fingerprint], evidence, candidate)
        for fingerprint, evidence in case.together.items()
        if candidate.key in case.used.get(fingerprint, frozenset())
        and fingerprint in own
        and worth_it(own[fingerprint])
        and worth_it(evidence)
    ]

    def rank(each: Evidence) -> tuple[float, float, str]:
        expected = case.statements[each.fingerprint].total_ms * each.expected
        return -_saved_ms(case, candidate, each), -expected, each.fingerprint

    return tuple(sorted(found, key=rank))


def _shown(alone: Evidence, together: Evidence, candidate: Candidate) -> Evidence:
    """The run with all changes present where its plan uses this one, else the run with this one alone."""
    if together.after is None or not together.after.plan.uses(candidate.object_name):
        return alone
    return replace(together, size_bytes=alone.size_bytes, build_ms=alone.build_ms)


def _saved_ms(case: Case, candidate: Candidate, evidence: Evidence) -> float:
    """Time saved over all recorded calls; the change that helps a statement most by itself gets all of it."""
    fingerprint = evidence.fingerprint
    rivals = [key for key in case.used[fingerprint] if fingerprint in case.alone.get(key, {})]
    best = max(rivals, key=lambda key: (case.alone[key][fingerprint].judged_gain_percent or 0.0, key))
    if best != candidate.key:
        return 0.0
    gain = max(evidence.gain_percent or 0.0, 0.0)
    return case.statements[fingerprint].total_ms * gain / 100


def _rejected(case: Case, candidate: Candidate, reason: str) -> Recommendation:
    evidence = _best_first(case.alone.get(candidate.key, {}).values())
    return rejected(case.target, candidate, case.statements, evidence, reason)


def rejected(
    target: str, candidate: Candidate, statements: Mapping[str, Statement], evidence: Sequence[Evidence], reason: str
) -> Recommendation:
    """A candidate that is not worth it, for a reason, a clause; ``evidence`` is best first."""
    return Recommendation(
        id=identity(target, candidate),
        candidate=candidate,
        statement=statements[evidence[0].fingerprint if evidence else candidate.fingerprints[0]],
        evidence=tuple(evidence),
        confidence=confidence(evidence[0], at_stake=evidence[0].expected) if evidence else 0.0,
        gain_percent=evidence[0].gain_percent if evidence else None,
        saved_ms=0.0,
        verdict=Verdict.REJECTED,
        next_step=f"Nothing to do: {reason}.",
    )


def _best_first(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(found, key=lambda each: (-(each.gain_percent or 0.0), -each.expected, each.fingerprint)))
