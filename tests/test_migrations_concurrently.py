"""Migrations that no transaction can hold: run part by part, and taken up where a killed process left them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgarchitect.errors import MigrationFailed
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import Migration, read_migrations, write_migration
from pgarchitect.schema.migrations.history import read_history
from pgarchitect.schema.migrations.resolving import resolve_rolled_back
from pgarchitect.settings import Settings

pytestmark = pytest.mark.thorough

SCRIPT = """INSERT INTO log VALUES ('first');
CREATE INDEX CONCURRENTLY t_a ON t (a);
INSERT INTO log VALUES ('second');
CREATE INDEX CONCURRENTLY t_b ON t (b);
DROP INDEX CONCURRENTLY t_old;
INSERT INTO log VALUES ('third');
"""


@pytest.fixture
def database(fresh_database: str, settings: Settings) -> Iterator[Connection]:
    """A table to index, and one that remembers what ran."""
    with migrating(fresh_database, settings) as connection:
        connection.execute("DROP EXTENSION IF EXISTS pg_stat_statements")
        deploy(
            connection,
            [
                Migration(
                    "20260101000000_init",
                    "CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i % 7 FROM generate_series(1, 1000) i;"
                    "CREATE INDEX t_old ON t (a, b); CREATE TABLE log (what text);",
                )
            ],
        )
        yield connection


def indexes(connection: Connection) -> dict[str, bool]:
    rows = connection.execute(
        "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = 't'::regclass"
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def log(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT what FROM log").fetchall()]


def test_each_part_runs_in_its_turn(database: Connection) -> None:
    deploy(database, [Migration("20260102000000_indexes", SCRIPT)])
    assert indexes(database) == {"t_a": True, "t_b": True}
    assert log(database) == ["first", "second", "third"]
    record = (read_history(database) or ())[-1]
    assert record.finished
    assert record.steps == 6


def test_an_invalid_index_that_a_failure_left_is_built_anew(database: Connection) -> None:
    unique = Migration("20260102000000_unique", "CREATE UNIQUE INDEX CONCURRENTLY t_u ON t (b);")
    with pytest.raises(MigrationFailed, match="could not create unique index"):
        deploy(database, [unique])
    assert indexes(database)["t_u"] is False
    database.execute("DELETE FROM t WHERE a > 7")
    resolve_rolled_back(database, unique.name)
    deploy(database, [unique])
    assert indexes(database)["t_u"] is True


def test_a_valid_index_of_that_name_is_not_taken_for_ours(database: Connection) -> None:
    database.execute("CREATE INDEX t_a ON t (b)")
    with pytest.raises(MigrationFailed, match="already exists"):
        deploy(database, [Migration("20260102000000_indexes", SCRIPT)])


def test_a_process_that_is_killed_half_way_is_taken_up(
    database: Connection, fresh_database: str, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "migrations"
    write_migration(folder, "20260102000000_indexes", SCRIPT)
    with psycopg.connect(fresh_database) as blocker:
        # A writer that has not ended holds the building of the first index up.
        blocker.execute("INSERT INTO t VALUES (0, 0)")
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pgarchitect", "migrate", "deploy", fresh_database),
                *("--migrations", str(folder), "--lock-timeout-ms", "0"),
            ],
            env={**os.environ, "PGARCHITECT_DATA_DIR": str(settings.data_dir)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _until(lambda: indexes(database).get("t_a") is False)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # The server would go on with the index; but it may be stopped, too.
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 72707369"
        )
        _until(lambda: not _is_held(database))
    assert indexes(database)["t_a"] is False
    record = (read_history(database) or ())[-1]
    assert record.was_killed
    assert log(database) == ["first"]
    deploy(database, read_migrations(folder))
    assert indexes(database) == {"t_a": True, "t_b": True}
    assert log(database) == ["first", "second", "third"]
    assert [each.finished for each in read_history(database) or ()] == [True, True]


def test_an_index_that_the_server_finished_after_the_process_was_killed_is_kept(
    database: Connection, fresh_database: str, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "migrations"
    write_migration(folder, "20260102000000_indexes", SCRIPT)
    with psycopg.connect(fresh_database) as blocker:
        blocker.execute("INSERT INTO t VALUES (0, 0)")
        process = subprocess.Popen(
            [*(sys.executable, "-m", "pgarchitect", "migrate", "deploy", fresh_database), "--migrations", str(folder)],
            env={**os.environ, "PGARCHITECT_DATA_DIR": str(settings.data_dir)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _until(lambda: indexes(database).get("t_a") is False)
        process.send_signal(signal.SIGKILL)
        process.wait()
    _until(lambda: not _is_held(database))
    assert indexes(database)["t_a"] is True
    heard: list[str] = []
    deploy(database, read_migrations(folder), heard.append)
    assert "  line 2 is done already" in heard
    assert log(database) == ["first", "second", "third"]


def test_a_killed_run_of_a_script_that_was_edited_is_not_taken_up(database: Connection) -> None:
    database.execute(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'other', '20260102000000_indexes')"
    )
    with pytest.raises(MigrationFailed, match="failed earlier"):
        deploy(database, [Migration("20260102000000_indexes", SCRIPT)])


def _is_held(connection: Connection) -> bool:
    row = connection.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 72707369"
    ).fetchone()
    return bool(row and row[0])


def _until(condition: object, seconds: float = 30.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
