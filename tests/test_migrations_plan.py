"""How a script runs: in one piece unless a statement needs otherwise, and cut where statements really end."""

from pathlib import Path

import pytest

from pgarchitect.schema.migrations.plan import plan_of
from pgarchitect.schema.safety.registry import RULES

SCRIPTS = [each.read_text(encoding="utf-8") for each in sorted((Path(__file__).parent / "schemas").glob("*.sql"))]
ALONE = "CREATE INDEX CONCURRENTLY i ON t (a)"


def parts(script: str) -> list[tuple[str, ...]]:
    """The statements of each part."""
    return [tuple(each.text for each in part.statements) for part in plan_of(script).parts]


@pytest.mark.parametrize(
    "script",
    [
        "",
        "-- nothing but CREATE INDEX CONCURRENTLY in a comment",
        "CREATE TABLE a (id int); CREATE INDEX i ON a (id);",
        "SELECT 'CREATE INDEX CONCURRENTLY i ON t (a);';",
        "DO $$ BEGIN EXECUTE 'VACUUM t'; END $$;",
        "ALTER TYPE mood ADD VALUE 'sad'; SELECT 'happy';",
        "REINDEX TABLE t;",
    ],
)
def test_it_runs_in_one_piece(script: str) -> None:
    plan = plan_of(script)
    assert plan.parts == ()
    assert plan.atomic


def test_a_script_that_is_not_read_to_its_end_is_planned_as_if_it_were() -> None:
    """A comment with the word COPY has every script read; it changes nothing."""
    statements = [each for rule in RULES for each in (*(example.sql for example in rule.examples), *rule.harmless)]
    assert len(SCRIPTS) > 5
    assert len(statements) > 100
    for script in [*SCRIPTS, *statements, *(f"SELECT 1; {each}" for each in statements)]:
        read = plan_of(f"{script}\n-- COPY")
        plan = plan_of(script)
        assert [[each.text for each in part.statements] for part in plan.parts] == [
            [each.text for each in part.statements] for part in read.parts
        ]
        assert (plan.atomic, plan.copies) == (read.atomic, read.copies)


@pytest.mark.parametrize(
    "script", ["BEGIN; SELECT 1; COMMIT;", "SELECT 1; COMMIT; SELECT 2;", "START TRANSACTION; END;"]
)
def test_one_that_ends_a_transaction_itself_is_no_longer_all_or_nothing(script: str) -> None:
    plan = plan_of(script)
    assert plan.parts == ()
    assert not plan.atomic


@pytest.mark.parametrize(
    "statement",
    [
        ALONE,
        "create unique index concurrently if not exists i on t (a)",
        "DROP INDEX CONCURRENTLY i",
        "REINDEX (VERBOSE) TABLE CONCURRENTLY t",
        "VACUUM",
        "VACUUM (ANALYZE) t",
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
        "ALTER SYSTEM SET work_mem = '1MB'",
        "CREATE DATABASE d",
    ],
)
def test_it_runs_in_parts(statement: str) -> None:
    assert parts(f"SELECT 1;\n{statement};\nSELECT 2") == [("SELECT 1",), (statement,), ("SELECT 2",)]
    assert [each.alone for each in plan_of(f"SELECT 1; {statement}").parts] == [False, True]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ';', E'\\';', $$;$$, $a$ $$ ; $a$, \"a;b\"",
        "SELECT /* ; /* ; */ ; */ 1 -- ;\n, 2",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
        "CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $fn$ BEGIN; RETURN 1; END; $fn$",
        "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
        "SELECT U&'\\0041;' || B'01' || $1",
    ],
)
def test_statements_end_where_the_server_says_so(statement: str) -> None:
    assert parts(f"{statement};{ALONE};") == [(statement,), (ALONE,)]


def test_what_the_script_puts_into_a_transaction_stays_together() -> None:
    assert parts(f"BEGIN; SELECT 1; SELECT 2; COMMIT; {ALONE}; SELECT 3") == [
        ("BEGIN", "SELECT 1", "SELECT 2", "COMMIT"),
        (ALONE,),
        ("SELECT 3",),
    ]


def test_a_value_that_is_added_and_used_is_committed_in_between() -> None:
    add, use = "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'sad'", "ALTER TABLE t ALTER m SET DEFAULT 'sad'"
    assert parts(f"SELECT 1; {add}; {use}; SELECT 2") == [("SELECT 1", add), (use, "SELECT 2")]
