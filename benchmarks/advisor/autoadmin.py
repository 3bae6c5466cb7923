"""AutoAdmin: the best indexes of each statement by itself, then the best of those for all, by Greedy(m, k).

Written from the description in S. Chaudhuri, V. Narasayya, "An Efficient, Cost-Driven Index Selection Tool for
Microsoft SQL Server", VLDB 1997. Greedy(m, k) tries every set of at most m indexes and adds to the best one what gains
most, until there are k. Indexes of several columns come in rounds: those that were chosen with one column lead those
with two (the paper's MC-LEAD).
"""

from collections.abc import Sequence
from itertools import chain, combinations

from benchmarks.advisor.plain_index import NOTHING, Config, Costs, PlainIndex, singles, totals, wider


def autoadmin(costs: Costs, *, count: int = 10, width: int = 2, seed: int = 2) -> Config:
    """Choose indexes.

    Args:
        costs: of the workload.
        count: indexes at most: the paper's k.
        width: columns of an index at most.
        seed: indexes of the sets that are all tried at first: the paper's m.
    """
    columns = singles(costs, costs.statements)
    candidates, chosen = columns, NOTHING
    for wide in range(1, width + 1):
        winners = NOTHING.union(*(_of_statement(costs, number, candidates, count, seed) for number in costs.statements))
        chosen = greedy(costs, costs.statements, sorted(winners), count, seed)
        leading = [index for index in sorted(chosen) if len(index.columns) == wide]
        candidates = sorted(chosen.union(*(wider(index, columns) for index in leading)))
    return chosen


def greedy(costs: Costs, statements: Sequence[int], candidates: Sequence[PlainIndex], count: int, seed: int) -> Config:
    """Greedy(m, k): the best set of at most ``seed`` indexes, and then one more and one more while it gains."""
    begun = chain.from_iterable(combinations(candidates, size) for size in range(1, min(seed, count) + 1))
    chosen, now = _best(costs, statements, [NOTHING, *map(Config, begun)])
    while len(chosen) < count:
        more = [chosen | {index} for index in candidates if index not in chosen]
        better, cost = _best(costs, statements, [chosen, *more])
        if cost >= now:
            break
        chosen, now = better, cost
    return chosen


def _of_statement(costs: Costs, number: int, candidates: Sequence[PlainIndex], count: int, seed: int) -> Config:
    """The best indexes of one statement, out of those that begin with a column that it mentions."""
    mentioned = set(costs.columns(number))
    own = [index for index in candidates if PlainIndex(index.table, index.columns[:1]) in mentioned]
    return greedy(costs, [number], own, count, seed)


def _best(costs: Costs, statements: Sequence[int], configs: Sequence[Config]) -> tuple[Config, float]:
    """The cheapest set, the first of equals."""
    found = totals(costs, configs, statements)
    best = min(range(len(configs)), key=found.__getitem__)
    return configs[best], found[best]
