"""The known remedies of the sample's statements name what exists, and the planner takes the indexes among them."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import ClientCursor

from examples.edfinance import generate, workload
from examples.edfinance.remedies import REMEDIES, Index, Kind, Remedy
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.module_database import module_database

FULL = 1.0
"""The scale at which the remedies were measured; far below it some tables are so small that none pays."""

READS = {statement.name: statement for statement in workload.STATEMENTS if not statement.writes}
PLAIN = [(remedy, index) for remedy in REMEDIES if not remedy.later for index in remedy.indexes]
PLANNED = [(remedy, index) for remedy, index in PLAIN if remedy.statement in READS]


@pytest.fixture(scope="module")
def sample(server: EmbeddedServer) -> Iterator[str]:
    """URL of a database with enough rows for the planner to want an index."""
    with module_database(server, "edfinance_remedies", extensions=["pg_stat_statements"]) as url:
        generate.load(url, FULL)
        yield url


def test_there_are_remedies_of_every_kind() -> None:
    names = [remedy.statement for remedy in REMEDIES]
    assert len(names) == len(set(names))
    assert set(names) <= {statement.name for statement in workload.STATEMENTS}
    assert {remedy.kind for remedy in REMEDIES} == set(Kind)
    reachable = [remedy for remedy in REMEDIES if remedy.kind is Kind.INDEX and not remedy.later]
    assert len(reachable) >= 13
    assert len({remedy.indexes[0] for remedy in reachable}) >= 10
    assert {len(remedy.indexes[0].columns) for remedy in reachable} >= {1, 2}


def test_every_index_names_columns_that_exist(edfinance: str) -> None:
    with connect(edfinance) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
    known = set(rows)
    for remedy in REMEDIES:
        for index in remedy.indexes:
            for column in index.columns:
                named = next(word for word in re.findall(r"\w+", column) if word != "lower")
                assert (index.table, named) in known, (remedy.statement, column)


@pytest.mark.parametrize(
    ("remedy", "index"), PLANNED, ids=[f"{remedy.statement}-{'-'.join(index.columns)}" for remedy, index in PLANNED]
)
def test_the_planner_takes_the_index(sample: str, remedy: Remedy, index: Index) -> None:
    with psycopg.connect(sample) as connection:
        text = remedy.rewrite or READS[remedy.statement].sql
        values = workload.parameters(remedy.statement, workload.traffic(sample))
        before = plan(connection, text, values)
        connection.execute(index.sql.replace("CREATE INDEX ON", "CREATE INDEX the_remedy ON"))
        after = plan(connection, text, values)
        connection.rollback()
    assert "the_remedy" not in before
    assert "the_remedy" in after


@pytest.mark.parametrize(
    "remedy", [each for each in REMEDIES if each.kind is Kind.REWRITE], ids=lambda each: each.statement
)
def test_a_rewrite_says_the_same(sample: str, remedy: Remedy) -> None:
    assert remedy.rewrite is not None
    stream = workload.traffic(sample)
    for _ in range(3):
        values = workload.parameters(remedy.statement, stream)
        with psycopg.connect(sample) as connection:
            cursor = ClientCursor(connection)
            old = cursor.execute(READS[remedy.statement].sql, values).fetchall()
            if remedy.statement == "browse_logs":
                row = connection.execute("SELECT max(id) FROM behavior_logs").fetchone()
                assert row is not None
                skipped = values["skip"]
                assert isinstance(skipped, int)
                values["after"] = row[0] - skipped + 1
            new = cursor.execute(remedy.rewrite, values).fetchall()
        assert sorted(map(repr, old)) == sorted(map(repr, new))


def test_a_remedy_accepts_either_direction_and_no_other_index() -> None:
    remedy = next(each for each in REMEDIES if each.statement == "recent_logs_of_user")
    assert remedy.accepts("behavior_logs", ("user_id", "created_at"))
    assert remedy.accepts("behavior_logs", ("user_id", "created_at DESC"))
    assert not remedy.accepts("behavior_logs", ("created_at", "user_id"))
    assert not remedy.accepts("behavior_logs", ("user_id", "created_at"), "brin")
    assert not remedy.accepts("comments", ("user_id", "created_at"))


def plan(connection: psycopg.Connection, text: str, values: dict[str, object]) -> str:
    """The plan of a statement with its values, as text."""
    rows = ClientCursor(connection).execute(f"EXPLAIN {text}", values).fetchall()
    return "\n".join(line for (line,) in rows)


def test_the_documentation_lists_every_cure() -> None:
    page = (Path(__file__).parent.parent / "docs" / "sample-application.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", page, re.MULTILINE))
    cures = {remedy.statement: remedy for remedy in REMEDIES if remedy.kind is not Kind.NONE}
    assert rows.keys() == cures.keys()
    for name, remedy in cures.items():
        if remedy.indexes:
            first = remedy.indexes[0]
            assert f"`{first.table}({', '.join(first.columns)})`" in rows[name]
        assert ("rewrite" in rows[name]) == (remedy.kind is Kind.REWRITE)
        assert ("†" in rows[name]) == remedy.later
