"""The planner twin against its source: the same costs without a row, and hypothetical indexes like real ones."""

from collections.abc import Iterator

import pytest

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.settings import Settings
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.twin.private_server import FOLDER

STATEMENTS = (
    "SELECT * FROM behavior_logs WHERE user_id = 42 ORDER BY created_at DESC LIMIT 50",
    "SELECT * FROM users WHERE id = 5",
    "SELECT count(*) FROM behavior_logs l JOIN users u ON u.id = l.user_id WHERE u.role = 'MENTOR'",
    "SELECT * FROM wallet_transactions WHERE status = 'PENDING' ORDER BY created_at LIMIT 10",
    "SELECT max(id) FROM behavior_logs",
    "SELECT user_id, count(*) FROM notifications GROUP BY user_id ORDER BY 2 DESC LIMIT 5",
    "SELECT * FROM comments c WHERE NOT EXISTS (SELECT 1 FROM social_posts p WHERE p.id = c.post_id)",
)
INDEXES = (
    "CREATE INDEX CONCURRENTLY x1 ON public.behavior_logs (user_id, created_at)",
    "CREATE INDEX x2 ON wallet_transactions (status, created_at)",
    "CREATE INDEX x3 ON notifications (user_id) WHERE read_at IS NULL",
    "CREATE UNIQUE INDEX x4 ON comments (post_id, id)",
)


@pytest.fixture(scope="module")
def template(server: EmbeddedServer, edfinance_template: str) -> str:
    """URL of the sample application; read only."""
    return server.url(edfinance_template)


@pytest.fixture(scope="module")
def twin(template: str, settings: Settings) -> Iterator[PlannerTwin]:
    """A twin of the sample application."""
    with PlannerTwin.of(template, settings) as made:
        assert made.missing == ()
        yield made


def cost(connection: Connection, statement: str) -> float:
    """What the source itself says."""
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Total Cost"])


@pytest.mark.parametrize("statement", STATEMENTS)
def test_costs_are_the_sources_to_the_cent(twin: PlannerTwin, template: str, statement: str) -> None:
    with connect(template) as source:
        assert twin.explain(statement).cost == cost(source, statement)


def test_the_twin_has_no_rows(twin: PlannerTwin) -> None:
    with connect(twin.url) as connection:
        assert connection.execute("SELECT count(*) FROM users WHERE id > 0").fetchone() == (0,)


@pytest.mark.parametrize("ddl", INDEXES)
def test_a_hypothetical_index_plans_like_the_real_one(twin: PlannerTwin, edfinance: str, ddl: str) -> None:
    found = twin.try_index(ddl)
    with connect(edfinance, read_only=False) as source:
        source.execute(ddl.replace("CONCURRENTLY", "").encode())
        row = source.execute("SELECT pg_relation_size(%s::regclass)", (found.name,)).fetchone()
        assert row is not None
        assert abs(found.size_bytes - row[0]) <= max(0.08 * row[0], 3 * 8192)
        with twin.configuration(present=[found.name]):
            for statement in STATEMENTS:
                real = cost(source, statement)
                assert twin.explain(statement).cost == pytest.approx(real, rel=0.05)


def test_an_index_is_switched_on_only_inside_a_configuration(twin: PlannerTwin) -> None:
    found = twin.try_index("CREATE INDEX switched ON behavior_logs (session_id)")
    statement = "SELECT * FROM behavior_logs WHERE session_id = '00000000-0000-0000-0000-000000000001'"
    before = twin.explain(statement)
    with twin.configuration(present=[found.name]):
        assert twin.explain(statement).indexes() == ("switched",)
    assert twin.explain(statement) == before
    assert "switched" not in before.indexes()


def test_an_existing_index_can_be_taken_away(twin: PlannerTwin) -> None:
    statement = "SELECT * FROM behavior_logs WHERE id = 5"
    assert twin.explain(statement).indexes() == ("behavior_logs_pkey",)
    with twin.configuration(absent=["behavior_logs_pkey"]):
        assert twin.explain(statement).indexes() == ()


def test_what_is_no_index_is_refused_in_a_sentence(twin: PlannerTwin) -> None:
    with pytest.raises(UsageError, match="not a CREATE INDEX"):
        twin.try_index("DROP TABLE users")
    with pytest.raises(UsageError, match="refused the index"):
        twin.try_index("CREATE INDEX ON users (no_such_column)")
    with pytest.raises(UsageError, match="no indexes called"), twin.configuration(present=["unknown"]):
        pass


def test_one_refused_index_does_not_spoil_the_others(twin: PlannerTwin) -> None:
    ddls = [
        "CREATE INDEX one ON users (email)",
        "CREATE INDEX two ON users (no_such_column)",
        "no index",
        "CREATE INDEX three ON no_such_table (id)",
        "CREATE INDEX four ON users (lower(email))",
        "CREATE INDEX five ON behavior_logs (session_id)",
    ]
    found = twin.try_indexes(ddls)
    assert [each.name if isinstance(each, Hypothetical) else None for each in found] == [
        "one",
        None,
        None,
        None,
        "four",
        "five",
    ]
    assert ["no_such_column" in str(found[1]), "not a CREATE INDEX" in str(found[2])] == [True, True]
    assert "no_such_table" in str(found[3])
    alone = twin.try_index("CREATE INDEX alone ON users (email)")
    assert isinstance(found[0], Hypothetical)
    assert alone.size_bytes == found[0].size_bytes
    with twin.configuration(present=["five"]):
        statement = "SELECT id FROM behavior_logs WHERE session_id = '00000000-0000-0000-0000-000000000001'"
        assert twin.explain(statement).indexes() == ("five",)


def test_nothing_of_the_twin_is_left(template: str, settings: Settings) -> None:
    with PlannerTwin.of(template, settings) as made:
        assert made.explain("SELECT 1").cost > 0
        kept = {path.name for path in (settings.data_dir / FOLDER).iterdir()}
    after = {path.name for path in (settings.data_dir / FOLDER).iterdir()}
    assert len(kept - after) == 1


def test_statistics_of_indexes_follow_them_where_the_primary_key_is_older(
    fresh_database: str, settings: Settings
) -> None:
    with connect(fresh_database, read_only=False) as source:
        source.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
        source.execute("INSERT INTO t SELECT i, md5((i % 500)::text) FROM generate_series(1, 5000) i")
        source.execute("CREATE INDEX t_name ON t (upper(name))")
        source.execute("ANALYZE t")
        asked = "SELECT * FROM t WHERE upper(name) = 'X'"
        with PlannerTwin.of(fresh_database, settings) as made:
            assert made.missing == ()
            assert made.explain(asked).cost == cost(source, asked)
            with made.configuration(absent=["t_name"]):
                assert made.explain(asked).tree["Plan Rows"] == 25  # half a percent: the guess without statistics
