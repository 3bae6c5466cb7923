"""The pieces of the reports: quantities, safe text, titles, statements laid out, charts, plan trees, figures."""

import datetime as dt
from dataclasses import replace

import pytest

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.recommendations.selection import select
from pgarchitect.report import quantities
from pgarchitect.report.change_title import change_title
from pgarchitect.report.chart import runs_chart
from pgarchitect.report.figures import figures
from pgarchitect.report.plan_tree import plan_views
from pgarchitect.report.rejections import by_reason, general_reason
from pgarchitect.report.safe_text import brief, one_line, visible
from pgarchitect.report.statement_text import highlighted, laid_out
from pgarchitect.workload.fingerprint import fingerprint
from tests.audit_example import COURSE_LIST, INVOICES, RECENT_BEHAVIOUR, S_RECENT, WEEKLY_ACTIVITY, example_audit

LINES = "SELECT 'a,\n  b' AS some_text, other_column FROM some_table WHERE a_column = $1 ORDER BY another LIMIT 10"


def evidence(before: tuple[float, ...], after: tuple[float, ...]) -> Evidence:
    proof = example_audit().recommendations[0].evidence[0]
    assert proof.after is not None
    return replace(proof, before=replace(proof.before, times_ms=before), after=replace(proof.after, times_ms=after))


def candidate(sql: str, kind: str = "missing_index") -> Candidate:
    return replace(example_audit().recommendations[0].candidate, sql=sql, kind=kind)


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (0, "0 ms"),
        (0.0314, "0.03 ms"),
        (0.0041, "0.004 ms"),
        (9.996, "10 ms"),
        (99.96, "100 ms"),
        (999.4, "999 ms"),
        (999.6, "1 s"),
        (8_412, "8.41 s"),
        (119_000, "119 s"),
        (150_000, "2.5 min"),
        (7_199_000, "120 min"),
        (26_640_000, "7.4 h"),
        (864_000_000, "10 d"),
    ],
)
def test_durations(ms: float, told: str) -> None:
    assert quantities.duration(ms) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0 %"),
        (0.02, "< 0.1 %"),
        (12.34, "12.3 %"),
        (97.0, "97 %"),
        (99.97, "> 99.9 %"),
        (100, "100 %"),
        (-0.01, "0 %"),
        (-12.5, "\N{MINUS SIGN}12.5 %"),
        (-1_234.0, "\N{MINUS SIGN}1,234 %"),
    ],
)
def test_percentages_are_not_rounded_to_all_or_nothing(value: float, told: str) -> None:
    assert quantities.percent(value) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (45, "45 s"), (173, "2 min 53 s"), (3_600, "1 h"), (12_000, "3 h 20 min"), (534_240, "6 d 4 h")],
)
def test_spans(seconds: float, told: str) -> None:
    assert quantities.span(seconds) == told


def test_other_quantities() -> None:
    assert quantities.size(132_431_872) == "126 MB"
    assert quantities.size(812) == "812 B"
    assert quantities.blocks(4) == "4 (32 kB)"
    assert quantities.rows(0.99993) == "1"
    assert quantities.rows(2.5) == "2.5"
    assert quantities.rows(1_234.6) == "1,235"
    assert quantities.factor(100, 60) is None
    assert quantities.factor(100, 0) is None
    assert quantities.factor(211, 0.36) == "586\N{MULTIPLICATION SIGN}"
    assert quantities.plural(1, "change") == "1 change"
    assert quantities.plural(2_000, "entry", "entries") == "2,000 entries"
    zone = dt.timezone(dt.timedelta(hours=7))
    assert quantities.moment(dt.datetime(2026, 7, 26, 2, 0, tzinfo=zone)) == "2026-07-26 02:00 UTC+07:00"


