"""The terminal report: fits its width, can be copied from, says everything, obeys no foreign control character."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.report.terminal import render
from tests.audit_example import example_audit


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
    before, sql_and_rest = text.split("SQL to copy\n")
    rest = sql_and_rest[sql_and_rest.index("Known from memory") :]
    assert max(map(len, (before + rest).splitlines())) <= width


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
    assert "13 slow ones of 412 seen, over 6 d 4 h" in text
    assert "took 2 min 53 s" in text


def test_each_proposal_has_a_row_with_rank_verdict_times_gain_and_confidence() -> None:
    text = rendered(example_audit(), 120)
    row = next(line for line in text.splitlines() if line.startswith("1  apply"))
    assert words(row).startswith("1 apply index on behavior_log (user_id, created_at")
    assert words(row).endswith("211 ms → 0.36 ms 99.8 % 97 % 45.1 %")


def test_a_time_out_is_told_as_a_lower_limit() -> None:
    text = rendered(example_audit(), 120)
    assert "> 30 s → 1.88 s" in text
    assert "≥ 93.7 %" in text


def test_memory_is_quoted_with_date_verdict_and_similarity() -> None:
    text = words(rendered(example_audit()))
    assert (
        "index on payment (state, created_at) 12 July 2026: apply, gain 96.2 %; similarity 0.97; log entry 41" in text
    )


def test_rejected_unhelped_and_warnings_are_told_with_their_reason() -> None:
    text = words(rendered(example_audit()))
    assert "Not worth it: the planner did not use the index" in text
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
    many = tuple(replace(audit.recommendations[-1], id=f"R-{number}") for number in range(30))
    text = words(rendered(replace(audit, recommendations=many)))
    assert text.count("Not worth it") == 6
    assert "and 24 more, listed in the HTML and JSON reports" in text


def test_a_statement_that_the_changes_make_slower_is_told() -> None:
    audit = example_audit()
    proof = audit.recommendations[0].evidence[0]
    assert proof.after is not None
    worse = replace(proof, after=replace(proof.after, times_ms=(400.0,)))
    text = words(rendered(replace(audit, findings=(replace(audit.findings[0], together=worse), *audit.findings[1:]))))
    assert "With every proposed change present, 1 statement ran slower" in text
    assert "40.7 % → 77.1 % SELECT id, session_id" in text


def test_one_unproven_proposal_does_not_claim_to_save_anything() -> None:
    audit = example_audit()
    unproven = tuple(item for item in audit.recommendations if item.verdict is Verdict.UNPROVEN)
    text = words(rendered(replace(audit, recommendations=unproven)))
    assert "1 change proposed, 0 proven by real runs." in text
    assert "cost 88,204" in text
