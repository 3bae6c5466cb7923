"""What the tests say of a database whose indexes are cleaned up: what goes, what is spared, what must be looked at."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from pgarchitect.candidates.cleanup_kinds import clean_up
from pgarchitect.candidates.index_cleanup import Found, IndexCleanup, Situation
from pgarchitect.cleaning import CleanupRequest, find_cleanups
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.recommendations.cleanup_advice import CleanupAdvice, CleanupReport
from pgarchitect.schema.index_census import read_index_census
from pgarchitect.settings import Settings
from pgarchitect.workload.index_use import read_index_use
from pgarchitect.workload.statement_file import FileStatement

ORDERS = (
    (
        "CREATE TABLE orders (id int PRIMARY KEY, customer int, status text, note text, placed timestamptz)"
        " WITH (autovacuum_enabled = off)"
    ),
    (
        "INSERT INTO orders SELECT i, i % 500, 'open', md5(i::text), timestamptz '2026-01-01' + i * interval '1 minute'"
        " FROM generate_series(1, 5000) i"
    ),
    "SELECT count(*) FROM orders",
)
"""A table that somebody reads."""


@contextmanager
def filled(database: str, *statements: str) -> Iterator[Connection]:
    """A database after some statements, ANALYZE, and with counters that tell of it."""
    with connect(database, read_only=False) as connection:
        for statement in (*statements, "ANALYZE"):
            connection.execute(statement.encode())
        flush(connection)
        yield connection


def flush(connection: Connection) -> None:
    """Send what the session counted to where others see it."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("SELECT pg_stat_clear_snapshot()")
    time.sleep(0.05)


def begin_anew(connection: Connection, table: str = "orders") -> None:
    """Forget what was counted so far, then read a table once."""
    flush(connection)
    connection.execute("SELECT pg_stat_reset()")
    connection.execute(f"SELECT count(*) FROM {table}".encode())
    flush(connection)


def situation(database: str, *, least_days: float = 0.0) -> Situation:
    """What is known of a database."""
    with connect(database) as connection:
        use = read_index_use(connection, database, ())
        return Situation(read_index_census(connection), use, timedelta(days=least_days))


def found_in(database: str, *, least_days: float = 0.0) -> Found:
    """What the rules say without the planner."""
    return clean_up(situation(database, least_days=least_days))


def named(found: Found) -> set[tuple[str, str]]:
    """Kind and index of each proposal, in the schema public."""
    return {(each.candidate.kind, each.index.qualified.removeprefix("public.")) for each in found.cleanups}


def cleanup_of(found: Found, index: str) -> IndexCleanup:
    """The proposal for one index."""
    return next(each for each in found.cleanups if each.index.name == index)


def why_spared(found: Found, index: str) -> str:
    """Why an index is left alone; fails when it is proposed."""
    assert index not in {each.index.name for each in found.cleanups}
    return " ".join(each.reason for each in found.spared if each.index.name == index)


def report_on(database: str, settings: Settings, *statements: str) -> CleanupReport:
    """The whole clean-up with the planner, for these statements."""
    workload = tuple(FileStatement(text, 1.0) for text in statements)
    request = CleanupRequest(database, (), workload, timedelta(0))
    return find_cleanups(request, settings, lambda _: None)


def advice_on(report: CleanupReport, index: str) -> CleanupAdvice:
    """What is advised for one index."""
    return next(each for each in report.advice if each.cleanup.index.name == index)
