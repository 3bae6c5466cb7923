"""The best set of indexes for a workload that stands on a planner twin: what is known of its costs, and the choice."""

import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.index_definition import IndexDefinition
from pgarchitect.candidates.index_variants import could_use
from pgarchitect.candidates.table_use import TableUse
from pgarchitect.evidence.binding import Bound, shares
from pgarchitect.evidence.plan_costs import Names, PlanCosts
from pgarchitect.evidence.write_cost import WriteCost
from pgarchitect.recommendations.index_choice import Choice, Limits, choose
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.plan import Generic
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.workload.workload import Statement

_ROUNDS: Final = 20
"""Choices at most; each plans what the one before took for granted."""
_AT_LEAST_S: Final = 1.0
"""That a choice may take, however long those before it took."""
_EXACT: Final = 1e-4
"""Relative difference between the cost that was taken for granted and the planner's at which no more is asked."""
LEAST: Final = 0.0005
"""What every index must save, one that saves less is not worth a name: a part of what the workload would cost with all
indexes, so that a statement that outweighs all others today does not keep them from theirs."""
_TIDINESS: Final = 1e-6
"""And a gigabyte of index so much more: of sets that cost the same, the smallest."""


_CALLS: Final = 1_000
"""That a mean of rows is spread over, since a statement counts whole rows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One statement of a workload.

    Attributes:
        text: with or without parameters.
        weight: how often it runs, compared with the others.
        rows_per_call: mean rows that it returns or changes; None when they were not counted.
        mean_ms: measured mean time of one run, milliseconds; None when it was not measured.
    """

    text: str
    weight: float
    rows_per_call: float | None = None
    mean_ms: float | None = None

    @property
    def rows_changed(self) -> float:
        """By one run, were it an UPDATE or a DELETE: one row, as most do, where they were not counted."""
        return 1.0 if self.rows_per_call is None else self.rows_per_call

    def statement(self, identity: str | None = None) -> Statement:
        """Of it as of one of a server's workload; ``identity`` instead of its own fingerprint."""
        known = Statement.uncounted(self.text, identity=identity)
        if self.rows_per_call is None:
            return known
        return replace(known, calls=_CALLS, rows=round(_CALLS * self.rows_per_call))


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement that can be planned.

    Attributes:
        number: its place in the workload, from 0.
        wanted: as it was given.
        forms: it with each set of values.
        tree: parsed.
        uses: of tables.
        variants: indexes that could serve it.
        lookups: what the server searches by itself for each row that it deletes or gives another key.
        searched: the uses of tables of these.
    """

    number: int
    wanted: Wanted
    forms: Sequence[Bound]
    tree: exp.Expr
    uses: Sequence[TableUse]
    variants: Sequence[IndexDefinition]
    lookups: Sequence[Generic] = ()
    searched: Sequence[TableUse] = ()

    @property
    def name(self) -> str:
        """Its place in the workload, from 1, as a name of its own: two statements may have one fingerprint."""
        return str(self.number + 1)

    def could_use(self, definition: IndexDefinition) -> bool:
        """Whether its plan, or that of a lookup, could use an index."""
        return could_use([*self.uses, *self.searched], definition)

    @property
    def asked(self) -> list[str | Generic]:
        """What a planner is asked: the forms, then the lookups."""
        return [*(form.asked for form in self.forms), *self.lookups]

    @property
    def shares(self) -> list[float]:
        """Of each of these, how often it happens in one run: the part of the runs that a form stands for, and rows."""
        return [*shares(self.forms), *(self.wanted.rows_changed for _ in self.lookups)]


@dataclass(frozen=True, slots=True)
class Tried:
    """The indexes that were tried on the twin, by name."""

    definitions: Mapping[str, IndexDefinition]
    candidates: Mapping[str, Candidate]
    hypotheticals: Mapping[str, Hypothetical]
    refused: Sequence[str]

    def __or__(self, other: "Tried") -> "Tried":
        """Both."""
        return Tried(
            {**self.definitions, **other.definitions},
            {**self.candidates, **other.candidates},
            {**self.hypotheticals, **other.hypotheticals},
            [*self.refused, *other.refused],
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Of each index, bytes that a budget must have for it, lest it be exceeded when the index is built."""
        return {name: each.most_bytes for name, each in self.hypotheticals.items()}


