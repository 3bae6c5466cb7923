"""What a script may do, and what becomes of it: sent as it is, whole or not at all, its settings ending with it."""

import threading
import time
from pathlib import Path

import pytest

from pgarchitect.errors import MigrationFailed, UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.dsn import read_dsn
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import read_migrations
from pgarchitect.schema.shadow import replay_all, shadow_database
from pgarchitect.settings import Settings
from tests.migrations_lab import HISTORY, deployed, folder_of, rows, run

FIRST = "20260101000000_first"
SECOND = "20260102000000_second"


def test_the_table_is_the_one_that_prisma_makes(fresh_database: str, tmp_path: Path) -> None:
    deployed(fresh_database, folder_of(tmp_path / "m", {}))
    columns = (
        "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position"
    )
    assert rows(fresh_database, columns) == [
        ("id", "character varying", 36, "NO", None),
        ("checksum", "character varying", 64, "NO", None),
        ("finished_at", "timestamp with time zone", None, "YES", None),
        ("migration_name", "character varying", 255, "NO", None),
        ("logs", "text", None, "YES", None),
        ("rolled_back_at", "timestamp with time zone", None, "YES", None),
        ("started_at", "timestamp with time zone", None, "NO", "now()"),
        ("applied_steps_count", "integer", None, "NO", "0"),
    ]


def test_two_deployments_do_not_run_at_once(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "SELECT pg_sleep(1); CREATE TABLE a (id int);"})
    applied: list[tuple[str, ...]] = []
    threads = [threading.Thread(target=lambda: applied.append(deployed(fresh_database, folder).applied)) for _ in "ab"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(applied) == [(), (FIRST,)]


def test_a_script_is_sent_as_it_is(fresh_database: str, tmp_path: Path) -> None:
    script = """-- 100 % of it; 'not a string
CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $body$ BEGIN RETURN 'a;b'; END $body$;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
CREATE TABLE seen AS SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid() -- no semicolon at the end"""
    deployed(fresh_database, folder_of(tmp_path / "m", {FIRST: script}))
    assert rows(fresh_database, "SELECT query FROM seen") == [(script,)]


def test_what_a_script_sets_ends_with_it(fresh_database: str, tmp_path: Path) -> None:
    scripts = {
        FIRST: "SELECT pg_catalog.set_config('search_path', '', false); SET ROLE pg_monitor; SET lock_timeout = 5;",
        SECOND: "CREATE TABLE a AS SELECT current_user::text u, current_setting('lock_timeout') l,"
        " current_setting('statement_timeout') s;",
    }
    deployed(fresh_database, folder_of(tmp_path / "m", scripts))
    assert rows(fresh_database, "SELECT l, s, u = session_user FROM public.a") == [("2s", "0", True)]


def test_a_command_of_psql_is_told_as_such(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {FIRST: "SELECT 1;\n\\restrict abc\n"})
    with pytest.raises(MigrationFailed, match=r"line 2: syntax error .*: a command of psql is no SQL, take it out"):
        deployed(fresh_database, folder)
    with shadow_database(Settings()) as shadow, pytest.raises(MigrationFailed, match="a command of psql is no SQL"):
        replay_all(shadow, read_migrations(folder))


def test_no_time_out_of_the_role_ends_a_migration(fresh_database: str, tmp_path: Path) -> None:
    settings = ("transaction_timeout = 300", "statement_timeout = 300", "idle_session_timeout = 300")
    name = read_dsn(fresh_database)["dbname"]
    run(fresh_database, "".join(f'ALTER DATABASE "{name}" SET {each};' for each in settings))
    with migrating(fresh_database, Settings()) as connection:
        time.sleep(0.6)
        folder = folder_of(tmp_path, {"1": "SELECT pg_sleep(0.6)", "2": "SELECT pg_sleep(0.6)"})
        assert deploy(connection, read_migrations(folder)).applied == ("1", "2")
        time.sleep(0.6)
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_script_may_hold_transactions_of_its_own(fresh_database: str, tmp_path: Path) -> None:
    kept = "BEGIN; CREATE TABLE a (id int); COMMIT; CREATE TABLE b (id int);"
    broken = "BEGIN; CREATE TABLE c (id int); COMMIT; CREATE TABLE d (id int); SELECT 1/0;"
    folder = folder_of(tmp_path / "m", {FIRST: kept, SECOND: broken})
    with pytest.raises(MigrationFailed, match="what it committed before that is kept"):
        deployed(fresh_database, folder)
    assert rows(fresh_database, "SELECT to_regclass('a'), to_regclass('b'), to_regclass('c'), to_regclass('d')") == [
        ("a", "b", "c", None)
    ]
    assert [row[:4] for row in rows(fresh_database, HISTORY)] == [(FIRST, True, False, 1), (SECOND, False, False, 0)]


def test_a_constraint_that_is_checked_at_the_end_fails_the_migration(fresh_database: str, tmp_path: Path) -> None:
    script = """CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
INSERT INTO b VALUES (7);"""
    with pytest.raises(MigrationFailed, match="foreign key"):
        deployed(fresh_database, folder_of(tmp_path / "m", {FIRST: script}))
    assert rows(fresh_database, HISTORY)[0][1] is False


def test_a_procedure_may_commit(fresh_database: str, tmp_path: Path) -> None:
    made = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE a (id int); COMMIT; END $$;"
    deployed(fresh_database, folder_of(tmp_path / "m", {FIRST: made, SECOND: "CALL p();"}))
    assert rows(fresh_database, "SELECT to_regclass('a')") == [("a",)]


def test_a_value_of_an_enum_is_added_and_used(fresh_database: str, tmp_path: Path) -> None:
    scripts = {
        FIRST: "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE a (m mood DEFAULT 'ok');",
        SECOND: "ALTER TYPE mood ADD VALUE 'sad';\nALTER TABLE a ADD n mood DEFAULT 'sad';INSERT INTO a VALUES ('ok');",
    }
    deployed(fresh_database, folder_of(tmp_path / "m", scripts))
    assert rows(fresh_database, "SELECT n::text FROM a") == [("sad",)]
    assert [row[3] for row in rows(fresh_database, HISTORY)] == [1, 2]


def test_rows_from_the_client_are_refused_before_anything_begins(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "CREATE TABLE a (id int);\nCOPY a FROM STDIN;\n1\n\\.\n"})
    with pytest.raises(UsageError, match="line 2"):
        deployed(fresh_database, folder)
    assert rows(fresh_database, HISTORY) == []


