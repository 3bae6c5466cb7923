"""Real migrations, run statement by statement, against what the rules say: ``python -m tests.safety_truth FOLDER``.

A statement hurts when it reads or writes anew a table that was there before its migration, and holds a lock on it
that stops writes. Each such statement should be found, and no other should be found for that reason.
"""

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psycopg

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.schema.safety.finding import Severity
from pgarchitect.schema.safety.linting import MigrationScript, lint_scripts
from pgarchitect.schema.safety.reading.script import Step, read_script
from pgarchitect.schema.safety.registry import RULES
from pgarchitect.settings import Settings
from tests.scratch_server import scratch_server

_TABLES: Final = """
SELECT c.oid, pg_relation_filenode(c.oid), coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0),
       EXISTS (SELECT FROM pg_locks l WHERE l.relation = c.oid AND l.pid = pg_backend_pid()
               AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
FROM pg_class c LEFT JOIN pg_stat_xact_all_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND c.relnamespace <> 'pg_toast'::regnamespace
"""
_LONG: Final = frozenset(
    rule.id for rule in RULES for each in rule.examples if each.takes is not None and each.takes.hurts
) - {"backfill-with-ddl", "validate-in-same-transaction"}
"""Rules about one statement that goes through a table under a lock; the other two are about its neighbours."""

Tables = Mapping[int, tuple[int | None, int, bool]]
"""Oid → file, how often it was read, whether it is locked against writes."""


def compare(folder: Path) -> Counter[str]:
    """Run the migrations of a folder in the order of their names; what came of it, counted. Prints each difference."""
    scripts = [MigrationScript(str(each), each.read_text("utf-8")) for each in sorted(folder.glob("*/migration.sql"))]
    said = {
        (each.file, each.line)
        for each in lint_scripts(scripts, None)
        if each.rule in _LONG and each.severity is not Severity.HINT
    }
    counts = Counter(migrations=len(scripts))
    with (
        scratch_server(Settings(), "autovacuum = off", "synchronous_commit = off") as server,
        connect(server.url(), read_only=False) as connection,
    ):
        for script in scripts:
            made = set[int]()
            for step in read_script(script.sql):
                if not step.control and not step.inner:
                    place = (script.file, step.statement.line)
                    counts[_outcome(connection, step, made, place, found=place in said)] += 1
    return counts


def _outcome(connection: Connection, step: Step, made: set[int], place: tuple[str, int], *, found: bool) -> str:
    """Run a statement; whether it hurts and was found. ``made`` takes the tables that it creates."""
    if step.alone:
        connection.execute(step.statement.text.encode())
        return "outside a transaction"
    try:
        with connection.transaction():
            before = _tables(connection)
            connection.execute(step.statement.text.encode())
            after = _tables(connection)
    except psycopg.Error as error:
        print(f"{place[0]}:{place[1]} does not run here: {str(error).splitlines()[0]}")
        return "did not run"
    made |= after.keys() - before.keys()
    hurts = any(_hurts(before[oid], after[oid]) for oid in before.keys() & after.keys() - made)
    outcome = ("found" if found else "MISSED") if hurts else ("FALSE ALARM" if found else "harmless")
    if outcome.isupper():
        print(f"{place[0]}:{place[1]} {outcome}: {' '.join(step.statement.text.split())[:150]}")
    return outcome


def _tables(connection: Connection) -> Tables:
    return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(_TABLES.encode()).fetchall()}


def _hurts(before: tuple[int | None, int, bool], after: tuple[int | None, int, bool]) -> bool:
    return after[2] and (before[0] != after[0] or after[1] > before[1])


if __name__ == "__main__":
    print(dict(compare(Path(sys.argv[1]))))
