"""From evidence to recommendations and findings: who gains, by which change, and what is said of each statement."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pgarchitect.evidence.evidence import Evidence, Method, ParameterSet, is_worse
from pgarchitect.recommendations.audit import Outcome
from pgarchitect.recommendations.findings import find
from pgarchitect.recommendations.judgement import Case, helped, identity, judge
from pgarchitect.recommendations.recommendation import KnownFrom, Recommendation, Verdict
from pgarchitect.recommendations.selection import Selection
from pgarchitect.workload.workload import Statement
from tests.vocabulary import candidate, evidence, measurement

SLOW = measurement(100, 100, 100)


def counted(fingerprint: str, total_ms: float = 1000.0) -> Statement:
    return Statement(fingerprint, (1,), f"SELECT {fingerprint}", 10, total_ms, 10, 0.5)


def to(ms: float, fingerprint: str, *indexes: str, used: bool = True) -> Evidence:
    return evidence(SLOW, measurement(ms, ms, ms, cost=1, indexes=indexes), fingerprint=fingerprint, used=used)


def case(
    alone: dict[str, dict[str, Evidence]],
    together: dict[str, Evidence],
    used: dict[str, set[str]],
    *,
    chosen: tuple[str, ...] | None = None,
    refusals: dict[str, str] | None = None,
    reasons: dict[str, str] | None = None,
    size_ratio: float = 1.0,
) -> Case:
    keys = [*alone, *(refusals or {})]
    prints = {each for found in alone.values() for each in found} | {"f"}
    return Case(
        target="db",
        statements={each: counted(each) for each in prints},
        candidates=[candidate(key, *(alone.get(key) or ["f"])) for key in keys],
        refusals=refusals or {},
        alone=alone,
        selection=Selection(chosen if chosen is not None else tuple(alone), reasons or {}),
        together=together,
        used={each: frozenset(names) for each, names in used.items()},
        size_ratios={"public.t": size_ratio},
    )


def test_a_change_that_helps_is_recommended() -> None:
    (found,) = judge(case({"a": {"f": to(10, "f", "a")}}, {"f": to(12, "f", "a")}, {"f": {"a"}}))
    assert (found.verdict, found.statement.fingerprint) == (Verdict.APPLY, "f")
    assert found.gain_percent == pytest.approx(88)  # as measured with everything present
    assert found.saved_ms == pytest.approx(880)
    assert found.confidence > 0.9
    assert found.proposed


def test_with_two_indexes_in_one_plan_the_time_saved_counts_once() -> None:
    alone = {"a": {"f": to(60, "f", "a")}, "b": {"f": to(20, "f", "b")}}
    found = judge(case(alone, {"f": to(10, "f", "a", "b")}, {"f": {"a", "b"}}))
    assert [(each.candidate.key, each.saved_ms) for each in found] == [("b", pytest.approx(900)), ("a", 0.0)]
    assert all(each.verdict is not Verdict.REJECTED for each in found)


def test_a_change_used_alone_but_not_with_the_others_is_rejected() -> None:
    alone = {"a": {"f": to(30, "f", "a")}, "b": {"f": to(20, "f", "b")}}
    chosen, rejected = judge(case(alone, {"f": to(20, "f", "b")}, {"f": {"b"}}))
    assert (chosen.candidate.key, rejected.candidate.key) == ("b", "a")
    assert rejected.verdict is Verdict.REJECTED
    assert "no plan gains by it once the other recommended changes are present" in rejected.next_step
    assert not rejected.proposed


def test_the_statement_that_saves_most_comes_first() -> None:
    alone = {"a": {"f": to(50, "f", "a"), "g": to(10, "g", "a")}}
    both = case(alone, dict(alone["a"]), {"f": {"a"}, "g": {"a"}})
    (found,) = judge(both)
    assert [each.fingerprint for each in found.evidence] == ["g", "f"]
    assert found.saved_ms == pytest.approx(900 + 500)
    heavy = replace(both, statements={"f": counted("f", 10_000), "g": counted("g")})
    assert [each.fingerprint for each in helped(heavy, heavy.candidates[0])] == ["f", "g"]


def test_a_statement_whose_gain_is_gone_with_everything_present_does_not_count() -> None:
    alone = {"a": {"f": to(10, "f", "a"), "g": to(10, "g", "a")}}
    (found,) = judge(case(alone, {"f": to(10, "f", "a"), "g": to(95, "g", "a")}, {"f": {"a"}, "g": {"a"}}))
    assert [each.fingerprint for each in found.evidence] == ["f"]


def test_why_a_change_was_rejected_is_said() -> None:
    alone = {"a": {"f": to(90, "f", "a")}}
    reasons = {"a": "its gain of 10 % is not above 20 %"}
    weak, refused = judge(case(alone, {}, {}, chosen=(), reasons=reasons, refusals={"b": "permission denied"}))
    said = {each.candidate.key: each.next_step for each in (weak, refused)}
    assert said == {
        "a": "Nothing to do: its gain of 10 % is not above 20 %.",
        "b": "Nothing to do: the server refused it: permission denied.",
    }


def test_a_small_sandbox_lowers_confidence_and_verdict() -> None:
    alone = {"a": {"f": to(10, "f", "a")}}
    (found,) = judge(case(alone, dict(alone["a"]), {"f": {"a"}}, size_ratio=0.2))
    assert found.verdict is Verdict.HUMAN
    assert found.confidence < 0.5


def test_the_id_is_of_the_change_and_the_database() -> None:
    assert identity("db", candidate("a")) == identity("db", replace(candidate("a", "x"), sql="other name"))
    assert len({identity("db", candidate("a")), identity("db", candidate("b")), identity("db2", candidate("a"))}) == 3


NOW = datetime(2026, 3, 1, tzinfo=UTC)
KNOWN = KnownFrom(1, 0.99, NOW, Verdict.APPLY, 50.0, None)


def recommendation(verdict: Verdict, *, known: bool = False, fingerprint: str = "f") -> Recommendation:
    made = candidate("a", fingerprint)
    return Recommendation(
        "R-1", made, counted("f"), (), 0.9, None, 0.0, verdict, f"Said of {verdict}.", KNOWN if known else None
    )


OUTCOMES = [
    ([recommendation(Verdict.APPLY)], {}, Outcome.IMPROVED, ""),
    ([recommendation(Verdict.HUMAN)], {}, Outcome.IMPROVED, ""),
    ([recommendation(Verdict.REJECTED), recommendation(Verdict.LOG)], {}, Outcome.IMPROVED, ""),
    ([recommendation(Verdict.UNPROVEN)], {}, Outcome.UNPROVEN, ""),
    ([recommendation(Verdict.REJECTED)], {}, Outcome.REJECTED, "Said of rejected."),
    ([recommendation(Verdict.APPLY, known=True)], {}, Outcome.KNOWN, "The change was recorded for another statement."),
    ([], {"remembered": "Known since March."}, Outcome.KNOWN, "Known since March."),
    ([recommendation(Verdict.APPLY)], {"remembered": "Known since March."}, Outcome.IMPROVED, ""),
    ([recommendation(Verdict.APPLY, fingerprint="g")], {"unserved": "No filter."}, Outcome.NO_CANDIDATE, "No filter."),
    ([recommendation(Verdict.REJECTED)], {"refused": "It was not run: it calls x()."}, Outcome.NOT_TRIED,
     "It was not run: it calls x()."),
]  # fmt: skip


@pytest.mark.parametrize(("recommendations", "said", "outcome", "note"), OUTCOMES)
def test_what_became_of_a_statement(
    recommendations: list[Recommendation], said: dict[str, str], outcome: Outcome, note: str
) -> None:
    notes = {name: {"f": said[name]} if name in said else {} for name in ("refused", "remembered", "unserved")}
    together = {"f": to(10, "f")}
    found = find(counted("f"), "Reads f.", recommendations, **notes, together=together)
    assert (found.outcome, found.note, found.intent) == (outcome, note, "Reads f.")
    assert found.together == together["f"]
    mine = [each.id for each in recommendations if "f" in each.candidate.fingerprints]
    assert list(found.recommendation_ids) == mine


def test_a_change_that_slows_another_statement_asks_for_a_review() -> None:
    slower = evidence(SLOW, measurement(140, 141, 142, indexes=("a",)), fingerprint="g", used=True)
    alone = {"a": {"f": to(10, "f", "a"), "g": slower}}
    (found,) = judge(case(alone, {"f": to(10, "f", "a"), "g": slower}, {"f": {"a"}, "g": {"a"}}))
    assert found.verdict is Verdict.REVIEW
    assert "1 other statement" in found.next_step
    assert "41 % slower" in found.next_step


def test_scatter_and_plans_that_do_not_use_it_are_no_harm() -> None:
    noisy = evidence(SLOW, measurement(90, 112, 115, indexes=("a",)), fingerprint="g", used=True)
    elsewhere = evidence(SLOW, measurement(150, 150, 150), fingerprint="h", used=False)
    alone = {"a": {"f": to(10, "f", "a"), "g": noisy, "h": elsewhere}}
    together = {"f": to(10, "f", "a"), "g": noisy, "h": elsewhere}
    (found,) = judge(case(alone, together, {"f": {"a"}, "g": {"a"}, "h": set()}))
    assert found.verdict is Verdict.APPLY


def planned(cost: float, fingerprint: str, *indexes: str) -> Evidence:
    """The planner's word for a statement that costs 100 today."""
    after = measurement(cost=cost, indexes=indexes)
    return evidence(measurement(), after, fingerprint=fingerprint, used=bool(indexes), method=Method.PLANNER)


