"""Ends of columns: a twin plans with stale histograms as its source does, which looks at the ends of its indexes."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Final

import pytest

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.settings import Settings
from pgarchitect.twin.building import DATABASE
from pgarchitect.twin.end_points import Ends, Tree
from pgarchitect.twin.files import emptied
from pgarchitect.twin.lengths import set_lengths
from pgarchitect.twin.pages import Key, index_tuple, keys_of, page, tree_page
from pgarchitect.twin.planner_twin import PlannerTwin
from tests.embedded_lab import has_ended, wait_for
from tests.module_database import database_of

READER: Final = "ends_reader"
# ANALYZE reads tables as small as these whole: its histograms end with the greatest of the first rows.
MERGED: Final = """
CREATE TABLE grown (id int PRIMARY KEY, note text) WITH (autovacuum_enabled = off);
INSERT INTO grown SELECT i, md5(i::text) FROM generate_series(1, 10000) i;
CREATE TABLE other (id int PRIMARY KEY, note text) WITH (autovacuum_enabled = off);
INSERT INTO other SELECT i, md5(i::text) FROM generate_series(1, 9950) i;
VACUUM ANALYZE grown;
VACUUM ANALYZE other;
INSERT INTO grown SELECT i, md5(i::text) FROM generate_series(10001, 20000) i;
INSERT INTO other SELECT i, md5(i::text) FROM generate_series(9951, 25000) i;
"""
STRETCH: Final = """
UPDATE pg_statistic
SET stavalues1 = array_in(((stavalues1::text::int[])[:100] || %s)::text::cstring, 'int'::regtype, -1)
WHERE starelid = %s::regclass AND staattnum = 1 AND stakind1 = 2"""
MERGE: Final = "SELECT * FROM grown g JOIN other f USING (id) ORDER BY id"
BEYOND: Final = "SELECT * FROM grown WHERE id > 9990"
KINDS: Final[Mapping[str, str]] = {
    "small": "i::smallint",
    "integer": "i",
    "large": "i::bigint * 1000000007",
    "exact": "i * 1.25",
    "floating": "i::float8 / 3",
    "words": "'w' || lpad(i::text, 6, '0')",
    "long_words": "lpad(i::text, 6, '0') || repeat('x', 900)",
    "padded": "lpad(i::text, 6, '0')::char(12)",
    "varied": "('v' || lpad(i::text, 6, '0'))::varchar(20)",
    "named": "('n' || lpad(i::text, 6, '0'))::name",
    "bytes": "decode(lpad(to_hex(i), 8, '0'), 'hex')",
    "day": "date '2024-01-01' + i",
    "moment": "timestamp '2024-01-01' + i * interval '1 hour'",
    "instant": "timestamptz '2024-01-01' + i * interval '1 hour'",
    "span": "i * interval '1 minute'",
    "clock": "time '00:00' + i * interval '1 minute'",
    "unique_id": "lpad(to_hex(i), 32, '0')::uuid",
    "address": "inet '10.0.0.0' + i",
    "hardware": "('08:00:2b:00:' || lpad(to_hex(i / 256), 2, '0') || ':' || lpad(to_hex(i % 256), 2, '0'))::macaddr",
    "bits": "i::bit(16)",
    "varying_bits": "i::bit(16)::bit varying",
    "listed": "ARRAY[i, i + 1]",
    "document": "to_jsonb(i)",
    "place": "i::oid",
    "pair": "ROW(i, i % 3)::pair",
    "positive": "i::positive",
}
TYPES: Final = """
CREATE TYPE pair AS (x int, y int);
CREATE DOMAIN positive AS int CHECK (value > 0);
"""
FORMS: Final = ("({0})", "({0} DESC)", "({0} NULLS FIRST, filler)", "({0}) INCLUDE (filler)", "({0} DESC, filler, n)")
PARTS: Final = """
CREATE TABLE event (at date, v int) PARTITION BY RANGE (at);
CREATE TABLE event_old PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
  WITH (autovacuum_enabled = off);
CREATE TABLE event_new PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
  WITH (autovacuum_enabled = off);
