"""The benchmark of index advisors: what it measures, and a whole contest on a small database."""

import importlib
import math
from pathlib import Path

import pytest

from benchmarks.advisor import page
from benchmarks.advisor.__main__ import main
from benchmarks.advisor.answers import AUTOADMIN, CHECKED, EXTEND, OURS, SINGLES, UNION, peer
from benchmarks.advisor.built import Built, definition_of, runnable
from benchmarks.advisor.contest import hold
from benchmarks.advisor.question import Row, question
from benchmarks.advisor.runs import NONE, run_all
from benchmarks.advisor.subject import Lab, Subject, needed, settle
from benchmarks.advisor.tpch import workload
from pgarchitect.advising import Wanted
from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.settings import Settings
from pgarchitect.twin.plan import Generic

PLAIN = "public.sale (buyer)"
TABLES = """
CREATE TABLE sale (id int PRIMARY KEY, buyer int NOT NULL, price int NOT NULL, note text);
INSERT INTO sale SELECT i, i % 5000, i % 97, repeat('x', 100) FROM generate_series(1, 20000) i;
"""
WANTED = [
    Wanted("SELECT sum(price) FROM sale WHERE buyer = 7", 3.0),
    Wanted("SELECT count(*) FROM sale WHERE price = 5 AND buyer < 9", 1.0),
    Wanted("SELECT note FROM sale WHERE buyer = $1", 1.0),
    Wanted("SELECT * FROM sale ORDER BY note", 0.0),
    Wanted("SELECT no_such_column FROM sale", 1.0),
]
SUBJECT = Subject("sales", "Sales", lambda *_: None, lambda *_: WANTED, [400_000, None], 5, executes=True)


@pytest.fixture
def sales(fresh_database: str, settings: Settings) -> str:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(TABLES.encode())
    settle(fresh_database, settings)
    return fresh_database


@pytest.mark.parametrize(
    ("ddl", "expected"),
    [
        ("CREATE INDEX CONCURRENTLY x ON public.t (a) INCLUDE (b);", "public.t (a) INCLUDE (b)"),
        ("create unique index on t\n using btree (a)", None),
        ("CREATE INDEX ON t USING btree (a)", "t USING btree (a)"),
        ("DROP TABLE t", None),
    ],
)
def test_a_definition_is_what_follows_on(ddl: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(UsageError, match="CREATE INDEX"):
            definition_of(ddl)
    else:
        assert definition_of(ddl) == expected


def test_a_set_is_what_the_planner_sees_and_nothing_else(sales: str, settings: Settings) -> None:
    built = Built(sales, settings)
    other = "public.sale (price, buyer)"
    built.build([PLAIN, other, PLAIN])
    rows = [Row(1, "SELECT sum(price) FROM sale WHERE buyer = 7", 2.0), Row(1, "SELECT 1", 1.0)]
    nothing, plain, both = (built.costs(rows, each)[1] for each in ([], [PLAIN], [PLAIN, other]))
    assert plain < nothing / 2
    assert both <= plain
    assert built.costs(rows, [])[1] == nothing
    with connect(sales) as connection:
        found = connection.execute("SELECT pg_relation_size('bench_0')").fetchone()
    assert found is not None
    assert built.sizes([PLAIN]) == {PLAIN: found[0]}


def test_a_set_is_executed_with_its_indexes_and_no_others(sales: str, settings: Settings) -> None:
    built = Built(sales, settings)
    built.build([PLAIN])
    rounds = 9  # the driver would prepare the statement after five runs, and a prepared one keeps its plan
    runs = run_all(built, {1: "SELECT sum(price) FROM sale WHERE buyer = 7"}, {"plain": [PLAIN]}, rounds)
    assert {name: len(each[1]) for name, each in runs.seconds.items()} == {NONE: rounds, "plain": rounds}
    with connect(sales) as connection:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        found = connection.execute(
            "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'bench_0'"
        ).fetchone()
    assert found == (rounds + 1,)  # and one to warm up


def test_an_index_on_an_expression_gets_statistics(sales: str, settings: Settings) -> None:
    built = Built(sales, settings)
    built.build([PLAIN])
    assert not built.analysed
    built.build(["public.sale (abs(price - 50))"])
    assert built.analysed == {"sale"}


def test_the_likeliest_form_with_values_is_executed() -> None:
    rows = [Row(1, "a", 0.2), Row(1, "b", 0.8), Row(2, Generic("c $1", ("int",)), 1.0), Row(3, "d", 0.5)]
    assert runnable(rows) == {1: "b", 3: "d"}


def test_a_question_leaves_out_what_weighs_nothing_and_says_what_cannot_be_planned(
    sales: str, settings: Settings
) -> None:
    asked = question(sales, WANTED, settings)
    assert {row.statement for row in asked.rows} == {1, 2, 3}
    assert list(asked.refused) == [5]
    assert math.isclose(sum(row.weight for row in asked.rows if row.statement == 1), 3.0)
    assert all("$1" not in str(row.asked) for row in asked.rows)


def test_a_contest_builds_and_measures_every_answer(sales: str, settings: Settings) -> None:
    given = peer("somebody", ["CREATE INDEX ON public.sale USING btree (note)"])
    found = hold(SUBJECT, Lab(sales, settings, lambda _: None), [given], 1)
    by_adviser = {each.answer.adviser: each for each in found.measured}
    assert set(by_adviser) == {OURS, CHECKED, EXTEND, UNION, SINGLES, AUTOADMIN, "somebody"}
    least = 0.001 * found.before  # an index that gains less than a share of this is not worth a name to us
    assert by_adviser[OURS].cost <= min(each.cost for each in found.measured) + least
    assert by_adviser[OURS].cost < found.before / 10
    assert by_adviser["somebody"].cost == pytest.approx(found.before)
    for each in found.measured:
        assert each.worst < 0.15, each.answer
        assert each.answer.size_limit is None or each.size_bytes <= each.answer.size_limit
    assert found.runs is not None
    assert set(found.runs.seconds) == {NONE, OURS, CHECKED, AUTOADMIN, "somebody"}
    assert all(len(figures) == 1 for each in found.runs.seconds.values() for figures in each.values())
    said = page.part(found, "Measured here", "images/x.svg")
    for part in (
        "### Sales",
        "Measured here.",
        "4 of 5 statements",
        "Statement 5:",
        "**pgarchitect**",
        "0.40 MB",
        "Q2",
    ):
        assert part in said, part


def test_the_workload_of_tpch_has_22_questions_of_which_19_count() -> None:
    found = workload()
    assert [number for number, each in enumerate(found, start=1) if each.weight == 0] == [2, 17, 20]
    assert len(found) == 22
    assert "l_returnflag" in found[0].text


def test_a_folder_without_a_server_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["tpch", "--programs", str(tmp_path)]) == UsageError.exit_code
    assert f"{tmp_path} holds no PostgreSQL that runs" in capsys.readouterr().out


def test_a_package_that_is_missing_is_told_with_what_installs_it() -> None:
    with pytest.raises(UsageError, match="no_such is not installed; run `make bench-advisor`"), needed("no_such"):
        importlib.import_module("no_such")
