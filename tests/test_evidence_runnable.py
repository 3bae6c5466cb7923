"""What may be run for a proof and what is left alone, as the server's own catalog tells it."""

from collections.abc import Iterator

import psycopg
import pytest

from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.runnable import MayNotRun, require_harmless_plan, require_harmless_text
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.module_database import module_database
from tests.vocabulary import proven, statement

SCHEMA = """
CREATE EXTENSION dblink;
CREATE EXTENSION postgres_fdw;
CREATE TABLE posts (id serial PRIMARY KEY, user_id int, body text DEFAULT random()::text);
CREATE TABLE logged (id int PRIMARY KEY, body text);
CREATE TABLE child (id int REFERENCES logged ON DELETE CASCADE);
CREATE TABLE plain (id int);
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE TABLE parted_all PARTITION OF parted DEFAULT;
CREATE FUNCTION naps() RETURNS int LANGUAGE sql AS 'SELECT pg_sleep(9); SELECT 1';
CREATE FUNCTION naps_inside() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT naps(); END;
CREATE FUNCTION "Odd name"() RETURNS int LANGUAGE plpgsql AS $$BEGIN PERFORM naps_inside(); RETURN 1; END$$;
CREATE FUNCTION claims() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$BEGIN PERFORM dblink('', ''); RETURN 1; END$$;
CREATE FUNCTION makes_up(t text) RETURNS int LANGUAGE plpgsql AS $$BEGIN EXECUTE t; RETURN 1; END$$;
CREATE FUNCTION counts() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN (SELECT count(*) FROM posts); END$$;
CREATE FUNCTION ping_pong(n int) RETURNS int LANGUAGE plpgsql AS
    $$BEGIN RETURN CASE WHEN n > 0 THEN ping_pong(n - 1) END; END$$;
CREATE FUNCTION stamps() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN NEW.body := clock_timestamp(); RETURN NEW; END$$;
CREATE FUNCTION reports() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM dblink_exec('x', 'y'); RETURN OLD; END$$;
CREATE FUNCTION writes_child() RETURNS void LANGUAGE sql AS 'DELETE FROM child';
CREATE FUNCTION slow_add(s int, n int) RETURNS int LANGUAGE sql AS 'SELECT s + n FROM (SELECT naps()) x';
CREATE AGGREGATE slow_sum(int) (sfunc = slow_add, stype = int, initcond = '0');
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION stamps();
CREATE TRIGGER report BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION reports();
CREATE TRIGGER off BEFORE UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION reports();
ALTER TABLE plain DISABLE TRIGGER off;
CREATE TRIGGER report BEFORE DELETE ON parted_all FOR EACH ROW EXECUTE FUNCTION reports();
CREATE VIEW napping AS SELECT pg_sleep(id)::text AS nap FROM plain;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '/nowhere');
CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere;
CREATE FOREIGN TABLE away (id int) SERVER elsewhere;
"""


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    with module_database(server, "runnable_tests", SCHEMA) as url:
        yield url


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with connect(database, read_only=False) as connection:
        yield connection


def require_harmless(connection: Connection, text: str) -> None:
    require_harmless_text(connection, text)
    require_harmless_plan(connection, text)


REFUSED = [
    ("SELECT pg_terminate_backend(1)", "pg_terminate_backend()"),
    ("SELECT pg_cancel_backend(pid) FROM pg_stat_activity", "pg_cancel_backend()"),
    ("SELECT * FROM posts, pg_sleep(1)", "pg_sleep()"),
    ("SELECT pg_catalog . pg_sleep  (1)", "pg_sleep()"),
    ('SELECT "pg_sleep"(1)', "pg_sleep()"),
    ("SELECT pg_sleep_for('1 s')", "pg_sleep"),
    ("SELECT PG_SLEEP(1)", "pg_sleep()"),
    ("SELECT * FROM posts WHERE user_id = 1 AND (SELECT pg_sleep(1)) IS NULL", "pg_sleep()"),
    ("SELECT lo_export(1, '/tmp/x')", "lo_export()"),
    ("SELECT lo_unlink(1)", "lo_unlink()"),
    ("SELECT * FROM dblink('', 'SELECT 1') x(a int)", "public.dblink()"),
    ("SELECT set_config('search_path', 'x', false)", "set_config()"),
    ("SELECT setval('posts_id_seq', 1)", "setval()"),
    ("SELECT pg_advisory_lock(1)", "pg_advisory_lock()"),
    ("SELECT pg_reload_conf()", "pg_reload_conf()"),
    ("SELECT pg_read_file('/etc/passwd')", "pg_read_file()"),
    ("SELECT pg_logical_emit_message(false, 'a', 'b')", "pg_logical_emit_message()"),
    ("SELECT pg_stat_reset()", "pg_stat_reset()"),
    ("SELECT query_to_xml('SELECT 1', true, true, '')", "query_to_xml()"),
    ("SELECT naps()", "pg_sleep()"),
    ("SELECT naps_inside()", "pg_sleep()"),
    ('SELECT "Odd name"() FROM posts', "pg_sleep()"),
    ("SELECT claims()", "public.dblink()"),
    ("SELECT makes_up('x')", "public.makes_up(), which makes up statements"),
    ("SELECT slow_sum(id) FROM plain", "pg_sleep()"),
    ("SELECT * FROM napping", "pg_sleep()"),
    ("DELETE FROM child WHERE id = 1", "public.dblink_exec()"),
    ("DELETE FROM logged WHERE id = 1", "public.dblink_exec()"),  # the foreign key deletes from child
    ("DELETE FROM parted WHERE id = 1", "public.dblink_exec()"),
    ("SELECT writes_child()", "public.dblink_exec()"),
    ("WITH gone AS (DELETE FROM child RETURNING id) SELECT * FROM gone", "public.dblink_exec()"),
    ("INSERT INTO away VALUES (1)", "it writes to away, a table of another server"),
]

