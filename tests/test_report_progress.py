"""Progress: live on a terminal, one line a step elsewhere, never on standard output."""

import io
import os
import subprocess
import sys

import pytest
from rich.console import Console

from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.report.progress import Progress


def two_steps(listener: ProgressListener) -> None:
    listener.step(1, "Collect the workload")
    listener.done("13 of 412 statements")
    listener.step(2, "Prove", total=3)
    listener.advance(note="index on a [x]")
    listener.advance(2)
    listener.done("3 tried")


def test_elsewhere_each_finished_step_is_one_plain_line() -> None:
    output = io.StringIO()
    with Progress(Console(file=output, width=20)) as progress:
        two_steps(progress)
    first, second = output.getvalue().splitlines()
    assert first.startswith("[1/7] Collect the workload: 13 of 412 statements (")
    assert second.startswith("[2/7] Prove: 3 tried (")
    assert second.endswith(" ms)")


def test_it_writes_to_standard_error_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        two_steps(progress)
    written = capfd.readouterr()
    assert written.out == ""
    assert written.err.count("\n") == 2


def test_quiet_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=True) as progress:
        two_steps(progress)
    assert capfd.readouterr() == ("", "")


def test_quiet_says_nothing_on_a_terminal_either() -> None:
    output = io.StringIO()
    with Progress(Console(file=output, force_terminal=True), quiet=True) as progress:
        two_steps(progress)
    assert output.getvalue() == ""


def test_on_a_terminal_the_running_step_is_live_and_finished_ones_stay() -> None:
    output = io.StringIO()
    with Progress(Console(file=output, force_terminal=True, width=100, color_system=None)) as progress:
        two_steps(progress)
    text = output.getvalue()
    assert "✓ 1/7 Collect the workload" in text
    assert "13 of 412 statements" in text
    assert "✓ 2/7 Prove" in text
    assert "\x1b[?25l" in text, "the cursor is hidden while it is live"
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "and shown again at the end"


def test_standard_output_stays_its_own_while_it_is_live(capsys: pytest.CaptureFixture[str]) -> None:
    output = io.StringIO()
    with Progress(Console(file=output, force_terminal=True)) as progress:
        progress.step(1, "One")
        print("the report")
    assert capsys.readouterr().out == "the report\n"
    assert "the report" not in output.getvalue()


def test_a_step_that_an_error_cut_short_says_so_and_the_error_goes_on() -> None:
    output = io.StringIO()

    def cut_short() -> None:
        with Progress(Console(file=output, width=80)) as progress:
            progress.step(5, "Prove", total=9)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_short()
    assert output.getvalue().startswith("[5/7] Prove: interrupted (")


def test_a_step_that_was_not_finished_is_finished_by_the_next_and_by_the_end() -> None:
    output = io.StringIO()
    with Progress(Console(file=output, width=80)) as progress:
        progress.step(1, "One")
        progress.step(2, "Two")
    assert [line.split(" (")[0] for line in output.getvalue().splitlines()] == ["[1/7] One", "[2/7] Two"]


def test_advancing_or_finishing_outside_a_step_is_harmless() -> None:
    output = io.StringIO()
    with Progress(Console(file=output)) as progress:
        progress.advance()
        progress.done("nothing")
    assert output.getvalue() == ""


def test_a_terminal_that_cannot_show_a_tick_does_not_end_the_audit() -> None:
    code = "from pgarchitect.report.progress import Progress\nwith Progress() as p:\n p.step(1, 'Ä')\n p.done('ü')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:backslashreplace"}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr.decode()
    assert ended.stderr.startswith(rb"[1/7] \xc4: \xfc (")
