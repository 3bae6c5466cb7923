"""What statements would cost without some of the indexes that exist, by the planner of the twin."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.evidence.evidence import Measurement
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.proof import Baseline
from pgarchitect.twin.plan import Configuration, Plan, Unplannable
from pgarchitect.twin.planner_twin import PlannerTwin

NOTABLE: Final = 1.1
"""Times its cost before from which a statement suffers; less may be the planner's rounding."""


@dataclass(frozen=True, slots=True)
class ExistingIndex:
    """An index that the twin knows: its name as SQL spells it, and the plain names of the tables that it is on."""

    name: str
    tables: frozenset[str]


@dataclass(frozen=True, slots=True)
class CostWithout:
    """A statement and its cost with and without some indexes, the mean over its parameter sets by their weights."""

    fingerprint: str
    before: float
    after: float

    @property
    def suffers(self) -> bool:
        """Whether it is notably dearer without them."""
        return self.after > NOTABLE * self.before


class WithoutIndexes:
    """Plans statements as if existing indexes were gone.

    Args:
        twin: the planner.
        baselines: the statements as they are today.
        named: fingerprint → plain names of the tables that a statement names; None: views among them, so it may read
            any table.
    """

    def __init__(
        self, twin: PlannerTwin, baselines: Iterable[Baseline], named: Mapping[str, frozenset[str] | None]
    ) -> None:
        self._twin = twin
        self._baselines = tuple(baselines)
        self._tables = {each.fingerprint: _tables(each, named[each.fingerprint]) for each in self._baselines}

    def concerned(self, index: ExistingIndex) -> tuple[Baseline, ...]:
        """The statements that may read a table of the index."""
        return tuple(each for each in self._baselines if _touches(self._tables[each.fingerprint], index.tables))

    def each_alone(self, indexes: Sequence[ExistingIndex]) -> dict[str, tuple[CostWithout, ...]]:
        """Name of each index → what the statements that it concerns cost without it."""
        found: dict[str, tuple[CostWithout, ...]] = {}
        for tables in dict.fromkeys(each.tables for each in indexes):
            some = [each for each in indexes if each.tables == tables]
            concerned = self.concerned(some[0])
            rows = self._planned(concerned, [Configuration(absent=(each.name,)) for each in some])
            found.update({each.name: tuple(row) for each, row in zip(some, rows, strict=True)})
        return found

    def missed_together(self, indexes: Sequence[ExistingIndex]) -> dict[str, tuple[CostWithout, ...]]:
        """The indexes without which statements suffer when all of them are gone, with these statements.

        While a statement suffers, the index whose return helps it most is taken out of those that go.
        """
        going = {each.name: each for each in indexes}
        missed: dict[str, tuple[CostWithout, ...]] = {}
        while going:
            worst = max(
                self._suffering(list(going)), key=lambda each: each.after / max(each.before, 1e-9), default=None
            )
            if worst is None:
                break
            (baseline,) = (each for each in self._baselines if each.fingerprint == worst.fingerprint)
            tries = [Configuration(absent=tuple(name for name in going if name != back)) for back in going]
            costs = {
                back: (row[0].after if row else math.inf)
                for back, row in zip(going, self._planned([baseline], tries), strict=True)
            }
            back = min(costs, key=lambda name: (costs[name], name))
            missed[back] = (*missed.get(back, ()), worst)
            del going[back]
        return missed

    def _suffering(self, names: Sequence[str]) -> list[CostWithout]:
        (row,) = self._planned(self._baselines, [Configuration(absent=tuple(names))])
        return [each for each in row if each.suffers]

    def _planned(
        self, baselines: Sequence[Baseline], configurations: Sequence[Configuration]
    ) -> list[list[CostWithout]]:
        """The costs of statements under each configuration; those that cannot be planned are left out."""
        if not baselines:
            return [[] for _ in configurations]
        asked = [form.asked for each in baselines for form in each.bound]
        return [list(_costs(baselines, row)) for row in self._twin.plan_all(asked, configurations)]


def _costs(baselines: Sequence[Baseline], row: Sequence[Plan | Unplannable]) -> Iterator[CostWithout]:
    plans = iter(row)
    for each in baselines:
        afters = [next(plans) for _ in each.bound]
        known = [plan.cost for plan in afters if isinstance(plan, Plan)]
        if len(known) == len(afters):
            yield CostWithout(each.fingerprint, _mean(each, _before(each.measurements)), _mean(each, known))


def _before(measurements: Iterable[Measurement]) -> list[float]:
    return [each.cost for each in measurements]


def _mean(baseline: Baseline, costs: Sequence[float]) -> float:
    return math.fsum(form.weight * cost for form, cost in zip(baseline.bound, costs, strict=True))


def _tables(baseline: Baseline, named: frozenset[str] | None) -> frozenset[str] | None:
    if named is None:
        return None
    return named | {name for each in baseline.measurements for name in _relations(each.plan)}


def _touches(tables: frozenset[str] | None, those: frozenset[str]) -> bool:
    return tables is None or not tables.isdisjoint(those)


def _relations(plan: PlanNode) -> Iterator[str]:
    if plan.relation:
        yield plan.relation
    for child in plan.children:
        yield from _relations(child)