RUN = [
    "SELECT * FROM posts WHERE user_id = 1",
    "SELECT count(*), max(lower(body)), now(), random(), gen_random_uuid() FROM posts",
    "SELECT nextval('posts_id_seq'), pg_notify('a', 'b'), clock_timestamp()",
    "SELECT counts(), ping_pong(3)",
    "SELECT 'pg_sleep', pg_relation_size('posts')",
    "INSERT INTO posts (user_id) VALUES (1) RETURNING id",
    "UPDATE posts SET user_id = 2 WHERE id = 1",
    "DELETE FROM posts",
    "UPDATE plain SET id = 1",
    "SELECT * FROM child FOR UPDATE",
    "SELECT * FROM information_schema.tables",
    "SELECT left(body, 3), substring(body FROM 1 FOR 2), overlay(body PLACING 'x' FROM 1) FROM posts",
    "SELECT date_trunc('day', now()), age(now()), extract(year FROM now()), lpad(body, 3), body::varchar(3) FROM posts",
    "VALUES (1)",
    "TABLE posts",
    "MERGE INTO posts USING plain ON plain.id = posts.id WHEN MATCHED THEN UPDATE SET body = 'x'",
]


@pytest.mark.parametrize(("text", "culprit"), REFUSED)
def test_what_a_rollback_may_not_undo_is_left_alone(connection: Connection, text: str, culprit: str) -> None:
    with pytest.raises(MayNotRun) as caught:
        require_harmless(connection, text)
    assert culprit in str(caught.value)
    assert caught.value.sentence == f"It was not run: {caught.value}."


@pytest.mark.parametrize("text", RUN)
def test_what_a_rollback_undoes_is_run(connection: Connection, text: str) -> None:
    require_harmless(connection, text)


def test_what_the_server_cannot_plan_is_said_to_be_that(connection: Connection) -> None:
    with pytest.raises(CannotRun, match="does not exist") as caught:
        require_harmless(connection, "SELECT * FROM nowhere")
    assert not isinstance(caught.value, MayNotRun)
    assert caught.value.sentence.startswith("It could not be run with the values that were tried: relation")


def test_a_function_that_lies_about_itself_is_not_even_planned(connection: Connection) -> None:
    """The planner computes what is declared IMMUTABLE: an EXPLAIN would already have called it."""
    with pytest.raises(MayNotRun, match=r"public\.dblink"):
        require_harmless_text(connection, "SELECT claims()")


def test_asking_changes_nothing(connection: Connection) -> None:
    require_harmless(connection, "INSERT INTO posts (user_id) VALUES (1)")
    assert connection.execute("SELECT count(*), pg_sequence_last_value('posts_id_seq') FROM posts").fetchone() == (
        0,
        None,
    )


def test_a_proof_runs_no_such_statement(fresh_database: str) -> None:
    """A sequence shows it: its numbers stay given away after a rollback."""
    with psycopg.connect(fresh_database, autocommit=True) as application:
        application.execute("CREATE SEQUENCE ran")
        application.execute(
            "CREATE FUNCTION acts(int) RETURNS int LANGUAGE plpgsql AS"
            " $$BEGIN EXECUTE 'SELECT nextval(''ran'')'; RETURN $1; END$$"
        )
        application.execute("CREATE TABLE t AS SELECT i AS id, i AS user_id FROM generate_series(1, 3000) i")
        application.execute("ANALYZE t")
        asked = statement("SELECT acts(id) FROM t WHERE user_id = $1", rows_per_call=1)
        found = proven(fresh_database, [asked])
        assert found.refused == {
            asked.fingerprint: "It was not run: it calls public.acts(), which makes up statements while it runs."
        }
        assert application.execute("SELECT is_called FROM ran").fetchone() == (False,)