def test_control_characters_and_directions_are_made_visible() -> None:
    assert visible("a\x1b[0m\r\n\tb\x7f\x85\u202ec") == "a␛[0m\n\tb␡\\x85\\u202ec"
    assert one_line("  a\n\n b ") == "a b"
    assert brief("SELECT something long", 10) == "SELECT so…"
    assert brief("short", 5) == "short"


@pytest.mark.parametrize(
    ("sql", "title"),
    [
        (
            "CREATE INDEX CONCURRENTLY i ON public.orders (user_id, created_at DESC);",
            "index on orders (user_id, created_at DESC)",
        ),
        ('CREATE UNIQUE INDEX "I" ON "Sales"."Order" (id)', 'unique index on "Sales"."Order" (id)'),
        ('CREATE INDEX i ON "public"."orders" ("user_id")', "index on orders (user_id)"),
        ('CREATE INDEX i ON "or(d" USING hash ("a)b")', 'hash index on "or(d" ("a)b")'),
        (
            "create index on only t (lower((a)::text), b) include (c) where (d > 1)",
            "index on t (lower((a)::text), b) include (c) where (d > 1)",
        ),
        ("CREATE INDEX i ON t (a", "index on t (a)"),
        ("DROP INDEX CONCURRENTLY public.i", "drop index behavior_log_user_id_created_at_idx on behavior_log"),
        ("ALTER TABLE t SET (fillfactor = 90)", "missing index on behavior_log"),
    ],
)
def test_titles(sql: str, title: str) -> None:
    assert change_title(candidate(sql)) == title


def test_a_long_statement_is_laid_out_with_its_parameters_over_few_lines() -> None:
    text = (
        "select a.first_name, a.second_name, b.third_name from first_table a join second_table b on a.id = b.id"
        " where a.b=$1 and a.d=date $2 order by a.first_name"
    )
    assert laid_out(text).splitlines() == [
        "SELECT a.first_name, a.second_name, b.third_name",
        "FROM first_table AS a",
        "JOIN second_table AS b ON a.id = b.id",
        "WHERE a.b = $1 AND a.d = CAST($2 AS DATE)",
        "ORDER BY a.first_name",
    ]


def test_a_short_statement_keeps_its_line() -> None:
    assert laid_out("select a from t where b=$1") == "select a from t where b=$1"


@pytest.mark.parametrize("text", [WEEKLY_ACTIVITY, COURSE_LIST, RECENT_BEHAVIOUR, INVOICES, LINES])
def test_laying_out_changes_nothing_but_blanks_and_spelling(text: str) -> None:
    assert fingerprint(laid_out(text)) == fingerprint(text)


def test_a_text_over_several_lines_keeps_them() -> None:
    assert "a,\n  b" in laid_out(LINES)


@pytest.mark.parametrize("text", ["SELECT FROM WHERE (", "SELECT '$1' || $1", "SELECT " + "1," * 20_000 + "1"])
def test_a_statement_that_cannot_be_laid_out_is_shown_as_it_is(text: str) -> None:
    assert laid_out(text) == text


def test_highlighting_keeps_every_character_and_marks_nothing_inside_quotes() -> None:
    sql = """SELECT "from", 'where $1 <b>' -- and "x"\nFROM t WHERE a=$12 AND b<>$1"""
    marked = highlighted(sql)
    assert marked.striptags().split() == sql.split()
    assert '<span class="sql-text">&#39;where $1 &lt;b&gt;&#39;</span>' in marked
    assert '<span class="sql-parameter">$12</span>' in marked
    assert '<span class="sql-comment">-- and &#34;x&#34;</span>' in marked
    assert "<b>" not in marked


