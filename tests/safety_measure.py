"""What a statement does to a table of a real server: which lock it takes, whether it reads or writes all rows."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.script import read_script
from pgarchitect.schema.safety.rule import Taken

SCENE: Final = (Path(__file__).parent / "safety_scene.sql").read_text(encoding="utf-8")
_ROWS_OF: Final = """
SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM {} WHERE relid = %s
"""
_LOCKS: Final = "SELECT mode FROM pg_locks WHERE locktype = 'relation' AND relation = %s AND pid = %s"
_WAITS: Final = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
_MODES: Final = {each.value.title().replace(" ", "") + "Lock": each for each in LockMode if each}
_PATIENCE_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Before:
    """A table before a statement runs: its oid, its file, and how often it was read."""

    oid: int
    file: int | None
    scans: int


def prepare(url: str) -> None:
    """The tables of the scene, as new."""
    with connect(url, read_only=False) as connection:
        connection.execute(b"DROP SCHEMA IF EXISTS attic, public CASCADE; CREATE SCHEMA public")
        connection.execute(SCENE.encode())


def measured(url: str, sql: str, table: str, *, keep: bool) -> Taken:
    """Run a script as a migration is run, and see what it does to a table.

    Args:
        url: of a database with the scene.
        sql: one transaction, or one statement that no transaction can hold.
        table: its name.
        keep: commit it.
    """
    steps = read_script(sql)
    if len(steps) == 1 and steps[0].alone:
        return _alone(url, sql, table)
    with connect(url, read_only=False) as connection:
        before = _before(connection, table, "pg_stat_xact_all_tables")
        with connection.transaction(force_rollback=not keep):
            connection.execute(sql.encode())
            return _after(connection, before, connection.info.backend_pid, "pg_stat_xact_all_tables")


def fails_with(url: str, sql: str) -> str:
    """SQLSTATE that a script ends with when it is sent in one piece; empty when it runs. Nothing stays."""
    with connect(url, read_only=False) as connection:
        try:
            connection.execute(sql.encode())
        except psycopg.Error as error:
            return error.sqlstate or ""
    return ""


def run(url: str, sql: str) -> None:
    """Run a script, in one transaction where that is possible."""
    with connect(url, read_only=False) as connection:
        connection.execute(sql.encode())


def one(connection: Connection, query: str, *parameters: object) -> Any:  # noqa: ANN401  # whatever the column holds
    """The first column of the only row; None where there is no row."""
    row = connection.execute(query.encode(), parameters).fetchone()
    return None if row is None else row[0]


def _before(connection: Connection, table: str, counts: str) -> Before:
    oid = one(connection, "SELECT to_regclass(%s)::oid", table)
    assert oid is not None, table
    file = one(connection, "SELECT pg_relation_filenode(%s)", oid)
    return Before(oid, file, one(connection, _ROWS_OF.format(counts), oid) or 0)


def _after(connection: Connection, before: Before, pid: int, counts: str) -> Taken:
    modes = [_MODES[row[0]] for row in connection.execute(_LOCKS.encode(), (before.oid, pid)).fetchall()]
    file = one(connection, "SELECT pg_relation_filenode(%s)", before.oid)
    scans = one(connection, _ROWS_OF.format(counts), before.oid) or 0
    return Taken(
        lock=max(modes, key=lambda mode: mode.strength, default=LockMode.NONE),
        scans=scans > before.scans,
        rewrites=file is not None and file != before.file,
    )


def _alone(url: str, sql: str, table: str) -> Taken:
    """Another transaction stands in its way, so that its locks can be seen while it waits."""
    way = "SHARE UPDATE EXCLUSIVE" if sql.startswith(("VACUUM", "ALTER TABLE")) else "ROW EXCLUSIVE"
    with connect(url, read_only=False) as watcher, connect(url, read_only=False) as worker:
        before = _before(watcher, table, "pg_stat_all_tables")
        with connect(url, read_only=False) as blocker, _held(blocker, f"LOCK TABLE {table} IN {way} MODE"):
            job = threading.Thread(target=_execute, args=(worker, sql))
            job.start()
            pid = worker.info.backend_pid
            while not one(watcher, _WAITS, pid):
                assert job.is_alive(), f"{sql} did not wait"
                job.join(0.01)
            lock = _after(watcher, before, pid, "pg_stat_all_tables").lock
        job.join(_PATIENCE_S)
        worker.execute(b"SELECT pg_stat_force_next_flush()")
        worker.execute(b"SELECT 1")
        after = _after(watcher, before, 0, "pg_stat_all_tables")
        return Taken(lock, after.scans, after.rewrites)


@contextmanager
def _held(connection: Connection, statement: str) -> Iterator[None]:
    with connection.transaction(force_rollback=True):
        connection.execute(statement.encode())
        yield


def _execute(connection: Connection, sql: str) -> None:
    connection.execute(b"SET lock_timeout = 0")
    connection.execute(sql.encode())
