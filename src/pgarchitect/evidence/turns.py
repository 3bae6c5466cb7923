"""Statements run in turn without and with changes that stand on a sandbox, so that both meet the same circumstances."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from pgarchitect.evidence.binding import shares
from pgarchitect.evidence.evidence import Measurement
from pgarchitect.evidence.explain import planned
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.proof import Baseline, Effort
from pgarchitect.evidence.run import Run, run_once
from pgarchitect.evidence.standing import NOTHING, Held, Keys, Standing
from pgarchitect.evidence.trial import SURE_ROUNDS, FormTrial, Side, Trial
from pgarchitect.evidence.trials import Told
from pgarchitect.postgres.processor_time import ProcessorClock

_LEAST: Final = 3
"""Rounds at least, even of a statement that takes longer than the budget; one where there is nothing to compare."""
_ENOUGH: Final = 2
"""And no more than so many when the runs with changes are ended."""
_MORE: Final = 2
"""When somebody is to be accused, so many times the rounds are taken."""
_PATIENCE: Final = 5
"""A run with changes is ended at so many times the time without: on a busy machine it may be an innocent one."""
_HOPELESS: Final = 2
"""Provided that it was at work for so many times the time without."""
_AT_LEAST_MS: Final = 1_000
"""No run is ended earlier, since short ones vary."""
_MOST: Final = 2
"""And none later than at so many times the limit of a run without."""


@dataclass(slots=True)
class _Rounds:
    """Runs under one set of plans: of each round, a run of each form without the changes and one with them."""

    shown: Sequence[PlanNode]
    taken: list[tuple[list[Run], list[Run]]] = field(default_factory=list)
    spent_s: float = 0.0

    def wanted(self, effort: Effort, *, same: bool, surely: bool) -> bool:
        """Whether one more round is to be taken."""
        if len(self.taken) >= _ENOUGH and any(run.ended for _, after in self.taken for run in after):
            return False
        if len(self.taken) < (1 if same else SURE_ROUNDS if surely else _LEAST):
            return True
        more = _MORE if surely else 1
        return len(self.taken) < more * effort.runs and self.spent_s < more * 2 * effort.budget_s


@dataclass(slots=True)
class Turns:
    """Runs statements without changes and with parts of those that stand.

    What was run under the same plans is not run again, whichever part of the changes leads to them.

    Attributes:
        standing: the changes.
        baselines: fingerprint → the statement as it is, with the forms that are run.
        effort: how much it may cost; its budget is for each state of a statement.
        clock: of the process that runs them; None where it is not to be seen.
        told: hears of each statement that is run under other plans than before.
    """

    standing: Standing
    baselines: Mapping[str, Baseline]
    effort: Effort
    clock: ProcessorClock | None
    told: Told
    _plans: dict[tuple[str, Keys], tuple[Measurement, ...]] = field(default_factory=dict)
    _rounds: dict[object, _Rounds] = field(default_factory=dict)

    def trial(self, fingerprint: str, present: Keys, *, surely: bool = False) -> Trial:
        """A statement without changes and with those of ``present``; ``surely``: in more rounds.

        Raises:
            CannotRun: the server no longer runs it, or others hold its tables.
        """
        baseline = self.baselines[fingerprint]
        before, after = self._plans_before(baseline), self.plans(fingerprint, present)
        identity = tuple(each.plan.identity for each in after)
        writes = any(node.node_type == "ModifyTable" for each in after for node in each.plan.walk())
        same = [not writes and now == was.plan.identity for now, was in zip(identity, before, strict=True)]
        # An index makes a write dearer whether a plan uses it or not.
        key = fingerprint, identity, present if writes else None
        if key not in self._rounds:
            self.told(f"sandbox: statement {fingerprint} with {_named(self.uses(fingerprint, present))}")
            self._rounds[key] = _Rounds(self._warmed(baseline, present))
        rounds = self._rounds[key]
        while rounds.wanted(self.effort, same=all(same), surely=surely):
            began = time.monotonic()
            rounds.taken.append(self._round(baseline, present, same=same, turned=len(rounds.taken) % 2 == 1))
            rounds.spent_s += time.monotonic() - began
        costs = [(was.cost, now.cost) for was, now in zip(before, after, strict=True)]
        return Trial(fingerprint, _forms(baseline, rounds, costs), self.uses(fingerprint, present), all(same))

    def plans(self, fingerprint: str, present: Keys) -> tuple[Measurement, ...]:
        """The plans of a statement's forms with a part of the changes.

        Raises:
            CannotRun: as above.
        """
        key = fingerprint, present & frozenset(self.standing.created)
        if key not in self._plans:
            forms = self.baselines[fingerprint].bound
            with self.standing.only(present):
                self._plans[key] = tuple(planned(self.standing.connection, form.sql) for form in forms)
        return self._plans[key]

    def uses(self, fingerprint: str, present: Keys) -> Keys:
        """Keys of the changes that a statement's plans use.

        Raises:
            CannotRun: as above.
        """
        names = {node.index_name for each in self.plans(fingerprint, present) for node in each.plan.walk()}
        return self.standing.used_by(frozenset(name for name in names if name))

    def _plans_before(self, baseline: Baseline) -> Sequence[Measurement]:
        try:
            return self.plans(baseline.fingerprint, NOTHING)
        except Held:
            return baseline.measurements

    def _warmed(self, baseline: Baseline, present: Keys) -> list[PlanNode]:
        """Run each form once with the changes, which fills the cache and does not count; the plans, timed."""
        planned_only = [each.plan for each in self.plans(baseline.fingerprint, present)]
        runs = self._runs(baseline, present, timed=True)
        return [run.plan or plan for run, plan in zip(runs, planned_only, strict=True)]

    def _round(
        self, baseline: Baseline, present: Keys, *, same: Sequence[bool], turned: bool
    ) -> tuple[list[Run], list[Run]]:
        """Run each form in both states; which comes first changes from round to round.

        A form whose plan stays the same is run once for both: any difference would be how runs scatter, and hide what
        became of the others.
        """
        if all(same):
            both = self._runs(baseline, present)
            return both, both
        if turned:
            changed = self._runs(baseline, present, without=same)
            before = self._runs_before(baseline)
        else:
            before = self._runs_before(baseline)
            changed = self._runs(baseline, present, without=same)
        left = iter(changed)
        return before, [was if kept else next(left) for was, kept in zip(before, same, strict=True)]

    def _runs_before(self, baseline: Baseline) -> list[Run]:
        """Without changes; where others hold a table, what was measured before there were any stands for it."""
        if not any(each.timed_out for each in baseline.measurements):
            try:
                return self._runs(baseline, NOTHING)
            except Held:
                pass
        return [_stand_in(each) for each in baseline.measurements]

    def _runs(
        self, baseline: Baseline, present: Keys, *, timed: bool = False, without: Sequence[bool] = ()
    ) -> list[Run]:
        """A run of each form, but for those that are marked in ``without``."""
        with self.standing.only(present):
            return [
                self._run(form.sql, was, timed=timed, changed=bool(present))
                for form, was, left_out in zip_longest(baseline.bound, baseline.measurements, without)
                if not left_out
            ]

    def _run(self, statement: str, before: Measurement, *, timed: bool, changed: bool) -> Run:
        """One run; one that was ended before it had been at work for long, since others were, gets a second chance."""
        most = self.effort.limit_ms * (1 if before.timed_out else _MOST)
        was = before.median_ms or 0.0
        limit = min(max(round(_PATIENCE * was), _AT_LEAST_MS), most) if changed and not before.timed_out else most
        run = run_once(self.standing.connection, statement, limit, self.clock, timed=timed)
        if run.ended and limit < most and run.best_ms < _HOPELESS * was:
            return run_once(self.standing.connection, statement, most, self.clock, timed=timed)
        return run


def _named(keys: Keys) -> str:
    return ", ".join(sorted(key.partition(": ")[2] or key for key in keys)) or "its old plan"


def _stand_in(measurement: Measurement) -> Run:
    ms, blocks = measurement.median_ms or 0.0, measurement.shared_blocks
    return Run(ms, None, None, blocks, measurement.timed_out, measurement.plan)


def _forms(baseline: Baseline, rounds: _Rounds, costs: Sequence[tuple[float, float]]) -> tuple[FormTrial, ...]:
    found: list[FormTrial] = []
    for n, (form, share) in enumerate(zip(baseline.bound, shares(baseline.bound), strict=True)):
        before = Side(baseline.measurements[n].plan, costs[n][0], tuple(was[n] for was, _ in rounds.taken))
        after = Side(rounds.shown[n], costs[n][1], tuple(now[n] for _, now in rounds.taken))
        found.append(FormTrial(form, share, before, after))
    return tuple(found)
