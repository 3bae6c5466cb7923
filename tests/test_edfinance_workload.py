"""The sample application at work: every statement shows in the server's statistics, and no row stays behind."""

import re
import subprocess
import sys
from collections import Counter

import pytest

from examples.edfinance import generate, workload
from pgarchitect.errors import MissingCapability, UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.marker import MARKER


def shape(text: str) -> str:
    """A statement without its values, whichever way they are written."""
    bare = re.sub(r"%\(\w+\)s|\$\d+|'[^']*'|\b\d+\b", "?", text.replace("/*, ... */", "").replace(f" {MARKER}", ""))
    return re.sub(r"\(\s*\?(, ?\s*\?)*\s*\)", "(?)", re.sub(r"\s+", " ", bare))


def calls(url: str) -> Counter[str]:
    """How often the server saw each shape of statement in this database."""
    counted: Counter[str] = Counter()
    with connect(url) as connection:
        rows = connection.execute(
            "SELECT query, calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
            " WHERE d.datname = current_database()"
        ).fetchall()
    for text, times in rows:
        counted[shape(text)] += times
    return counted


def row_counts(url: str) -> dict[str, int]:
    """Rows of each table of the sample."""
    found = {}
    with connect(url) as connection:
        for table in generate.TABLES:
            row = connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
            assert row is not None
            found[table.name] = row[0]
    return found


def test_every_statement_is_seen_by_the_server(edfinance: str) -> None:
    workload.reset_statistics(edfinance)
    workload.run(edfinance)
    seen = calls(edfinance)
    shapes = {statement.name: shape(statement.sql) for statement in workload.STATEMENTS}
    assert len(set(shapes.values())) == len(workload.STATEMENTS) >= 30
    assert {name: text for name, text in shapes.items() if seen[text] < 10} == {}


def test_running_again_leaves_the_rows_as_they_were(edfinance: str) -> None:
    before = row_counts(edfinance)
    workload.run(edfinance, seed=1)
    workload.run(edfinance, seed=2)
    assert row_counts(edfinance) == before


def test_the_same_seed_sends_the_same_calls(edfinance: str) -> None:
    runs = []
    for _ in range(2):
        workload.reset_statistics(edfinance)
        workload.run(edfinance, seed=5)
        seen = calls(edfinance)
        runs.append({statement.name: seen[shape(statement.sql)] for statement in workload.STATEMENTS})
    assert runs[0] == runs[1]


def test_rounds_repeat_the_mixture(edfinance: str) -> None:
    workload.reset_statistics(edfinance)
    workload.run(edfinance, rounds=2)
    reads = {statement.name: statement for statement in workload.STATEMENTS if not statement.writes}
    seen = calls(edfinance)
    assert {name: seen[shape(each.sql)] for name, each in reads.items()} == {
        name: 2 * each.calls for name, each in reads.items()
    }


def test_values_are_sent_both_ways() -> None:
    reads = [statement for statement in workload.STATEMENTS if not statement.writes]
    assert {statement.inlined for statement in reads} == {True, False}
    assert all(statement.purpose.endswith(".") for statement in workload.STATEMENTS)


def test_a_reset_forgets_this_database_only(edfinance: str, fresh_database: str) -> None:
    for url in (edfinance, fresh_database):
        with connect(url) as connection:
            connection.execute("SELECT 4711 + 4712, count(*) FROM pg_class")
    workload.reset_statistics(edfinance)
    probe = shape("SELECT 4711 + 4712, count(*) FROM pg_class")
    assert not any(probe in text for text in calls(edfinance))
    assert any(probe in text for text in calls(fresh_database))


def test_a_reset_needs_the_extension(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")
    with pytest.raises(MissingCapability, match="pg_stat_statements"):
        workload.reset_statistics(fresh_database)


def test_a_database_without_the_sample_is_refused(fresh_database: str) -> None:
    with pytest.raises(UsageError, match="does not hold the sample; load it first"):
        workload.run(fresh_database)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m examples.edfinance`` as a process of its own."""
    call = [sys.executable, "-m", "examples.edfinance", *arguments]
    return subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)


def test_the_commands_load_and_run(fresh_database: str) -> None:
    loaded = command("load", fresh_database, "--scale", "0.02")
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert "behavior_logs: 4,000 rows" in loaded.stdout
    ran = command("run", fresh_database)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"{len(workload.STATEMENTS)} different statements" in ran.stdout


def test_an_error_is_one_sentence(fresh_database: str) -> None:
    failed = command("run", fresh_database)
    assert failed.returncode == UsageError.exit_code
    assert failed.stderr.strip().endswith("load it first.")
    assert len(failed.stderr.strip().splitlines()) == 1
