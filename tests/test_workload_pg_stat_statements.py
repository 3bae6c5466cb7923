"""The source pg_stat_statements, on real counters."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.workload import pg_stat_statements as source
from pgarchitect.workload.pg_stat_statements import Counters, Filters, read_counters, slow_statements
from pgarchitect.workload.snapshot import Figures, Snapshot
from pgarchitect.workload.workload import Workload

ALL = Filters(min_mean_ms=0, min_calls=1, top=1000)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def application(fresh_database: str) -> Iterator[psycopg.Connection]:
    """An application's own connection, its counters at nothing."""
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE posts AS SELECT i AS id, i % 10 AS user_id FROM generate_series(1, 100) i")
        connection.execute("SELECT pg_stat_statements_reset()")
        yield connection


def counters(url: str) -> Counters:
    with connect(url) as connection:
        return read_counters(connection, "public")


def workload(url: str, filters: Filters = ALL) -> Workload:
    found = counters(url)
    return slow_statements(found.texts, found.figures, filters, found.hidden)


def left_out(found: Workload) -> dict[str, int]:
    return {each.reason: each.count for each in found.left_out}


def test_the_applications_statements_are_counted(application: psycopg.Connection, fresh_database: str) -> None:
    for user in range(3):
        application.execute("SELECT * FROM posts WHERE user_id = %s", (user,))
    (statement,) = [each for each in workload(fresh_database).statements if "posts" in each.text]
    assert statement.text == "SELECT * FROM posts WHERE user_id = $1"
    assert (statement.calls, statement.rows, statement.rows_per_call) == (3, 30, 10)
    assert statement.total_ms > 0
    assert statement.mean_ms == pytest.approx(statement.total_ms / 3)


def test_spellings_that_the_server_tells_apart_are_folded(application: psycopg.Connection, fresh_database: str) -> None:
    application.execute("SELECT * FROM posts WHERE user_id = 1 OR id IN (1, 2)")
    application.execute("select * from posts\n where user_id = 2 or id in (1)")
    (statement,) = [each for each in workload(fresh_database).statements if "user_id" in each.text]
    assert len(statement.query_ids) == 2
    assert statement.calls == 2


EVERY_KIND_OF_OURS = [
    "SELECT * FROM posts WHERE id = 1",
    "  (SELECT 1) UNION SELECT 2",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "VALUES (1, 2)",
    "TABLE posts",
    "-- purpose: to be seen\nSELECT id, 'x' FROM posts",
    "/* first */ SELECT user_id FROM posts",
    "UPDATE posts SET user_id = 1 WHERE id = 0",
    "DELETE FROM posts WHERE id = 0",
    "INSERT INTO posts SELECT 0, 0 WHERE false",
    "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM posts",
    "EXPLAIN SELECT count(*) FROM posts WHERE id = 1",
    "CREATE INDEX ours ON posts (id)",
    "DROP INDEX ours",
    "VACUUM (ANALYZE) posts",
    "SET statement_timeout = 1000",
]


def test_nothing_that_we_send_is_taken_for_the_applications(
    application: psycopg.Connection, fresh_database: str
) -> None:
    with connect(fresh_database, read_only=False) as ours:
        for text in EVERY_KIND_OF_OURS:
            ours.execute(text.encode())
        for _ in range(8):  # psycopg prepares on the server what it sends more than five times
            ours.execute("SELECT user_id FROM posts WHERE id = %s", (1,))
        with ours.transaction(force_rollback=True):
            ours.execute("PREPARE p AS SELECT * FROM posts WHERE id = $1")
            ours.execute("DEALLOCATE p")
            with ours.transaction():
                ours.execute("SELECT 1")
    found = counters(fresh_database)
    ours_or_utility = {source.OURS, source.UTILITY}
    for text in found.texts.values():
        if text != "SELECT pg_stat_statements_reset()":
            assert source._not_the_applications(text) in ours_or_utility, text
    unmarked = {text for text in found.texts.values() if "/* pgarchitect */" not in text}
    assert unmarked <= {"SELECT pg_stat_statements_reset()", "BEGIN", "ROLLBACK", "SAVEPOINT $1", "RELEASE $1",
                        "DEALLOCATE ALL"}  # fmt: skip
    assert not workload(fresh_database).statements[1:]


def test_an_explained_statement_does_not_touch_the_applications_figures(
    application: psycopg.Connection, fresh_database: str
) -> None:
    application.execute("SELECT count(*) FROM posts WHERE user_id = 1")
    before = {each.text: each for each in workload(fresh_database).statements}
    with connect(fresh_database, read_only=False) as ours:
        for track in ("top", "all"):
            ours.execute("SELECT set_config('pg_stat_statements.track', %s, false)", (track,))
            ours.execute("EXPLAIN (ANALYZE) SELECT count(*) FROM posts WHERE user_id = 2")
    after = {each.text: each for each in workload(fresh_database).statements}
    text = "SELECT count(*) FROM posts WHERE user_id = $1"
    assert after[text] == replace(before[text], share=after[text].share)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CREATE TABLE x (a int)", source.UTILITY),
        ("BEGIN", source.UTILITY),
        ("EXPLAIN SELECT * FROM posts", source.UTILITY),
        ("SELECT relname FROM pg_class", source.INTERNAL),
        ("SELECT * FROM information_schema.tables t JOIN pg_catalog.pg_class c ON true", source.INTERNAL),
        ("SELECT * FROM pg_stat_activity WHERE pid = $1", source.INTERNAL),
        ("SELECT ??? FROM pg_catalog.pg_class", source.INTERNAL),
        ("SELECT /* pgarchitect */ 1", source.OURS),
        ("EXPLAIN /* pgarchitect */ SELECT * FROM posts", source.OURS),
        ("SELECT * FROM posts JOIN pg_class ON true", None),
        ("SELECT * FROM pgroonga", None),
        ("SELECT now()", None),
        ("(SELECT 1)", None),
        ("/* a comment */ -- another\n  with x as (select 1) select * from x", None),
        ("MERGE INTO posts USING x ON true WHEN MATCHED THEN DELETE", None),
        ("selection", source.UTILITY),
    ],
)
def test_what_is_not_the_applications(text: str, reason: str | None) -> None:
    found = slow_statements({1: text}, {1: Figures(10, 100.0, 10)}, ALL)
    assert left_out(found) == ({reason: 1} if reason else {})
    assert len(found.statements) == found.seen == (reason is None)


