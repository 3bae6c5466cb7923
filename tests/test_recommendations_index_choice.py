"""The best set of indexes: the same as by trying all sets, whatever the order, never beyond the limits."""

import random
from dataclasses import replace
from itertools import chain, combinations

import pytest

from pgarchitect.recommendations import index_choice
from pgarchitect.recommendations.index_choice import Choice, Limits, Names, choose, greedy

Ways = list[dict[Names, float]]

NOTHING = Names()


def problem(seed: int, indexes: int = 7, statements: int = 6) -> tuple[Ways, list[float], dict[str, int]]:
    """Statements with some ways each: with more indexes it costs less."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    names = [f"i{number}" for number in range(indexes)]
    ways: Ways = []
    for _ in range(statements):
        base = chance.uniform(50, 1_000)
        found = {NOTHING: base}
        for _ in range(chance.randint(1, 8)):
            needs = Names(chance.sample(names, chance.randint(1, 3)))
            found[needs] = base * chance.uniform(0.05, 1.1)
        ways.append(found)
    return ways, [chance.choice([0.5, 1, 10]) for _ in ways], {name: chance.randint(1, 90) * 2**20 for name in names}


def cost(ways: Ways, weights: list[float], present: Names) -> float:
    return sum(
        weight * min(each for needs, each in found.items() if needs <= present)
        for found, weight in zip(ways, weights, strict=True)
    )


def by_trying_all(ways: Ways, weights: list[float], sizes: dict[str, int], limits: Limits) -> float:
    sets = map(Names, chain.from_iterable(combinations(sizes, count) for count in range(len(sizes) + 1)))
    allowed = [
        each
        for each in sets
        if (limits.count is None or len(each) <= limits.count)
        and (limits.size_bytes is None or sum(sizes[name] for name in each) <= limits.size_bytes)
    ]
    return min(cost(ways, weights, each) for each in allowed)


def chosen(ways: Ways, weights: list[float], sizes: dict[str, int], limits: Limits) -> Choice:
    return choose(ways, weights, sizes, {}, limits)


LIMITS = (Limits(gap=0.0), Limits(size_bytes=100 * 2**20, gap=0.0), Limits(count=2, gap=0.0))


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("seed", range(25))
def test_no_set_within_the_limits_is_better(seed: int, limits: Limits) -> None:
    ways, weights, sizes = problem(seed)
    found = chosen(ways, weights, sizes, limits)
    assert found.cost == pytest.approx(by_trying_all(ways, weights, sizes, limits))
    assert cost(ways, weights, found.chosen) == pytest.approx(found.cost)
    assert limits.count is None or len(found.chosen) <= limits.count
    assert limits.size_bytes is None or sum(sizes[name] for name in found.chosen) <= limits.size_bytes


@pytest.mark.parametrize("seed", range(10))
def test_one_more_way_never_makes_it_worse(seed: int) -> None:
    ways, weights, sizes = problem(seed)
    limits = LIMITS[1]
    before = chosen(ways, weights, sizes, limits)
    more = [{**ways[0], Names({"new"}): 0.9 * min(ways[0].values())}, *ways[1:]]
    assert chosen(more, weights, {**sizes, "new": 2**20}, limits).cost <= before.cost + 1e-6


@pytest.mark.parametrize("seed", range(10))
def test_a_larger_budget_is_never_worse(seed: int) -> None:
    ways, weights, sizes = problem(seed)
    costs = [chosen(ways, weights, sizes, Limits(size_bytes=most * 2**20, gap=0.0)).cost for most in (0, 50, 100, 400)]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == pytest.approx(cost(ways, weights, NOTHING))


def test_what_an_index_costs_the_writes_is_weighed() -> None:
    ways: Ways = [{NOTHING: 100.0, Names({"a"}): 10.0}]
    assert choose(ways, [1.0], {"a": 1}, {"a": 80.0}, Limits()).chosen == {"a"}
    assert choose(ways, [1.0], {"a": 1}, {"a": 95.0}, Limits()).chosen == NOTHING


def test_nothing_to_choose_from() -> None:
    assert chosen([{NOTHING: 5.0}], [2.0], {}, Limits(size_bytes=10)) == Choice(NOTHING, 10.0, 0.0)
    assert chosen([], [], {}, Limits()) == Choice(NOTHING, 0.0, 0.0)


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("seed", range(10))
def test_where_time_is_short_the_answer_is_within_the_limits_and_the_gap_is_true(seed: int, limits: Limits) -> None:
    ways, weights, sizes = problem(seed)
    best = by_trying_all(ways, weights, sizes, limits)
    names = greedy(ways, weights, sizes, {}, limits)
    assert limits.allow(names, sizes)
    assert best <= cost(ways, weights, names) <= cost(ways, weights, NOTHING)
    found = choose(ways, weights, sizes, {}, replace(limits, seconds=0.0))
    assert limits.allow(found.chosen, sizes)
    assert found.cost == pytest.approx(cost(ways, weights, found.chosen))
    assert found.cost * (1 - found.gap) <= best * (1 + 1e-9)


def test_without_a_solution_of_the_solver_the_greedy_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    ways, weights, sizes = problem(3)
    monkeypatch.setattr(index_choice._Program, "solved", lambda _: None)
    found = choose(ways, weights, sizes, {}, Limits(count=2))
    assert found.chosen == greedy(ways, weights, sizes, {}, Limits(count=2)) != NOTHING
    assert 0 < found.gap < 1