def test_it_waits_for_a_lock_and_tries_again(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "CREATE TABLE a (id int);"})
    deployed(fresh_database, folder)
    folder_of(folder, {SECOND: "CREATE TABLE b (id int); ALTER TABLE a ADD b int;"})
    told: list[str] = []
    with connect(fresh_database, read_only=False) as other, migrating(fresh_database, Settings(), 50) as connection:
        other.execute("BEGIN; LOCK TABLE a")

        def hear(what: str) -> None:
            told.append(what)
            if "was not free" in what:
                other.execute("ROLLBACK")

        assert deploy(connection, read_migrations(folder), hear).applied == (SECOND,)
    assert any("was not free within 50ms" in each for each in told)
    assert rows(fresh_database, "SELECT to_regclass('b')") == [("b",)]


def test_a_schema_that_the_url_names_is_made(fresh_database: str, tmp_path: Path) -> None:
    url = f"{fresh_database}&schema=App"
    assert deployed(url, folder_of(tmp_path / "m", {FIRST: "CREATE TABLE a (id int);"})).applied == (FIRST,)
    assert rows(fresh_database, """SELECT to_regclass('"App".a'), to_regclass('"App"._prisma_migrations')""") == [
        ('"App".a', '"App"._prisma_migrations')
    ]


def test_a_byte_order_mark_is_left_out(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "\ufeffCREATE TABLE a (id int);"})
    assert deployed(fresh_database, folder).applied == (FIRST,)
    assert deployed(fresh_database, folder).warnings == ()
