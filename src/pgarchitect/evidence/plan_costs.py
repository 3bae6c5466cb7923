"""What each statement costs under any set of hypothetical indexes, from few questions to the planner.

A plan that uses the indexes U costs the same wherever all of U are present, and the planner takes the cheapest plan it
can have: the cost under a set S is therefore that of the cheapest known plan whose U lies within S (the observation
behind INUM; Papadomanolakis, Dash and Ailamaki, VLDB 2007). Every answer of the planner is kept as such a plan; what
was never asked is asked when it matters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from pgarchitect.twin.plan import Configuration, Generic, Plan
from pgarchitect.twin.planner_twin import PlannerTwin

_BEST_ALONE: Final = 10
"""Of the indexes that help a statement by themselves, as many of the best are tried in pairs."""
_PARTS: Final = 8
"""Into so many parts a statement's indexes are cut by size."""
_REMOVALS: Final = 2
"""How often what the best plan uses is taken away, to see what the planner does instead."""

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to execute a statement: the hypothetical indexes that it needs, and what the planner says it costs."""

    needs: Names
    cost: float


@dataclass(slots=True)
class PlanCosts:
    """The known ways to execute each statement.

    Attributes:
        twin: the planner that is asked.
        statements: to be planned; a statement that cannot be planned must not be among them.
        relevant: of each statement, the hypothetical indexes that its plan could use.
        sizes: of each index, bytes.
        ways: of each statement, those known so far, one for each set of indexes.
        asked: of each statement, the sets of indexes that it was planned under.
        calls: plans that were asked for.
    """

    twin: PlannerTwin
    statements: Sequence[str | Generic]
    relevant: Sequence[Names]
    sizes: Mapping[str, int]
    ways: list[dict[Names, float]] = field(default_factory=list)
    asked: list[dict[Names, float]] = field(default_factory=list)
    calls: int = 0

    def __post_init__(self) -> None:
        """Nothing is known yet."""
        self.ways = [{} for _ in self.statements]
        self.asked = [{} for _ in self.statements]

    def without(self, banned: Names) -> "PlanCosts":
        """The same where some indexes may not be used; it goes on counting calls by itself."""
        less = PlanCosts(self.twin, self.statements, [each - banned for each in self.relevant], self.sizes)
        less.ways = [{needs: cost for needs, cost in each.items() if not needs & banned} for each in self.ways]
        less.asked = [{names: cost for names, cost in each.items() if not names & banned} for each in self.asked]
        return less

    def ask(self, wanted: Iterable[tuple[int, Names]]) -> None:
        """Plan statements (by number) under sets of indexes; what was asked before is not asked again."""
        by_set: dict[Names, list[int]] = {}
        for number, names in sorted({(n, names & self.relevant[n]) for n, names in wanted}, key=_in_order):
            if names not in self.asked[number]:
                by_set.setdefault(names, []).append(number)
        tasks = [
            (Configuration(present=tuple(sorted(names))), [self.statements[number] for number in numbers])
            for names, numbers in by_set.items()
        ]
        for (names, numbers), plans in zip(by_set.items(), self.twin.plan_each(tasks), strict=True):
            for number, plan in zip(numbers, plans, strict=True):
                self.calls += 1
                if isinstance(plan, Plan):
                    self._learn(number, names, plan)

    def _learn(self, number: int, names: Names, plan: Plan) -> None:
        needs = names.intersection(self.twin.used(plan))
        self.asked[number][names] = plan.cost
        self.ways[number][needs] = min(plan.cost, self.ways[number].get(needs, plan.cost))

    def cost(self, number: int, present: Names) -> float:
        """The cost of a statement under a set of indexes, as far as is known."""
        return min(cost for needs, cost in self.ways[number].items() if needs <= present)

    def explore(self) -> None:
        """Ask what is worth knowing of every statement: nothing, all, each alone, pairs, and all without the best."""
        everybody = range(len(self.statements))
        self.ask((number, Names()) for number in everybody)
        self.ask((number, self.relevant[number]) for number in everybody)
        self.ask((number, small) for number in everybody for small in self._small(number))
        self.ask((number, Names({name})) for number in everybody for name in self.relevant[number])
        self.ask((number, pair) for number in everybody for pair in self._pairs(number))
        for _ in range(_REMOVALS):
            self.ask((number, left) for number in everybody for left in self._without_used(number))

    def _small(self, number: int) -> list[Names]:
        """The smaller indexes alone, by eighths: what a tight budget leaves."""
        ranked = sorted(self.relevant[number], key=lambda name: (self.sizes[name], name))
        return [Names(ranked[: len(ranked) * part // _PARTS]) for part in range(1, _PARTS)]

    def _pairs(self, number: int) -> list[Names]:
        base = self.ways[number][Names()]
        alone = {needs: cost for needs, cost in self.ways[number].items() if len(needs) == 1 and cost < base}
        best = sorted(alone, key=lambda needs: (alone[needs], sorted(needs)))[:_BEST_ALONE]
        return [one | other for one, other in combinations(best, 2)]

    def _without_used(self, number: int) -> list[Names]:
        """Sets that were planned under, each without one index that its best way needs; from the cheapest ones."""
        known = self.asked[number]
        several = [names for names in known if len(names) > 2]
        return [names - {each} for names in several for each in self.best_way(number, names)]

    def best_way(self, number: int, present: Names) -> Names:
        """What the cheapest known way of a statement needs of a set of indexes."""
        fitting = [(cost, sorted(needs)) for needs, cost in self.ways[number].items() if needs <= present]
        return Names(min(fitting)[1])


def _in_order(wanted: tuple[int, Names]) -> tuple[list[str], int]:
    return sorted(wanted[1]), wanted[0]
