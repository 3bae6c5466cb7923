"""Redundant indexes: a longer one begins with the same keys, and the planner is as well off with it."""

import pytest

from pgarchitect.postgres.connection import Connection
from pgarchitect.recommendations.cleanup_advice import Action
from pgarchitect.settings import Settings
from tests.cleanup_lab import ORDERS, advice_on, cleanup_of, filled, flush, found_in, named, report_on


def use_every_index(source: Connection) -> None:
    """One scan for each index of the schema, so that none is unused."""
    rows = source.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid, 1, false) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisprimary"
    ).fetchall()
    for name, _ in rows:
        source.execute("BEGIN")
        source.execute("SET LOCAL enable_seqscan = off")
        others = [other for other, _ in rows if other != name]
        if others:
            source.execute(f"DROP INDEX {', '.join(others)}".encode())
        source.execute("SELECT FROM orders WHERE customer = 5 AND id > 5 AND status > ''")
        source.execute("ROLLBACK")
    flush(source)


def test_the_shorter_one_goes_and_the_longest_takes_over(fresh_database: str) -> None:
    with filled(
        fresh_database,
        *ORDERS,
        "CREATE INDEX one ON orders (customer)",
        "CREATE INDEX two ON orders (customer, id)",
        "CREATE INDEX three ON orders (customer, id, placed)",
    ) as source:
        use_every_index(source)
        found = found_in(fresh_database)
        assert named(found) == {("redundant_index", "one"), ("redundant_index", "two")}
        assert cleanup_of(found, "one").takes_over == "public.three"
        assert cleanup_of(found, "two").takes_over == "public.three"
        assert "scan" in cleanup_of(found, "one").candidate.reason


@pytest.mark.parametrize(
    ("shorter", "longer", "redundant"),
    [
        ("(customer)", "(customer DESC NULLS FIRST, id)", True),
        ("(customer)", "(customer) INCLUDE (note)", True),
        ("(customer) INCLUDE (id)", "(customer, id)", True),
        ("(customer) WHERE id > 5", "(customer, id) WHERE id > 5", True),
        ("(customer, id)", "(customer DESC, id, note)", False),
        ("(customer)", "(customer DESC NULLS LAST, id)", False),
        ("(customer)", "(id, customer)", False),
        ("(customer) INCLUDE (note)", "(customer, id)", False),
        ("(customer)", "(customer, id) WHERE id > 5", False),
        ("(customer) WHERE id > 5", "(customer, id)", False),
    ],
)
def test_only_the_same_keys_in_one_direction_count(
    fresh_database: str, shorter: str, longer: str, redundant: bool
) -> None:
    with filled(
        fresh_database, *ORDERS, f"CREATE INDEX shorter ON orders {shorter}", f"CREATE INDEX longer ON orders {longer}"
    ) as source:
        source.execute("SET enable_seqscan = off")
        use_every_index(source)
        found = found_in(fresh_database)
        assert (("redundant_index", "shorter") in named(found)) is redundant


def test_a_unique_index_is_not_redundant(fresh_database: str) -> None:
    with filled(
        fresh_database,
        *ORDERS,
        "CREATE UNIQUE INDEX rule ON orders (customer, id)",
        "CREATE INDEX longer ON orders (customer, id, placed)",
    ) as source:
        use_every_index(source)
        assert named(found_in(fresh_database)) == set()


def test_beside_a_longer_one_that_is_not_used_the_shorter_stays(fresh_database: str) -> None:
    with filled(
        fresh_database,
        *ORDERS,
        "CREATE INDEX longer ON orders (customer, note)",
        "CREATE INDEX shorter ON orders (customer)",
    ) as source:
        source.execute("SET enable_seqscan = off")
        source.execute("SELECT * FROM orders WHERE customer = 5")
        flush(source)
        assert named(found_in(fresh_database)) == {("unused_index", "longer")}


def test_the_planner_decides_whether_the_longer_one_serves_as_well(fresh_database: str, settings: Settings) -> None:
    indexes = (
        "CREATE INDEX near ON orders (customer)",
        "CREATE INDEX near_longer ON orders (customer, status)",
        "CREATE INDEX far ON orders (placed)",
        "CREATE INDEX far_longer ON orders (placed, note, status, customer) WITH (fillfactor = 20)",
    )
    asked = (
        "SELECT count(*) FROM orders WHERE customer = 7",
        "SELECT count(placed) FROM orders WHERE placed BETWEEN '2026-01-02' AND '2026-01-03'",
    )
    with filled(fresh_database, *ORDERS, *indexes) as source:
        source.execute("VACUUM orders")
        source.execute("SET enable_seqscan = off")
        for column in ("customer = 5", "placed = '2026-01-01'"):
            for rest in ("", " AND status = 'x'"):
                source.execute(f"SELECT * FROM orders WHERE {column}{rest}".encode())
        for longer in ("near_longer", "far_longer"):
            shorter = longer.removesuffix("_longer")
            column = "customer = 5" if shorter == "near" else "placed = '2026-01-01'"
            source.execute(f"BEGIN; DROP INDEX {shorter}; SELECT FROM orders WHERE {column}; ROLLBACK".encode())
            source.execute(f"BEGIN; DROP INDEX {longer}; SELECT FROM orders WHERE {column}; ROLLBACK".encode())
        flush(source)
        report = report_on(fresh_database, settings, *asked)
        assert advice_on(report, "near").action is Action.DROP
        assert advice_on(report, "near").planned == 2
        (spared,) = (each for each in report.spared if each.index.name == "far")
        assert "1 statement would be dearer with it, by up to" in spared.reason


def test_without_a_statement_a_person_has_to_look(fresh_database: str, settings: Settings) -> None:
    indexes = ("CREATE INDEX shorter ON orders (customer)", "CREATE INDEX longer ON orders (customer, id)")
    with filled(fresh_database, *ORDERS, *indexes) as source:
        use_every_index(source)
        advice = advice_on(report_on(fresh_database, settings, "SELECT 1"), "shorter")
        assert advice.action is Action.LOOK
        assert "no statement on its table was planned" in advice.cleanup.concerns[0]
