"""The impact of a migration: what becomes of each statement of a workload, and which of it is too much."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pgarchitect.twin.migrated import Migrated
from pgarchitect.twin.plan import Plan, shape
from pgarchitect.workload.workload import LeftOut

SAME: Final = 0.001
"""Costs that differ by no more than this share are the same: sizes of new files are estimates."""
LEAST_RISE: Final = 1.0
"""A statement whose cost rises by less than this, which is what reading one page costs, is never too dear."""


class Outcome(StrEnum):
    """What becomes of a statement."""

    BROKEN = "broken"
    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    NEW = "new"
    """It can be planned only after the migration."""
    UNKNOWN = "unknown"
    """It then reads a table whose rows nobody can tell."""
    UNPLANNED = "unplanned"
    """It cannot be planned, before or after."""


@dataclass(frozen=True, slots=True)
class Form:
    """A statement with one set of values: how much the set counts, and the plans with it."""

    parameters: tuple[str, ...]
    weight: float
    before: Plan | None
    after: Plan | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one statement.

    Attributes:
        statement: as the workload has it.
        calls: how often it runs, in the unit of the workload.
        outcome: in a word.
        forms: the sets of values that it was planned with.
        cost_before: mean over them; None where it cannot be planned, and so for ``cost_after``.
        other_plan: whether any of the plans changes its shape.
        reason: why it cannot be planned; empty otherwise.
        chosen_anew: the values did not fit the new types, so others were chosen for the plans after.
    """

    statement: str
    calls: float
    outcome: Outcome
    forms: tuple[Form, ...] = ()
    cost_before: float | None = None
    cost_after: float | None = None
    other_plan: bool = False
    reason: str = ""
    chosen_anew: bool = False

    @property
    def change(self) -> float:
        """By which part of it the cost rises; negative: falls; 0 where it is not known."""
        if self.cost_before is None or self.cost_after is None:
            return 0.0
        return self.cost_after / self.cost_before - 1 if self.cost_before else math.inf if self.cost_after else 0.0

    @property
    def weighed(self) -> float:
        """Cost of all calls together that is added."""
        if self.cost_before is None or self.cost_after is None:
            return 0.0
        return self.calls * (self.cost_after - self.cost_before)

    def indexes(self, *, after: bool) -> tuple[str, ...]:
        """Names of the indexes that its plans use, each once."""
        plans = [form.after if after else form.before for form in self.forms]
        return tuple(dict.fromkeys(name for plan in plans if plan is not None for name in plan.indexes()))


