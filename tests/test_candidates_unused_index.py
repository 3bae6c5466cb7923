"""Unused indexes: only those that nothing but scans would need, and only when scans were counted for long enough."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.recommendations.cleanup_advice import Action
from pgarchitect.schema.index_census import IndexCensus
from pgarchitect.settings import Settings
from tests.cleanup_lab import (
    ORDERS,
    advice_on,
    begin_anew,
    cleanup_of,
    filled,
    flush,
    found_in,
    named,
    report_on,
    situation,
    why_spared,
)


def test_an_index_without_a_scan_goes_and_a_scanned_one_stays(fresh_database: str) -> None:
    indexes = ("CREATE INDEX orders_customer ON orders (customer)", "CREATE INDEX orders_status ON orders (status)")
    with filled(fresh_database, *ORDERS, *indexes) as source:
        source.execute("SET enable_seqscan = off")
        source.execute("SELECT * FROM orders WHERE customer = 5")
        flush(source)
        found = found_in(fresh_database)
        assert named(found) == {("unused_index", "orders_status")}
        cleanup = cleanup_of(found, "orders_status")
        assert cleanup.candidate.sql == "DROP INDEX CONCURRENTLY public.orders_status;"
        assert cleanup.saved_bytes == cleanup.size_bytes > 8192
        assert cleanup.concerns == ()


def test_what_an_index_costs_writes_is_counted(fresh_database: str) -> None:
    indexes = (
        "CREATE INDEX orders_status ON orders (status)",
        "CREATE INDEX orders_few ON orders (placed) WHERE id <= 500",
        "CREATE INDEX orders_pages ON orders USING brin (customer)",
    )
    with filled(fresh_database, *ORDERS, *indexes) as source:
        source.execute("UPDATE orders SET status = 'done' WHERE id <= 100")
        source.execute("DELETE FROM orders WHERE id > 4900")
        flush(source)
        found = found_in(fresh_database)
        assert cleanup_of(found, "orders_status").saved_entries == 5100
        assert cleanup_of(found, "orders_few").saved_entries == pytest.approx(510, abs=2)
        assert cleanup_of(found, "orders_pages").saved_entries == 0
        assert cleanup_of(found, "orders_status").saved_per_day is None
        assert "updates of it could become HOT" in cleanup_of(found, "orders_status").notes[0]


def test_constraints_and_identities_are_never_dropped(fresh_database: str) -> None:
    with filled(
        fresh_database,
        *ORDERS,
        "ALTER TABLE orders ADD CONSTRAINT orders_note_key UNIQUE (note)",
        "ALTER TABLE orders ADD CONSTRAINT orders_apart EXCLUDE USING btree (placed WITH =)",
        "CREATE UNIQUE INDEX orders_rule ON orders (customer, id)",
        "CREATE TABLE lines (order_note text REFERENCES orders (note), id int NOT NULL)",
        "CREATE UNIQUE INDEX lines_id ON lines (id)",
        "ALTER TABLE lines REPLICA IDENTITY USING INDEX lines_id",
    ) as source:
        begin_anew(source)  # to check what was there, EXCLUDE scanned its index
        found = found_in(fresh_database)
        assert named(found) == set()
        assert "backs the PRIMARY KEY" in why_spared(found, "orders_pkey")
        assert "backs a UNIQUE constraint" in why_spared(found, "orders_note_key")
        assert "backs an EXCLUDE constraint" in why_spared(found, "orders_apart")
        assert "it is UNIQUE: it refuses duplicates" in why_spared(found, "orders_rule")
        assert "REPLICA IDENTITY" in why_spared(found, "lines_id")


def test_a_unique_index_that_a_foreign_key_refers_to_stays(fresh_database: str) -> None:
    with filled(
        fresh_database,
        *ORDERS,
        "CREATE UNIQUE INDEX orders_rule ON orders (note)",
        "CREATE TABLE lines (order_note text REFERENCES orders (note))",
    ):
        assert "a foreign key refers to its columns" in why_spared(found_in(fresh_database), "orders_rule")


def test_the_only_index_of_a_foreign_key_is_looked_at_first(fresh_database: str) -> None:
    lines = (
        "CREATE TABLE lines (order_id int REFERENCES orders, place int, text text)",
        "INSERT INTO lines SELECT i, 1, md5(i::text) FROM generate_series(1, 3000) i",
        "SELECT count(*) FROM lines",
        "CREATE INDEX lines_order ON lines (order_id) WHERE order_id IS NOT NULL",
    )
    with filled(fresh_database, *ORDERS, *lines) as source:
        (concern,) = cleanup_of(found_in(fresh_database), "lines_order").concerns
        assert "only index for the foreign key lines_order_id_fkey" in concern
        assert "orders reads all of public.lines" in concern
        source.execute("CREATE INDEX lines_both ON lines (order_id, place)")
        found = found_in(fresh_database)
        # The larger one goes without a word; once it is gone, the other is the only one.
        assert cleanup_of(found, "lines_both").concerns == ()
        assert len(cleanup_of(found, "lines_order").concerns) == 1


def test_cluster_and_comments_are_told(fresh_database: str) -> None:
    with filled(
        fresh_database,
        *ORDERS,
        "CREATE INDEX orders_placed ON orders (placed)",
        "CLUSTER orders USING orders_placed",
        "COMMENT ON INDEX orders_placed IS 'for the auditors'' month end'",
    ) as source:
        begin_anew(source)
        cleanup = cleanup_of(found_in(fresh_database), "orders_placed")
        assert cleanup.concerns == (
            "CLUSTER public.orders orders the table by it.",
            "Somebody left a comment on it: for the auditors' month end",
        )


def test_what_was_dropped_comes_back_as_it_was(fresh_database: str) -> None:
    with filled(
        fresh_database,
        *ORDERS,
        'CREATE SCHEMA "Odd ON one"',
        'ALTER TABLE orders SET SCHEMA "Odd ON one"',
        'CREATE INDEX "Mixed ON Case" ON "Odd ON one".orders (lower(note) DESC, customer) INCLUDE (status)'
        " WITH (fillfactor = 80) TABLESPACE pg_default WHERE customer > 5",
        'ALTER INDEX "Odd ON one"."Mixed ON Case" ALTER COLUMN 1 SET STATISTICS 400',
        "COMMENT ON INDEX \"Odd ON one\".\"Mixed ON Case\" IS 'it''s ours'",
        'ALTER TABLE "Odd ON one".orders CLUSTER ON orders_pkey',
    ) as source:
        before = situation(fresh_database).census
        cleanup = cleanup_of(found_in(fresh_database), "Mixed ON Case")
        source.execute(cleanup.candidate.sql.encode())
        for statement in cleanup.candidate.rollback_sql.splitlines():
            source.execute(statement.encode())
        after = situation(fresh_database).census
        (was,) = (each for each in before.indexes.values() if each.name == "Mixed ON Case")
        (now,) = (each for each in after.indexes.values() if each.name == "Mixed ON Case")
        assert (was.definition, was.comment, was.statistics_targets) == (
            now.definition,
            now.comment,
            now.statistics_targets,
        )


def test_young_counters_call_nothing_unused(fresh_database: str) -> None:
    with filled(fresh_database, *ORDERS, "CREATE INDEX orders_status ON orders (status)") as source:
        assert "scans are counted for" in why_spared(found_in(fresh_database, least_days=7), "orders_status")
        source.execute("SELECT pg_stat_reset()")
        source.execute("SELECT count(*) FROM orders")
        flush(source)
        age = situation(fresh_database).use.age
        assert age is not None
        assert age < timedelta(seconds=10)


def test_small_tables_and_unread_tables(fresh_database: str) -> None:
    with filled(
        fresh_database,
        "CREATE TABLE small (id int)",
        "INSERT INTO small VALUES (1)",
        "CREATE INDEX small_id ON small (id)",
        "CREATE TABLE unread (id int)",
        "CREATE INDEX unread_id ON unread (id)",
        "INSERT INTO unread SELECT generate_series(1, 5000)",
    ) as source:
        source.execute("SELECT pg_stat_reset_single_table_counters('unread'::regclass)")
        flush(source)
        found = found_in(fresh_database)
        assert "so small that it is read whole" in why_spared(found, "small_id")
        assert "Nobody read its table" in cleanup_of(found, "unread_id").concerns[0]


def test_indexes_of_partitions_count_for_the_whole(fresh_database: str) -> None:
    parts = (
        "CREATE TABLE events (at int, kind int) PARTITION BY RANGE (at)",
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (5000)",
        "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (5000) TO (10000)",
        "INSERT INTO events SELECT i, i % 100 FROM generate_series(0, 9999) i",
        "CREATE INDEX events_at ON events (at)",
        "CREATE INDEX events_kind ON events (kind)",
    )
    with filled(fresh_database, *parts) as source:
        source.execute("SELECT * FROM events WHERE at = 77")
        flush(source)
        found = found_in(fresh_database)
        assert named(found) == {("unused_index", "events_kind")}
        cleanup = cleanup_of(found, "events_kind")
        assert cleanup.candidate.sql == "DROP INDEX public.events_kind;"
        assert cleanup.candidate.rollback_sql == "CREATE INDEX events_kind ON public.events USING btree (kind);"
        assert cleanup.saved_entries == 10000
        assert cleanup.size_bytes > 100_000


def test_statistics_of_an_expression_are_missed_without_a_scan(fresh_database: str, settings: Settings) -> None:
    statements = (
        *ORDERS,
        "CREATE INDEX orders_day ON orders (date_trunc('hour', placed AT TIME ZONE 'UTC'))",
        "CREATE TABLE hours (at timestamp, id int)",
        "INSERT INTO hours SELECT timestamp '2026-01-01' + i * interval '1 hour', i FROM generate_series(1, 5000) i",
        "CREATE INDEX hours_at ON hours (at)",
        "SELECT count(*) FROM hours",
    )
    asked = (
        "SELECT * FROM orders o JOIN hours h ON h.at = date_trunc('hour', o.placed AT TIME ZONE 'UTC') WHERE"
        " date_trunc('hour', o.placed AT TIME ZONE 'UTC') < timestamp '2026-01-04 06:00'"
    )
    with filled(fresh_database, *statements):
        advice = advice_on(report_on(fresh_database, settings, asked), "orders_day")
        assert any("ANALYZE keeps statistics of its expression" in each for each in advice.cleanup.notes)


def test_an_unscanned_index_that_the_planner_wants_is_looked_at(fresh_database: str, settings: Settings) -> None:
    indexes = ("CREATE INDEX orders_customer ON orders (customer)", "CREATE INDEX orders_placed ON orders (placed)")
    with filled(fresh_database, *ORDERS, *indexes):
        report = report_on(fresh_database, settings, "SELECT * FROM orders WHERE customer = $1")
        wanted, other = advice_on(report, "orders_customer"), advice_on(report, "orders_placed")
        assert wanted.action is Action.LOOK
        assert wanted.suffering[0].cost_after > 2 * wanted.suffering[0].cost_before
        assert wanted.cleanup.concerns == ("The planner says that 1 statement would be dearer.",)
        assert (other.action, other.planned, other.suffering) == (Action.DROP, 1, ())


def ours(census: IndexCensus) -> IndexCensus:
    """The census without the system's own tables, whose sizes autovacuum may change at any time."""
    used = {each.table_oid for each in census.indexes.values()}
    return replace(census, tables={oid: facts for oid, facts in census.tables.items() if oid in used})


def test_a_role_that_only_reads_and_monitors_is_enough_and_changes_nothing(
    fresh_database: str, settings: Settings
) -> None:
    with filled(fresh_database, *ORDERS, "CREATE INDEX orders_status ON orders (status)") as source:
        source.execute("DROP ROLE IF EXISTS cleaner")
        source.execute("CREATE ROLE cleaner LOGIN IN ROLE pg_read_all_data, pg_monitor")
        as_cleaner = f"{fresh_database}{'&' if '?' in fresh_database else '?'}user=cleaner"
        with connect(as_cleaner) as connection:
            assert connection.info.user == "cleaner"
        before = ours(situation(fresh_database).census)
        report = report_on(as_cleaner, settings, "SELECT * FROM orders WHERE status = 'x'")
        assert advice_on(report, "orders_status").planned == 1
        assert ours(situation(fresh_database).census) == before
        source.execute("DROP ROLE cleaner")
