"""``migrate deploy`` and ``resolve``: in Prisma's order, under Prisma's lock, and a failure is recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from pgarchitect.errors import HistoryDiverged, MigrationFailed, MigrationRunning, UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.migrations.connecting import Kept, migrating, patient
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import Migration, migration_name, read_migrations, write_migration
from pgarchitect.schema.migrations.history import read_history
from pgarchitect.schema.migrations.lock import KEY, migration_lock
from pgarchitect.schema.migrations.resolving import resolve_applied, resolve_rolled_back
from pgarchitect.schema.migrations.state import compare
from pgarchitect.settings import Settings
from tests.migrations_lab import folder_of

FIRST = Migration("20260101000000_first", "CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1);\n")
SECOND = Migration("20260102000000_second", "ALTER TABLE a ADD COLUMN b text;\n")
BROKEN = Migration("20260103000000_broken", "CREATE TABLE c (id int);\n\nINSERT INTO nowhere VALUES (1);\n")


@pytest.fixture
def database(fresh_database: str, settings: Settings) -> Iterator[Connection]:
    """An empty database, as migrations find it."""
    with migrating(fresh_database, settings) as connection:
        connection.execute("DROP EXTENSION IF EXISTS pg_stat_statements")
        yield connection


def tables(connection: Connection) -> set[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {row[0] for row in rows}


def test_what_is_pending_is_run_in_order_and_once(database: Connection) -> None:
    heard: list[str] = []
    assert deploy(database, [FIRST], heard.append).applied == (FIRST.name,)
    assert deploy(database, [FIRST, SECOND], heard.append).applied == (SECOND.name,)
    assert deploy(database, [FIRST, SECOND], heard.append).applied == ()
    assert heard == [FIRST.name, SECOND.name]
    records = read_history(database) or ()
    assert [(each.name, each.finished, each.steps, each.checksum) for each in records] == [
        (FIRST.name, True, 1, FIRST.checksum),
        (SECOND.name, True, 1, SECOND.checksum),
    ]


def test_a_failure_takes_the_whole_script_back_and_says_why(database: Connection) -> None:
    with pytest.raises(MigrationFailed, match=r'20260103000000_broken failed at line 3: relation "nowhere" does not'):
        deploy(database, [FIRST, BROKEN])
    assert tables(database) == {"a", "_prisma_migrations"}
    record = (read_history(database) or ())[-1]
    assert record.is_open
    assert record.logs is not None
    assert "42P01" in record.logs
    with pytest.raises(MigrationFailed, match="failed earlier"):
        deploy(database, [FIRST, BROKEN])


def test_a_failed_migration_can_be_run_again_once_it_counts_as_rolled_back(database: Connection) -> None:
    with pytest.raises(MigrationFailed):
        deploy(database, [BROKEN])
    resolve_rolled_back(database, BROKEN.name)
    mended = Migration(BROKEN.name, "CREATE TABLE c (id int);")
    assert deploy(database, [mended]).applied == (BROKEN.name,)
    assert compare([mended], read_history(database)).is_current


def test_a_failed_migration_may_count_as_applied(database: Connection) -> None:
    with pytest.raises(MigrationFailed):
        deploy(database, [BROKEN])
    resolve_applied(database, [BROKEN], BROKEN.name)
    state = compare([BROKEN], read_history(database))
    assert state.is_current
    with pytest.raises(HistoryDiverged, match="applied already"):
        resolve_applied(database, [BROKEN], BROKEN.name)


def test_what_cannot_be_resolved_is_refused(database: Connection) -> None:
    deploy(database, [FIRST])
    with pytest.raises(HistoryDiverged, match="did not fail"):
        resolve_rolled_back(database, FIRST.name)
    with pytest.raises(HistoryDiverged, match="no record"):
        resolve_rolled_back(database, SECOND.name)
    with pytest.raises(UsageError, match="no migration"):
        resolve_applied(database, [FIRST], SECOND.name)


def test_a_database_that_is_in_use_already_is_not_migrated_blindly(database: Connection) -> None:
    database.execute("CREATE TABLE old (id int)")
    with pytest.raises(HistoryDiverged, match="resolve --applied 20260101000000_first"):
        deploy(database, [FIRST])
    assert tables(database) == {"old"}
    resolve_applied(database, [FIRST], FIRST.name)
    third = Migration("20260104000000_third", "CREATE TABLE d (id int);")
    assert deploy(database, [FIRST, third]).applied == (third.name,)


def test_edited_and_missing_migrations_are_told(database: Connection) -> None:
    deploy(database, [FIRST, SECOND])
    edited = Migration(FIRST.name, FIRST.script + "-- edited\n")
    state = compare([edited], read_history(database))
    assert (state.edited, state.missing) == ((FIRST.name,), (SECOND.name,))
    warnings = " ".join(deploy(database, [edited]).warnings)
    assert FIRST.name in warnings
    assert SECOND.name in warnings


def test_line_ends_of_windows_are_no_edit(database: Connection) -> None:
    deploy(database, [FIRST])
    windows = Migration(FIRST.name, FIRST.script.replace("\n", "\r\n"))
    assert windows.checksum != FIRST.checksum
    assert compare([windows], read_history(database)).is_current
    deploy(database, [windows, SECOND])
    assert compare([FIRST, SECOND], read_history(database)).is_current


def test_somebody_elses_lock_is_respected(database: Connection, fresh_database: str) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (KEY,))
        with pytest.raises(MigrationRunning, match="Another program is migrating"):
            deploy(database, [FIRST], patience_s=0.3)
        assert tables(database) == set()
        other.execute("SELECT pg_advisory_unlock(%s)", (KEY,))
    assert deploy(database, [FIRST], patience_s=0.3).applied == (FIRST.name,)


def test_a_script_of_its_own_transactions_and_many_results_runs_as_it_is(database: Connection) -> None:
    script = "BEGIN;\nCREATE TABLE x (id int);\nSELECT 1; SELECT 2;\nCOMMIT;\nDO $$ BEGIN PERFORM 1; END $$;\n"
    deploy(database, [Migration("20260101000000_x", script), Migration("20260102000000_empty", "-- nothing\n")])
    assert "x" in tables(database)


def test_a_new_migration_is_a_folder_that_is_read_again(tmp_path: Path) -> None:
    name = migration_name("Add: Users & Co!", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert name == "20260102030405_add_users_co"
    made = write_migration(tmp_path / "migrations", name, "SELECT 1;\n")
    assert read_migrations(tmp_path / "migrations") == (made,)
    assert 'provider = "postgresql"' in (tmp_path / "migrations" / "migration_lock.toml").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        write_migration(tmp_path / "migrations", name, "SELECT 2;\n")
    (tmp_path / "migrations" / "20270101000000_hollow").mkdir()
    with pytest.raises(HistoryDiverged, match=r"has no migration\.sql"):
        read_migrations(tmp_path / "migrations")


def test_migrations_of_another_database_are_refused(tmp_path: Path) -> None:
    (tmp_path / "migration_lock.toml").write_text('provider = "mysql"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="mysql"):
        read_migrations(tmp_path)


def test_an_interruption_is_told_as_such_whatever_still_runs(database: Connection) -> None:
    def interrupted() -> None:
        database.pgconn.send_query(b"SELECT pg_sleep(1)")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), migration_lock(database), patient(database, Kept.of(database)):
        interrupted()


def test_what_cannot_be_read_as_a_script_is_refused(tmp_path: Path) -> None:
    folder_of(tmp_path, {"1_zero": "SELECT 1;\0CREATE TABLE a (b int);"})
    with pytest.raises(UsageError, match="zero byte"):
        read_migrations(tmp_path)
    script = tmp_path / "1_zero" / "migration.sql"
    script.unlink()
    script.mkdir()
    with pytest.raises(UsageError, match="Is a directory"):
        read_migrations(tmp_path)
    with pytest.raises(UsageError, match="cannot be read as a folder of migrations"):
        read_migrations(tmp_path / "migration_lock.toml")
    assert read_migrations(tmp_path / "nowhere") == ()
