"""Deployments that are killed: with SIGKILL in the middle of a script, between its parts, while an index is built."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pgarchitect.errors import MigrationFailed
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.history import create_history, go_on, read_history
from pgarchitect.schema.migrations.resolving import resolve_rolled_back
from pgarchitect.settings import Settings
from tests.migrations_lab import HISTORY, deployed, folder_of, rows, run

pytestmark = pytest.mark.thorough

NAME = "20260101000000_m"
OURS = (
    "SELECT c.relname::text, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE c.relname LIKE 't\\_%' ORDER BY 1"
)
_OTHERS = "FROM pg_stat_activity WHERE query LIKE '%{}%' AND pid <> pg_backend_pid() AND state = 'active'"
WAITING = f"SELECT count(*) {_OTHERS}"
TERMINATE = f"SELECT pg_terminate_backend(pid) {_OTHERS}"
_DEPLOY = """
import sys
from pathlib import Path
from tests.migrations_lab import deployed
deployed(sys.argv[1], Path(sys.argv[2]))
"""


def until(question: Callable[[], bool]) -> None:
    """Wait for something that is bound to happen."""
    while not question():
        time.sleep(0.02)


def killed_while(url: str, folder: Path, settings: Settings, running: str) -> None:
    """Kill a deployment with SIGKILL while the server works at a statement."""
    process = subprocess.Popen(
        [sys.executable, "-c", _DEPLOY, url, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    until(lambda: rows(url, WAITING.format(running)) == [(1,)] or process.poll() is not None)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_script_in_one_piece_is_undone_and_runs_again(
    fresh_database: str, tmp_path: Path, settings: Settings
) -> None:
    folder = folder_of(tmp_path / "m", {NAME: "CREATE TABLE a (id int); SELECT pg_sleep(1), 'slow';"})
    killed_while(fresh_database, folder, settings, "slow")
    # The server works on for a while, and holds the lock as long.
    assert deployed(fresh_database, folder).applied in {(NAME,), ()}
    assert rows(fresh_database, HISTORY) == [(NAME, True, False, 1, None)]
    assert rows(fresh_database, "SELECT to_regclass('a')") == [("a",)]


def test_an_index_that_is_built_while_the_process_is_killed(
    fresh_database: str, tmp_path: Path, settings: Settings
) -> None:
    script = """CREATE TABLE t (id int);
INSERT INTO t SELECT generate_series(1, 1000);
CREATE INDEX CONCURRENTLY t_first ON t (id);
CREATE INDEX CONCURRENTLY "t_Second" ON t (id, (id + 1));
ALTER TABLE t ADD done int;
"""
    folder = folder_of(tmp_path / "m", {NAME: script})
    # An old snapshot makes CONCURRENTLY wait at its end, when the index is there and not valid.
    with connect(fresh_database, read_only=False) as old:
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        killed_while(fresh_database, folder, settings, "t_first")
        run(fresh_database, TERMINATE.format("t_first"))
        until(lambda: rows(fresh_database, WAITING.format("t_first")) == [(0,)])
    assert rows(fresh_database, OURS) == [("t_first", False)]
    assert [row[1:4] for row in rows(fresh_database, HISTORY)] == [(False, False, 2)]
    told: list[str] = []
    assert deployed(fresh_database, folder, told=told).applied == (NAME,)
    assert rows(fresh_database, OURS) == [("t_Second", True), ("t_first", True)]
    assert rows(fresh_database, HISTORY) == [(NAME, True, False, 5, None)]
    assert rows(fresh_database, "SELECT count(*) FROM t") == [(1000,)]
    assert any("t_first was left half built" in each for each in told)


def killed(url: str) -> None:
    """Let the only migration of a database look as if its process had been killed."""
    with migrating(url, Settings()) as connection:
        (record,) = read_history(connection) or ()
        go_on(connection, record)


@pytest.fixture
def half_done(fresh_database: str, tmp_path: Path) -> tuple[str, Path]:
    """A migration of three parts that failed in its last one."""
    script = """SET search_path = s;
