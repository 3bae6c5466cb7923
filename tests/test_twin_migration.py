"""Migrations in a planner twin against the truth: the same migration applied to the source, then ANALYZE."""

from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from pgarchitect.errors import MigrationRefused
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.settings import Settings
from pgarchitect.twin.files import resize
from pgarchitect.twin.pages import BLOCK
from pgarchitect.twin.plan import Plan, shape
from pgarchitect.twin.planner_twin import Configuration, PlannerTwin
from pgarchitect.twin.script import Kind, statements_in
from pgarchitect.twin.using_clauses import using_clauses

STATEMENTS: Final = (
    "SELECT * FROM users WHERE id = 5",
    "SELECT id FROM users WHERE lower(email) = 'a@b'",
    "SELECT id FROM users WHERE role = 'MENTOR' AND points > 100 ORDER BY points DESC LIMIT 20",
    "SELECT count(*) FROM users WHERE last_seen_at > '2026-01-01'",
    "SELECT * FROM comments WHERE post_id = 12 ORDER BY created_at DESC LIMIT 10",
    "SELECT author_id, count(*) FROM comments GROUP BY author_id",
    "SELECT * FROM comments c JOIN social_posts p ON p.id = c.post_id WHERE p.author_id = 7",
    "SELECT * FROM comments c WHERE NOT EXISTS (SELECT 1 FROM social_posts p WHERE p.id = c.post_id)",
    "SELECT * FROM social_posts WHERE deleted_at IS NULL ORDER BY created_at DESC LIMIT 20",
    "SELECT * FROM post_reactions WHERE user_id = 3",
    "SELECT kind, count(*) FROM post_reactions GROUP BY kind",
    "SELECT * FROM notifications WHERE user_id = 42 AND read_at IS NULL",
    "SELECT kind, count(*) FROM notifications WHERE created_at > '2026-02-01' GROUP BY kind",
    "SELECT * FROM wallets w JOIN wallet_transactions t ON t.wallet_id = w.id WHERE w.user_id = 9",
    "SELECT * FROM wallet_transactions WHERE status = 'PENDING' ORDER BY created_at LIMIT 10",
    "SELECT * FROM enrolments e JOIN courses c ON c.id = e.course_id WHERE e.user_id = 11",
    "SELECT u.id FROM users u JOIN enrolments e ON e.user_id = u.id WHERE e.status = 'COMPLETED' AND u.locale = 'vi'",
)

MIGRATIONS: Final = {
    "new index": 'CREATE INDEX CONCURRENTLY "comments_post_id_created_at_idx" ON "comments"("post_id", "created_at")',
    "expression index": "CREATE INDEX ON users (lower(email))",
    "partial index": "CREATE INDEX ON notifications (user_id) WHERE read_at IS NULL",
    "hash index": "CREATE INDEX ON post_reactions USING hash (user_id)",
    "dropped index": "DROP INDEX wallets_user_id_key",
    "dropped constraint": "ALTER TABLE enrolments DROP CONSTRAINT enrolments_pkey",
    "int to bigint": """
        BEGIN;
        ALTER TABLE comments ALTER COLUMN id TYPE bigint, ALTER COLUMN post_id TYPE bigint;
        ALTER TABLE social_posts ALTER COLUMN id SET DATA TYPE bigint USING id::bigint;
        COMMIT;
    """,
    "key to bigint": "ALTER TABLE users ALTER COLUMN id TYPE bigint",
    "time to date": "ALTER TABLE users ALTER COLUMN last_seen_at TYPE date",
    "enum to text": "ALTER TABLE post_reactions ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN kind TYPE text",
    "prisma enum": """
        -- AlterEnum
        BEGIN;
        CREATE TYPE "transaction_status_new" AS ENUM ('FAILED', 'COMPLETED', 'PENDING');
        ALTER TABLE "wallet_transactions" ALTER COLUMN "status" DROP DEFAULT;
        ALTER TABLE "wallet_transactions" ALTER COLUMN "status" TYPE "transaction_status_new"
            USING ("status"::text::"transaction_status_new");
        ALTER TYPE "transaction_status" RENAME TO "transaction_status_old";
        ALTER TYPE "transaction_status_new" RENAME TO "transaction_status";
        DROP TYPE "transaction_status_old";
        ALTER TABLE "wallet_transactions" ALTER COLUMN "status" SET DEFAULT 'PENDING';
        COMMIT;
    """,
    "unique and foreign key": """
        ALTER TABLE users ADD CONSTRAINT users_email_id UNIQUE (email, id);
        ALTER TABLE notifications ADD CONSTRAINT again FOREIGN KEY (user_id) REFERENCES users (id);
        ALTER TABLE comments ADD CONSTRAINT filled CHECK (body <> '');
    """,
    "new columns": """
        ALTER TABLE comments ADD COLUMN edited_at timestamp, ADD COLUMN state text NOT NULL DEFAULT 'visible';
        ALTER TABLE social_posts ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();
        ALTER TABLE wallets ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
    """,
    "dropped column": "ALTER TABLE social_posts DROP COLUMN tags",
    "rewrite": "CLUSTER comments USING comments_pkey",
    "partition": """
        CREATE TABLE all_comments (LIKE comments INCLUDING DEFAULTS) PARTITION BY RANGE (created_at);
        ALTER TABLE comments RENAME TO old_comments;
        ALTER TABLE all_comments ATTACH PARTITION old_comments FOR VALUES FROM (MINVALUE) TO ('2100-01-01');
        CREATE TABLE new_comments PARTITION OF all_comments FOR VALUES FROM ('2100-01-01') TO (MAXVALUE);
        ALTER TABLE all_comments RENAME TO comments;
        CREATE INDEX ON comments (author_id);
    """,
    "view and setting": """
        CREATE VIEW mentors AS SELECT id, points FROM users WHERE role = 'MENTOR';
        ALTER DATABASE whatever SET random_page_cost = 1.1;
    """,
}

