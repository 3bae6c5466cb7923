"""What the rules say of locks, reads and rewrites, on a real server; and their rewrites, which must hurt nobody."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.schema.safety.facts import read_facts
from pgarchitect.schema.safety.finding import Severity
from pgarchitect.schema.safety.known import type_of
from pgarchitect.schema.safety.linting import lint_script
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.script import read_script
from pgarchitect.schema.safety.registry import RULES
from pgarchitect.schema.safety.rule import Example, Rule, Taken
from pgarchitect.schema.safety.type_changes import rewrites
from pgarchitect.settings import Settings
from tests.safety_measure import fails_with, measured, one, prepare, run
from tests.safety_pages import findings_of
from tests.scratch_server import scratch_server


def label(value: object) -> str | None:
    """How a parameter is called: a rule by its id, an example by its statement."""
    if isinstance(value, Rule):
        return value.id
    return value.sql[-40:] if isinstance(value, Example) else None


EXAMPLES = [(rule, example) for rule in RULES for example in rule.examples]
MEASURED = [each for each in EXAMPLES if each[1].takes or each[1].fails]
REWRITTEN = [each for each in EXAMPLES if each[1].steps]
TYPES = (
    ("varchar(10)", "varchar(20)"),
    ("varchar(20)", "varchar(10)"),
    ("varchar(20)", "varchar"),
    ("varchar", "varchar(20)"),
    ("varchar(20)", "text"),
    ("text", "varchar"),
    ("text", "varchar(20)"),
    ("char(4)", "char(8)"),
    ("char(4)", "text"),
    ("text", "char(4)"),
    ("numeric(10,2)", "numeric(12,2)"),
    ("numeric(10,2)", "numeric(12,4)"),
    ("numeric(10,2)", "numeric(8,2)"),
    ("numeric(10,2)", "numeric"),
    ("numeric", "numeric(10,2)"),
    ("numeric(10)", "numeric(12)"),
    ("int", "bigint"),
    ("bigint", "int"),
    ("smallint", "int"),
    ("int", "numeric"),
    ("real", "double precision"),
    ("timestamp(3)", "timestamp(6)"),
    ("timestamp(3)", "timestamp"),
    ("timestamp", "timestamp(3)"),
    ("timestamptz(3)", "timestamptz"),
    ("timestamptz", "timestamptz(0)"),
    ("time(0)", "time(3)"),
    ("time", "time(0)"),
    ("interval(3)", "interval"),
    ("interval", "interval(0)"),
    ("timestamp", "date"),
    ("date", "timestamp"),
    ("bit(4)", "bit(8)"),
    ("bit varying(4)", "bit varying(8)"),
    ("bit varying(8)", "bit varying(4)"),
    ("bit varying(8)", "bit varying"),
    ("cidr", "inet"),
    ("inet", "cidr"),
    ("json", "jsonb"),
    ("text[]", "varchar[]"),
    ("varchar(10)[]", "varchar(20)[]"),
    ("int[]", "bigint[]"),
)
"""Types of a column before and after."""


@pytest.fixture(scope="module")
def place(settings: Settings) -> Iterator[str]:
    """URL of a database, of a server with a second access method and a second tablespace."""
    with scratch_server(settings, "allow_in_place_tablespaces = on", "autovacuum = off") as server:
        furnish(server.url())
        yield server.url()


@pytest.fixture(scope="module")
def untouched(place: str) -> str:
    """Another database with the tables of the scene, for what leaves nothing behind."""
    return scene_of(place)


def furnish(url: str) -> None:
    run(url, "CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler")
    run(url, "CREATE TABLESPACE elsewhere LOCATION ''")


def scene_of(url: str) -> str:
    scene = url.replace("/postgres?", "/template1?")
    run(scene, "CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler")
    prepare(scene)
    return scene


def check_measure(url: str, example: Example) -> None:
    """It takes what is told, or fails as is told."""
    if example.fails:
        assert fails_with(url, example.sql) == example.fails
    else:
        assert measured(url, example.sql, example.table, keep=False) == example.takes


def check_rewrite(url: str, rule: Rule, example: Example) -> None:
    """Each migration of the rewrite takes what is told, and none makes others wait while it goes through a table."""
    (found,) = findings_of(rule, example.sql)
    assert len(found.rewrite) == len(example.steps)
    for step, takes in zip(found.rewrite, example.steps, strict=True):
        if takes is not None:
            assert measured(url, step, example.table, keep=True) == takes, step
            assert not takes.hurts or example.table == "totals", "nobody writes to a materialized view"
        elif read_script(step):
            run(url, step)


def check_type_change(url: str, before: str, after: str) -> None:
    """The table's file is another one if and only if the rule says so."""
    with connect(url, read_only=False) as connection, connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TABLE typed (a {before}); INSERT INTO typed VALUES (NULL)".encode())
        file = one(connection, "SELECT pg_relation_filenode('typed')")
        connection.execute(f"ALTER TABLE typed ALTER COLUMN a TYPE {after}{casting(before, after)}".encode())
        changed = one(connection, "SELECT pg_relation_filenode('typed')") != file
    assert rewrites(type_of(before), type_of(after)) == changed


def casting(before: str, after: str) -> str:
    """What USING some changes need."""
    return f" USING a::{after}" if (before, after) in {("json", "jsonb"), ("inet", "cidr")} else ""


