"""How sure a recommendation is, and what follows from it."""

from dataclasses import replace

import pytest

from pgarchitect.evidence.evidence import Evidence, Measurement, Method
from pgarchitect.recommendations.confidence import confidence, separation, verdict
from pgarchitect.recommendations.recommendation import Verdict
from tests.vocabulary import evidence, measurement

BEFORE = measurement(100, 100, 100, 100, 100)
CLEAR = measurement(10, 10, 10, 10, 10, cost=10)

CASES: list[tuple[str, Evidence, float]] = [
    ("nothing to wish for", evidence(BEFORE, CLEAR), 0.99),
    ("held for one set of two", evidence(BEFORE, CLEAR, held=(1, 2)), 0.88),  # 0.875
    ("held for none", evidence(BEFORE, CLEAR, held=(0, 2)), 0.75),
    ("the cost went up", evidence(BEFORE, measurement(10, 10, 10, 10, 10, cost=200)), 0.9),
    ("one run", evidence(BEFORE, measurement(10, cost=10)), 0.92),
    ("a gain of 35 %", evidence(BEFORE, measurement(65, 65, 65, 65, 65, cost=10)), 0.9),
    ("a gain of 20 %", evidence(BEFORE, measurement(80, 80, 80, 80, 80, cost=10)), 0.8),
    ("half of the runs faster", evidence(BEFORE, measurement(10, 10, 10, 110, 110, cost=10)), 0.86),
    ("no gain", evidence(BEFORE, measurement(100, 100, 100, 100, 100), held=(0, 2)), 0.28),  # 0.275
    ("slower", evidence(BEFORE, measurement(200, 200, 200, 200, 200, cost=200), held=(0, 2)), 0.1),
    ("timed out before", evidence(measurement(10_000, out=True), measurement(10, cost=10)), 0.99),
    ("never run after", evidence(BEFORE, measurement(cost=10)), 0.2),
    ("not run at all", evidence(measurement(), None, method=Method.PLANNER), 0.2),
]


@pytest.mark.parametrize(("found", "sure"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_confidence(found: Evidence, sure: float) -> None:
    assert confidence(found) == pytest.approx(sure, abs=0.0051)


@pytest.mark.parametrize(("stake", "sure"), [(0.0, 0.2), (0.5, 0.4), (1.0, 0.59), (9.0, 0.59)])
def test_what_is_not_proven_never_reaches_the_threshold_of_the_log(stake: float, sure: float) -> None:
    assert confidence(evidence(measurement(), None, method=Method.PLANNER), at_stake=stake) == pytest.approx(
        sure, abs=0.006
    )


@pytest.mark.parametrize(("doubts", "sure"), [(0, 0.4), (1, 0.32), (2, 0.25)])
def test_each_doubt_about_the_twin_takes_a_fifth_of_the_confidence(doubts: int, sure: float) -> None:
    found = replace(evidence(measurement(), None, method=Method.PLANNER), doubts=("It is another.",) * doubts)
    assert confidence(found, at_stake=0.5) == pytest.approx(sure, abs=0.006)


@pytest.mark.parametrize(
    ("ratio", "sure"), [(1.0, 0.99), (0.5, 0.99), (0.25, 0.5), (0.01, 0.02), (0.0, 0.0), (5.0, 0.99)]
)
def test_a_sandbox_much_smaller_than_production_proves_less(ratio: float, sure: float) -> None:
    assert confidence(evidence(BEFORE, CLEAR), size_ratio=ratio) == pytest.approx(sure)


@pytest.mark.parametrize(
    ("sure", "expected"),
    [
        (0.99, Verdict.APPLY),
        (0.9, Verdict.APPLY),
        (0.89, Verdict.REVIEW),
        (0.8, Verdict.REVIEW),
        (0.79, Verdict.LOG),
        (0.6, Verdict.LOG),
        (0.59, Verdict.HUMAN),
        (0.0, Verdict.HUMAN),
    ],
)
def test_the_thresholds(sure: float, expected: Verdict) -> None:
    assert verdict(evidence(BEFORE, CLEAR), sure) is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (evidence(BEFORE, CLEAR, used=False), Verdict.REJECTED),
        (evidence(BEFORE, measurement(80)), Verdict.REJECTED),
        (evidence(BEFORE, measurement(79.9)), Verdict.APPLY),
        (evidence(BEFORE, None), Verdict.REJECTED),
        (evidence(measurement(), None, method=Method.PLANNER), Verdict.UNPROVEN),
    ],
)
def test_no_confidence_makes_good_for_no_gain(found: Evidence, expected: Verdict) -> None:
    assert verdict(found, 0.99) is expected


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        (measurement(10, 10), measurement(1, 1), 1.0),
        (measurement(1, 1), measurement(10, 10), 0.0),
        (measurement(5, 5), measurement(5, 5), 0.5),
        (measurement(1, 10), measurement(5, 5), 0.5),
        (measurement(4, 10), measurement(3, 5), 0.75),
        (measurement(), measurement(1), 0.0),
    ],
)
def test_separation_is_the_part_of_pairs_that_are_faster(before: Measurement, after: Measurement, part: float) -> None:
    assert separation(before, after) == part
