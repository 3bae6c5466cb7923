"""Which of the candidates that help are chosen, and why the others are not."""

import random
from dataclasses import replace

import pytest

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.evidence import Evidence, Method
from pgarchitect.recommendations.selection import Selection, select, worth_it
from tests.vocabulary import candidate, evidence, measurement

Times = dict[str, dict[str, float]]
"""Candidate → statement → milliseconds with it, where each statement takes 100 without."""


def tried(times: Times, sizes: dict[str, int]) -> dict[str, dict[str, Evidence]]:
    return {
        key: {
            each: evidence(measurement(100.0), measurement(now), fingerprint=each, size=sizes.get(key, 8192))
            for each, now in found.items()
        }
        for key, found in times.items()
    }


def candidates(times: Times) -> list[Candidate]:
    return [candidate(key, *found) for key, found in times.items()]


def choose(times: Times, weights: dict[str, float] | None = None, sizes: dict[str, int] | None = None) -> Selection:
    weights = weights or {each: 1000.0 for found in times.values() for each in found}
    return select(candidates(times), tried(times, sizes or {}), weights)


CHOICES: list[tuple[str, Times, dict[str, int], set[str]]] = [
    ("the better one", {"a": {"f": 50}, "b": {"f": 10}}, {}, {"b"}),
    ("the smaller of two alike", {"a": {"f": 10}, "b": {"f": 10.5}}, {"a": 9000, "b": 8000}, {"b"}),
    ("the first by name of two equal", {"b": {"f": 10}, "a": {"f": 10}}, {}, {"a"}),
    ("one for each statement", {"a": {"f": 10}, "b": {"g": 10}}, {}, {"a", "b"}),
    ("one for both instead of two", {"a": {"f": 10}, "b": {"g": 10}, "ab": {"f": 10, "g": 10}}, {"ab": 20000}, {"ab"}),
    ("a prefix is superfluous", {"a": {"f": 30}, "a_b": {"f": 10, "g": 10}}, {}, {"a_b"}),
    ("one more where it does more", {"a": {"f": 40, "g": 40}, "b": {"g": 10}}, {}, {"a", "b"}),
    ("none more where it does little more", {"a": {"f": 40, "g": 12}, "b": {"g": 10}}, {}, {"a"}),
    ("the first that others replace is dropped",
     {"a": {"f": 30, "g": 30, "h": 30}, "b": {"f": 10, "g": 20}, "c": {"h": 10}}, {}, {"b", "c"}),
    ("nothing that gains 20 % or less", {"a": {"f": 80}, "b": {"g": 85}}, {}, set()),
    ("nothing that is slower", {"a": {"f": 150}}, {}, set()),
    ("nothing at all", {}, {}, set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("times", "sizes", "chosen"), [case[1:] for case in CHOICES], ids=[case[0] for case in CHOICES]
)
def test_what_is_chosen(times: Times, sizes: dict[str, int], chosen: set[str]) -> None:
    assert set(choose(times, sizes=sizes).chosen) == chosen


def test_the_order_of_the_input_does_not_matter() -> None:
    dice = random.Random(7)  # noqa: S311  # the same cases in every run
    for _ in range(40):
        times: Times = {
            f"c{n}": {f"f{m}": dice.choice([5.0, 10.0, 10.3, 40.0, 90.0]) for m in dice.sample(range(8), 3)}
            for n in range(9)
        }
        weights = {f"f{m}": dice.random() * 1000 for m in range(8)}
        sizes = {key: dice.choice([8192, 16384]) for key in times}
        first = choose(times, weights, sizes)
        for _ in range(4):
            keys = list(times)
            dice.shuffle(keys)
            shuffled = {key: dict(dice.sample(list(times[key].items()), 3)) for key in keys}
            assert choose(shuffled, weights, sizes) == first


def test_the_heavier_statement_comes_first() -> None:
    chosen = choose({"a": {"f": 10}, "b": {"g": 10}}, {"f": 1.0, "g": 2.0}).chosen
    assert chosen == ("b", "a")


def test_why_the_others_are_not_chosen() -> None:
    times: Times = {"best": {"f": 10, "g": 10}, "prefix": {"f": 12}, "weak": {"f": 85}, "failed": {}}
    reasons = choose(times).reasons
    assert reasons == {
        "prefix": "best serves the same statements at least as well",
        "weak": "its gain of 15 % is not above 20 %",
        "failed": "the planner did not use it in the real run",
    }
    unused = {"a": {"f": evidence(measurement(100.0), measurement(10.0), used=False)}}
    assert select([candidate("a", "f")], unused, {"f": 1.0}).reasons == {
        "a": "the planner did not use it in the real run"
    }


@pytest.mark.parametrize(
    ("now", "worth"), [(10.0, True), (79.9, True), (80.0, False), (80.1, False), (100.0, False), (300.0, False)]
)
def test_a_gain_must_be_above_twenty_percent(now: float, worth: bool) -> None:
    assert worth_it(evidence(measurement(100.0), measurement(now))) is worth


def test_a_gain_that_only_one_parameter_set_has_is_not_worth_it() -> None:
    both = evidence(measurement(100.0), measurement(50.0))
    assert worth_it(replace(both, sets_ms=((100.0, 50.0), (100.0, 60.0))))
    assert not worth_it(replace(both, sets_ms=((100.0, 50.0), (100.0, 190.0))))
    assert not worth_it(evidence(measurement(100.0), None))


def planned(cost: float, *, used: bool = True) -> dict[str, Evidence]:
    """The planner's word for a statement that costs 100 today."""
    return {"f": evidence(measurement(), measurement(cost=cost), used=used, method=Method.PLANNER)}


def test_what_was_only_planned_is_chosen_by_cost() -> None:
    found = {"a": planned(50), "b": planned(10), "c": planned(85), "d": planned(100, used=False)}
    selection = select([candidate(key, "f") for key in found], found, {"f": 1000.0})
    assert selection.chosen == ("b",)
    assert selection.reasons == {
        "a": "b serves the same statements at least as well",
        "c": "its gain of 15 % is not above 20 %",
        "d": "the planner would not use it",
    }


@pytest.mark.parametrize(("cost", "worth"), [(79.0, True), (80.0, False), (120.0, False)])
def test_a_cost_that_goes_down_by_more_than_the_threshold_is_worth_it(cost: float, worth: bool) -> None:
    assert worth_it(planned(cost)["f"]) is worth
