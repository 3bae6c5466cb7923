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

from pgarchitect.twin.plan import Configuration, Generic, Plan, Unplannable
from pgarchitect.twin.planner_twin import PlannerTwin

_MANY: Final = 40
"""Statements from which on each of them is looked into less deeply."""

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to execute a statement: the hypothetical indexes that it needs, and what the planner says it costs."""

    needs: Names
    cost: float


@dataclass(frozen=True, slots=True)
class Depth:
    """How deeply each statement is looked into; measured on TPC-H, where less costs 1 % and more gains nothing.

    Attributes:
        layers: of plans, each without the indexes of those before.
        parts: into which a statement's indexes are cut by size.
        paired: of the indexes that help by themselves, as many of the best are tried in pairs.
        together: whether all statements begin with every index there is, since to switch hundreds of them for each
            takes longer than to plan with them.
        beside: whether what merges others is tried beside what the best plans use, too, and not only alone.
    """

    layers: int = 8
    parts: int = 8
    paired: int = 6
    together: bool = False
    beside: bool = True

    @classmethod
    def of(cls, statements: int) -> "Depth":
        """For so many statements: of many, some serve each other's indexes, and nobody waits for minutes."""
        return cls() if statements <= _MANY else cls(layers=4, parts=1, paired=3, together=True, beside=False)


