"""The nouns of a proof: a measurement, the evidence for one statement under one change."""

import statistics
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pgarchitect.evidence.plan import PlanNode

_NOISE_MS: Final = 0.05
_WORSE: Final = 1.1
"""A set that takes, or costs, no more than this times what it did before is not worse."""


class Method(StrEnum):
    """How evidence was obtained."""

    EXECUTION = "execution"
    """Real runs on a sandbox, before and after, in a transaction that was rolled back."""
    PLANNER = "planner"
    """The planner's cost alone, on a twin before and after, or as it is today; nothing was run."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Repeated runs of one statement in one state of the database.

    Attributes:
        times_ms: server-side execution time of each run, milliseconds; empty when only planned.
        cost: the planner's total cost estimate, in the planner's own units.
        shared_blocks: 8 kB blocks hit or read by one run; None when only planned.
        plan: the plan's tree.
        timed_out: True when the statement was ended by its time-out; times_ms then holds that limit.
    """

    times_ms: tuple[float, ...]
    cost: float
    shared_blocks: int | None
    plan: PlanNode
    timed_out: bool = False

    @property
    def median_ms(self) -> float | None:
        """Median time of the runs, milliseconds; None when only planned."""
        return statistics.median(self.times_ms) if self.times_ms else None


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """What a change did to a statement with one set of values.

    Attributes:
        scenario: which kind of values.
        parameters: the values, as SQL literals, in order; none of a generic plan.
        weight: how much the set counts among all that were found for the statement, 0 … 1.
        before: median time, milliseconds, or the planner's cost where nothing was run.
        after: the same with the change.
        worse: it is slower, or dearer, beyond scatter.
    """

    scenario: str
    parameters: tuple[str, ...]
    weight: float
    before: float
    after: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a change did to one statement.

    Attributes:
        fingerprint: the statement.
        method: real runs or planner only.
        parameters: the values that stood for ``$1`` …, as SQL literals, in order.
        before: without the change.
        after: with the change; None when it could not be tried.
        object_used: the plan after the change uses the object that the change creates.
        held_for: parameter sets for which the gain held; when only planned, whose cost went down.
        tried_for: parameter sets that were tried.
        size_bytes: size of what the change creates, by the twin's estimate when only planned; None when not tried.
        build_ms: time it took to create it, milliseconds; None when not built.
        note: what limits this evidence, one sentence, or empty.
        sets_ms: median time before and after for each parameter set, milliseconds; ``parameters``, ``before`` and
            ``after`` are of the likeliest set for which the plan uses what was created. When only planned, their costs
            are the weighted means over all sets.
        sets: what became of each parameter set, the likeliest first; empty where nothing was tried.
        doubts: what makes the twin that planned this another database than the audited one, a sentence each; every
            one lowers the confidence.
    """

    fingerprint: str
    method: Method
    parameters: tuple[str, ...]
    before: Measurement
    after: Measurement | None
    object_used: bool
    held_for: int
    tried_for: int
    size_bytes: int | None
    build_ms: float | None
    note: str = ""
    sets_ms: tuple[tuple[float, float], ...] = ()
    sets: tuple[ParameterSet, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def worse(self) -> tuple[ParameterSet, ...]:
        """The parameter sets for which the change makes the statement slower, or dearer."""
        return tuple(each for each in self.sets if each.worse)

    @property
    def gain_percent(self) -> float | None:
        """Time saved, percent of the time before (negative: slower); None without an after."""
        if self.after is None:
            return None
        before, after = self.before.median_ms, self.after.median_ms
        if before is None or after is None:
            return None
        return 100.0 * (before - after) / before if before > 0 else 0.0

    @property
    def robust_gain_percent(self) -> float | None:
        """Gain over all parameter sets, percent: of the geometric mean of their ratios; None when not measured.

        The geometric mean is the one that treats ratios alike (Fleming and Wallace, "How not to lie with
        statistics", 1986): a change that helps for one value and not for another gains little here. Times below
        0.05 ms or 1 % of the time before are taken as that, since what is below is noise.
        """
        if not self.sets_ms:
            return None
        ratios = [max(now, _NOISE_MS, 0.01 * was) / max(was, _NOISE_MS) for was, now in self.sets_ms]
        return 100.0 * (1.0 - statistics.geometric_mean(ratios))

    @property
    def judged_gain_percent(self) -> float | None:
        """What candidates are compared by, percent; None without an after.

        Of real runs the robust gain, of the planner's word the reduction of its cost, which is an estimate.
        """
        if self.method is Method.EXECUTION:
            return self.robust_gain_percent
        if self.after is None:
            return None
        return 100.0 * (1.0 - self.after.cost / self.before.cost) if self.before.cost > 0 else 0.0

    @property
    def expected(self) -> float:
        """Part of the planner's cost that it expects to save, 0 … 1; 0 for real runs, which know better."""
        gain = self.judged_gain_percent if self.method is Method.PLANNER else None
        return max(gain or 0.0, 0.0) / 100.0


def is_worse(before: Measurement, after: Measurement) -> bool:
    """Whether a statement is slower than before, or dearer where it was not run.

    By more than a tenth, and of times by more than 0.05 ms and in every single run: what is less is scatter.
    """
    if not before.times_ms or not after.times_ms:
        return not before.times_ms and after.cost > _WORSE * before.cost
    was, now = statistics.median(before.times_ms), statistics.median(after.times_ms)
    return now > max(_WORSE * was, was + _NOISE_MS) and min(after.times_ms) > max(before.times_ms)
