"""Real runs on a sandbox: what they measure, that they end, and that they leave nothing behind."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.binding import Bound, bind
from pgarchitect.evidence.evidence import Measurement
from pgarchitect.evidence.explain import CannotRun, TimedOut, explained, planned
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.proof import Effort, Prover
from pgarchitect.evidence.run import Limits, measured
from pgarchitect.evidence.standing import ChangeRefused
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.settings import Settings
from pgarchitect.workload.syntax import parse
from tests.vocabulary import catalog_of, proposed, statement

EFFORT = Effort(runs=3, budget_s=0.5, limit_ms=2_000, build_limit_ms=5_000)
BY_USER = "SELECT * FROM posts WHERE user_id = $1"


@pytest.fixture
def application(fresh_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE posts (id serial PRIMARY KEY, user_id int, likes int, day date)")
        connection.execute("INSERT INTO posts (user_id, likes) SELECT i % 500, i FROM generate_series(1, 20000) i")
        connection.execute("VACUUM ANALYZE posts")
        yield connection


@pytest.fixture
def sandbox(application: psycopg.Connection, fresh_database: str) -> Iterator[Connection]:
    with connect(fresh_database, Settings(lock_timeout_ms=300), read_only=False) as connection:
        yield connection


def index(database: str, text: str = BY_USER) -> Candidate:
    return proposed(database, text)[0]


def bound(sandbox: Connection, database: str, text: str = BY_USER) -> tuple[Bound, ...]:
    return bind(sandbox, statement(text, rows_per_call=40), parse(text), catalog_of(database, text))


def state(application: psycopg.Connection) -> tuple[object, ...]:
    """What a proof must not change: rows, indexes, and the settings that others see."""
    rows = application.execute("SELECT count(*), sum(likes), sum(hashint4(user_id)), max(ctid) FROM posts").fetchone()
    names = application.execute("SELECT array_agg(indexname ORDER BY 1) FROM pg_indexes WHERE tablename = 'posts'")
    return (rows, names.fetchone())


def test_an_index_that_helps_is_used_and_measured(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str
) -> None:
    before = state(application)
    prover = Prover(sandbox, EFFORT)
    assert prover.prepare(["public.posts"]) == []
    baseline = prover.baseline("f", bound(sandbox, fresh_database))
    assert len(baseline.bound) == len(baseline.measurements) == 2
    assert all(each.plan.node_type == "Seq Scan" and each.times_ms for each in baseline.measurements)
    candidate = index(fresh_database)
    found = prover.try_alone(candidate, [baseline])["f"]
    assert found.object_used
    assert found.after is not None
    assert found.after.plan.uses(candidate.object_name)
    assert (found.held_for, found.tried_for, found.note) == (2, 2, "")
    assert (found.gain_percent or 0) > 20
    assert (found.robust_gain_percent or 0) > 20
    assert (found.size_bytes or 0) >= 8192 * 10
    assert (found.build_ms or 0) > 0
    assert len(found.parameters) == 1
    assert state(application) == before


def test_the_second_set_is_the_one_that_is_planned_most_differently(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str
) -> None:
    application.execute("CREATE INDEX ON posts (id, likes)")
    application.execute("UPDATE posts SET user_id = 7 WHERE id % 10 <> 0")
    application.execute("CREATE INDEX ON posts (user_id)")
    application.execute("VACUUM FULL ANALYZE posts")
    forms = bind(sandbox, statement(BY_USER, rows_per_call=18_000), parse(BY_USER), catalog_of(fresh_database, BY_USER))
    assert len(forms) > 2
    baseline = Prover(sandbox, EFFORT).baseline("f", forms)
    likeliest, second = (each.planned.plan.node_type for each in baseline.bound)
    assert likeliest == "Seq Scan"
    assert second != "Seq Scan"
    found = Prover(sandbox, EFFORT).try_alone(index(fresh_database, "SELECT * FROM posts WHERE likes = $1"), [baseline])
    assert [each.parameters for each in found["f"].sets] == [each.literals for each in baseline.bound]
    assert [each.weight for each in found["f"].sets] == [each.weight for each in baseline.bound]
    assert [(each.before, each.after) for each in found["f"].sets] == list(found["f"].sets_ms)


def test_an_index_that_helps_for_one_value_and_harms_for_another_says_which(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str
) -> None:
    """The planner cannot know that all rows of the rarer state are old: it walks the index to its end."""
    application.execute("CREATE TABLE events (id int, state text, at int, body text)")
    application.execute(
        "INSERT INTO events SELECT i, CASE WHEN at < 6000 THEN 'old' ELSE 'new' END, at, repeat('x', 200)"
        " FROM (SELECT i, (i::bigint * 7919 % 60000)::int FROM generate_series(1, 60000) i) x(i, at)"
    )
    application.execute("VACUUM ANALYZE events")
    text = "SELECT * FROM events WHERE state = $1 ORDER BY at DESC LIMIT $2"
    (candidate,) = (each for each in proposed(fresh_database, text) if each.key.endswith("events (at)"))
    prover = Prover(sandbox, EFFORT)
    baseline = prover.baseline("f", bound(sandbox, fresh_database, text))
    found = prover.try_alone(candidate, [baseline])["f"]
    helped, harmed = found.sets
    assert (helped.parameters[0], harmed.parameters[0]) == ("'new'", "'old'")
    assert helped.after < 0.5 * helped.before
    assert harmed.after > harmed.before
    assert found.worse == (harmed,)
    assert (found.held_for, found.tried_for) == (1, 2)


def test_a_statement_without_values_is_not_run_and_says_why(sandbox: Connection, fresh_database: str) -> None:
    sandbox.execute("CREATE TABLE cards (mac macaddr)")
    text = "SELECT * FROM cards WHERE mac = $1"
    with pytest.raises(CannotRun, match="invalid input syntax for type macaddr"):
        Prover(sandbox, EFFORT).baseline("f", bound(sandbox, fresh_database, text))


def test_an_index_that_is_not_used_is_said_to_be_unused(sandbox: Connection, fresh_database: str) -> None:
    prover = Prover(sandbox, EFFORT)
    baseline = prover.baseline("f", bound(sandbox, fresh_database, "SELECT count(*) FROM posts WHERE likes > $1"))
    found = prover.try_alone(index(fresh_database), [baseline])["f"]
    assert not found.object_used
    assert found.after is not None
    assert (found.after.times_ms, found.gain_percent, found.held_for) == ((), None, 0)


WRITES = [
    "UPDATE posts SET likes = likes + 1 WHERE user_id = $1",
    "DELETE FROM posts WHERE user_id = $1 RETURNING id",
    "INSERT INTO posts (user_id, likes) SELECT user_id, likes FROM posts WHERE user_id = $1",
    "WITH gone AS (DELETE FROM posts WHERE user_id = $1 RETURNING *) SELECT count(*) FROM gone",
    "SELECT * FROM posts WHERE user_id = $1 FOR UPDATE",
    "MERGE INTO posts p USING (SELECT $1::int AS u) x ON p.user_id = x.u WHEN MATCHED THEN DELETE",
]


@pytest.mark.parametrize("text", WRITES)
def test_what_writes_is_proven_and_undone(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str, text: str
) -> None:
    before = state(application)
    prover = Prover(sandbox, EFFORT)
    baseline = prover.baseline("f", bound(sandbox, fresh_database, text))
    found = prover.try_alone(index(fresh_database), [baseline])["f"]
    assert found.object_used
    assert state(application) == before
    application.execute("UPDATE posts SET likes = likes")  # no lock is left either


def test_an_exception_leaves_nothing_behind(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str
) -> None:
    before = state(application)
    prover = Prover(sandbox, EFFORT)
    candidate = index(fresh_database)
    with pytest.raises(psycopg.errors.DivisionByZero), prover._changed([candidate]):
        sandbox.execute("SELECT 1 / (count(*) - 2) FROM pg_indexes WHERE tablename = 'posts'")
    assert state(application) == before
    sandbox.execute("SELECT 1")


def test_a_change_that_is_refused_says_which_and_why(sandbox: Connection, fresh_database: str) -> None:
    prover = Prover(sandbox, EFFORT)
    good = index(fresh_database)
    sandbox.execute("CREATE TABLE posts_user_id_idx ()")
    with pytest.raises(ChangeRefused, match="already exists") as caught:
        prover.try_alone(good, [])
    assert caught.value.key == good.key
    sandbox.execute("SELECT 1")


SLOW = "SELECT count(*) FROM posts a, posts b WHERE a.likes + b.likes > $1 AND a.user_id = $2"


def test_a_statement_slower_than_the_limit_counts_as_that_slow(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str
) -> None:
    before = state(application)
    prover = Prover(sandbox, Effort(runs=3, budget_s=0.5, limit_ms=60))
    started = time.monotonic()
    endless = "SELECT count(*) FROM posts a, posts b, posts c WHERE a.likes + b.likes + c.likes > $1"
    baseline = prover.baseline("f", bound(sandbox, fresh_database, endless))
    assert time.monotonic() - started < 2
    assert [(each.timed_out, each.times_ms) for each in baseline.measurements] == [(True, (60.0,))]
    found = prover.try_alone(index(fresh_database), [baseline])["f"]
    assert not found.object_used
    assert state(application) == before
    assert sandbox.execute("SELECT 1").fetchone() == (1,)


@contextmanager
def held(database: str, lock: str) -> Iterator[None]:
    """Another session that holds a lock."""
    with psycopg.connect(database) as other:
        other.execute(lock.encode())
        yield
        other.rollback()


def test_a_locked_table_refuses_the_change_and_nothing_hangs(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str
) -> None:
    prover = Prover(sandbox, EFFORT)
    baseline = prover.baseline("f", bound(sandbox, fresh_database))
    candidate = index(fresh_database)
    started = time.monotonic()
    with held(fresh_database, "UPDATE posts SET likes = 0 WHERE id = 1"):
        with pytest.raises(ChangeRefused, match="lock timeout"):
            prover.try_alone(candidate, [baseline])
        assert "could not be vacuumed" not in "".join(prover.prepare(["public.posts"]))
    with held(fresh_database, "LOCK posts IN ACCESS EXCLUSIVE MODE"):
        assert "could not be vacuumed" in prover.prepare(["public.posts"])[0]
        with pytest.raises(CannotRun, match="lock timeout"):
            prover.baseline("f", baseline.bound)
    assert time.monotonic() - started < 10
    assert prover.try_alone(candidate, [baseline])["f"].object_used


def test_a_row_that_is_locked_costs_only_its_statement(sandbox: Connection, fresh_database: str) -> None:
    """The change is not blamed for a lock that comes when it is tried."""
    prover = Prover(sandbox, EFFORT)
    sandbox.execute("CREATE TABLE counters AS SELECT 1 AS id, 0 AS n")
    write = "UPDATE counters SET n = 1 FROM posts WHERE user_id = $1"
    baselines = [
        prover.baseline("read", bound(sandbox, fresh_database)),
        prover.baseline("write", bound(sandbox, fresh_database, write)),
    ]
    with held(fresh_database, "UPDATE counters SET n = 2"):
        alone = prover.try_alone(index(fresh_database), baselines)
        together, used = prover.try_together([index(fresh_database)], baselines)
    assert list(alone) == list(together) == ["read"]
    assert used == {"read": frozenset({index(fresh_database).key})}


def test_an_index_over_dead_rows_can_be_used_after_preparing(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str
) -> None:
    """HOT chains make a new index unusable in its own transaction (pg_index.indcheckxmin) until they are vacuumed."""
    application.execute("ALTER TABLE posts SET (fillfactor = 50, autovacuum_enabled = off)")
    application.execute("VACUUM FULL ANALYZE posts")
    prover = Prover(sandbox, EFFORT)
    candidate = index(fresh_database)
    baseline = prover.baseline("f", bound(sandbox, fresh_database))
    with held(fresh_database, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1"):
        application.execute("UPDATE posts SET user_id = user_id + 1 WHERE id % 3 = 0")
        unprepared = prover.try_alone(candidate, [baseline])["f"]
    assert "older transactions" in unprepared.note
    assert not unprepared.object_used
    assert prover.prepare(["public.posts"]) == []
    prepared = prover.try_alone(candidate, [baseline])["f"]
    assert prepared.note == ""
    assert prepared.object_used


def test_preparing_keeps_our_runs_out_of_the_applications_figures(
    application: psycopg.Connection, sandbox: Connection, fresh_database: str
) -> None:
    application.execute("SELECT * FROM posts WHERE user_id = 1")
    application.execute("BEGIN")
    application.execute("ROLLBACK")

    def figures() -> dict[str, tuple[object, ...]]:
        rows = application.execute(
            "SELECT query, calls, total_exec_time FROM pg_stat_statements"
            " WHERE query !~ 'pg_stat_statements|pgarchitect'"
            " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return {text: tuple(rest) for text, *rest in rows}

    prover = Prover(sandbox, EFFORT)
    prover.prepare(["public.posts"])
    before = figures()
    assert {"SELECT * FROM posts WHERE user_id = $1", "BEGIN", "ROLLBACK"} <= set(before)
    baseline = prover.baseline("f", bound(sandbox, fresh_database))
    prover.try_together([index(fresh_database)], [baseline])
    assert figures() == before


def test_what_waits_to_be_applied_is_there_before_and_after(sandbox: Connection, fresh_database: str) -> None:
    pending = index(fresh_database)
    prover = Prover(sandbox, EFFORT, [pending])
    with prover.today():
        baseline = prover.baseline("f", bound(sandbox, fresh_database))
    assert all(each.plan.uses(pending.object_name) for each in baseline.measurements)
    other = index(fresh_database, "SELECT * FROM posts WHERE likes = $1")
    found = prover.try_alone(other, [baseline])["f"]
    assert not found.object_used
    assert found.after is not None
    assert found.after.plan.uses(pending.object_name)


def test_pending_changes_that_are_there_already_do_no_harm(sandbox: Connection, fresh_database: str) -> None:
    pending = index(fresh_database)
    sandbox.execute(pending.trial_sql.encode())
    with Prover(sandbox, EFFORT, [pending]).today():
        assert sandbox.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'posts'").fetchone() == (2,)


def test_indexes_of_partitions_count_as_the_candidates(sandbox: Connection, fresh_database: str) -> None:
    sandbox.execute("CREATE TABLE parted (id int, k int) PARTITION BY RANGE (id)")
    sandbox.execute("CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (5000)")
    sandbox.execute("CREATE TABLE parted_2 PARTITION OF parted DEFAULT")
    sandbox.execute("INSERT INTO parted SELECT i, i % 300 FROM generate_series(1, 9000) i")
    sandbox.execute("VACUUM ANALYZE parted")
    text = "SELECT * FROM parted WHERE k = $1"
    prover = Prover(sandbox, EFFORT)
    assert prover.prepare(["public.parted"]) == []
    found = prover.try_alone(index(fresh_database, text), [prover.baseline("f", bound(sandbox, fresh_database, text))])[
        "f"
    ]
    assert found.object_used
    assert (found.size_bytes or 0) > 8192


def test_a_cancelled_run_is_a_time_out_and_the_connection_lives(
    application: psycopg.Connection, sandbox: Connection
) -> None:
    (pid,) = sandbox.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    timer = threading.Timer(0.2, lambda: application.execute("SELECT pg_cancel_backend(%s)", (pid,)))
    timer.start()
    with pytest.raises(TimedOut):
        explained(sandbox, "ANALYZE, FORMAT JSON", "SELECT count(*) FROM posts a, posts b, posts c")
    timer.join()
    assert sandbox.execute("SELECT 1").fetchone() == (1,)


def test_a_lost_connection_is_no_refusal_of_the_statement(application: psycopg.Connection, sandbox: Connection) -> None:
    (pid,) = sandbox.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    application.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with pytest.raises(psycopg.OperationalError):
        planned(sandbox, "SELECT 1")


def test_runs_end_with_the_budget_or_when_there_is_no_hope(sandbox: Connection) -> None:
    text = "SELECT count(*) FROM posts"
    assert len(measured(sandbox, text, Limits(4, 10, 5000)).times_ms) == 4
    assert len(measured(sandbox, text, Limits(4, 0, 5000)).times_ms) == 1
    assert len(measured(sandbox, text, Limits(4, 10, 5000, hopeless_ms=0)).times_ms) == 1


PLANS = [
    ("WITH x AS MATERIALIZED (SELECT * FROM posts WHERE id = 5) SELECT * FROM x, x y", "CTE Scan"),
    ("SELECT (SELECT max(likes) FROM posts WHERE user_id = 5), id FROM posts WHERE id = 1", "Aggregate"),
    (
        "SELECT * FROM posts p WHERE likes > (SELECT avg(likes) FROM posts q WHERE q.id = p.id) AND p.id < 5",
        "Aggregate",
    ),
    ("SELECT id FROM posts WHERE id = 1 UNION ALL SELECT id FROM posts WHERE id = 2", "Append"),
    ("UPDATE posts SET likes = 1 WHERE id = 1", "ModifyTable"),
    ("SELECT * FROM generate_series(1, 3) g", "Function Scan"),
    ("VALUES (1), (2)", "Values Scan"),
    ("SELECT * FROM posts WHERE id = 1 OR id = 2 ORDER BY user_id", "Sort"),
]


@pytest.mark.parametrize(("text", "node"), PLANS)
def test_plans_are_read_whole(sandbox: Connection, text: str, node: str) -> None:
    plan = measured(sandbox, text, Limits(1, 1, 5000)).plan
    names = [each.node_type for each in plan.walk()]
    assert node in names
    (document,) = explained(sandbox, "ANALYZE, FORMAT JSON", text)
    assert len(names) == str(document["Plan"]).count("'Node Type'")
    assert all(each.total_cost >= 0 for each in plan.walk())
    if "posts" in text:
        assert any(each.relation and each.relation.split(" ")[0] == "posts" for each in plan.walk())


def test_a_parallel_plan_counts_its_workers(sandbox: Connection) -> None:
    for name in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
        sandbox.execute("SELECT set_config(%s, '0', false)", (name,))
    plan = measured(sandbox, "SELECT count(*) FROM posts", Limits(1, 1, 5000)).plan
    scan = next(each for each in plan.walk() if each.node_type == "Seq Scan")
    assert any(each.node_type == "Gather" for each in plan.walk())
    assert (scan.loops or 0) >= 1
    assert (scan.actual_rows or 0) * (scan.loops or 0) == pytest.approx(20000, rel=0.01)


def test_a_plan_knows_its_indexes_and_details(sandbox: Connection) -> None:
    plan = planned(sandbox, "SELECT * FROM posts p WHERE id = 5 AND likes > 3").plan
    assert plan.uses("posts_pkey")
    assert not plan.uses("posts")
    assert plan.relation == "posts (p)"
    assert plan.detail == ("Index Cond: (id = 5)", "Filter: (likes > 3)")
    assert (plan.actual_rows, plan.loops, plan.actual_ms) == (None, None, None)


def test_only_planned_is_not_measured(sandbox: Connection) -> None:
    found = planned(sandbox, "DELETE FROM posts")
    assert isinstance(found, Measurement)
    assert isinstance(found.plan, PlanNode)
    assert (found.times_ms, found.median_ms, found.shared_blocks) == ((), None, None)
    assert sandbox.execute("SELECT count(*) FROM posts").fetchone() == (20000,)


def test_a_role_that_is_no_superuser_proves_as_well(application: psycopg.Connection, fresh_database: str) -> None:
    """It may not stop pg_stat_statements from counting; all else goes on."""
    application.execute("CREATE ROLE builder LOGIN")
    try:
        application.execute("GRANT CREATE, USAGE ON SCHEMA public TO builder")
        application.execute("ALTER TABLE posts OWNER TO builder")
        candidate = index(fresh_database)
        with connect(fresh_database.replace("postgres@", "builder@"), read_only=False) as sandbox:
            prover = Prover(sandbox, EFFORT)
            assert prover.prepare(["public.posts"]) == []
            found = prover.try_alone(candidate, [prover.baseline("f", bound(sandbox, fresh_database))])["f"]
        assert found.object_used
    finally:
        application.execute("REASSIGN OWNED BY builder TO postgres")
        application.execute("DROP OWNED BY builder")
        application.execute("DROP ROLE builder")
