"""``pgarchitect twin`` as a user runs it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from pgarchitect.workload.statement_file import FileStatement, statements_of

Cli = Callable[..., subprocess.CompletedProcess[str]]

STATEMENTS = """
-- weight: 5
SELECT * FROM behavior_logs WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2;
SELECT nonsense;
SELECT id FROM users WHERE email = 'a;b' -- the end
"""


def test_statements_of_a_file_are_split_where_they_end() -> None:
    assert statements_of("-- weight: 2.5\nSELECT ';' /* ; */, \";\";\n\n;SELECT $a$;$a$ ") == (
        FileStatement("SELECT ';'  , \";\"", 2.5),
        FileStatement("SELECT $a$;$a$", 1.0),
    )


def test_an_index_is_tried_and_a_bad_statement_does_not_stop_the_others(
    cli: Cli, edfinance: str, tmp_path: Path
) -> None:
    file = tmp_path / "q.sql"
    file.write_text(STATEMENTS, encoding="utf-8")
    index = "CREATE INDEX CONCURRENTLY ON behavior_logs (user_id, created_at)"
    done = cli("twin", "explain", edfinance, "--file", str(file), "--index", index, "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    feed, nonsense, user = report["statements"]
    assert feed["cost_after"] < 0.5 * feed["cost_before"]
    assert feed["indexes_used"] == ["behavior_logs_user_id_created_at_idx"]
    assert "does not exist" in nonsense["refusal"]
    assert user["cost_after"] == user["cost_before"]
    assert report["indexes"][0]["height"] >= 1
    assert report["indexes"][0]["size_bytes"] > 8192
    assert report["same_major"] is True
    assert (report["warnings"], report["left_out"], report["missing"]) == ([], [], [])


def test_terminal_output_tells_both_costs(cli: Cli, edfinance: str, tmp_path: Path) -> None:
    file = tmp_path / "q.sql"
    file.write_text("SELECT * FROM behavior_logs WHERE id = 5", encoding="utf-8")
    done = cli("twin", "explain", edfinance, "--file", str(file), "--without", "behavior_logs_pkey")
    assert done.returncode == 0, done.stderr
    assert "→" in done.stdout
    assert "uses no index" in done.stdout


def test_bad_input_is_one_sentence(cli: Cli, edfinance: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.sql"
    empty.write_text("-- nothing", encoding="utf-8")
    for arguments, said in (
        (("--file", str(tmp_path / "none.sql")), "cannot be read"),
        (("--file", str(empty)), "holds no statement"),
    ):
        done = cli("twin", "explain", edfinance, *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_the_shell_runs_what_it_is_given_on_a_twin_without_rows(cli: Cli, edfinance: str) -> None:
    done = cli("twin", "shell", edfinance, stdin="SELECT 'rows: ' || count(*) FROM users WHERE id > 0;\n")
    assert done.returncode == 0, done.stderr
    assert "rows: 0" in done.stdout


SKEWED = """
SELECT * FROM behavior_logs WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2;
SELECT * FROM behavior_logs WHERE created_at BETWEEN $1 AND $2;
SELECT * FROM users WHERE id = $1::macaddr::text::int;
SELECT * FROM users WHERE id = $1 THEN $2
"""


def test_every_parameter_set_is_planned_and_what_has_no_plan_says_why(cli: Cli, edfinance: str, tmp_path: Path) -> None:
    file = tmp_path / "q.sql"
    file.write_text(SKEWED, encoding="utf-8")
    index = "CREATE INDEX ON behavior_logs (created_at)"
    done = cli("twin", "explain", edfinance, "--file", str(file), "--index", index, "--format", "json")
    assert done.returncode == 0, done.stderr
    feed, between, generic, refused = json.loads(done.stdout)["statements"]
    for item in (feed, between):
        assert 2 <= len(item["scenarios"]) <= 5
        assert abs(sum(each["weight"] for each in item["scenarios"]) - 1) < 1e-6
        first = item["scenarios"][0]
        assert first["weight"] == max(each["weight"] for each in item["scenarios"])
        assert {key: item[key] for key in first if key in item} == {key: first[key] for key in first if key in item}
        assert all(len(each["parameters"]) == 2 for each in item["scenarios"])
    assert len({each["cost_after"] for each in between["scenarios"]}) > 1
    assert any(each["cost_after"] < 0.5 * each["cost_before"] for each in between["scenarios"])
    assert (generic["scenarios"][0]["scenario"], generic["parameters"]) == ("generic", [])
    assert generic["cost_after"] == generic["cost_before"] > 0
    assert "macaddr" in generic["without_values"]
    assert (refused["scenarios"], refused["cost_before"]) == ([], None)
    assert "syntax error" in refused["refusal"]

    shown = cli("twin", "explain", edfinance, "--file", str(file), "--index", index).stdout
    named = f"{first['scenario']}: $1 = {first['parameters'][0]}, $2 = {first['parameters'][1]}"
    assert f"{named}, likeliest of {len(between['scenarios'])} sets" in " ".join(shown.split())
    assert "planned for any values, as none were found: invalid input syntax for type macaddr" in shown
    assert "no plan: syntax error" in shown
    assert "1 of 4 statements could not be planned; the reason stands below each." in shown


def test_a_parameter_set_that_gets_dearer_is_named(cli: Cli, edfinance: str, tmp_path: Path) -> None:
    file = tmp_path / "q.sql"
    file.write_text("SELECT * FROM behavior_logs WHERE id BETWEEN $1 AND $2", encoding="utf-8")
    done = cli("twin", "explain", edfinance, "--file", str(file), "--without", "behavior_logs_pkey")
    assert done.returncode == 0, done.stderr
    assert "dearer for rare (" in done.stdout