def test_what_the_planner_expects_is_ranked_by_it_and_never_called_a_gain() -> None:
    alone = {"a": {"f": planned(60, "f", "a")}, "b": {"g": planned(10, "g", "b")}, "c": {"f": planned(100, "f")}}
    together = {"f": planned(60, "f", "a"), "g": planned(10, "g", "b")}
    found = judge(case(alone, together, {"f": {"a"}, "g": {"b"}}, chosen=("a", "b")))
    assert [(each.candidate.key, each.verdict) for each in found] == [
        ("b", Verdict.UNPROVEN),
        ("a", Verdict.UNPROVEN),
        ("c", Verdict.REJECTED),
    ]
    assert [(each.gain_percent, each.saved_ms) for each in found] == [(None, 0.0)] * 3
    assert [each.confidence for each in found] == pytest.approx([0.55, 0.36, 0.2])
    assert found[0].next_step.startswith("The planner expects 90 % less cost. Prove it first: ")


def test_a_change_that_slows_one_parameter_set_is_reviewed_and_says_which() -> None:
    sets = (
        ParameterSet("common", ("'a'",), 0.9, 100.0, 10.0, worse=False),
        ParameterSet("rare", ("'z'",), 0.1, 1.0, 5.0, worse=True),
    )
    mixed = replace(to(10, "f", "a"), sets=sets)
    (found,) = judge(case({"a": {"f": mixed}}, {"f": mixed}, {"f": {"a"}}))
    assert found.verdict is Verdict.REVIEW
    assert found.next_step.startswith("For rare values ('z') it makes the statement slower: weigh that first. Open")
    long = replace(mixed, sets=(replace(sets[1], parameters=("'z'",) * 30),))
    (found,) = judge(case({"a": {"f": long}}, {"f": long}, {"f": {"a"}}))
    assert found.next_step.startswith("For rare values it makes the statement slower: weigh")


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ((1.0, 1.1, 1.2), (1.5, 1.6, 1.7), True),
        ((1.0, 1.1, 1.6), (1.5, 1.6, 1.7), False),  # one run before was as slow
        ((0.01, 0.01, 0.01), (0.03, 0.03, 0.03), False),  # too little to count
        ((10.0, 10.0), (10.5, 10.5), False),
        ((10.0,), (), False),  # its plan does not use the change
    ],
)
def test_a_parameter_set_is_worse_beyond_scatter_only(
    before: tuple[float, ...], after: tuple[float, ...], *, worse: bool
) -> None:
    assert is_worse(measurement(*before), measurement(*after)) is worse


def test_a_set_that_was_only_planned_is_worse_when_it_is_dearer() -> None:
    assert is_worse(measurement(cost=100), measurement(cost=120))
    assert not is_worse(measurement(cost=100), measurement(cost=105))