def test_the_axis_is_logarithmic_from_a_ratio_of_twenty() -> None:
    near, far = runs_chart(evidence((100.0, 90.0), (5.0, 6.0))), runs_chart(evidence((100.1, 90.0), (5.0, 6.0)))
    assert near is not None
    assert far is not None
    assert not near.logarithmic
    assert far.logarithmic
    assert [tick.label for tick in near.ticks] == ["0", "25 ms", "50 ms", "75 ms", "100 ms"]
    assert [tick.label for tick in far.ticks] == ["1 ms", "10 ms", "100 ms", "1 s"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((211.0, 214.0, 209.0), (0.36, 0.41)),
        ((1.0,), (1.0,)),
        ((0.0, 0.0), (0.0,)),
        ((1_000.0,), (1.0,)),
        ((1e-9,), (1e7,)),
        ((30_000.0,), (0.0,)),
    ],
)
def test_every_mark_lies_inside_the_chart_in_the_order_of_its_time(
    before: tuple[float, ...], after: tuple[float, ...]
) -> None:
    chart = runs_chart(evidence(before, after))
    assert chart is not None
    first, second = chart.lanes
    pairs = sorted(zip((*before, *after), (run.left for run in (*first.runs, *second.runs)), strict=True))
    lefts = [left for _, left in pairs]
    assert lefts == sorted(lefts)
    assert all(4.0 <= mark.left <= 96.0 for mark in (*first.runs, *second.runs, *chart.ticks))
    assert 2 <= len(chart.ticks) <= 8


def test_without_runs_on_both_sides_there_is_no_chart() -> None:
    assert runs_chart(evidence((1.0,), ())) is None
    assert runs_chart(replace(evidence((1.0,), (1.0,)), after=None)) is None


def test_the_median_s_label_stands_beside_the_runs() -> None:
    chart = runs_chart(evidence((95.0, 90.0, 99.0), (20.0, 30.0, 25.0)))
    assert chart is not None
    before, after = chart.lanes
    assert before.label_on_left
    assert before.label_left == min(run.left for run in before.runs)
    assert not after.label_on_left
    assert after.label_left == max(run.left for run in after.runs)


def node(
    kind: str, *children: PlanNode, rows: float = 1, got: float | None = None, ms: float | None = None, cost: float = 1
) -> PlanNode:
    return PlanNode(kind, None, None, (), cost, rows, got, ms, None if got is None else 1.0, None, children)


def proof(before: PlanNode, after: PlanNode) -> Evidence:
    base = evidence((1.0,), (1.0,))
    assert base.after is not None
    return replace(base, before=replace(base.before, plan=before), after=replace(base.after, plan=after))


def test_a_node_is_weighed_by_its_own_time() -> None:
    scan = node("Seq Scan", got=1, ms=90)
    before, after = plan_views(proof(node("Sort", scan, got=1, ms=100), node("Index Scan", got=1, ms=1)))
    assert after is not None
    assert (before.figure, before.own_share, before.hot) == ("10 ms", 0.1, False)
    assert (before.children[0].own_share, before.children[0].hot) == (0.9, True)
    assert after.own_share == 1.0
    assert not after.hot, "next to 100 ms one millisecond is not expensive"


def test_a_plan_that_was_not_timed_is_weighed_by_cost() -> None:
    before, after = plan_views(proof(node("Limit", node("Seq Scan", cost=99), cost=9), node("Index Scan", got=1, ms=5)))
    assert after is not None
    assert (before.figure, before.hot) == ("cost 0", False)
    assert (before.children[0].figure, before.children[0].hot) == ("cost 99", True)
    assert after.hot, "cost and time cannot be compared"


def test_parallel_children_that_took_longer_than_their_parent_give_no_negative_time() -> None:
    before, _ = plan_views(
        proof(node("Gather", node("Parallel Seq Scan", got=1, ms=198), got=1, ms=70), node("Result"))
    )
    assert before.own_share == 0.0
    assert before.children[0].own_share == 1.0


def test_wrong_estimates_are_told_but_not_below_a_limit_that_stopped_them() -> None:
    cut = node("Limit", node("Sort", node("Seq Scan", rows=5_000, got=10), rows=400, got=20), rows=20, got=20)
    before, after = plan_views(proof(cut, node("Seq Scan", rows=3, got=1_204)))
    assert after is not None
    assert before.wrong_rows is None
    assert before.children[0].wrong_rows is None
    assert before.children[0].children[0].wrong_rows == "500\N{MULTIPLICATION SIGN} fewer than estimated", (
        "a sort reads all"
    )
    assert after.wrong_rows == "401\N{MULTIPLICATION SIGN} more than estimated"