CREATE INDEX ON event (v DESC);
INSERT INTO event SELECT date '2024-06-01' + i % 400, i FROM generate_series(1, 8000) i;
VACUUM ANALYZE event;
INSERT INTO event SELECT date '2024-06-01' + i % 400, i FROM generate_series(8001, 16000) i;
CREATE TABLE parent (v int) WITH (autovacuum_enabled = off);
CREATE TABLE child (w int) INHERITS (parent) WITH (autovacuum_enabled = off);
CREATE INDEX ON parent (v);
CREATE INDEX ON child (v);
INSERT INTO parent SELECT i FROM generate_series(1, 5000) i;
INSERT INTO child SELECT i, i FROM generate_series(5001, 9000) i;
VACUUM ANALYZE parent;
VACUUM ANALYZE child;
INSERT INTO child SELECT i, i FROM generate_series(9001, 12000) i;
CREATE TABLE alone (id int PRIMARY KEY) WITH (autovacuum_enabled = off);
INSERT INTO alone SELECT generate_series(1, 3000);
VACUUM ANALYZE alone;
DELETE FROM alone WHERE id <> 2000;
VACUUM alone;
"""
ASKED_PARTS: Final = (
    "SELECT * FROM event WHERE v > 7990",
    "SELECT * FROM event_new WHERE v > 7990",
    "SELECT * FROM parent WHERE v > 8990",
    "SELECT * FROM child WHERE v > 8990",
    "SELECT * FROM alone WHERE id > 1990",
    "SELECT * FROM alone WHERE id < 10",
    "SELECT * FROM alone a JOIN child c ON c.v = a.id ORDER BY a.id",
)


@pytest.fixture(scope="module", params=["18", "15"])
def source(request: pytest.FixtureRequest, server: EmbeddedServer, settings: Settings) -> Iterator[str]:
    """URL of a database with stale statistics, on the server that we carry and on a system's 15, as superuser."""
    with database_of(request.param, server, settings, "ends") as url:
        yield _filled(url)


def _filled(url: str) -> str:
    rows = ", ".join(f"{made} AS {name}" for name, made in KINDS.items())
    with connect(url, read_only=False) as connection:
        connection.execute(TYPES.encode())
        connection.execute(f"CREATE TABLE kinds AS SELECT i AS n, i % 7 AS filler, {rows} FROM generate_series(1, 0) i")
        for number, name in enumerate(KINDS):
            connection.execute(f"CREATE INDEX by_{name} ON kinds {FORMS[number % len(FORMS)].format(name)}".encode())
        more = "INSERT INTO kinds SELECT i, i % 7, {} FROM generate_series({}, {}) i"
        made = ", ".join(KINDS.values())
        connection.execute("ALTER TABLE kinds SET (autovacuum_enabled = off)")
        connection.execute(more.format(made, 1, 1000).encode())
        connection.execute("VACUUM ANALYZE kinds")
        connection.execute(more.format(made, 1001, 2000).encode())
        for statement in f"{MERGED}{PARTS}".split(";"):
            connection.execute(statement.encode())
    return url


@pytest.fixture(scope="module")
def twin(source: str, settings: Settings) -> Iterator[PlannerTwin]:
    """A twin of it."""
    with PlannerTwin.of(source, settings) as made:
        assert made.same_major
        assert made.missing == ()
        yield made


def planned(connection: Connection, statement: str) -> Mapping[str, Any]:
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchone()
    assert row is not None
    tree: Mapping[str, Any] = row[0][0]["Plan"]
    return tree


def same(twin: PlannerTwin, source: Connection, statement: str) -> bool:
    theirs, ours = planned(source, statement), twin.explain(statement).tree
    return all(theirs[what] == ours[what] for what in ("Node Type", "Total Cost", "Plan Rows"))


