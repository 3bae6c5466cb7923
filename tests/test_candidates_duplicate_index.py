"""Duplicate indexes: only what is the same in every respect, and the one that has to stay stays."""

import pytest

from tests.cleanup_lab import ORDERS, cleanup_of, filled, flush, found_in, named, why_spared


def test_of_two_that_are_the_same_the_used_one_stays(fresh_database: str) -> None:
    twice = ("CREATE INDEX first ON orders (customer)", "CREATE INDEX second ON orders (customer)")
    with filled(fresh_database, *ORDERS, *twice) as source:
        source.execute("SET enable_seqscan = off")
        source.execute("SELECT * FROM orders WHERE customer = 5")
        source.execute("BEGIN; DROP INDEX first; SELECT * FROM orders WHERE customer = 5; ROLLBACK")
        source.execute("BEGIN; DROP INDEX first; SELECT * FROM orders WHERE customer = 5; ROLLBACK")
        flush(source)
        found = found_in(fresh_database)
        scans = {each.index.name: each.scans for each in found.cleanups}
        assert len(scans) == 1
        (gone,) = found.cleanups
        assert gone.candidate.kind == "duplicate_index"
        assert gone.takes_over == f"public.{({'first', 'second'} - {gone.index.name}).pop()}"
        assert gone.candidate.sql == f"DROP INDEX CONCURRENTLY public.{gone.index.name};"


def test_what_backs_a_constraint_stays_and_the_plain_one_goes(fresh_database: str) -> None:
    with filled(fresh_database, *ORDERS, "CREATE INDEX orders_id ON orders (id)") as source:
        source.execute("SET enable_seqscan = off")
        source.execute(
            "BEGIN; ALTER TABLE orders DROP CONSTRAINT orders_pkey; SELECT * FROM orders WHERE id = 5; ROLLBACK"
        )
        flush(source)
        found = found_in(fresh_database)
        assert named(found) == {("duplicate_index", "orders_id")}
        cleanup = cleanup_of(found, "orders_id")
        assert cleanup.takes_over == "public.orders_pkey"
        assert cleanup.candidate.reason.startswith("It is the same as public.orders_pkey.")


def test_two_constraints_are_left_alone(fresh_database: str) -> None:
    with filled(fresh_database, *ORDERS, "ALTER TABLE orders ADD CONSTRAINT again UNIQUE (id)"):
        found = found_in(fresh_database)
        assert named(found) == set()
        assert "backs a UNIQUE constraint" in why_spared(found, "again")


def test_a_unique_index_goes_only_for_one_that_refuses_the_same(fresh_database: str) -> None:
    with filled(
        fresh_database,
        *ORDERS,
        "ALTER TABLE orders ADD CONSTRAINT at_the_end UNIQUE (note) DEFERRABLE INITIALLY DEFERRED",
        "CREATE UNIQUE INDEX at_once ON orders (note)",
        "CREATE UNIQUE INDEX nulls_differ ON orders (placed)",
        "CREATE UNIQUE INDEX nulls_alike ON orders (placed) NULLS NOT DISTINCT",
        "CREATE UNIQUE INDEX rule ON orders (status, id)",
        "CREATE UNIQUE INDEX rule_again ON orders (status, id)",
    ):
        found = found_in(fresh_database)
        assert named(found) == {("duplicate_index", "rule_again")}
        assert "checked at once" in why_spared(found, "at_once")
        assert "treat nulls differently" in why_spared(found, "nulls_alike")


@pytest.mark.parametrize(
    "other",
    [
        "(note DESC)",
        "(note NULLS FIRST)",
        '(note COLLATE "POSIX")',
        "(note text_pattern_ops)",
        "USING hash (note)",
        "(note) WHERE customer > 5",
        "(lower(note))",
        "(note) INCLUDE (status)",
    ],
)
def test_what_differs_in_one_respect_is_no_duplicate(fresh_database: str, other: str) -> None:
    on = other if other.startswith("USING") else f" {other}"
    with filled(fresh_database, *ORDERS, "CREATE INDEX one ON orders (note)", f"CREATE INDEX other ON orders {on}"):
        assert "duplicate_index" not in {each.candidate.kind for each in found_in(fresh_database).cleanups}


def test_a_copy_of_a_partitions_index_goes_and_the_tree_stays(fresh_database: str) -> None:
    with filled(
        fresh_database,
        "CREATE TABLE events (at int, kind int) PARTITION BY RANGE (at)",
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (5000)",
        "CREATE INDEX events_kind ON events (kind)",
        "CREATE INDEX again ON events_1 (kind)",
        "INSERT INTO events SELECT i, i % 100 FROM generate_series(0, 4999) i",
    ) as source:
        source.execute("SET enable_seqscan = off")
        source.execute("SELECT * FROM events WHERE kind = 5")
        flush(source)
        found = found_in(fresh_database)
        assert {each for each in named(found) if each[0] == "duplicate_index"} == {("duplicate_index", "again")}
        assert cleanup_of(found, "again").takes_over == "public.events_1_kind_idx"
