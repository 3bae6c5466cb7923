"""Invalid indexes: what a failed build left goes; what is being built or waits for its parts does not."""

from contextlib import suppress

import psycopg

from pgarchitect.postgres.connection import connect
from tests.cleanup_lab import ORDERS, cleanup_of, filled, found_in, named, why_spared


def test_what_a_failed_build_left_goes(fresh_database: str) -> None:
    with filled(fresh_database, *ORDERS) as source:
        with suppress(psycopg.errors.UniqueViolation):
            source.execute("CREATE UNIQUE INDEX CONCURRENTLY orders_rule ON orders (status)")
        found = found_in(fresh_database)
        assert ("invalid_index", "orders_rule") in named(found)
        cleanup = cleanup_of(found, "orders_rule")
        assert cleanup.candidate.sql == "DROP INDEX CONCURRENTLY public.orders_rule;"
        assert "no statement can use it" in cleanup.candidate.reason
        assert "REINDEX INDEX CONCURRENTLY public.orders_rule finishes it" in cleanup.notes[0]
        source.execute(cleanup.candidate.sql.encode())
        assert found_in(fresh_database).cleanups == ()


def test_while_somebody_builds_on_the_table_it_is_left_alone(fresh_database: str) -> None:
    with filled(fresh_database, *ORDERS) as source, connect(fresh_database, read_only=False) as builder:
        with suppress(psycopg.errors.UniqueViolation):
            source.execute("CREATE UNIQUE INDEX CONCURRENTLY orders_rule ON orders (status)")
        builder.execute("BEGIN; LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE")
        assert "right now" in why_spared(found_in(fresh_database), "orders_rule")


def test_a_partitioned_index_that_waits_for_parts_is_left_alone(fresh_database: str) -> None:
    with filled(
        fresh_database,
        "CREATE TABLE events (at int) PARTITION BY RANGE (at)",
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (5000)",
        "CREATE INDEX events_at ON ONLY events (at)",
    ):
        assert "ATTACH PARTITION" in why_spared(found_in(fresh_database), "events_at")