def test_a_merge_join_needs_the_histogram_and_the_ends(source: str, settings: Settings) -> None:
    """The histogram tells how much of the other table is read, the index how much of this one."""
    with PlannerTwin.of(source, settings) as twin, connect(source) as real:
        plan = planned(real, MERGE)
        assert plan["Node Type"] == "Merge Join"
        assert same(twin, real, MERGE)
        assert same(twin, real, BEYOND)
        set_lengths(twin._server, DATABASE, twin.source, {}, settings)
        twin.close()
        assert not same(twin, real, MERGE)
        assert not same(twin, real, BEYOND)
        set_lengths(twin._server, DATABASE, twin.source, twin._workshop.ends, settings)
        twin.close()
        with connect(twin.url, read_only=False) as connection:
            connection.execute(STRETCH, (20_000, "grown"))
            connection.execute(STRETCH, (25_000, "other"))
        assert not same(twin, real, MERGE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_any_type_is_an_end(twin: PlannerTwin, source: str, kind: str) -> None:
    assert ("public", "kinds", kind) in twin._workshop.ends
    with connect(source) as real:
        spelled = f"quote_literal({kind}::text) || '::' || format_type(pg_typeof({kind}), -1)"
        row = real.execute(f"SELECT {spelled} FROM kinds WHERE n = 1500".encode()).fetchone()
        assert row is not None
        assert same(twin, real, f"SELECT n FROM kinds WHERE {kind} > {row[0]}")
        assert same(twin, real, f"SELECT a.n FROM kinds a JOIN kinds b USING ({kind}) ORDER BY {kind}")


@pytest.mark.parametrize("statement", ASKED_PARTS)
def test_partitions_children_and_single_values_have_their_own_ends(
    twin: PlannerTwin, source: str, statement: str
) -> None:
    with connect(source) as real:
        assert same(twin, real, statement)


def test_an_index_that_is_away_gives_no_ends(twin: PlannerTwin, source: str) -> None:
    statement = "SELECT * FROM kinds WHERE large > 1500 * 1000000007::bigint"
    with connect(source, read_only=False) as real, real.transaction(force_rollback=True):
        before = planned(real, statement)["Plan Rows"]
        real.execute("DROP INDEX by_large")
        assert planned(real, statement)["Plan Rows"] != before
        with twin.configuration(absent=["by_large"]):
            assert same(twin, real, statement)


def test_a_hypothetical_index_has_ends_too(source: str, settings: Settings) -> None:
    """It is the newest one, and the planner looks into no other; so also after the server was killed."""
    statement = "SELECT n FROM kinds WHERE instant > '2024-03-04'"
    with PlannerTwin.of(source, settings, tables=["kinds"]) as twin, connect(source) as real:
        made = [twin.try_index(f"CREATE INDEX ON kinds {form.format('instant')}").name for form in FORMS]
        assert same(twin, real, statement)
        for _ in range(2):
            for name in made:
                with twin.configuration(present=[name], absent=["by_instant"]):
                    assert twin.explain(statement).tree["Plan Rows"] == planned(real, statement)["Plan Rows"]
                with twin.configuration(absent=["by_instant"]):
                    assert twin.explain(statement).tree["Plan Rows"] != planned(real, statement)["Plan Rows"]
            pid = int((twin._server.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: has_ended(pid))  # noqa: B023  # it is over when the loop goes on


def test_no_statement_sees_the_ends_or_wears_them_out(twin: PlannerTwin, source: str) -> None:
    with connect(source) as real:
        for setting in ("enable_seqscan", "enable_indexonlyscan", "enable_bitmapscan"):
            with connect(twin.url) as connection:
                connection.execute(f"SET {setting} = off".encode())
                for column in KINDS:
                    seen = f"SELECT count({column}), count(*) FROM kinds WHERE {column} IS NOT NULL"
                    assert connection.execute(seen.encode()).fetchone() == (0, 0)
                assert connection.execute("SELECT min(id), max(id) FROM grown").fetchone() == (None, None)
        assert same(twin, real, MERGE)
        assert same(twin, real, "SELECT n FROM kinds WHERE integer > 1500")


def test_planning_goes_on_while_tables_look_empty(source: str, settings: Settings) -> None:
    """A migration checks a foreign key by a query, whose planning looks for the ends."""
    with PlannerTwin.of(source, settings, tables=["grown", "other"]) as twin:
        with connect(twin.url) as connection:
            query = "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname IN ('grown', 'other')"
            paths = [twin._server.data / row[0] for row in connection.execute(query.encode())]
        with ExitStack() as stack:
            for path in paths:
                stack.enter_context(emptied(path, twin._server.account.own))
            with connect(twin.url, read_only=False) as connection, connection.transaction(force_rollback=True):
                assert planned(connection, MERGE)
                connection.execute("ALTER TABLE grown ADD FOREIGN KEY (id) REFERENCES other")
        with connect(twin.url) as connection:
            assert connection.execute("SELECT count(*) FROM grown WHERE id > 0").fetchone() == (0,)
        with connect(source) as real:
            assert same(twin, real, MERGE)


REFUSED: Final = """
CREATE TYPE single AS (x int);
CREATE FUNCTION as_single(text) RETURNS single IMMUTABLE LANGUAGE sql AS $$
  SELECT ROW(trim($1, '()')::int / CASE $1 WHEN '(3)' THEN 0 ELSE 1 END)::single $$;
CREATE CAST (text AS single) WITH FUNCTION as_single(text);
CREATE TABLE odd (a single, b single, c single, d text COLLATE "C") WITH (autovacuum_enabled = off);
INSERT INTO odd SELECT ROW(i)::single, ROW(i + 2)::single, ROW(i + 4)::single, i FROM generate_series(1, 1000) i;
CREATE INDEX ON odd (a);
CREATE INDEX ON odd (b);
CREATE INDEX ON odd (c);
CREATE INDEX ON odd (d text_pattern_ops);
ANALYZE odd;
INSERT INTO odd SELECT ROW(i)::single, ROW(i + 2)::single, ROW(i + 4)::single, i FROM generate_series(1001, 2000) i;
"""


def test_a_value_that_the_twin_refuses_becomes_the_histograms_end(fresh_database: str, settings: Settings) -> None:
    """And it costs no other column its ends; an index that the planner does not look into needs none."""
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(REFUSED.encode())
    with PlannerTwin.of(fresh_database, settings) as twin:
        assert {column for _, _, column in twin._workshop.ends} == {"a", "c"}
        with connect(twin.url) as connection:
            row = connection.execute(
                "SELECT histogram_bounds::text::text[] FROM pg_stats WHERE attname = 'b'"
            ).fetchone()
        assert row is not None
        assert (row[0][0], row[0][-1]) == ("(3)", "(2002)")
        with connect(fresh_database) as real:
            assert same(twin, real, "SELECT * FROM odd WHERE a > ROW(1500)::single")
            assert same(twin, real, "SELECT * FROM odd WHERE b > ROW(1500)::single")
            assert same(twin, real, "SELECT * FROM odd WHERE d > '999'")


def test_keys_are_read_from_every_leaf_but_no_bound() -> None:
    keys = [Key(bytes([number] * 8), varies=False) for number in (1, 2, 3)]
    rows = [index_tuple(key, place, 1) for place, key in enumerate(keys, 1)]
    left = tree_page(level=0, child=0, root=False, keys=[rows[2], *rows[:2]])
    left = left[:-12] + (2).to_bytes(4, "little") + left[-8:]  # there is a page to its right
    right = tree_page(level=0, child=0, root=False, keys=rows[2:])
    root = tree_page(level=1, child=1, root=True)
    assert list(keys_of(page([]) + left + right + root)) == [((0, place), key) for place, key in enumerate(keys, 1)]


def test_one_value_is_one_key() -> None:
    key, other = Key(bytes(8), varies=False), Key(bytes([1] * 8), varies=False)
    tree = Tree(("public", "alone", "id"), descends=True, attributes=2, type=23)
    assert tree.keys({tree.column: Ends(key, key, 23)}) == (index_tuple(key, 1, 2),)
    assert tree.keys({tree.column: Ends(key, other, 23)}) == (index_tuple(other, 1, 2), index_tuple(key, 2, 2))
    assert tree.keys({tree.column: Ends(key, other, 20)}) == ()
    assert tree.keys({}) == ()