@dataclass(frozen=True, slots=True)
class Impact:
    """What a migration does to the plans of a workload.

    Attributes:
        database: whose.
        migration: name of the file.
        effects: broken statements first, then those that get worse, worst first, then those that get better.
        migrated: what it did to the twin.
        counted: whether the calls were counted by a server; otherwise they are weights of a file.
        left_out: statements of the workload that were not looked at, by reason.
        limits: what keeps the twin from being production, a sentence each.
        same_major: whether the twin's planner is of production's major version.
    """

    database: str
    migration: str
    effects: tuple[Effect, ...]
    migrated: Migrated
    counted: bool
    left_out: tuple[LeftOut, ...]
    limits: tuple[str, ...]
    same_major: bool

    def of(self, *outcomes: Outcome) -> list[Effect]:
        """The statements with one of these outcomes."""
        return [effect for effect in self.effects if effect.outcome in outcomes]

    @property
    def totals(self) -> tuple[float, float]:
        """Cost of all calls before and after, of the statements that can be planned both times."""
        compared = self.of(Outcome.WORSE, Outcome.BETTER, Outcome.SAME)
        return (
            math.fsum(each.calls * (each.cost_before or 0.0) for each in compared),
            math.fsum(each.calls * (each.cost_after or 0.0) for each in compared),
        )

    @property
    def total_change(self) -> float:
        """By which part of it the total rises; negative: falls."""
        before, after = self.totals
        return after / before - 1 if before else 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much worse plans may get, in percent; None: any.

    Attributes:
        statement: the cost of a single statement.
        total: the cost of all calls of all statements.
    """

    statement: float | None = None
    total: float | None = None


def breaches(impact: Impact, limits: Limits) -> tuple[str, ...]:
    """What of an impact may not be, a clause each; nothing else than these makes the command fail."""
    found: list[str] = []
    broken, obstacles = impact.of(Outcome.BROKEN), impact.migrated.obstacles
    if obstacles:
        found.append("production would refuse the migration")
    if broken:
        found.append(f"{_statements(len(broken))} can no longer be planned")
    worse = len(too_dear(impact, limits))
    if worse:
        found.append(f"{_statements(worse)} get{'s' * (worse == 1)} dearer by more than {limits.statement:g} %")
    if limits.total is not None and impact.total_change * 100 > limits.total:
        found.append(f"the whole workload gets dearer by more than {limits.total:g} %")
    return tuple(found)


def _statements(number: int) -> str:
    return f"{number} statement{'s' * (number > 1)}"


def too_dear(impact: Impact, limits: Limits) -> list[Effect]:
    """Statements whose cost rises by more than is allowed."""
    if limits.statement is None:
        return []
    return [
        effect
        for effect in impact.of(Outcome.WORSE)
        if effect.change * 100 > limits.statement
        and (effect.cost_after or 0.0) - (effect.cost_before or 0.0) >= LEAST_RISE
    ]


def effect_of(
    statement: str, calls: float, forms: Sequence[Form], migrated: Migrated, *, chosen_anew: Sequence[Form] = ()
) -> Effect:
    """Judge a statement that can be planned before and after.

    Args:
        statement: its text.
        calls: how often it runs.
        forms: its plans.
        migrated: what the migration did.
        chosen_anew: plans after it with other values, where those of ``forms`` do not fit any more.
    """
    afters = chosen_anew or forms
    before, after = _mean(forms, after=False), _mean(afters, after=True)
    names = migrated.renamed
    shapes = [[shape(plan.tree, known) for plan in plans] for plans, known in (
        ([form.before for form in forms if form.before is not None], None),
        ([form.after for form in afters if form.after is not None], names),
    )]  # fmt: skip
    other = set(shapes[0]) != set(shapes[1]) if chosen_anew else shapes[0] != shapes[1]
    return Effect(
        statement,
        calls,
        _outcome(before, after, unknown=_reads(afters, migrated.unknown)),
        tuple(forms) if not chosen_anew else (*forms, *chosen_anew),
        before,
        after,
        other_plan=other,
        chosen_anew=bool(chosen_anew),
    )


def in_order(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Broken statements first, then the worst, then the best, then the others."""
    places: Mapping[Outcome, int] = {outcome: place for place, outcome in enumerate(_ORDER)}
    return tuple(
        sorted(effects, key=lambda each: (places[each.outcome], -abs(each.weighed), -each.calls, each.statement))
    )


_ORDER: Final = (
    Outcome.BROKEN,
    Outcome.WORSE,
    Outcome.BETTER,
    Outcome.UNKNOWN,
    Outcome.NEW,
    Outcome.SAME,
    Outcome.UNPLANNED,
)


def _outcome(before: float, after: float, *, unknown: bool) -> Outcome:
    if unknown:
        return Outcome.UNKNOWN
    if abs(after - before) <= SAME * before:
        return Outcome.SAME
    return Outcome.WORSE if after > before else Outcome.BETTER


def _mean(forms: Sequence[Form], *, after: bool) -> float:
    plans = [(form.weight, form.after if after else form.before) for form in forms]
    whole = math.fsum(weight for weight, plan in plans if plan is not None)
    return math.fsum(weight * plan.cost for weight, plan in plans if plan is not None) / whole if whole else 0.0


def _reads(forms: Sequence[Form], tables: frozenset[str]) -> bool:
    return any(not tables.isdisjoint(form.after.relations()) for form in forms if form.after is not None)
