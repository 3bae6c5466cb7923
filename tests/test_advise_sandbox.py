"""``pgarchitect advise --sandbox``: the planner's gain and the measured one, apart; what real runs do not want goes."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgarchitect.postgres.embedded import EmbeddedServer
from tests.audit_lab import command, fetch, nobody_of_ours, run
from tests.test_checking import KIND, RECENT, SCHEMA, TRAPPED

Cli = Callable[..., subprocess.CompletedProcess[str]]
WORKLOAD = f"{KIND};\n-- weight: 3\n{TRAPPED};\n{RECENT};\nSELECT pg_sleep(0) FROM events WHERE kind = 3;\n"


@pytest.fixture
def places(fresh_database: str, server: EmbeddedServer) -> Iterator[tuple[str, str]]:
    """A database and its copy."""
    run(fresh_database, *SCHEMA.split(";\n"))
    name = str(psycopg.conninfo.conninfo_to_dict(fresh_database)["dbname"])
    run(server.url(), f"CREATE DATABASE {name}_copy TEMPLATE {name}")
    yield fresh_database, server.url(f"{name}_copy")
    run(server.url(), f"DROP DATABASE {name}_copy WITH (FORCE)")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "workload.sql"
    path.write_text(WORKLOAD, encoding="utf-8")
    return str(path)


def objects(url: str) -> list[tuple[Any, ...]]:
    return fetch(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1")


def test_what_was_planned_and_what_was_measured_stand_apart(places: tuple[str, str], file: str, cli: Cli) -> None:
    target, sandbox = places
    before = objects(sandbox)
    arguments = ("advise", target, "--workload", file, "--budget", "6MB", "--runs", "3")
    done = cli(*arguments, "--sandbox", sandbox, "--format", "json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    measured = told["measured"]
    assert measured["planner_gain"] > 0.1  # of the repaired set
    assert measured["measured_gain"] > 0
    (removed,) = measured["removed"]
    assert "(at)" in removed["ddl"]
    assert removed["reason"].startswith("It makes statement 2 ")
    assert "statement 3 takes" in removed["reason"]
    assert not any("(at)" in each["ddl"] for each in told["indexes"])
    by_number = {each["number"]: each for each in measured["statements"]}
    assert {number: each["change"] for number, each in by_number.items()} == {
        1: "faster",
        2: "same plan",
        3: "same plan",
    }
    assert by_number[1]["before"]["least_ms"] <= by_number[1]["before"]["ms"] <= by_number[1]["before"]["most_ms"]
    assert by_number[1]["after"]["blocks"] < by_number[1]["before"]["blocks"]
    assert by_number[1]["after"]["cost"] < by_number[1]["before"]["cost"]
    assert [each["number"] for each in measured["not_run"]] == [4]
    assert "pg_sleep" in measured["not_run"][0]["reason"]
    assert [each["name"] for each in measured["indexes"]] == [each["name"] for each in told["indexes"]]
    assert objects(sandbox) == objects(target) == before
    assert json.loads(cli(*arguments, "--format", "json").stdout)["measured"] is None


def test_a_person_reads_both_gains_and_what_went(places: tuple[str, str], file: str, cli: Cli) -> None:
    target, sandbox = places
    done = cli("advise", target, "--workload", file, "--budget", "6MB", "--sandbox", sandbox, env={"COLUMNS": "200"})
    assert done.returncode == 0, done.stderr
    assert "by the planner's word" in done.stdout
    assert "Measured on database" in done.stdout
    assert "where its planner expects" in done.stdout
    assert "Taken out after real runs: CREATE INDEX CONCURRENTLY events_at_idx" in done.stdout
    assert "Statement 4 was not measured. It was not run: it calls pg_sleep()" in done.stdout


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"application_name": "other"}, "The sandbox is the audited database itself under another name"),
        ({"dbname": "postgres"}, "The sandbox lacks public.events; restore a copy"),
        ({"dbname": "no_such_database"}, "The sandbox (--sandbox) cannot be used"),
    ],
)
def test_a_sandbox_that_will_not_do_is_one_sentence(
    places: tuple[str, str], file: str, cli: Cli, given: dict[str, str], words: str
) -> None:
    target, _ = places
    done = cli("advise", target, "--workload", file, "--sandbox", make_conninfo(target, **given))
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_nothing_is_left_of_a_check_that_was_killed(
    places: tuple[str, str], file: str, tmp_path: Path, server: EmbeddedServer
) -> None:
    target, sandbox = places
    before = objects(sandbox)
    arguments = ("advise", target, "--workload", file, "--sandbox", sandbox, "--runs", "100")
    with command(tmp_path, "pgarchitect", *arguments, env={}) as process:
        process.wait_until_told("sandbox: statement 1 with")
        process.send(signal.SIGKILL)
        process.wait()
    nobody_of_ours(server.url())
    assert objects(sandbox) == before
    run(sandbox, "UPDATE events SET note = note WHERE id = 1")  # no lock is left either
