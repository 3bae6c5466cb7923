"""The terminal report: fits its width, can be copied from, says everything, obeys no foreign control character."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.report.terminal import render
from tests.audit_example import STARTED, example_audit


def rendered(audit: Audit, width: int = 80, *, colour: bool = False) -> str:
    output = io.StringIO()
    console = Console(file=output, width=width, force_terminal=colour, color_system="truecolor" if colour else None)
    render(audit, console)
    return output.getvalue()


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [80, 120])
def test_everything_but_the_sql_to_copy_fits_the_width(width: int) -> None:
    text = rendered(example_audit(), width)
    told = [line for line in text.splitlines() if not line.startswith(("--", "CREATE", "DROP"))]
    assert len(told) > 50
    assert max(map(len, told)) <= width


@pytest.mark.parametrize("width", [40, 80, 200])
def test_sql_is_never_broken_so_that_it_can_be_copied(width: int) -> None:
    lines = rendered(example_audit(), width).splitlines()
    for item in example_audit().recommendations:
        if item.proposed:
            assert f"{item.candidate.sql};" in lines
            assert f"-- undo: {item.candidate.rollback_sql};" in lines


def test_the_headline_states_the_key_figures() -> None:
    text = words(rendered(example_audit()))
    assert "7 changes proposed, 6 proven by real runs; together they save 78.9 % of the time" in text
    assert "13 slow ones of 412 seen, counted over 6 d 4 h" in text
    assert "took 2 min 53 s" in text


def test_each_proposal_has_a_row_with_rank_verdict_times_gain_and_confidence() -> None:
    text = rendered(example_audit(), 150)
    row = next(line for line in text.splitlines() if line.startswith("1  index"))
    assert words(row) == "1 index on behavior_log (user_id, created_at DESC) apply 211 ms → 0.36 ms 99.8 % 97 % 45.1 %"


def test_where_it_is_narrow_a_proposal_has_its_name_on_one_line_and_its_figures_below_in_columns() -> None:
    lines = rendered(example_audit(), 80).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("1  index"))
    assert lines[first].rstrip() == "1  index on behavior_log (user_id, created_at DESC)"
    assert words(lines[first + 1]) == "apply 211 ms → 0.36 ms 99.8 % 97 % 45.1 %"
    shares = [line.rstrip() for line in lines[first : first + 12] if line.rstrip().endswith("%")]
    assert len({len(line) for line in shares}) == 1, "figures stand below each other"


def test_a_time_out_is_told_as_a_lower_limit() -> None:
    text = rendered(example_audit(), 120)
    assert "> 30 s → 1.88 s" in text
    assert "≥ 93.7 %" in text


def test_memory_is_quoted_with_what_it_waits_for_gain_and_date() -> None:
    text = words(rendered(example_audit()))
    assert "wait to be applied (1) index on payment (state, created_at) 96.2 % 2026-07-12" in text
    assert "1 more of earlier audits waits to be applied" in text


def earlier_only(applied: int) -> Audit:
    """The example with three changes of earlier audits and no new one, ``applied`` of them in force."""
    audit = example_audit()
    (item,) = (each for each in audit.recommendations if each.known_from)
    source = item.known_from
    assert source is not None
    three = tuple(
        replace(item, id=f"R-{number}", known_from=replace(source, applied_at=STARTED if number < applied else None))
        for number in range(3)
    )
    return replace(audit, recommendations=three)


@pytest.mark.parametrize(
    ("applied", "lead", "row"),
    [
        (0, "3 changes of earlier audits wait to be applied; nothing new", "3 wait to be applied, 0 in force"),
        (
            2,
            "1 change of earlier audits waits to be applied, 2 are in force; nothing new",
            "1 waits to be applied, 2 in force",
        ),
        (3, "3 changes of earlier audits are known, 3 are in force; nothing new", "0 wait to be applied, 3 in force"),
    ],
)
def test_an_audit_without_news_says_what_still_waits(applied: int, lead: str, row: str) -> None:
    text = rendered(earlier_only(applied))
    assert f"{lead} is proposed." in words(text)
    assert row in words(text)
    assert text.count("CREATE INDEX") == 3 - applied, "the SQL of what is in force is not to be run again"


def test_rejected_unhelped_and_warnings_are_told_with_their_reason() -> None:
    text = words(rendered(example_audit()))
    assert "1 \N{MULTIPLICATION SIGN} Not worth it: the planner did not use the index" in text
    assert "index on buddy_group (open, locale)" in text
    assert "An insert is not made faster by an index" in text
    assert "track_io_timing is off" in text


def test_without_colour_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in rendered(example_audit())


def test_no_color_keeps_the_report_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    output = io.StringIO()
    render(example_audit(), Console(file=output, width=80, force_terminal=True))
    assert "\x1b[3" not in output.getvalue()
    assert "apply" in output.getvalue()


def test_colour_marks_verdicts_on_a_terminal() -> None:
    assert "\x1b[1;32mapply" in rendered(example_audit(), 120, colour=True)


def test_control_characters_of_a_statement_are_shown_and_not_obeyed() -> None:
    audit = example_audit()
    worst = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
    findings = tuple(
        replace(item, note=worst, statement=replace(item.statement, text=worst)) for item in audit.findings
    )
    recommendations = tuple(
        replace(
            item,
            next_step=worst,
            candidate=replace(item.candidate, sql=f"CREATE INDEX x ON {worst}(a)", rollback_sql=worst),
        )
        for item in audit.recommendations
    )
    text = rendered(replace(audit, findings=findings, recommendations=recommendations, warnings=(worst,)))
    assert not set(text) & set("\x1b\x07\x9b\u202e")
    assert "␛]0;owned␇" in text


def test_markup_in_names_is_not_obeyed() -> None:
    audit = replace(example_audit(), warnings=("[bold]careful[/bold] [/]",), database="[red]db")
    text = rendered(audit)
    assert "[bold]careful[/bold] [/]" in text
    assert "[red]db on" in text


def test_a_line_end_cannot_leave_the_comments_of_the_sql_to_copy() -> None:
    audit = example_audit()
    evil = replace(
        audit.recommendations[0],
        next_step="Fine.\nDROP TABLE payment;",
        candidate=replace(audit.recommendations[0].candidate, rollback_sql="DROP INDEX a\n;DROP TABLE payment;"),
    )
    lines = rendered(replace(audit, recommendations=(evil,))).splitlines()
    dropping = [line for line in lines if "DROP TABLE payment" in line]
    assert dropping
    assert all(line.startswith("--") for line in dropping)


def test_an_audit_that_found_nothing_says_so() -> None:
    audit = example_audit()
    nothing = replace(
        audit,
        recommendations=(),
        findings=(),
        warnings=(),
        proven_on=None,
        workload=replace(audit.workload, statements=(), since=None, total_ms=0.0),
    )
    text = words(rendered(nothing))
    assert "No change is proposed for the 0 slow statements." in text
    assert "since an unknown time" in text
    assert "What to do" not in text


def test_many_rejected_changes_do_not_bury_the_rest() -> None:
    audit = example_audit()
    many = tuple(
        replace(
            audit.recommendations[-1],
            id=f"R-{number}",
            next_step=f"Nothing to do: i_{number}_idx serves the same statements at least as well.",
        )
        for number in range(30)
    )
    text = words(rendered(replace(audit, recommendations=many)))
    assert "Tried and rejected: 30 changes" in text
    assert "30 \N{MULTIPLICATION SIGN} another change serves the same statements as well" in text


def test_warnings_stand_before_the_first_table() -> None:
    text = rendered(example_audit())
    assert text.index("track_io_timing is off") < text.index("What to do")


def test_a_next_step_that_all_share_is_told_once() -> None:
    audit = example_audit()
    unproven = next(item for item in audit.recommendations if item.verdict is Verdict.UNPROVEN)
    some = tuple(
        replace(unproven, id=f"R-{number}", next_step=f"At most {number} % is at stake. Prove it first.")
        for number in range(5)
    )
    lines = rendered(replace(audit, recommendations=some)).splitlines()
    assert "-- unproven (1 to 5): Prove it first." in lines
    assert "-- 3: At most 2 % is at stake." in lines


def test_a_statement_that_the_changes_make_slower_is_told() -> None:
    audit = example_audit()
    proof = audit.recommendations[0].evidence[0]
    assert proof.after is not None
    worse = replace(proof, after=replace(proof.after, times_ms=(400.0,)))
    text = words(rendered(replace(audit, findings=(replace(audit.findings[0], together=worse), *audit.findings[1:]))))
    assert "With every proposed change present, 1 statement ran slower" in text
    assert "40.7 % → 77.1 % SELECT id, session_id" in text
    assert "its plan then uses behavior_log_user_id_created_at_idx" in text


def test_one_unproven_proposal_does_not_claim_to_save_anything() -> None:
    audit = example_audit()
    unproven = tuple(item for item in audit.recommendations if item.verdict is Verdict.UNPROVEN)
    text = words(rendered(replace(audit, recommendations=unproven)))
    assert "1 change proposed, 0 proven by real runs." in text
    assert "cost 88,204" in text


def test_the_twin_tells_what_it_cost_and_which_changes_it_is_unsure_of() -> None:
    text = words(rendered(example_audit(), 150))
    assert "Planner twin read 402 kB of the database in 163 statements" in text
    assert 'Less sure (7): The twin lacks "public"."payment", which the statement reads.' in text
    assert "Planner twin" not in words(rendered(replace(example_audit(), twin=None)))