@pytest.mark.parametrize(("rule", "example"), MEASURED, ids=label)
def test_a_statement_takes_what_is_told(untouched: str, rule: Rule, example: Example) -> None:
    check_measure(untouched, example)


@pytest.mark.parametrize(("rule", "example"), REWRITTEN, ids=label)
def test_its_rewrite_runs_and_hurts_nobody(place: str, rule: Rule, example: Example) -> None:
    prepare(place)
    check_rewrite(place, rule, example)


@pytest.mark.parametrize(("before", "after"), TYPES)
def test_a_type_change_rewrites_where_it_is_told(untouched: str, before: str, after: str) -> None:
    check_type_change(untouched, before, after)


def test_timestamps_change_without_a_rewrite_in_utc_only(untouched: str) -> None:
    for zone, same in (("UTC", True), ("Europe/Berlin", False)):
        with connect(untouched, read_only=False) as connection, connection.transaction(force_rollback=True):
            connection.execute(f"SET LOCAL TimeZone = '{zone}'; CREATE TABLE typed (a timestamp)".encode())
            file = one(connection, "SELECT pg_relation_filenode('typed')")
            connection.execute(b"ALTER TABLE typed ALTER COLUMN a TYPE timestamptz")
            assert (one(connection, "SELECT pg_relation_filenode('typed')") == file) is same


def test_a_small_table_lowers_a_finding_to_a_hint(untouched: str) -> None:
    with connect(untouched) as connection:
        facts = read_facts(connection)
    (index, _) = lint_script("CREATE INDEX orders_note ON orders (note);", "m.sql", facts)
    assert index.severity is Severity.HINT
    assert "public.orders has" in index.happens
    assert "takes no time" in index.happens
    found = lint_script("DROP TABLE archive;", "m.sql", facts)
    assert [(each.rule, each.severity) for each in found if each.rule == "drop-table"] == [
        ("drop-table", Severity.ERROR)
    ]


def test_a_large_table_keeps_its_severity(place: str) -> None:
    prepare(place)
    run(place, "INSERT INTO archive SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i; ANALYZE archive")
    with connect(place) as connection:
        facts = read_facts(connection)
    (index, _) = lint_script("CREATE INDEX ON archive (note);", "m.sql", facts)
    assert index.severity is Severity.ERROR
    assert "20,100 rows" in index.happens


def test_a_check_that_the_database_has_validated_proves_not_null(place: str) -> None:
    prepare(place)
    change = "ALTER TABLE orders ALTER COLUMN code SET NOT NULL;"
    run(place, "ALTER TABLE orders ADD CONSTRAINT c CHECK (code IS NOT NULL) NOT VALID")
    assert "set-not-null" in rules_of(place, change)
    run(place, "ALTER TABLE orders VALIDATE CONSTRAINT c")
    assert "set-not-null" not in rules_of(place, change)
    taken = measured(place, change, "orders", keep=False)
    assert (taken.lock, taken.scans) == (LockMode.ACCESS_EXCLUSIVE, False)


def test_the_database_knows_types_and_volatile_functions(untouched: str) -> None:
    assert "alter-column-type" not in rules_of(untouched, "ALTER TABLE orders ALTER COLUMN code TYPE varchar(40);")
    assert "alter-column-type" in rules_of(untouched, "ALTER TABLE orders ALTER COLUMN code TYPE varchar(10);")
    assert "add-column-volatile-default" not in rules_of(
        untouched, "ALTER TABLE orders ADD COLUMN a text DEFAULT inet_server_addr()::text;"
    )


def test_a_virtual_column_is_the_rewrite_on_a_server_that_has_it(place: str) -> None:
    prepare(place)
    sql = "ALTER TABLE orders ADD COLUMN worth numeric GENERATED ALWAYS AS (total * quantity) STORED;"
    with connect(place) as connection:
        facts = read_facts(connection)
    found = next(each for each in lint_script(sql, "m.sql", facts) if each.rule == "add-column-generated")
    (step,) = found.rewrite
    assert measured(place, step, "orders", keep=True) == Taken(LockMode.ACCESS_EXCLUSIVE)


def test_an_index_of_partitions_is_built_one_by_one(place: str) -> None:
    prepare(place)
    with connect(place) as connection:
        facts = read_facts(connection)
    found = lint_script("CREATE INDEX events_id ON events (id);", "m.sql", facts)[0]
    for step in found.rewrite:
        run(place, step)
    with connect(place) as connection:
        assert one(connection, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'events_id'::regclass") is True
        assert one(connection, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'events_id'::regclass") == 2


def test_a_foreign_key_of_partitions_is_added_one_by_one_where_it_must_be(place: str) -> None:
    prepare(place)
    run(place, "INSERT INTO orders (id) SELECT generate_series(301, 400)")
    sql = "ALTER TABLE events ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES orders (id);"
    with connect(place) as connection:
        facts = replace(read_facts(connection), server_version=150_000)
    found = lint_script(sql, "m.sql", facts)[0]
    assert len(found.rewrite) == 5
    for step in found.rewrite:
        assert not any(measured(place, step, part, keep=False).hurts for part in ("events_2025", "events_rest"))
        run(place, step)
    with connect(place) as connection:
        assert one(connection, "SELECT bool_and(convalidated) FROM pg_constraint WHERE conname = 'f'") is True


def rules_of(url: str, sql: str) -> set[str]:
    with connect(url) as connection:
        return {each.rule for each in lint_script(sql, "m.sql", read_facts(connection))}