ADDED: Final = {
    "prisma enum": ("SELECT count(*) FROM wallet_transactions WHERE status = 'FAILED'",),
    "new columns": (
        "SELECT * FROM comments WHERE edited_at IS NULL AND state = 'hidden'",
        "SELECT count(*) FROM comments WHERE state = 'visible'",
        "SELECT * FROM wallets WHERE number BETWEEN 10 AND 50",
    ),
    "time to date": ("SELECT last_seen_at, count(*) FROM users GROUP BY last_seen_at",),
    "view and setting": ("SELECT * FROM mentors ORDER BY points LIMIT 5",),
}
LOOSE: Final = {"time to date": 0.1, "rewrite": 0.05, "key to bigint": 0.02}
"""Of the rows of a date nothing but the times is known; CLUSTER changes how the order of the rows goes with values."""


def _truth(connection: Connection, statement: str) -> Plan:
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchone()
    assert row is not None
    return Plan.of(row[0])


def _apply(url: str, script: str) -> None:
    with connect(url, read_only=False) as connection:
        script = script.replace("ALTER DATABASE whatever", f'ALTER DATABASE "{connection.info.dbname}"')
        connection.execute(script.encode())
        connection.execute("ANALYZE")


@pytest.mark.parametrize("name", MIGRATIONS)
def test_plans_after_a_migration_are_those_of_production(name: str, edfinance: str, settings: Settings) -> None:
    statements = [*STATEMENTS, *ADDED.get(name, ())]
    with connect(edfinance, read_only=False) as source:
        source.execute("ANALYZE")
    with PlannerTwin.of(edfinance, settings) as twin:
        done = twin.migrate(MIGRATIONS[name])
        (row,) = twin.plan_all(statements, [Configuration()])
    assert (done.skipped, done.obstacles) == ((), ())
    assert [warning for warning in done.warnings if "VACUUM" not in warning] == []
    _apply(edfinance, MIGRATIONS[name])
    wrong: list[Any] = []
    with connect(edfinance) as source:
        for statement, found in zip(statements, row, strict=True):
            real = _truth(source, statement)
            assert isinstance(found, Plan), (statement, found)
            if shape(real.tree) != shape(found.tree) or found.cost != pytest.approx(
                real.cost, rel=LOOSE.get(name, 0.01)
            ):
                wrong.append((statement, real.cost, found.cost, shape(real.tree), shape(found.tree)))
    for each in wrong:
        print(each)
    assert wrong == []


def test_a_rewrite_of_a_huge_table_takes_no_disk(edfinance: str, settings: Settings) -> None:
    statement = "SELECT count(*) FROM comments"
    with PlannerTwin.of(edfinance, settings) as twin:
        data = twin._server.data
        with connect(twin.url, settings, read_only=False) as connection:
            row = connection.execute("SELECT pg_relation_filepath('comments')").fetchone()
            assert row is not None
            connection.execute(
                "UPDATE pg_class SET relpages = 40000000, reltuples = 3000000000 WHERE oid = 'comments'::regclass"
            )
        twin.close()
        resize(data / row[0], 40_000_000, twin._server.account.own)
        before = twin.explain(statement).cost
        used = _disk(data)
        done = twin.migrate("ALTER TABLE comments ALTER id TYPE bigint; CREATE INDEX ON comments (author_id);")
        after = twin.explain(statement).cost
        assert before > 20_000_000
        assert before < after < 1.2 * before
        (index,) = done.indexes
        assert index.size_bytes > 10_000_000_000
        assert done.rewritten[0].before_bytes == 40_000_000 * BLOCK
        assert _disk(data) < used + 20_000_000


