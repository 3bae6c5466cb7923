"""Step 5 without a sandbox: costs by a planner twin, before and after each change."""

from dataclasses import replace
from typing import Final

from pgarchitect.evidence.twin_use import TwinUse
from pgarchitect.postgres.connection import Connection
from pgarchitect.proving.proven import Proven, decided, in_place, of_the_asked, unwatched
from pgarchitect.proving.stakes import by_planner
from pgarchitect.proving.twin_of import NAMED, NO_TWIN, Audited, twin_trial, why_not
from pgarchitect.recommendations.contest import Proposals
from pgarchitect.recommendations.judgement import judge
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.settings import Settings
from pgarchitect.twin.limits import limits

_ON_A_TWIN: Final = (
    "No sandbox was given: costs are the planner's on a twin of the database without rows, and nothing is proven."
)


def by_twin(target: Connection, dsn: str, asked: Proposals, settings: Settings, listener: ProgressListener) -> Proven:
    """Plan every statement before and after on a twin of the audited database, run none.

    What the twin cannot plan is judged by today's plans of the audited database instead, and so is everything when
    there can be no twin: a warning then says why.

    Args:
        target: the audited database.
        dsn: its connection string.
        asked: what is to be judged.
        settings: time-outs, and where the twin lives meanwhile.
        listener: hears of progress.
    """
    try:
        planned = _planned_on_twin(target, dsn, asked, settings, listener)
    except NO_TWIN as error:
        rest = by_planner(target, asked, listener)
        return replace(rest, warnings=(*rest.warnings, f"The planner twin could not be used: {why_not(error)}."))
    left = [each for each in asked.statements if each.fingerprint in planned.refused]
    if not left:
        return planned
    rest = by_planner(target, replace(asked, statements=left), listener)
    named = {item.candidate.key for item in planned.recommendations if item.verdict is not Verdict.REJECTED}
    more = {item.candidate.key: item for item in rest.recommendations if item.candidate.key not in named}
    kept = [item for item in planned.recommendations if item.candidate.key not in more]
    accepted = [item for item in kept if item.candidate.key in named]
    others = [item for item in kept if item.candidate.key not in named]
    return replace(planned, recommendations=(*accepted, *more.values(), *others), refused=rest.refused)


def _planned_on_twin(
    target: Connection, dsn: str, asked: Proposals, settings: Settings, listener: ProgressListener
) -> Proven:
    audited = Audited(target, dsn, settings)
    with twin_trial(audited, asked, asked.everybody, listener, lambda note: listener.advance(1, note)) as trial:
        ready = trial.baselines
        case = decided(asked, trial.what_if, ready, asked.catalog, listener)
        use = TwinUse.of(trial.twin, tried=len(asked.candidates))
        lacking = limits(trial.twin, NAMED)
        warnings = (_ON_A_TWIN, *in_place("Planned", asked), *unwatched(asked, ready.refused), *lacking)
    return Proven(judge(case), {}, of_the_asked(asked, ready.refused), warnings, use)
