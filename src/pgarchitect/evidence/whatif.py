"""What-if by the planner twin: what a change would do to plans and costs, without running or touching anything."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.evidence.binding import Bound
from pgarchitect.evidence.evidence import Evidence, Measurement, Method, ParameterSet, is_worse
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.proof import Baseline
from pgarchitect.evidence.standing import ChangeRefused
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.plan import Configuration, Plan
from pgarchitect.twin.planner_twin import PlannerTwin

NOTE: Final = "Planned on a twin without rows: nothing was run, only the planner's cost is known."


class WhatIf:
    """Tries candidates on a twin; it answers as ``Prover`` does, in costs instead of times.

    Every statement is planned with all its parameter sets, and its cost is their weighted mean. Changes that were
    recommended earlier and wait to be applied (``pending``) are in place before and after. ``doubts`` (fingerprint →
    sentences) tells for which statements the twin is not quite the audited database.
    """

    runs: Final = False

    def __init__(
        self, twin: PlannerTwin, pending: Sequence[Candidate] = (), doubts: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self._twin = twin
        self._doubts = doubts or {}
        self._indexes: dict[str, Hypothetical] = {}
        self._pending: list[str] = []
        for candidate in pending:
            with suppress(ChangeRefused):
                self._pending.append(self._created(candidate).name)

    @contextmanager
    def today(self) -> Iterator[None]:
        """The twin without new changes, for baselines: every plan of a twin is of such a state of its own."""
        yield

    def baseline(self, fingerprint: str, bound: Sequence[Bound]) -> Baseline:
        """The plans and costs of a statement as the database is, for all its parameter sets.

        Raises:
            CannotRun: it cannot be planned with any.
        """
        found = self._planned(bound, ())
        pairs = [(form, plan) for form, plan in zip(bound, found, strict=True) if isinstance(plan, Measurement)]
        if not pairs:
            raise next((each for each in found if isinstance(each, CannotRun)), CannotRun("it has no form to plan"))
        total = math.fsum(form.weight for form, _ in pairs)
        forms = tuple(replace(form, weight=form.weight / total) for form, _ in pairs)
        return Baseline(fingerprint, forms, tuple(plan for _, plan in pairs))

    def try_alone(self, candidate: Candidate, baselines: Sequence[Baseline]) -> dict[str, Evidence]:
        """Evidence of one candidate for each statement.

        Raises:
            ChangeRefused: the twin refuses the change.
        """
        return self.try_together([candidate], baselines)[0]

    def try_together(
        self, candidates: Sequence[Candidate], baselines: Sequence[Baseline]
    ) -> tuple[dict[str, Evidence], dict[str, frozenset[str]]]:
        """Evidence with all candidates present: per statement, and the keys of the candidates that its plans use.

        Raises:
            ChangeRefused: the twin refuses a change.
        """
        created = {candidate.key: self._created(candidate) for candidate in candidates}
        size = sum(each.size_bytes for each in created.values())
        found = iter(self._planned([form for each in baselines for form in each.bound], list(created.values())))
        evidence: dict[str, Evidence] = {}
        used: dict[str, frozenset[str]] = {}
        for baseline in baselines:
            afters = [next(found) for _ in baseline.bound]
            sets = [
                _Planned(
                    form, before, after, frozenset(key for key, each in created.items() if _uses(after.plan, each))
                )
                for form, before, after in zip(baseline.bound, baseline.measurements, afters, strict=True)
                if isinstance(after, Measurement)
            ]
            if sets:
                used[baseline.fingerprint] = frozenset[str]().union(*(each.keys for each in sets))
                shown, doubts = _evidence(baseline.fingerprint, sets, size), self._doubts.get(baseline.fingerprint, ())
                evidence[baseline.fingerprint] = replace(shown, doubts=doubts)
        return evidence, used

    def _planned(self, forms: Sequence[Bound], present: Sequence[Hypothetical]) -> list[Measurement | CannotRun]:
        """The plans of all forms with the pending changes and these indexes in place, in few round trips."""
        state = Configuration(present=(*self._pending, *(each.name for each in present)))
        try:
            (found,) = self._twin.plan_all([form.asked for form in forms], [state])
        except StatementRefused as error:
            return [CannotRun(str(error)) for _ in forms]
        return [_measurement(each) if isinstance(each, Plan) else CannotRun(each.reason) for each in found]

    def _created(self, candidate: Candidate) -> Hypothetical:
        if candidate.key not in self._indexes:
            try:
                self._indexes[candidate.key] = self._twin.try_index(candidate.trial_sql)
            except UsageError as error:
                raise ChangeRefused(candidate, str(error)) from error
        return self._indexes[candidate.key]


@dataclass(frozen=True, slots=True)
class _Planned:
    """One parameter set before and after, and the keys of the candidates that its plan uses."""

    form: Bound
    before: Measurement
    after: Measurement
    keys: frozenset[str]


def _measurement(plan: Plan) -> Measurement:
    return Measurement((), plan.cost, None, PlanNode.from_explain(plan.tree))


def _uses(plan: PlanNode, index: Hypothetical) -> bool:
    """Whether a plan reads the index, or that of a partition."""
    return any(plan.uses(name) for name in (index.name, *(part.name for part in index.parts)))


def _evidence(fingerprint: str, planned: Sequence[_Planned], size_bytes: int) -> Evidence:
    shown = next((each for each in planned if each.keys), planned[0])
    sets = tuple(map(_set, planned))
    return Evidence(
        fingerprint=fingerprint,
        method=Method.PLANNER,
        parameters=shown.form.literals,
        before=replace(shown.before, cost=_mean(sets, [each.before for each in sets])),
        after=replace(shown.after, cost=_mean(sets, [each.after for each in sets])),
        object_used=any(each.keys for each in planned),
        held_for=sum(each.after < each.before for each in sets),
        tried_for=len(sets),
        size_bytes=size_bytes,
        build_ms=None,
        note=_note(shown.form, sets),
        sets=sets,
    )


def _mean(sets: Sequence[ParameterSet], costs: Sequence[float]) -> float:
    total = math.fsum(each.weight for each in sets)
    return math.fsum(each.weight * cost for each, cost in zip(sets, costs, strict=True)) / total


def _set(planned: _Planned) -> ParameterSet:
    before, after = planned.before, planned.after
    return ParameterSet(
        planned.form.scenario,
        planned.form.literals,
        planned.form.weight,
        before.cost,
        after.cost,
        worse=is_worse(before, after),
    )


def _note(form: Bound, sets: Sequence[ParameterSet]) -> str:
    if form.refusal:
        return (
            f"{NOTE} No values were found for its parameters ({form.refusal}), so the plan is the one for any values."
        )
    if len(sets) == 1:
        return NOTE
    worse = [each for each in sets if each.worse]
    rising = f"; it rises for {len(worse)} of them" if worse else ""
    return f"{NOTE} The cost is the weighted mean over {len(sets)} sets of parameters{rising}."