def test_each_statement_s_saving_counts_once_and_only_when_proven() -> None:
    audit = example_audit()
    twice = replace(audit, recommendations=(audit.recommendations[0], *audit.recommendations))
    assert figures(twice).saved_ms == figures(audit).saved_ms
    gain = audit.recommendations[0].gain_percent
    assert gain is not None
    first = figures(audit).statements[0]
    assert first.saved_ms == pytest.approx(S_RECENT.total_ms * gain / 100)
    assert first.after == pytest.approx(S_RECENT.share * (1 - gain / 100))
    unproven = next(item for item in figures(audit).statements if item.finding.outcome.value == "unproven")
    assert unproven.after is None
    assert unproven.saved_ms == 0.0


def test_a_rejected_change_saves_nothing() -> None:
    audit = example_audit()
    rejected = next(item for item in figures(audit).statements if item.finding.outcome.value == "rejected")
    assert rejected.after is None


def together(gain_from: float, gain_to: float, *, used: bool) -> Evidence:
    return replace(evidence((gain_from,), (gain_to,)), object_used=used)


def test_a_plan_that_uses_no_change_is_neither_faster_nor_slower() -> None:
    audit = example_audit()
    findings = (replace(audit.findings[0], together=together(1.0, 1.6, used=False)), *audit.findings[1:])
    first = figures(replace(audit, findings=findings)).statements[0]
    assert (first.after, first.saved_ms, first.slower) == (None, 0.0, False)


@pytest.mark.parametrize(("now", "slower"), [(1.19, False), (1.21, True)])
def test_a_statement_that_the_changes_make_slower_counts_against_them(now: float, slower: bool) -> None:
    audit = example_audit()
    findings = (replace(audit.findings[0], together=together(1.0, now, used=True)), *audit.findings[1:])
    numbers = figures(replace(audit, findings=findings))
    assert numbers.statements[0].saved_ms < 0
    assert numbers.statements[0].slower is slower
    assert len(numbers.slower) == slower
    assert numbers.saved_ms < figures(audit).saved_ms


def tried(*, used: bool, before: float, after: float) -> Evidence:
    return replace(evidence((before,), (after,)), object_used=used, sets_ms=((before, after),), held_for=1, tried_for=1)


def test_the_reasons_of_the_selection_are_grouped() -> None:
    first = example_audit().recommendations[0].candidate
    names = ("best", "worse", "unused", "small")
    candidates = [replace(first, key=name, object_name=f"{name}_idx") for name in names]
    results = {
        "best": tried(used=True, before=100, after=1),
        "worse": tried(used=True, before=100, after=40),
        "unused": tried(used=False, before=100, after=100),
        "small": tried(used=True, before=100, after=90),
    }
    chosen = select(candidates, {name: {"s": found} for name, found in results.items()}, {"s": 1_000.0})
    assert chosen.chosen == ("best",)
    told = {name: general_reason(f"Nothing to do: {reason}.") for name, reason in chosen.reasons.items()}
    assert told == {
        "worse": "another change serves the same statements as well",
        "unused": "the planner did not use it in the real run",
        "small": "the gain is not above 20 %",
    }


def test_rejected_changes_are_grouped_by_reason_the_largest_group_first() -> None:
    item = example_audit().recommendations[-1]
    steps = ("Nothing to do: others do more.", *(f"Nothing to do: its gain of {n} % is not above 20 %." for n in "123"))
    groups = by_reason([replace(item, next_step=step) for step in steps])
    assert [(group.reason, len(group.changes)) for group in groups] == [
        ("the gain is not above 20 %", 3),
        ("others do more", 1),
    ]
