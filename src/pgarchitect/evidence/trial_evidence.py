"""A trial as evidence: what was run in turn, told as everything else that was tried is."""

from collections.abc import Sequence
from typing import Final

from pgarchitect.evidence.evidence import Evidence, Measurement, Method, ParameterSet, is_worse
from pgarchitect.evidence.trial import FormTrial, Side, Trial

_UNUSABLE: Final = "the new index could not be used before older transactions ended"


def evidence_of(trial: Trial, *, usable: bool) -> Evidence:
    """Evidence of changes that stand together; ``usable``: none of them had to wait for an older transaction."""
    pairs = [(_measurement(each.before, each.times[0]), _after(each)) for each in trial.forms]
    shown = next((number for number, each in enumerate(trial.forms) if _changed(each)), 0)
    medians = [(was.median_ms or 0.0, (now if now.times_ms else was).median_ms or 0.0) for was, now in pairs]
    return Evidence(
        fingerprint=trial.fingerprint,
        method=Method.EXECUTION,
        parameters=trial.forms[shown].form.literals,
        before=pairs[shown][0],
        after=pairs[shown][1],
        object_used=bool(trial.uses),
        held_for=sum(now < was for was, now in medians),
        tried_for=len(pairs),
        size_bytes=0,
        build_ms=0.0,
        note="" if usable else _UNUSABLE,
        sets_ms=tuple(medians),
        sets=tuple(
            ParameterSet(each.form.scenario, each.form.literals, each.form.weight, *times, worse=is_worse(*pair))
            for each, times, pair in zip(trial.forms, medians, pairs, strict=True)
        ),
    )


def _changed(form: FormTrial) -> bool:
    return form.before.plan.identity != form.after.plan.identity


def _after(form: FormTrial) -> Measurement:
    """Of a plan that stayed the same only the plan, since any difference is how runs scatter."""
    if form.after.runs is form.before.runs or form.after.runs == form.before.runs:
        return Measurement((), form.after.cost, None, form.after.plan)
    return _measurement(form.after, form.times[1])


def _measurement(side: Side, times: Sequence[float]) -> Measurement:
    ended = any(run.ended for run in side.runs)
    return Measurement(
        tuple(times[:1] if ended else times), side.cost, side.runs[-1].blocks, side.plan, timed_out=ended
    )