@dataclass(frozen=True, slots=True)
class Workbench:
    """What is known of a workload's costs: a row for each set of values of each statement, and for each of its lookups.

    Attributes:
        ready: the statements.
        tried: the indexes.
        writing: what each index costs the writes; None where that cannot be weighed.
        costs: of the rows.
        owners: of each row, which of the statements it belongs to.
        weights: of each row: what its cost is multiplied by.
        unit: of weighted costs: ``cost``, the planner's, or ``ms``.
    """

    ready: Sequence[Ready]
    tried: Tried
    writing: Mapping[str, WriteCost] | None
    costs: PlanCosts
    owners: Sequence[int]
    weights: Sequence[float]
    unit: str = "cost"

    @classmethod
    def of(
        cls, twin: PlannerTwin, ready: Sequence[Ready], tried: Tried, writing: Mapping[str, WriteCost] | None
    ) -> "Workbench":
        """Nothing is asked yet."""
        rows = [
            (owner, asked, share * each.wanted.weight)
            for owner, each in enumerate(ready)
            for asked, share in zip(each.asked, each.shares, strict=True)
        ]
        usable = [
            Names(name for name, definition in tried.definitions.items() if each.could_use(definition))
            for each in ready
        ]
        owners = [owner for owner, _, _ in rows]
        costs = PlanCosts(twin, [asked for _, asked, _ in rows], [usable[owner] for owner in owners], tried.sizes)
        return cls(ready, tried, writing, costs, owners, [weight for _, _, weight in rows])

    @property
    def counting(self) -> list[int]:
        """The rows that matter to the choice: a statement of weight 0 does not."""
        return [row for row, weight in enumerate(self.weights) if weight > 0]

    def explore(self) -> None:
        """Learn what may matter to the choice."""
        self.costs.explore(self.counting)

    def in_time(self, measured: Mapping[int, float] | None = None) -> "Workbench":
        """The same in measured time, where every statement's is known: each weighs what it takes today.

        The planner's cost of one statement says little of that of another (one that is thought dear may be quick),
        but where a statement's cost falls by half, about half of its own time is what can be hoped for. What is
        written is priced at the median of the statements' times for a unit of cost.

        Args:
            measured: number of a statement → milliseconds, where the server did not count the time of all of them;
                those that are not in it are priced at the median, too.
        """
        means = {each.number: each.wanted.mean_ms for each in self.ready}
        times = {number: mean for number, mean in means.items() if mean is not None}
        if len(times) < len(means):
            times = dict(measured or {})
        if not times:
            return self
        known = {owner: times[each.number] for owner, each in enumerate(self.ready) if each.number in times}
        costs = [self.cost(owner, Names()) for owner in range(len(self.ready))]
        found = {owner: ms / costs[owner] if costs[owner] > 0 else 0.0 for owner, ms in known.items()}
        usual = statistics.median(found.values())
        writing = {name: replace(each, cost=each.cost * usual) for name, each in (self.writing or {}).items()}
        return replace(
            self,
            weights=[weight * found.get(owner, usual) for weight, owner in zip(self.weights, self.owners, strict=True)],
            writing=writing if self.writing is not None else None,
            unit="ms",
        )

    def without(self, banned: Names) -> "Workbench":
        """The same where some indexes may not be chosen."""
        return replace(self, costs=self.costs.without(banned))

    def weighted(self, owner: int, present: Names) -> float:
        """Weighted cost of one statement under a set of indexes."""
        rows = [row for row, each in enumerate(self.owners) if each == owner]
        return math.fsum(self.weights[row] * self.costs.cost(row, present) for row in rows)

    def total(self, present: Names) -> float:
        """Weighted cost of the workload under a set of indexes."""
        return math.fsum(weight * self.costs.cost(row, present) for row, weight in enumerate(self.weights))

    def write_cost(self, name: str) -> float:
        """What an index costs the writes; 0 where that cannot be weighed."""
        return 0.0 if self.writing is None else self.writing[name].cost

    def cost(self, owner: int, present: Names) -> float:
        """Cost of one run of a statement."""
        shares = self.ready[owner].shares
        rows = [row for row, each in enumerate(self.owners) if each == owner]
        return math.fsum(share * self.costs.cost(row, present) for row, share in zip(rows, shares, strict=True))

    def refusal(self, owner: int) -> str | None:
        """Why a statement cannot be planned; None when it can."""
        rows = [row for row, each in enumerate(self.owners) if each == owner]
        return next((self.costs.refusals[row] for row in rows if row in self.costs.refusals), None)

    def used(self, owner: int, present: Names) -> Names:
        """What the plans of a statement use of a set of indexes."""
        rows = [row for row, each in enumerate(self.owners) if each == owner]
        return Names().union(*(self.costs.best_way(row, present) for row in rows))


def best_choice(bench: Workbench, limits: Limits) -> Choice:
    """Choose by what is known, ask the planner whether it is true, and choose anew by what it said."""
    costs, sizes = bench.costs, bench.tried.sizes
    everything, ideal = bench.total(Names()), bench.total(Names(bench.tried.definitions))
    least = {name: ideal * (LEAST + _TIDINESS * size / 1e9) for name, size in sizes.items()}
    writing = {name: cost + bench.write_cost(name) for name, cost in least.items()}
    ends = time.monotonic() + limits.seconds
    best, bound = Choice(Names(), everything, 0.0), 0.0
    for _ in range(_ROUNDS):
        left = replace(limits, seconds=max(_AT_LEAST_S, ends - time.monotonic()))
        choice = choose(costs.ways, bench.weights, sizes, writing, left)
        expected, bound = bench.total(choice.chosen), choice.cost * (1 - choice.gap)
        costs.ask((row, choice.chosen) for row in range(len(bench.weights)))
        known = bench.total(choice.chosen)
        value = known + math.fsum(writing[name] for name in choice.chosen)
        if value < best.cost:
            best = replace(choice, cost=value)
        if expected - known <= _EXACT * expected:
            break
    used = Names().union(*(bench.used(owner, best.chosen) for owner in range(len(bench.ready))))
    return replace(best, chosen=best.chosen & used, gap=max(0.0, 1 - bound / best.cost) if best.cost else 0.0)
