"""``pgarchitect advise`` on the sample application: what it promises holds when the indexes are really built."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgarchitect import workbench
from pgarchitect.advising import Wanted, advise
from pgarchitect.postgres.connection import connect
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.index_choice import Choice, Limits, choose
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import Configuration, Generic, Plan, PlannerTwin, Unplannable

SCHEMA = Path(__file__).parent.parent / "examples" / "edfinance" / "schema.prisma"
WORKLOAD = (
    Wanted("SELECT id, event_type FROM behavior_logs WHERE user_id = 17 ORDER BY created_at DESC LIMIT 20", 50.0),
    Wanted("SELECT count(*) FROM behavior_logs WHERE session_id = '00000000-0000-0000-0000-000000000001'", 20.0),
    Wanted(
        "SELECT event_type, count(*) FROM behavior_logs WHERE created_at > now() - interval '7 days' GROUP BY 1", 5.0
    ),
    Wanted("SELECT c.id FROM courses c JOIN lessons l ON l.course_id = c.id WHERE position = 3 AND price > 10", 10.0),
    Wanted("SELECT user_id FROM enrolments WHERE course_id = $1 AND status = $2", 30.0, 4.0),
)
LIMITED = Limits(size_bytes=600_000)


def advised(url: str, settings: Settings, workload: tuple[Wanted, ...] = WORKLOAD, limits: Limits = LIMITED) -> Advice:
    return advise(url, workload, limits, settings, lambda _: None)


def really_built(url: str, advice: Advice) -> tuple[float, int]:
    """Weighted cost and size when the advised indexes stand in the database."""
    with connect(url, read_only=False) as connection:
        for index in advice.indexes:
            connection.execute(index.ddl.replace("CONCURRENTLY ", "").encode())
        (size,) = connection.execute(
            "SELECT coalesce(sum(pg_relation_size(to_regclass(name))), 0) FROM unnest(%s::text[]) AS name",
            ([each.name for each in advice.indexes],),
        ).fetchone() or (0,)
        total = 0.0
        for each in advice.statements:
            if not each.parameters:
                row = connection.execute(f"EXPLAIN (FORMAT JSON) {each.text}".encode()).fetchone()
                assert row is not None
                total += each.weight * row[0][0]["Plan"]["Total Cost"]
        return total, int(size)


def test_costs_and_sizes_hold_when_it_is_built_and_the_database_was_only_read(
    edfinance: str, settings: Settings
) -> None:
    plain = tuple(each for each in WORKLOAD if "$1" not in each.text)
    found = advised(edfinance, settings, plain)
    assert found.indexes
    assert found.cost_with_all <= found.cost_after < 0.6 * found.cost_before
    assert found.optimality_gap <= 0.02
    assert not any(each.refusal for each in found.statements)
    cost, size = really_built(edfinance, found)
    assert cost == pytest.approx(found.cost_after, rel=0.02)
    assert size <= 600_000
    assert size == pytest.approx(found.size_bytes, rel=0.15)


def test_a_statement_that_the_twin_cannot_plan_does_not_spoil_the_others(
    edfinance: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_each = PlannerTwin.plan_each

    def failing(
        twin: PlannerTwin, wanted: Sequence[tuple[Configuration, Sequence[str | Generic]]]
    ) -> list[list[Plan | Unplannable]]:
        return [
            [
                Unplannable("no room") if "session_id" in str(text) else plan
                for text, plan in zip(texts, row, strict=True)
            ]
            for (_, texts), row in zip(wanted, plan_each(twin, wanted), strict=True)
        ]

    monkeypatch.setattr(PlannerTwin, "plan_each", failing)
    found = advised(edfinance, settings)
    assert found.statements[1].refusal == "no room"
    assert not any(each.refusal for each in (found.statements[0], *found.statements[2:]))
    assert found.cost_after < found.cost_before
    assert not any("session_id" in each.ddl for each in found.indexes)


def test_the_choice_is_made_again_only_when_the_planner_said_something_new(
    edfinance: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices: list[Choice] = []

    def counted(*problem: Any) -> Choice:  # noqa: ANN401  # handed on
        choices.append(choose(*problem))
        return choices[-1]

    monkeypatch.setattr(workbench, "choose", counted)
    advised(edfinance, settings)
    assert [each.chosen for each in choices] == list({each.chosen: None for each in choices})


def test_a_larger_budget_is_never_worse_and_none_means_no_index(edfinance: str, settings: Settings) -> None:
    found = [advised(edfinance, settings, limits=Limits(size_bytes=size)) for size in (1, 600_000)]
    assert found[0].indexes == ()
    assert found[0].cost_after == found[0].cost_before
    costs = [each.cost_after for each in found]
    assert costs == sorted(costs, reverse=True)


def test_the_order_of_the_workload_changes_nothing(edfinance: str, settings: Settings) -> None:
    there, back = advised(edfinance, settings), advised(edfinance, settings, WORKLOAD[::-1])
    assert not any(each.refusal for each in there.statements)
    assert [each.ddl for each in there.indexes] == [each.ddl for each in back.indexes]
    assert there.cost_after == pytest.approx(back.cost_after)


def test_no_more_indexes_than_asked_for(edfinance: str, settings: Settings) -> None:
    assert len(advised(edfinance, settings, limits=Limits(count=1)).indexes) == 1


def test_statements_that_cannot_be_planned_do_not_spoil_the_rest(edfinance: str, settings: Settings) -> None:
    bad = (Wanted("SELECT * FROM nowhere", 1.0), Wanted("SELEKT 1", 1.0), *WORKLOAD[:1])
    found = advised(edfinance, settings, bad)
    assert [bool(each.refusal) for each in found.statements] == [True, True, False]
    assert found.indexes[0].statements == (3,)


def test_how_many_rows_a_statement_of_a_file_returns_is_not_known(fresh_database: str, settings: Settings) -> None:
    """It is not taken to return none, as if only rare values were asked for."""
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE TABLE jobs (id int PRIMARY KEY, state text)")
        connection.execute(
            "INSERT INTO jobs SELECT i, CASE WHEN i % 50 > 4 THEN 'done' WHEN i % 50 > 0 THEN 'open' ELSE 'lost' END"
            " FROM generate_series(1, 20000) i"
        )
        connection.execute("ANALYZE jobs")
    text = "SELECT id FROM jobs WHERE state = $1"
    found = [
        advised(fresh_database, settings, (wanted,)).statements[0].parameters
        for wanted in (Wanted(text, 1.0), Wanted(text, 1.0, 0.2))
    ]
    assert found == [("'done'",), ("'lost'",)]


def test_the_command_reads_a_file_with_weights(
    edfinance: str, cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    file = tmp_path / "workload.sql"
    file.write_text(f"-- weight: 7\n{WORKLOAD[0].text};\n{WORKLOAD[1].text};\n", encoding="utf-8")
    options = ("--workload", str(file), "--schema", str(SCHEMA))
    done = cli("advise", edfinance, *options, "--budget", "2MB", "--format", "json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert [each["weight"] for each in told["statements"]] == [7, 1]
    assert told["indexes"]
    assert told["size_bytes"] <= 2 * 2**20
    assert told["planner_calls"] > 0
    assert all(each["ddl"].startswith("CREATE INDEX CONCURRENTLY") for each in told["indexes"])
    assert {each["in_schema"]["model"] for each in told["indexes"]} == {"BehaviorLog"}
    said = [each["in_schema"]["line"] for each in told["indexes"] if each["in_schema"]["form"] == "attribute"]
    assert said
    shown = cli("advise", edfinance, *options)
    assert shown.returncode == 0
    assert f"In {SCHEMA}: model BehaviorLog: @@index([" in " ".join(shown.stdout.split())
    assert "Undo: DROP INDEX CONCURRENTLY" in shown.stdout


def test_the_command_reads_what_the_server_counted(
    edfinance: str, cli: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with psycopg.connect(edfinance) as application:  # what our own connections send is left out
        for number in range(30):
            application.execute("SELECT payload FROM behavior_logs WHERE user_id = %s", (number,))
    done = cli("advise", edfinance, "--format", "json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    (mine,) = [each for each in told["statements"] if "payload" in each["statement"]]
    assert mine["weight"] == 30
    assert any("(user_id" in each["ddl"] for each in told["indexes"])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--budget", "much"], "is not a size"),
        (["--workload", "/nowhere.sql"], "cannot be read"),
    ],
)
def test_bad_arguments_are_one_sentence(
    edfinance: str, cli: Callable[..., subprocess.CompletedProcess[str]], arguments: list[str], word: str
) -> None:
    done = cli("advise", edfinance, *arguments)
    assert done.returncode == 2
    assert word in done.stderr
    assert "Traceback" not in done.stderr