CREATE TABLE s.t (id int);
INSERT INTO s.t VALUES (1), (1);
CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id);
DROP INDEX CONCURRENTLY s.gone;
"""
    run(fresh_database, "CREATE SCHEMA s; CREATE TABLE s.u (id int); CREATE INDEX gone ON s.u (id)")
    folder = folder_of(tmp_path / "m", {NAME: script})
    with pytest.raises(MigrationFailed, match=r"failed at line 4: .*3 of its 5 parts are done"):
        deployed(fresh_database, folder)
    return fresh_database, folder


def test_one_that_failed_goes_on_when_it_is_told_to(half_done: tuple[str, Path]) -> None:
    url, folder = half_done
    assert rows(url, OURS) == [("t_id", False)]
    with pytest.raises(MigrationFailed, match="--resume"):
        deployed(url, folder)
    with pytest.raises(MigrationFailed, match="line 4"):
        deployed(url, folder, resume=True)
    run(url, "DELETE FROM s.t WHERE ctid = '(0,2)'")
    assert deployed(url, folder, resume=True).applied == (NAME,)
    assert rows(url, OURS) == [("t_id", True)]
    assert rows(url, "SELECT to_regclass('s.gone')") == [(None,)]
    assert [row[1:4] for row in rows(url, HISTORY)] == [(True, False, 5)]


def test_one_that_was_rolled_back_by_hand_begins_anew(half_done: tuple[str, Path]) -> None:
    url, folder = half_done
    run(url, "DROP TABLE s.t")
    with migrating(url, Settings()) as connection:
        resolve_rolled_back(connection, NAME)
    folder_of(folder, {NAME: "CREATE TABLE t (id int);"})
    assert deployed(url, folder).applied == (NAME,)


def test_statements_that_were_done_but_not_counted_are_known(fresh_database: str, tmp_path: Path) -> None:
    run(fresh_database, "CREATE TABLE t (id int); CREATE INDEX gone ON t (id)")
    run(fresh_database, "CREATE TABLE p (id int) PARTITION BY RANGE (id)")
    run(fresh_database, "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2)")
    statements = [
        "CREATE INDEX CONCURRENTLY t_id ON t (id);",
        "DROP INDEX CONCURRENTLY gone;",
        "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;",
        "REINDEX INDEX CONCURRENTLY t_id;",
        "VACUUM t;",
    ]
    script = "\n".join(statements)
    folder = folder_of(tmp_path / "m", {NAME: script})
    with migrating(fresh_database, Settings()) as connection:
        create_history(connection)
    deployed(fresh_database, folder)
    for done in range(5):
        # All five have run, and the count says that fewer have.
        run(fresh_database, f"UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = {done}")
        killed(fresh_database)
        if done < 2:
            run(fresh_database, "CREATE INDEX IF NOT EXISTS gone ON t (id)")
            run(fresh_database, "ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (1) TO (2)")
        assert deployed(fresh_database, folder).applied == (NAME,)
    assert rows(fresh_database, "SELECT applied_steps_count FROM _prisma_migrations") == [(5,)]


def test_an_index_without_a_name_cannot_be_known(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {NAME: "SELECT 1;\nCREATE INDEX CONCURRENTLY ON t (id);"})
    run(fresh_database, "CREATE TABLE t (id int)")
    with migrating(fresh_database, Settings()) as connection:
        create_history(connection)
    deployed(fresh_database, folder)
    run(fresh_database, "UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 1")
    killed(fresh_database)
    with pytest.raises(MigrationFailed, match="line 2, and nothing says whether"):
        deployed(fresh_database, folder)
    with pytest.raises(MigrationFailed, match="so none is run"):
        deployed(fresh_database, folder)


def test_another_tool_that_was_interrupted_is_not_carried_on(fresh_database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {NAME: "CREATE TABLE t (id int);"})
    deployed(fresh_database, folder)
    run(fresh_database, "UPDATE _prisma_migrations SET finished_at = NULL, logs = NULL")
    with pytest.raises(MigrationFailed, match=NAME):
        deployed(fresh_database, folder)
