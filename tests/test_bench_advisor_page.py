"""The page that the benchmark of index advisors writes: its tables, its chart, and where they go."""

import re
import xml.etree.ElementTree as ET

import pytest

from benchmarks.advisor import page
from benchmarks.advisor.answers import AUTOADMIN, EXTEND, OURS, Answer
from benchmarks.advisor.chart import chart
from benchmarks.advisor.contest import Contest, Measured
from benchmarks.advisor.question import Question
from benchmarks.advisor.runs import NONE, Runs
from benchmarks.advisor.subject import Subject
from pgarchitect.errors import UsageError

SUBJECT = Subject("sales", "Sales", lambda *_: None, lambda *_: [], [1_000_000], None)


def test_text_goes_between_its_own_markers_and_nowhere_else() -> None:
    begin, end = "<!-- {}: begin, written by make bench-advisor -->", "<!-- {}: end -->"
    before = (
        f"# Title\n\n{begin.format('one')}\nold\n{end.format('one')}\n\n{begin.format('two')}\n{end.format('two')}\n"
    )
    after = page.between_markers(before, "one", "new \\1 text\n")
    assert "old" not in after
    assert f"{begin.format('one')}\n\nnew \\1 text\n\n{end.format('one')}" in after
    assert after.endswith(f"{begin.format('two')}\n{end.format('two')}\n")
    assert page.between_markers(after, "one", "new \\1 text") == after


@pytest.mark.parametrize("text", ["", "<!-- one: begin, written by make bench-advisor -->"])
def test_a_page_without_the_markers_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no place for one"):
        page.between_markers(text, "one", "new")


def test_the_page_has_a_place_for_each_subject() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    for name in ("tpch", "tpcds", "edfinance"):
        assert page.between_markers(text, name, "x") != text


def contest(runs: Runs | None = None) -> Contest:
    answers = [
        Measured(Answer(OURS, "1 MB", 1_000_000, {"t (a)": 900_000}, 50.0, 1.0, 7), 1_100_000, 60.0, {"t (a)": 0.2}),
        Measured(Answer(EXTEND, "1 MB", 1_000_000, {"t (b)": 800_000}, 70.0, 1.0, 7), 900_000, 70.0, {"t (b)": 0.1}),
        Measured(Answer("<&>", "its own", None, {"t (c)": None}), 2_000_000, 80.0, {}),
    ]
    return Contest(SUBJECT, Question([], [], {}, {}), 100.0, answers, runs)


def test_the_page_says_who_is_beyond_the_budget_and_by_how_much_sizes_are_off() -> None:
    said = page.part(contest(), "Here", "x.svg")
    assert "| 1 MB | **pgarchitect** | 1 | 0.9 | 1.1 (too much) | 20.0% (20.0%) | 50 | 60 | 40.0% | 7 | 1.0 |" in said
    assert "- Size promised wrongly by 20%: `t (a)`" in said
    assert "`t (b)`" not in said
    assert "| its own | <&> | 1 |  | 2.0 |  |  | 80 | 20.0% |  |  |" in said


def test_statements_that_got_slower_are_named() -> None:
    runs = Runs(
        {
            NONE: {1: [1.0, 1.1, 0.9], 5: [0.10, 0.10, 0.10]},
            OURS: {1: [0.5, 0.6, 0.4], 5: [0.109, 0.109, 0.2]},
            AUTOADMIN: {1: [0.7, 0.7, 0.7], 5: [0.15, 0.16, 0.14]},
        }
    )
    assert runs.total(OURS) == pytest.approx(0.609)
    assert runs.spread(OURS) == pytest.approx((0.6, 0.709))
    assert runs.slower(OURS) == {}
    assert runs.slower(AUTOADMIN) == {5: pytest.approx(1.5)}
    said = page.part(contest(runs), "Here", "x.svg")
    assert "| more than 10 % slower (ratio) | none | none | Q5 (1.50) |" in said


def test_the_chart_places_each_answer_by_its_size_and_cost() -> None:
    drawn = ET.fromstring(chart(contest().measured, 100.0))  # noqa: S314  # our own
    name = "{http://www.w3.org/2000/svg}"
    titles = [
        each.findtext(f"{name}title") for each in drawn.iter(f"{name}circle") if each.find(f"{name}title") is not None
    ]
    assert titles == ["pgarchitect: 1 MB, cost 60", "Extend: 1 MB, cost 70", "<&>: 2 MB, cost 80"]
    places = [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in drawn.iter(f"{name}circle") if len(each)]
    assert places[1][0] < places[0][0] < places[2][0]
    assert places[0][1] > places[1][1] > places[2][1]
    assert re.search(r">without indexes<", ET.tostring(drawn, encoding="unicode").replace("ns0:", ""))
