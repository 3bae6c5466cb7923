"""The best set of indexes under a budget: an exact choice by mixed-integer programming, with the gap that is left.

Each statement takes one of its known ways, which needs the indexes of that way; what is minimised is the weighted cost
of all statements plus what the chosen indexes cost the writes. This is the plan-based formulation of the index
selection problem (Dash, Polyzotis, Ailamaki, "CoPhy", VLDB 2011), solved by HiGHS.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

Names = frozenset[str]

_SLACK: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """What a set of indexes may not exceed.

    Attributes:
        size_bytes: of all together; None: any.
        count: of indexes; None: any.
        seconds: of searching.
        gap: relative gap at which the search may stop.
    """

    size_bytes: int | None = None
    count: int | None = None
    seconds: float = 5.0
    gap: float = 0.001

    def allow(self, names: Names, sizes: Mapping[str, int]) -> bool:
        """Whether a set of indexes is within size and count."""
        fits = self.size_bytes is None or sum(sizes[name] for name in names) <= self.size_bytes
        return fits and (self.count is None or len(names) <= self.count)


@dataclass(frozen=True, slots=True)
class Choice:
    """A set of indexes.

    Attributes:
        chosen: their names.
        cost: weighted cost of the statements and of the writes, by the known ways.
        gap: no set could cost less than (1 - gap) of ``cost``, as far as ways are known.
    """

    chosen: Names
    cost: float
    gap: float


def choose(
    ways: Sequence[Mapping[Names, float]],
    weights: Sequence[float],
    sizes: Mapping[str, int],
    writing: Mapping[str, float],
    limits: Limits,
) -> Choice:
    """The cheapest set of indexes within ``limits``.

    Args:
        ways: of each statement, the indexes that a plan needs → its cost; the empty set must be among them.
        weights: of each statement, how often it runs.
        sizes: of each index, bytes.
        writing: of each index, what it costs the writes, in the same unit as the weighted costs.
        limits: of the set.
    """
    useful = [_useful(each) for each in ways]
    names = sorted({name for each in useful for needs in each for name in needs})
    program = _Program(names, limits)
    program.indexes(sizes, writing)
    for each, weight in zip(useful, weights, strict=True):
        program.statement(each, weight)
    found = program.solved()
    if found is None:
        chosen = greedy(useful, weights, sizes, writing, limits)
        bound = math.fsum(weight * min(each.values()) for each, weight in zip(useful, weights, strict=True))
    else:
        chosen, bound = found
    cost = _cost(useful, weights, chosen) + math.fsum(writing.get(name, 0.0) for name in chosen)
    return Choice(chosen, cost, max(0.0, 1 - bound / cost) if cost else 0.0)


def _cost(ways: Sequence[Mapping[Names, float]], weights: Sequence[float], present: Names) -> float:
    known = (min(cost for needs, cost in each.items() if needs <= present) for each in ways)
    return math.fsum(weight * cost for weight, cost in zip(weights, known, strict=True))


def greedy(
    ways: Sequence[Mapping[Names, float]],
    weights: Sequence[float],
    sizes: Mapping[str, int],
    writing: Mapping[str, float],
    limits: Limits,
) -> Names:
    """A set within ``limits`` by taking what gains most for its room, way by way; for when time is short."""
    chosen = Names()
    offered = sorted({needs for each in ways for needs in each if needs}, key=sorted)
    cost = _cost(ways, weights, chosen)
    while True:
        best: tuple[float, Names, float] | None = None
        for needs in offered:
            wider = chosen | needs
            if wider == chosen or not limits.allow(wider, sizes):
                continue
            known = _cost(ways, weights, wider)
            new = wider - chosen
            gain = cost - known - math.fsum(writing.get(name, 0.0) for name in new)
            worth = gain / max(1, sum(sizes[name] for name in new))
            if gain > 0 and (best is None or worth > best[0]):
                best = worth, wider, known
        if best is None:
            return chosen
        _, chosen, cost = best


def _useful(ways: Mapping[Names, float]) -> dict[Names, float]:
    """Without those that cost no less than another that needs no more."""
    ranked = sorted(ways.items(), key=lambda way: (len(way[0]), way[1], sorted(way[0])))
    kept: dict[Names, float] = {}
    for needs, cost in ranked:
        if not any(other <= needs and known <= cost + _SLACK for other, known in kept.items()):
            kept[needs] = cost
    return kept


class _Program:
    """A mixed-integer program that grows by a statement at a time."""

    def __init__(self, names: Sequence[str], limits: Limits) -> None:
        self._names = names
        self._column = {name: number for number, name in enumerate(names)}
        self._limits = limits
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]  # it has no types
        self._solver.silent()
        for option, value in (("mip_rel_gap", limits.gap), ("time_limit", limits.seconds), ("threads", 1)):
            self._solver.setOptionValue(option, value)

    def indexes(self, sizes: Mapping[str, int], writing: Mapping[str, float]) -> None:
        """A variable for each index, whole, and the limits."""
        for name in self._names:
            self._solver.addVar(0.0, 1.0)
            self._solver.changeColCost(self._column[name], writing.get(name, 0.0))
            self._solver.changeColIntegrality(self._column[name], highspy.HighsVarType.kInteger)
        if self._names and self._limits.size_bytes is not None:
            self._row(self._limits.size_bytes / 1e6, [sizes[name] / 1e6 for name in self._names])
        if self._names and self._limits.count is not None:
            self._row(float(self._limits.count), [1.0] * len(self._names))

    def _row(self, most: float, values: Sequence[float]) -> None:
        numbers = np.arange(len(values), dtype=np.int32)
        self._solver.addRow(-highspy.kHighsInf, most, len(values), numbers, np.array(values))

    def statement(self, ways: Mapping[Names, float], weight: float) -> None:
        """A variable for each way, of which one is taken; the indexes it needs must be there."""
        first = self._solver.getNumCol()
        by_index: dict[str, list[int]] = {}
        for number, (needs, cost) in enumerate(ways.items(), start=first):
            self._solver.addVar(0.0, 1.0)
            self._solver.changeColCost(number, weight * cost)
            for name in needs:
                by_index.setdefault(name, []).append(number)
        every = np.arange(first, first + len(ways), dtype=np.int32)
        self._solver.addRow(1.0, 1.0, len(every), every, np.ones(len(every)))
        for name, numbers in sorted(by_index.items()):
            # One row for all ways that need the index, since only one way is taken: tighter than a row for each.
            columns = np.array([*numbers, self._column[name]], dtype=np.int32)
            values = np.array([1.0] * len(numbers) + [-1.0])
            self._solver.addRow(-highspy.kHighsInf, 0.0, len(columns), columns, values)

    def solved(self) -> tuple[Names, float] | None:
        """Search: the best set that was found and a cost that no set goes below; None when none was found in time."""
        self._solver.run()
        info = self._solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        values = list(self._solver.getSolution().col_value)
        chosen = Names(name for name in self._names if values[self._column[name]] > 0.5)
        gap = max(0.0, info.mip_gap) if self._names else 0.0
        return chosen, info.objective_function_value * (1 - gap)