@dataclass(slots=True)
class PlanCosts:
    """The known ways to execute each statement.

    Attributes:
        twin: the planner that is asked.
        statements: to be planned.
        relevant: of each statement, the hypothetical indexes that its plan could use.
        sizes: of each index, bytes.
        ways: of each statement, those known so far, one for each set of indexes.
        asked: of each statement, the sets of indexes that it was planned under.
        refusals: of statements that cannot be planned, why; they cost nothing under any set.
        calls: plans that were asked for.
    """

    twin: PlannerTwin
    statements: Sequence[str | Generic]
    relevant: Sequence[Names]
    sizes: Mapping[str, int]
    ways: list[dict[Names, float]] = field(default_factory=list)
    asked: list[dict[Names, float]] = field(default_factory=list)
    refusals: dict[int, str] = field(default_factory=dict)
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
        self._ask(sorted({(n, names & self.relevant[n]) for n, names in wanted}, key=_in_order))

    def _ask(self, wanted: Iterable[tuple[int, Names]]) -> None:
        by_set: dict[Names, list[int]] = {}
        for number, names in wanted:
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
                elif not names:
                    self.refusals[number] = plan.reason
                    self.ways[number][names] = self.asked[number][names] = 0.0

    def planned(self, numbers: Sequence[int], configuration: Configuration) -> list[Plan | Unplannable]:
        """Plans of some statements under a configuration that may lack existing indexes; nothing is learned of it.

        Raises:
            UsageError: it names an index that is not known, or not by that name alone.
        """
        self.calls += len(numbers)
        (found,) = self.twin.plan_each([(configuration, [self.statements[number] for number in numbers])])
        return found

    def _learn(self, number: int, names: Names, plan: Plan) -> None:
        needs = names.intersection(self.twin.used(plan))
        self.asked[number][names] = plan.cost
        self.ways[number][needs] = min(plan.cost, self.ways[number].get(needs, plan.cost))

    def cost(self, number: int, present: Names) -> float:
        """The cost of a statement under a set of indexes, as far as is known."""
        return min(cost for needs, cost in self.ways[number].items() if needs <= present)

    def best_used(self, wanted: Sequence[int]) -> Names:
        """What the best plans of some statements use, with all indexes and with the smaller ones alone."""
        depth = Depth.of(len(wanted))
        known = ((number, names) for number in wanted for names in self._parts(number, depth))
        return Names().union(*(self.best_way(number, names) for number, names in known if self.ways[number]))

    def add(self, relevant: Sequence[Names], sizes: Mapping[str, int], wanted: Sequence[int]) -> None:
        """Learn of further indexes, once everything else is known: alone, and beside what the best plans use.

        Of many statements alone only; whether a choice of them holds is asked of the planner when it is made.

        Args:
            relevant: of each statement, those of the further indexes that its plan could use.
            sizes: of all indexes.
            wanted: statements that matter.
        """
        depth = Depth.of(len(wanted))
        best = {
            number: {self.best_way(number, names) for names in self._parts(number, depth)}
            for number in wanted
            if number not in self.refusals
        }
        self.relevant = [old | new for old, new in zip(self.relevant, relevant, strict=True)]
        self.sizes = sizes
        alone = [(number, Names({name})) for number in best for name in relevant[number]]
        beside = [
            (number, names | {name})
            for number, ways in best.items()
            for names in (ways if depth.beside else ())
            for name in relevant[number]
        ]
        self.ask([*alone, *beside, *((number, relevant[number]) for number in best)])

    def explore(self, wanted: Sequence[int]) -> None:
        """Ask what is worth knowing of some statements, and of the others what they cost with nothing.

        With nothing and with everything; then layer by layer, each without what the best plans before it used, until
        the planner uses no index any more: whatever no layer shows is worse than others in each of its uses. What was
        seen is then asked alone, in pairs, and taken away one by one from all that was seen.
        """
        depth = Depth.of(len(wanted))
        self.ask((number, Names()) for number in range(len(self.statements)))
        everybody = [number for number in wanted if number not in self.refusals]
        parts = [(number, names) for number in everybody for names in self._parts(number, depth)]
        self._peel(parts, depth)
        self.ask((number, Names({name})) for number in everybody for name in self._seen(number))
        self.ask((number, pair) for number in everybody for pair in self._pairs(number, depth))
        self.ask(self._without_used((number, names & self._seen(number)) for number, names in parts))

    def _peel(self, wanted: Sequence[tuple[int, Names]], depth: Depth) -> None:
        """Plan under sets of indexes, and again without what was used of them, until nothing is."""
        if depth.together:
            everything = Names(self.sizes)
            wanted = [(number, everything) for number, _ in wanted]
        for _ in range(depth.layers):
            self._ask(wanted)
            used = [(number, names, self.best_way(number, names)) for number, names in wanted]
            wanted = sorted({(number, names - gone) for number, names, gone in used if gone}, key=_in_order)
            if not wanted:
                break

    def _seen(self, number: int) -> Names:
        """Indexes that some plan of a statement uses."""
        return Names().union(*self.ways[number])

    def _parts(self, number: int, depth: Depth) -> list[Names]:
        """All indexes, and the smaller ones alone, in parts of equally many: what a tight budget leaves."""
        ranked = sorted(self.relevant[number], key=lambda name: (self.sizes[name], name))
        count = depth.parts
        return [Names(ranked[: len(ranked) * part // count]) for part in range(1, count + 1)]

    def _pairs(self, number: int, depth: Depth) -> list[Names]:
        base = self.ways[number][Names()]
        alone = {needs: cost for needs, cost in self.ways[number].items() if len(needs) == 1 and cost < base}
        best = sorted(alone, key=lambda needs: (alone[needs], sorted(needs)))[: depth.paired]
        return [one | other for one, other in combinations(best, 2)]

    def _without_used(self, known: Iterable[tuple[int, Names]]) -> list[tuple[int, Names]]:
        """Sets of indexes that plans use, each without one that its best way needs: a plan among few is soon made."""
        left = {(number, names - {each}) for number, names in known for each in self.best_way(number, names)}
        return sorted(left, key=_in_order)

    def best_way(self, number: int, present: Names) -> Names:
        """What the cheapest known way of a statement needs of a set of indexes."""
        fitting = [(cost, sorted(needs)) for needs, cost in self.ways[number].items() if needs <= present]
        return Names(min(fitting)[1])


def _in_order(wanted: tuple[int, Names]) -> tuple[list[str], int]:
    return sorted(wanted[1]), wanted[0]
