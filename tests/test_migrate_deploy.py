"""`migrate deploy` against a real server: order, history, failures, and what a script may do."""

import threading
from pathlib import Path

import pytest

from pgarchitect.errors import HistoryDiverged, MigrationFailed, MigrationRunning, UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.migrations.checksum import checksum
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import SCRIPT, read_migrations
from pgarchitect.schema.migrations.resolving import declare_applied, declare_rolled_back
from pgarchitect.schema.migrations.standing import State, diagnose
from tests.migrate_lab import HISTORY, deployed, folder_of, rows, run, session

FIRST = "20260101000000_first"
SECOND = "20260102000000_second"


def test_what_is_not_applied_is_applied_in_order_and_only_once(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {SECOND: "ALTER TABLE a ADD b int;", FIRST: "CREATE TABLE a (id int);"})
    assert deployed(fresh_database, folder).applied == (FIRST, SECOND)
    assert deployed(fresh_database, folder).applied == ()
    assert rows(fresh_database, HISTORY) == [(FIRST, True, False, 1, None), (SECOND, True, False, 1, None)]
    assert rows(fresh_database, "SELECT checksum FROM _prisma_migrations ORDER BY 1") == sorted(
        [(checksum(b"CREATE TABLE a (id int);"),), (checksum(b"ALTER TABLE a ADD b int;"),)]
    )


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


def test_a_failure_keeps_nothing_says_why_and_blocks_what_follows(fresh_database: str, tmp_path: Path) -> None:
    broken = "CREATE TABLE a (id int);\n\nINSERT INTO a\n  VALUES (1, 2);"
    folder = folder_of(tmp_path / "m", {FIRST: broken, SECOND: "SELECT 1;"})
    with pytest.raises(MigrationFailed, match=f"{FIRST} failed at line 4: .*more expressions than target columns"):
        deployed(fresh_database, folder)
    ((name, finished, rolled_back, steps, logs),) = rows(fresh_database, HISTORY)
    assert (name, finished, rolled_back, steps) == (FIRST, False, False, 0)
    assert "42601" in logs
    assert rows(fresh_database, "SELECT to_regclass('a')") == [(None,)]
    with pytest.raises(MigrationFailed, match=f"(?s){FIRST}.*more expressions.*--rolled-back"):
        deployed(fresh_database, folder)


def test_what_failed_is_put_right_and_declared_rolled_back(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "CREATE TABLE a (id int); SELECT 1/0;"})
    with pytest.raises(MigrationFailed, match="division by zero"):
        deployed(fresh_database, folder)
    with session(fresh_database) as made:
        declare_rolled_back(made, FIRST)
        with pytest.raises(HistoryDiverged, match="rolled back already"):
            declare_rolled_back(made, FIRST)
    folder_of(folder, {FIRST: "CREATE TABLE a (id int);"})
    assert deployed(fresh_database, folder).applied == (FIRST,)
    assert [row[1:3] for row in rows(fresh_database, HISTORY)] == [(False, True), (True, False)]
    with session(fresh_database) as made, pytest.raises(HistoryDiverged, match="is applied and did not fail"):
        declare_rolled_back(made, FIRST)


def test_what_failed_is_finished_by_hand_and_declared_applied(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "SELECT 1/0;", SECOND: "CREATE TABLE b (id int);"})
    with pytest.raises(MigrationFailed):
        deployed(fresh_database, folder)
    with session(fresh_database) as made:
        declare_applied(made, read_migrations(folder), FIRST)
    assert deployed(fresh_database, folder).applied == (SECOND,)
    assert [row[:4] for row in rows(fresh_database, HISTORY)] == [
        (FIRST, False, True, 0),
        (FIRST, True, False, 0),
        (SECOND, True, False, 1),
    ]
    with session(fresh_database) as made, pytest.raises(HistoryDiverged, match="already"):
        declare_applied(made, read_migrations(folder), FIRST)
    with session(fresh_database) as made, pytest.raises(UsageError, match="no migration other"):
        declare_applied(made, read_migrations(folder), "other")


def test_a_database_that_is_in_use_is_taken_over_by_a_baseline(fresh_database: str, tmp_path: Path) -> None:
    run(fresh_database, "CREATE TABLE a (id int)")
    folder = folder_of(tmp_path / "m", {FIRST: "CREATE TABLE a (id int);", SECOND: "ALTER TABLE a ADD b int;"})
    with pytest.raises(HistoryDiverged, match=r"not empty \(table public\.a\)"):
        deployed(fresh_database, folder)
    assert rows(fresh_database, "SELECT to_regclass('_prisma_migrations')") == [(None,)]
    with session(fresh_database) as made:
        declare_applied(made, read_migrations(folder), FIRST)
    assert deployed(fresh_database, folder).applied == (SECOND,)