def test_statements_of_other_roles_are_said_to_be_hidden(application: psycopg.Connection, fresh_database: str) -> None:
    application.execute("SELECT * FROM posts WHERE user_id = 1")
    application.execute("CREATE ROLE peeper LOGIN")
    try:
        application.execute("GRANT SELECT ON posts TO peeper")
        url = fresh_database.replace("postgres@", "peeper@")
        with psycopg.connect(url, autocommit=True) as peeper:
            peeper.execute("SELECT id FROM posts")
        found = workload(url)
        assert [each.text for each in found.statements] == ["SELECT id FROM posts"]
        assert left_out(found)[source.HIDDEN] >= 2
        application.execute("GRANT pg_read_all_stats TO peeper")
        assert source.HIDDEN not in left_out(workload(url))
    finally:
        application.execute("DROP OWNED BY peeper")
        application.execute("DROP ROLE peeper")


def test_each_filter_says_what_it_left_out() -> None:
    texts = {n: f"SELECT c{n} FROM t" for n in range(1, 7)}
    figures = {1: Figures(10, 1000.0, 1), 2: Figures(10, 500.0, 1), 3: Figures(10, 250.0, 1),
               4: Figures(9, 900.0, 1), 5: Figures(1000, 10.0, 1)}  # fmt: skip
    found = slow_statements(texts, figures, Filters(min_mean_ms=0.5, min_calls=10, top=2))
    assert [each.text for each in found.statements] == ["SELECT c1 FROM t", "SELECT c2 FROM t"]
    assert left_out(found) == {source.FEW_CALLS: 1, source.FAST: 1, source.BEYOND_TOP: 1, source.QUIET: 1}
    assert (found.seen, found.total_ms) == (5, 2660.0)
    assert [each.share for each in found.statements] == pytest.approx([1000 / 2660, 500 / 2660])


def test_nothing_counted_is_an_empty_workload() -> None:
    found = slow_statements({}, {}, ALL)
    assert (found.statements, found.seen, found.total_ms, found.left_out) == ((), 0, 0.0, ())


def snapshot(found: Counters, at: datetime) -> Snapshot:
    return Snapshot("here", at, found.since, found.figures)


def test_between_two_audits_only_what_ran_counts(application: psycopg.Connection, fresh_database: str) -> None:
    application.execute("SELECT * FROM posts WHERE id = 1")
    application.execute("SELECT * FROM posts WHERE user_id = 1")
    earlier = counters(fresh_database)
    first = snapshot(earlier, datetime.now(UTC))
    for _ in range(4):
        application.execute("SELECT * FROM posts WHERE id = 2")
    later = counters(fresh_database)
    recent = later.after(first, snapshot(later, datetime.now(UTC)))
    calls = {later.texts[queryid]: figures.calls for queryid, figures in recent.items()}
    assert calls["SELECT * FROM posts WHERE id = $1"] == 4
    assert "SELECT * FROM posts WHERE user_id = $1" not in calls
    found = slow_statements(later.texts, recent, ALL)
    assert [each.calls for each in found.statements if "posts" in each.text] == [4]
    assert left_out(found)[source.QUIET] >= 1


def test_a_statement_that_was_reset_alone_counts_anew(application: psycopg.Connection, fresh_database: str) -> None:
    for _ in range(2):
        application.execute("SELECT * FROM posts WHERE id = 1")
    earlier = counters(fresh_database)
    first = snapshot(earlier, datetime.now(UTC))
    (queryid,) = [key for key, text in earlier.texts.items() if "posts WHERE id" in text]
    application.execute("SELECT pg_stat_statements_reset(0, 0, %s)", (queryid,))
    for _ in range(5):  # more than before, so that the figures alone do not show the reset
        application.execute("SELECT * FROM posts WHERE id = 2")
    later = counters(fresh_database)
    recent = later.after(first, snapshot(later, datetime.now(UTC)))
    assert recent[queryid].calls == 5


def test_after_a_whole_reset_everything_counts() -> None:
    earlier = Counters({1: "SELECT 1"}, {1: Figures(10, 5.0, 10)}, NOON, {})
    later = Counters({1: "SELECT 1"}, {1: Figures(20, 9.0, 20)}, NOON + timedelta(hours=1), {})
    assert later.after(snapshot(earlier, NOON), snapshot(later, NOON + timedelta(hours=2))) == later.figures
