"""``pgarchitect twin impact`` as a user runs it."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgarchitect.recommendations.impact import Form, Impact, Limits, Outcome, breaches, effect_of
from pgarchitect.twin.migrated import Migrated
from pgarchitect.twin.plan import Plan

Cli = Callable[..., subprocess.CompletedProcess[str]]

MIGRATION = """-- CreateIndex
CREATE INDEX "comments_post_id_idx" ON "comments"("post_id");

-- DropIndex
DROP INDEX "wallets_user_id_key";

-- AlterTable
ALTER TABLE "social_posts" DROP COLUMN "tags";
ALTER TABLE "users" RENAME TO "people";

-- AlterTable
ALTER TABLE "notifications" ALTER COLUMN "kind" TYPE integer USING (length("kind"));
"""
WORKLOAD = """
-- weight: 20
SELECT id, body FROM comments WHERE post_id = $1 ORDER BY created_at;
SELECT * FROM post_reactions WHERE post_id = 4;
SELECT tags FROM social_posts WHERE id = $1;
INSERT INTO comments (post_id, author_id, body) VALUES ($1, $2, $3);
SELECT balance FROM wallets WHERE user_id = $1 AND id > 0;
SELECT id FROM notifications WHERE kind = $1 AND user_id = $2;
SELECT name FROM people WHERE id = $1;
SELECT nothing FROM nowhere
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Migration and workload."""
    (tmp_path / "migration.sql").write_text(MIGRATION, encoding="utf-8")
    (tmp_path / "workload.sql").write_text(WORKLOAD, encoding="utf-8")
    return str(tmp_path / "migration.sql"), str(tmp_path / "workload.sql")


def _impact(cli: Cli, dsn: str, files: tuple[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    return cli("twin", "impact", dsn, "--migration", files[0], "--workload", files[1], *more)


def test_json_says_what_becomes_of_each_statement(cli: Cli, edfinance: str, files: tuple[str, str]) -> None:
    done = _impact(cli, edfinance, files, "--format", "json")
    assert done.returncode == 14, done.stderr
    report = json.loads(done.stdout)
    found = {each["statement"].split(" WHERE")[0][:32]: each for each in report["statements"]}
    broken, better = found["SELECT tags FROM social_posts"], found["SELECT id, body FROM comments"]
    assert report["statements"][0] == broken
    assert (broken["outcome"], broken["reason"]) == ("broken", 'column "tags" does not exist')
    assert (better["outcome"], better["calls"], better["other_plan"]) == ("better", 20, True)
    assert better["indexes_after"] == ["comments_post_id_idx"]
    assert better["cost_after"] < 0.5 * better["cost_before"]
    assert found["SELECT * FROM post_reactions"]["outcome"] == "same"
    assert found["SELECT name FROM people"]["outcome"] == "new"
    assert found["SELECT nothing FROM nowhere"]["outcome"] == "unplanned"
    assert found["SELECT id FROM notifications"]["values_chosen_anew"] is True
    assert found["SELECT id FROM notifications"]["cost_after"] > 0
    assert report["breaches"] == ["1 statement can no longer be planned"]
    assert report["indexes"][0]["size_bytes"] > 8192
    assert report["dropped_indexes"] == ["wallets_user_id_key"]
    assert [each["table"] for each in report["rewritten"]] == ["notifications"]
    _agrees_with_the_page(report)


def _agrees_with_the_page(report: dict[str, Any]) -> None:
    page = (Path(__file__).parent.parent / "docs" / "plan-impact.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([\w.\[\]]+)`", page.split("## As JSON")[1]))))
    assert set(report) <= told
    for part in ("statements", "indexes", "rewritten"):
        assert set(report[part][0]) <= told
    assert set(report["total"]) <= told
    assert set(report["statements"][0]["forms"][0]) <= told


def test_the_terminal_shows_what_breaks_first(cli: Cli, edfinance: str, files: tuple[str, str]) -> None:
    done = _impact(cli, edfinance, files)
    assert done.returncode == 14
    lines = done.stdout.splitlines()
    places = [
        lines.index(title) for title in ("Broken: can no longer be planned", "Better", "The migration", "To know")
    ]
    assert places == sorted(places)
    assert "1 statement writes comments and keeps up 1 index more" in done.stdout
    assert done.stderr.splitlines()[-1].endswith("1 statement can no longer be planned; see the report.")


def test_markdown_is_a_table_that_no_statement_breaks(cli: Cli, edfinance: str, tmp_path: Path) -> None:
    (tmp_path / "w.sql").write_text("SELECT id | 1, '<b>' FROM comments WHERE post_id = 3", encoding="utf-8")
    (tmp_path / "m.sql").write_text("CREATE INDEX ON comments (post_id)", encoding="utf-8")
    done = _impact(cli, edfinance, (str(tmp_path / "m.sql"), str(tmp_path / "w.sql")), "--format", "markdown")
    assert done.returncode == 0, done.stderr
    (row,) = [line for line in done.stdout.splitlines() if "&lt;b&gt;" in line]
    assert row.count("|") == 6
    assert "#### ✅ Better" in done.stdout


def test_thresholds_decide_about_the_exit_code(cli: Cli, edfinance: str, tmp_path: Path) -> None:
    with psycopg.connect(edfinance) as source:  # not by ours, whose statements are no workload
        source.execute("SELECT pg_stat_statements_reset()")
        for number in range(1, 30):
            source.execute("SELECT kind FROM post_reactions WHERE post_id = %s", (number,))
    (tmp_path / "m.sql").write_text("ALTER TABLE post_reactions DROP CONSTRAINT post_reactions_pkey", encoding="utf-8")
    arguments = ("twin", "impact", edfinance, "--migration", str(tmp_path / "m.sql"))
    for more, code in (
        ((), 0),
        (("--max-worse", "10000"), 0),
        (("--max-worse", "20"), 14),
        (("--max-total", "20"), 14),
    ):
        done = cli(*arguments, *more)
        assert done.returncode == code, (more, done.stdout, done.stderr)


def test_bad_input_is_one_sentence(cli: Cli, edfinance: str, tmp_path: Path) -> None:
    (tmp_path / "empty.sql").write_text("\n", encoding="utf-8")
    (tmp_path / "bad.sql").write_text("\n\nALTER TABLE nowhere ADD a int;", encoding="utf-8")
    (tmp_path / "w.sql").write_text("SELECT 1", encoding="utf-8")
    work, empty = ("--workload", str(tmp_path / "w.sql")), str(tmp_path / "empty.sql")
    for arguments, code, said in (
        (("--migration", str(tmp_path / "none.sql"), *work), 2, "cannot be read"),
        (("--migration", empty, *work), 2, "is empty"),
        (
            ("--migration", str(tmp_path / "bad.sql"), "--workload", empty),
            2,
            "holds no statement",
        ),
        (("--migration", str(tmp_path / "bad.sql"), *work), 13, "fails at line 3"),
    ):
        done = cli("twin", "impact", edfinance, *arguments)
        assert done.returncode == code, done.stderr
        last = done.stderr.splitlines()[-1]
        assert last.startswith("pgarchitect: ")
        assert said in last


def _plan(cost: float, **more: str) -> Plan:
    return Plan(cost, {"Node Type": "Seq Scan", "Total Cost": cost, **more})


def _of(*costs: tuple[float, float]) -> Impact:
    effects = tuple(effect_of(f"s{c}", 1, [Form((), 1.0, _plan(c[0]), _plan(c[1]))], Migrated()) for c in costs)
    return Impact("d", "m", effects, Migrated(), counted=True, left_out=(), limits=(), same_major=True)


def test_a_rise_of_less_than_a_page_is_never_too_much() -> None:
    assert breaches(_of((0.2, 0.9)), Limits(statement=10)) == ()
    assert breaches(_of((0.2, 1.9)), Limits(statement=10)) == ("1 statement gets dearer by more than 10 %",)
    assert breaches(_of((100, 111), (1000, 900)), Limits(statement=None, total=1)) == ()
    assert breaches(_of((100, 130), (100, 100)), Limits(total=10)) == (
        "the whole workload gets dearer by more than 10 %",
    )


def test_costs_are_weighted_means_and_renamed_indexes_are_no_other_plan() -> None:
    before, after = _plan(10, **{"Index Name": "a"}), _plan(10, **{"Index Name": "b"})
    forms = [Form((), 0.75, before, after), Form((), 0.25, _plan(100), _plan(200))]
    found = effect_of("s", 1, forms, Migrated(renamed={"b": "a"}))
    assert (found.cost_before, found.cost_after, found.other_plan) == (32.5, 57.5, False)
    assert effect_of("s", 1, forms, Migrated()).other_plan
    reading = [Form((), 1.0, _plan(5), _plan(5, **{"Relation Name": "t"}))]
    assert effect_of("s", 1, reading, Migrated(unknown=frozenset({"t"}))).outcome is Outcome.UNKNOWN