def test_edited_and_missing_ones_are_told_apart_and_line_ends_do_not_matter(
    fresh_database: str, tmp_path: Path
) -> None:
    script = "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n"
    folder = folder_of(tmp_path / "m", {FIRST: script, SECOND: "SELECT 1;"})
    deployed(fresh_database, folder)
    (folder / FIRST / SCRIPT).write_bytes(script.replace("\n", "\r\n").encode())
    assert deployed(fresh_database, folder).before.up_to_date
    (folder / FIRST / SCRIPT).write_bytes(b"SELECT 2;")
    (folder / SECOND / SCRIPT).unlink()
    (folder / SECOND).rmdir()
    with session(fresh_database) as made:
        found = diagnose(read_migrations(folder), made.history.records())
    assert [each.name for each in found.edited] == [FIRST]
    assert [each.name for each in found.missing] == [SECOND]
    assert [each.state for each in found.standings] == [State.APPLIED, State.APPLIED]
    assert deployed(fresh_database, folder).applied == ()


def test_crlf_is_recorded_as_it_is_and_known_as_lf(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "SELECT 1;\r\nSELECT 2;\r\n"})
    deployed(fresh_database, folder)
    (folder / FIRST / SCRIPT).write_bytes(b"SELECT 1;\nSELECT 2;\n")
    assert deployed(fresh_database, folder).before.up_to_date


def test_two_deployments_do_not_run_at_once(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "SELECT pg_sleep(1); CREATE TABLE a (id int);"})
    applied: list[tuple[str, ...]] = []
    threads = [threading.Thread(target=lambda: applied.append(deployed(fresh_database, folder).applied)) for _ in "ab"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(applied) == [(), (FIRST,)]
    refused = pytest.raises(MigrationRunning, match="Another process")
    with session(fresh_database) as one, session(fresh_database) as other, one.alone(), refused, other.alone(0.2):
        pass
    with session(fresh_database) as one, one.alone(wait_s=0):
        pass


def test_the_lock_is_that_of_prisma(fresh_database: str, tmp_path: Path) -> None:
    with connect(fresh_database, read_only=False) as connection, session(fresh_database) as made:
        connection.execute("SELECT pg_advisory_lock(72707369)")
        with pytest.raises(MigrationRunning), made.alone(wait_s=0):
            pass


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


def test_a_script_may_hold_transactions_of_its_own(fresh_database: str, tmp_path: Path) -> None:
    kept = "BEGIN; CREATE TABLE a (id int); COMMIT; CREATE TABLE b (id int);"
    broken = "BEGIN; CREATE TABLE c (id int); COMMIT; CREATE TABLE d (id int); SELECT 1/0;"
    folder = folder_of(tmp_path / "m", {FIRST: kept, SECOND: broken})
    with pytest.raises(MigrationFailed, match="what was committed before the error is kept"):
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
    run(fresh_database, "CREATE TABLE a (id int)")
    folder = folder_of(
        tmp_path / "m", {FIRST: "SELECT 1;", SECOND: "CREATE TABLE b (id int); ALTER TABLE a ADD b int;"}
    )
    told: list[str] = []
    with session(fresh_database) as made:
        declare_applied(made, read_migrations(folder), FIRST)
    with connect(fresh_database, read_only=False) as other, session(fresh_database, lock_timeout_ms=50) as made:
        other.execute("BEGIN; LOCK TABLE a")

        def hear(what: str) -> None:
            told.append(what)
            if "was not free" in what:
                other.execute("ROLLBACK")

        assert deploy(made, read_migrations(folder), ("public",), hear).applied == (SECOND,)
    assert any("was not free within 50 ms" in each for each in told)
    assert rows(fresh_database, "SELECT to_regclass('b')") == [("b",)]


def test_a_migration_without_a_script_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "SELECT 1;"})
    (folder / SECOND).mkdir()
    with pytest.raises(HistoryDiverged, match=f"{SECOND} has no migration.sql"):
        read_migrations(folder)


def test_migrations_of_another_kind_of_database_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {FIRST: "SELECT 1;"})
    (folder / "migration_lock.toml").write_text('provider = "mysql"\n')
    with pytest.raises(UsageError, match='"mysql"'):
        read_migrations(folder)