def _disk(folder: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def test_what_a_twin_cannot_do_is_left_out_and_said(edfinance: str, settings: Settings) -> None:
    script = """\\set ON_ERROR_STOP on
BEGIN;
ALTER TABLE users ADD COLUMN nick text;
UPDATE users SET nick = lower(email);
ALTER TABLE users ALTER nick SET NOT NULL;
CREATE TABLE totals AS SELECT author_id, count(*) FROM comments GROUP BY 1;
GRANT SELECT ON users TO somebody_else;
CREATE INDEX ON users (nick) TABLESPACE fast;
COPY totals FROM stdin;
1\t2;
\\.
CREATE EXTENSION postgis;
SELECT 1 / count(*) FROM users;
VACUUM users;
COMMIT;
"""
    with PlannerTwin.of(edfinance, settings) as twin:
        done = twin.migrate(script)
        assert isinstance(twin.explain("SELECT nick FROM users WHERE nick = 'x'"), Plan)
    assert [(each.line, each.is_data) for each in done.skipped] == [
        (1, False), (4, True), (9, True), (12, False), (13, False), (14, False)
    ]  # fmt: skip
    assert done.unknown == {"totals"}
    assert any("users.nick is new and filled by a data statement" in warning for warning in done.warnings)
    assert done.obstacles == ()
    assert [index.name for index in done.indexes] == ["users_nick_idx"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("ALTER TABLE users ADD COLUMN nick text NOT NULL", "users.nick is new, NOT NULL and without a default"),
        ("ALTER TABLE users ALTER last_seen_at SET NOT NULL", "is null in"),
        ("CREATE UNIQUE INDEX ON comments (author_id)", "held the same value in several rows"),
    ],
)
def test_what_only_rows_refuse_is_told_from_their_statistics(
    edfinance: str, settings: Settings, script: str, said: str
) -> None:
    with connect(edfinance, read_only=False) as source:
        source.execute("UPDATE users SET last_seen_at = NULL WHERE id % 3 = 0")
        source.execute("ANALYZE")
        with pytest.raises(psycopg.Error):
            source.execute(script.encode())
    with PlannerTwin.of(edfinance, settings) as twin:
        done = twin.migrate(script)
    assert len(done.obstacles) == 1
    assert said in done.obstacles[0]


def test_a_migration_that_fails_tells_line_and_reason(edfinance: str, settings: Settings) -> None:
    script = "BEGIN;\n-- two\nALTER TABLE users\n  ADD COLUMN a int;\nALTER TABLE nothing ADD b int;\nCOMMIT;"
    with PlannerTwin.of(edfinance, settings) as twin, pytest.raises(MigrationRefused) as refused:
        twin.migrate(script)
    assert 'line 5 (relation "nothing" does not exist)' in str(refused.value)
    assert "in production too" in str(refused.value)


def test_new_extended_statistics_are_said_to_be_empty(edfinance: str, settings: Settings) -> None:
    script = """
        CREATE TABLE whole (LIKE comments) PARTITION BY LIST (post_id);
        ALTER TABLE comments ADD CHECK (post_id <> 0), ALTER post_id SET NOT NULL;
        CREATE STATISTICS pairs ON post_id, author_id FROM comments;
    """
    with PlannerTwin.of(edfinance, settings) as twin:
        done = twin.migrate(script)
    assert len(done.warnings) == 1
    assert "the statistics public.pairs on comments" in done.warnings[0]


def test_extended_statistics_survive_a_rewrite(edfinance: str, settings: Settings) -> None:
    statement = "SELECT count(*) FROM notifications WHERE kind = 'REMINDER' AND user_id = 3"
    script = "ALTER TABLE notifications ALTER id TYPE bigint"
    with connect(edfinance, read_only=False) as source:
        source.execute("CREATE STATISTICS known (ndistinct, dependencies, mcv) ON kind, user_id FROM notifications")
        source.execute("ANALYZE")
    with PlannerTwin.of(edfinance, settings) as twin:
        done = twin.migrate(script)
        found = twin.explain(statement)
    _apply(edfinance, script)
    with connect(edfinance) as source:
        assert found.cost == pytest.approx(_truth(source, statement).cost, rel=0.01)
    assert not any("statistics" in warning for warning in done.warnings)


def test_scripts_are_cut_as_psql_cuts_them() -> None:
    script = """-- CreateIndex
CREATE INDEX "a;b" ON t (x); /* one /* two; */ ; */
INSERT INTO t VALUES (';', E'\\';', $q$;$q$);
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
\\echo done; really
with x as (delete from t returning *) select * from x;
CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);
create materialized view m as select 1;
vacuum"""
    found = [(each.line, each.kind, each.text[:12]) for each in statements_in(script)]
    assert found == [
        (2, Kind.DEFINITION, 'CREATE INDEX'),
        (3, Kind.DATA, "INSERT INTO "),
        (4, Kind.DEFINITION, "CREATE FUNCT"),
        (5, Kind.META, "\\echo done; "),
        (6, Kind.DATA, "with x as (d"),
        (7, Kind.DEFINITION, "CREATE RULE "),
        (8, Kind.FILLING, "create mater"),
        (9, Kind.UPKEEP, "vacuum"),
    ]  # fmt: skip


def test_using_clauses_are_found_between_commas() -> None:
    text = """ALTER TABLE ONLY public."T" ALTER COLUMN "A b" SET DATA TYPE numeric(10, 2) USING round(x, 2),
        ADD COLUMN using_it int, ALTER c TYPE int USING (coalesce(c, '0'))::int, ALTER d TYPE bigint"""
    assert list(using_clauses(text)) == [
        ('public."T"', "A b", "round(x, 2)"),
        ('public."T"', "c", "(coalesce(c, '0'))::int"),
    ]
