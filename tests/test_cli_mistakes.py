"""What people get wrong at first: one sentence says what it was and what to do; nothing goes wrong inside."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]

NOWHERE = "postgresql://reader:s3cret@127.0.0.1:1/shop"


def told(found: CompletedProcess[str], code: int, *words: str) -> None:
    """It ended with the code, and the last thing that it said holds the words."""
    assert found.returncode == code, found.stderr
    said = " ".join(found.stderr.replace("│", " ").split())
    for word in words:
        assert word in said
    for never in ("Traceback", "went wrong inside", "s3cret"):
        assert never not in found.stderr + found.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cleanup", NOWHERE, "--min-days", "inf"], ["--min-days", "less than or equal"]),
        (["cleanup", NOWHERE, "--min-days", "1e12"], ["--min-days", "less than or equal"]),
        (["advise", NOWHERE, "--workload", "q.sql", "--period-hours", "inf"], ["--period-hours", "less than or equal"]),
        (["advise", NOWHERE, "--period-hours", "24"], ["--period-hours", "--workload"]),
        (["log", "--limit", "99999999999999999999"], ["--limit", "less than or equal"]),
    ],
)
def test_a_number_that_cannot_be_meant(cli: Run, arguments: list[str], words: list[str]) -> None:
    told(cli(*arguments), 2, *words)


def test_a_dsn_that_is_wrong_is_named_by_its_option(cli: Run, fresh_database: str) -> None:
    told(cli("cleanup", fresh_database, "--replica", "nonsense"), 2, "The standby (--replica) cannot be used: The DSN")
    told(cli("cleanup", fresh_database, "--replica", NOWHERE), 3, "The standby (--replica) cannot be used: Cannot")
    told(
        cli("audit", fresh_database, "--sandbox", "nonsense"), 2, "The sandbox (--sandbox) cannot be used: There is no"
    )
    told(cli("audit", fresh_database, "--sandbox", "host=a b"), 2, "The sandbox (--sandbox) cannot be used: The DSN")
    told(cli("audit", fresh_database, "--sandbox", NOWHERE), 3, "The sandbox (--sandbox) cannot be used: Cannot")


@pytest.mark.parametrize(
    "index",
    [
        "CREATE INDEX ON t (a); DROP TABLE t",
        "CREATE INDEX one ON t (a); CREATE INDEX two ON t (a)",
    ],
)
def test_an_index_to_try_is_one(cli: Run, index: str) -> None:
    """It is told before a twin is built, on which the rest would be run."""
    told(cli("twin", "explain", NOWHERE, "--file", "-", "--index", index), 2, "--index takes one CREATE INDEX")


FILES = {"binary": b"\xff\xfe\x00\x01", "wide": "SELECT 1".encode("utf-16-le"), "empty": b"\n", "comment": b"-- none"}


IMPACT = ["twin", "impact", "--migration", "-"]


@pytest.mark.parametrize(
    ("command", "name", "words"),
    [
        (["advise"], "missing", "cannot be read (No such file or directory)"),
        (["cleanup"], "folder", "cannot be read (Is a directory)"),
        (["advise"], "binary", "cannot be read (it is not text in UTF-8)"),
        (IMPACT, "wide", "cannot be read (it is not text in UTF-8)"),
        (["cleanup"], "empty", "holds no statement"),
        (IMPACT, "comment", "holds no statement"),
    ],
)
def test_a_file_that_is_no_workload(cli: Run, tmp_path: Path, command: list[str], name: str, words: str) -> None:
    """It is told before the database is asked for anything."""
    file = tmp_path / name
    if name == "folder":
        file.mkdir()
    elif name in FILES:
        file.write_bytes(FILES[name])
    found = cli(*command, NOWHERE, "--workload", str(file), stdin="ALTER TABLE t ADD b int")
    told(found, 2, f"{file} {words}", "--workload" if "cannot" in words else "write some into it")


def test_a_mark_before_the_text_is_no_part_of_it(cli: Run, fresh_database: str, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("SELECT 1 AS one", encoding="utf-8-sig")
    found = cli("twin", "explain", fresh_database, "--file", str(tmp_path / "q.sql"))
    assert found.returncode == 0, found.stderr
    assert "no plan" not in found.stdout


def test_statements_come_by_standard_input(cli: Run, fresh_database: str) -> None:
    found = cli("twin", "explain", fresh_database, "--file", "-", stdin="SELECT 1 AS one")
    assert found.returncode == 0, found.stderr
    assert "SELECT 1 AS one" in found.stdout
    told(cli("advise", NOWHERE, "--workload", "-", stdin=""), 2, "Standard input holds no statement")
    told(cli("twin", "impact", NOWHERE, "--migration", "-", stdin=" "), 2, "Standard input is empty")


@pytest.mark.parametrize("weight", ["many", "-3", "1,000", ""])
def test_a_weight_that_is_no_number(cli: Run, weight: str) -> None:
    found = cli("advise", NOWHERE, "--workload", "-", stdin=f"SELECT 1;\n-- weight: {weight}\nSELECT 2;")
    told(found, 2, f'"{f"-- weight: {weight}".strip()}" is no weight')


def test_weights_that_are_all_nothing(cli: Run) -> None:
    found = cli("advise", NOWHERE, "--workload", "-", stdin="-- weight: 0\nSELECT 1;\n-- weight: 0\nSELECT 2;")
    told(found, 2, "Every statement of the workload has weight 0")


def test_where_no_statement_can_be_planned_that_is_what_is_said(cli: Run, fresh_database: str) -> None:
    wrong = "SELECT * FROM nowhere WHERE a = $1; SELEKT 1 2"
    advice = cli("advise", fresh_database, "--workload", "-", stdin=wrong)
    assert advice.returncode == 0, advice.stderr
    told_first, *others = " ".join(advice.stdout.split()).partition(".")
    assert told_first == "None of the 2 statements could be planned, so no index was looked for"
    rest = "".join(others)
    assert 'Statement 1 could not be planned: relation "nowhere" does not exist' in rest
    assert "Statement 2 could not be planned: our parser does not understand its syntax (" in rest
    assert "considered" not in rest


def test_an_impact_of_nothing_that_can_be_planned_says_so(cli: Run, fresh_database: str, tmp_path: Path) -> None:
    (tmp_path / "w.sql").write_text("SELECT * FROM nowhere", encoding="utf-8")
    arguments = ("twin", "impact", fresh_database, "--workload", str(tmp_path / "w.sql"), "--migration", "-")
    found = cli(*arguments, stdin="CREATE TABLE t (a int)")
    assert found.returncode == 0, found.stderr
    assert "Nothing is known of the impact: no statement could be compared." in " ".join(found.stdout.split())
