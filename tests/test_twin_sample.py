"""Samples of the source's rows: what they tell, what they cost the source, and what happens when there can be none."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.marker import MARKER
from pgarchitect.settings import Settings
from pgarchitect.twin import sampling
from pgarchitect.twin.expression_sample import selection_gain
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.key_sample import Alike, KeySample
from pgarchitect.twin.planner_twin import PlannerTwin
from tests.scratch_server import ScratchServer, scratch_server

SHOP: Final = """
CREATE SCHEMA "My Shop";
CREATE TABLE "My Shop"."Order" (id int PRIMARY KEY, status text, city text, zip text, at date, note text, doc jsonb);
INSERT INTO "My Shop"."Order"
SELECT i, CASE WHEN i > 19500 THEN 'pending' ELSE 'done' END, 'city ' || i % 50, 'zip ' || i % 50 * 7,
       date '2020-01-01' + i / 20, CASE WHEN i % 4 = 0 THEN '100 %{table}' ELSE repeat('x', i % 90) END,
       jsonb_build_object('lesson', i % 700, 'text', md5(i::text))
FROM generate_series(1, 20000) i;
CREATE FUNCTION public.shout(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM pg_sleep(0.001); RETURN upper($1); END $$;
CREATE FUNCTION public.theirs(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN upper($1); END $$;
CREATE ROLE somebody;
ALTER FUNCTION public.theirs OWNER TO somebody;
CREATE DOMAIN public.checked AS text CHECK (public.theirs(VALUE) <> '');
CREATE TABLE sent (id int PRIMARY KEY, promised int, received int, kind text, note text);
INSERT INTO sent SELECT i, hashint4(i) & 1023, hashint4(i + 1) & 1023, 'kind ' || i % 3, repeat('n', 110)
FROM generate_series(1, 120000) i;
CREATE TABLE secret (id int, owner text);
INSERT INTO secret SELECT i, 'owner ' || i % 9 FROM generate_series(1, 5000) i;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secret USING (owner = current_user);
"""
TABLE: Final = '"My Shop"."Order"'
BY_LESSON: Final = f"CREATE INDEX by_lesson ON {TABLE} ((doc ->> 'lesson'))"
BY_CITY: Final = f"CREATE INDEX by_city ON {TABLE} (city, zip)"
PENDING: Final = f"CREATE INDEX pending ON {TABLE} (at) WHERE status = 'pending' AND id > 100"
STATISTICS: Final = """
SELECT stanullfrac, stawidth, stadistinct, stakind1, stanumbers1, stavalues1::text,
       stakind2, stanumbers2, stavalues2::text, stakind3, stanumbers3
FROM pg_statistic WHERE starelid = %s::regclass"""


@pytest.fixture(scope="module")
def source(settings: Settings) -> Iterator[ScratchServer]:
    """A server with a shop of 20,000 orders, and a role that may read it."""
    with scratch_server(settings, "shared_preload_libraries = 'pg_stat_statements'", "autovacuum = off") as server:
        run(server.url(), "CREATE DATABASE shop")
        run(server.url("shop"), SHOP)
        run(server.url("shop"), "VACUUM ANALYZE")
        run(server.url("shop"), "CREATE EXTENSION pg_stat_statements")
        run(server.url(), "CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader")
        yield server


def run(url: str, statements: str) -> None:
    with connect(url, read_only=False) as connection:
        connection.execute(statements.encode())


def one(url: str, query: str, *parameters: object) -> Any:  # noqa: ANN401  # whatever the query says
    with connect(url, read_only=False) as connection:
        row = connection.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


@contextmanager
def twin_of(source: ScratchServer, settings: Settings, pages: int = 1000) -> Iterator[PlannerTwin]:
    sampled = settings.model_copy(update={"twin_sample_pages": pages})
    with PlannerTwin.of(source.url("shop", role="reader"), sampled) as twin:
        yield twin


def real(source: ScratchServer, ddl: str, name: str) -> tuple[int, tuple[Any, ...]]:
    """Pages of an index that is really built, and statistics of its expression; it is gone afterwards."""
    with connect(source.url("shop"), read_only=False) as connection:
        connection.execute(ddl.encode())
        connection.execute(f"ANALYZE {TABLE}".encode())
        spelled = f'"My Shop".{name}'
        row = connection.execute("SELECT pg_relation_size(%s::regclass) / 8192", (spelled,)).fetchone()
        found = connection.execute(STATISTICS.encode(), (spelled,)).fetchone()
        connection.execute(f"DROP INDEX {spelled}".encode())
    assert row is not None
    return row[0], found or ()


@pytest.mark.parametrize(
    "ddl",
    [
        BY_LESSON,
        BY_CITY,
        PENDING,
        f"CREATE INDEX odd ON {TABLE} (city) WHERE note LIKE '%{{table}}%' AND id > 5",
        f"CREATE INDEX later ON {TABLE} (date_part('month', at::timestamp), city) WHERE id <> length(note)",
        f'CREATE INDEX collated ON {TABLE} (lower(note) COLLATE "C")',
        f"CREATE INDEX covering ON {TABLE} (city) INCLUDE (note) WHERE at > '2021-01-01' AND id > 5",
    ],
)
def test_a_table_within_the_budget_is_counted_exactly(source: ScratchServer, settings: Settings, ddl: str) -> None:
    name = ddl.split()[2]
    pages, statistics = real(source, ddl, name)
    with twin_of(source, settings) as twin:
        found = twin.try_index(ddl)
        assert found.guessed is None
        assert twin.warnings == ()
        assert found.size_bytes // 8192 == pytest.approx(pages, abs=1)
        with connect(twin.url) as connection:
            imagined = connection.execute(STATISTICS.encode(), (f'"My Shop".{name}',)).fetchone()
    if statistics:
        assert imagined is not None
        assert imagined[2:] == statistics[2:]  # what ANALYZE says, to the last digit
        assert imagined[:2] == pytest.approx(statistics[:2], abs=1)


def test_nothing_is_written_and_every_statement_is_ours_and_counted(source: ScratchServer, settings: Settings) -> None:
    shop = source.url("shop")
    with twin_of(source, settings) as twin:
        run(shop, f"SELECT count(*) FROM {TABLE}")  # the first reader of a row may mark it as committed
        run(shop, "SELECT pg_stat_statements_reset(); CHECKPOINT")
        before = one(shop, "SELECT pg_current_wal_insert_lsn()"), one(shop, _TEMPORARY)
        told = twin.cost_of_reading
        twin.try_index(BY_LESSON)
        twin.try_index(BY_CITY)
        cost = twin.cost_of_reading
        assert (one(shop, "SELECT pg_current_wal_insert_lsn()"), one(shop, _TEMPORARY)) == before
        with connect(shop) as connection:
            rows = connection.execute(
                "SELECT query, calls FROM pg_stat_statements WHERE userid = 'reader'::regrole"
            ).fetchall()
    assert [query for query, _ in rows if MARKER not in query and query not in {"BEGIN", "COMMIT", "ROLLBACK"}] == []
    assert sum("TABLESAMPLE" in query for query, _ in rows) == 3
    assert cost.statements - told.statements >= sum(calls for query, calls in rows if "TABLESAMPLE" in query)
    assert 0 < cost.bytes_read - told.bytes_read < 20_000  # of 20,000 rows
    assert cost.sampled_pages == 3 * one(shop, _PAGES)
    assert cost.seconds > told.seconds
    assert one(shop, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'") == 0


_TEMPORARY: Final = "SELECT temp_files FROM pg_stat_database WHERE datname = 'shop'"
_PAGES: Final = f"SELECT pg_relation_size('{TABLE}') / 8192"
_TOUCHED: Final = f"SELECT heap_blks_read + heap_blks_hit FROM pg_statio_user_tables WHERE relid = '{TABLE}'::regclass"


def test_the_page_budget_is_honoured(source: ScratchServer, settings: Settings) -> None:
    shop, budget = source.url("shop"), 50
    assert one(shop, _PAGES) > 4 * budget
    with twin_of(source, settings, budget) as twin:
        before = one(shop, _TOUCHED)
        found = twin.try_index(BY_CITY)
        assert found.guessed is None
        assert 0 < one(shop, _TOUCHED) - before <= budget
        assert 0 < twin.cost_of_reading.sampled_pages <= budget


def test_all_samples_of_a_twin_have_a_budget_too(source: ScratchServer, settings: Settings) -> None:
    with twin_of(source, settings, 1) as twin:
        for number in range(sampling.SAMPLES):
            assert twin.try_index(f"CREATE INDEX ON {TABLE} (at) WHERE id <> {number}").guessed is None
        last = twin.try_index(f"CREATE INDEX ON {TABLE} (at) WHERE id <> -1")
        assert last.guessed == "the 30 pages that a twin may read are spent"
        assert twin.cost_of_reading.sampled_pages == sampling.SAMPLES


def test_the_same_question_is_asked_once(source: ScratchServer, settings: Settings) -> None:
    with twin_of(source, settings) as twin:
        twin.try_index(BY_CITY)
        pages = twin.cost_of_reading.sampled_pages
        twin.try_index(BY_CITY.replace("by_city", "again"))
        assert twin.cost_of_reading.sampled_pages == pages


def test_where_statistics_tell_enough_nothing_is_read(source: ScratchServer, settings: Settings) -> None:
    with twin_of(source, settings) as twin:
        told = twin.cost_of_reading
        for columns in ("(city)", "(id, city)", "USING brin (at)", "(note) INCLUDE (city)"):
            assert twin.try_index(f"CREATE INDEX ON {TABLE} {columns}").guessed is None
        assert twin.cost_of_reading == told


def test_a_value_on_every_page_is_counted(source: ScratchServer, settings: Settings) -> None:
    # The chance that ANALYZE would miss it is less than the smallest number.
    with twin_of(source, settings) as twin:
        found = twin.try_index("CREATE INDEX ON sent ((left(kind, 6)))")
        assert found.guessed is None
        assert twin.warnings == ()
        with twin.configuration(present=[found.name]):
            plan = twin.explain("SELECT * FROM sent WHERE left(kind, 6) = 'kind 1'")
    assert plan.tree["Plan Rows"] == pytest.approx(40_000, rel=0.1)


def test_the_rows_of_many_conditions_are_counted_in_one_sample(
    source: ScratchServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "SAMPLES", 2)
    ddls = [f"CREATE INDEX sent_{n} ON sent (kind) WHERE promised + {n} < received" for n in range(0, 800, 100)]
    truth = [built(source, ddl, f"sent_{100 * place}") for place, ddl in enumerate(ddls)]
    with twin_of(source, settings) as twin:
        found = twin.try_indexes(ddls)
        assert twin.warnings == ()
        assert twin.cost_of_reading.sampled_pages <= 2 * 1000
    for index, bytes_ in zip(found, truth, strict=True):
        assert isinstance(index, Hypothetical)
        assert index.guessed is None
        assert index.size_bytes == pytest.approx(bytes_, rel=0.1, abs=3 * 8192)


def built(source: ScratchServer, ddl: str, name: str) -> int:
    """Bytes of an index that is really built; it is gone afterwards."""
    run(source.url("shop"), ddl)
    size = one(source.url("shop"), "SELECT pg_relation_size(%s::regclass)", name)
    run(source.url("shop"), f"DROP INDEX {name}")
    assert isinstance(size, int)
    return size


def test_one_condition_that_fails_does_not_spoil_the_others(
    source: ScratchServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "SAMPLES", 10)
    conditions = ("promised < received", "1 / (promised - 5) < received", "promised + 1 < received")
    with twin_of(source, settings, 200) as twin:
        ddls = [f"CREATE INDEX ON sent (kind) WHERE {each}" for each in conditions]
        first, second, third = (each for each in twin.try_indexes(ddls) if isinstance(each, Hypothetical))
        (warning,) = twin.warnings
    assert (first.guessed, third.guessed) == (None, None)
    assert second.guessed == "division by zero"
    assert "division by zero" in warning


def test_one_table_does_not_spend_the_pages_of_the_others(
    source: ScratchServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "SAMPLES", 4)
    greedy = [f"CREATE INDEX ON sent (promised, received) WHERE kind <> 'kind {number}'" for number in range(9)]
    with twin_of(source, settings, 50) as twin:
        *_, last = twin.try_indexes([*greedy, BY_CITY])
        assert isinstance(last, Hypothetical)
        assert last.guessed is None


def test_without_permission_no_statement_is_sent(source: ScratchServer, settings: Settings) -> None:
    with twin_of(source, settings, 0) as twin:
        told = twin.cost_of_reading
        found = twin.try_index(BY_CITY)
        assert twin.cost_of_reading == told
        assert_guessed(twin, found, "PGARCHITECT_TWIN_SAMPLE_PAGES is 0")


def assert_guessed(twin: PlannerTwin, found: Hypothetical, reason: str) -> None:
    """It is there, and both the index and the twin say why it is a guess."""
    assert found.size_bytes > 8192
    assert found.guessed is not None
    assert reason in found.guessed
    assert any(reason in warning and "without a look at its rows" in warning for warning in twin.warnings)


def test_a_statement_that_takes_too_long_is_given_up(
    source: ScratchServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "TIMEOUT_MS", 100)
    with twin_of(source, settings) as twin:
        found = twin.try_index(f"CREATE INDEX ON {TABLE} (public.shout(city))")
        assert_guessed(twin, found, "took longer than 100 ms")
        assert twin.cost_of_reading.longest_s < 5
        told = twin.cost_of_reading
        assert_guessed(twin, twin.try_index(BY_CITY), "took longer than 100 ms")  # that table is left alone
        assert twin.cost_of_reading == told


def test_a_table_that_somebody_holds_is_not_waited_for(source: ScratchServer, settings: Settings) -> None:
    with twin_of(source, settings) as twin:
        with connect(source.url("shop"), read_only=False) as connection, connection.transaction():
            connection.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE".encode())
            began = time.monotonic()
            assert_guessed(twin, twin.try_index(BY_CITY), "somebody holds the table")
            assert time.monotonic() - began < 3
        assert one(source.url("shop"), "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0


@pytest.mark.parametrize("expression", ["public.theirs(city)", "(city::public.checked::text)"])
def test_a_function_of_somebody_without_a_superusers_rights_is_not_run(
    source: ScratchServer, settings: Settings, expression: str
) -> None:
    """It would run with the rights of the role that reads, whatever they are."""
    with twin_of(source, settings) as twin:
        found = twin.try_index(f"CREATE INDEX ON {TABLE} ({expression})")
        assert_guessed(twin, found, "public.theirs(text) is not run")
        assert twin.cost_of_reading.sampled_pages == 0


def test_rows_that_a_policy_hides_are_not_taken_for_all(source: ScratchServer, settings: Settings) -> None:
    with twin_of(source, settings) as twin:
        found = twin.try_index("CREATE INDEX ON secret (id) WHERE owner <> 'owner 3' AND id > 5")
        assert_guessed(twin, found, "row-level security")


def test_a_source_that_is_gone_is_asked_once(source: ScratchServer, settings: Settings) -> None:
    with twin_of(source, settings) as twin:
        run(source.url(), "ALTER DATABASE shop ALLOW_CONNECTIONS false")
        try:
            assert_guessed(twin, twin.try_index(BY_CITY), "allows no connections")
        finally:
            run(source.url(), "ALTER DATABASE shop ALLOW_CONNECTIONS true")
        told = twin.cost_of_reading
        assert_guessed(twin, twin.try_index(BY_LESSON), "allows no connections")
        assert twin.cost_of_reading == told


def test_a_part_of_a_table_tells_nearly_as_much(source: ScratchServer, settings: Settings) -> None:
    """A fifth of the pages: columns that depend on each other, rows that lie together, keys that neighbours share."""
    pages = {name: real(source, ddl, name)[0] for name, ddl in (("by_city", BY_CITY), ("by_lesson", BY_LESSON))}
    with twin_of(source, settings, one(source.url("shop"), _PAGES) // 5) as twin:
        assert twin.try_index(BY_CITY).size_bytes // 8192 == pytest.approx(pages["by_city"], rel=0.1)
        assert twin.try_index(BY_LESSON).size_bytes // 8192 == pytest.approx(pages["by_lesson"], rel=0.1)
        with connect(twin.url) as connection:
            row = connection.execute(STATISTICS.encode(), ('"My Shop".by_lesson',)).fetchone()
        assert row is not None
        assert row[2] == pytest.approx(700, rel=0.05)


def sample(*alike: Alike, rows: int = 1000, kept: int = 1000, error: float = 0.01) -> KeySample:
    return KeySample(complete=False, rows=rows, kept=kept, error=error, sizes={}, alike=alike)


def test_keys_that_fill_pages_of_their_own_are_not_thought_few() -> None:
    """Fifty keys on twenty rows each of one page: by rows they would all seem to have been seen."""
    assert sample(Alike(1, 20, 1, 50)).distinct(1, 100_000) == pytest.approx(5000)


def test_keys_that_are_everywhere_are_all_there_are() -> None:
    assert sample(Alike(1, 20, 18, 50)).distinct(1, 100_000) == pytest.approx(50)


def test_statistics_are_believed_unless_the_sample_contradicts_them() -> None:
    seen = sample(kept=100, error=0.02)
    assert seen.rows_of(100_000, 8_000) == 8_000
    assert seen.rows_of(100_000, 33_000) == pytest.approx(10_000)


def test_values_that_a_sample_lists_were_drawn_luckily() -> None:
    """A thousand values of twenty rows each: the hundred that are drawn most seem more frequent than they are."""
    drawn = random.Random(1)  # noqa: S311  # nothing secret
    rows = [value for value in range(1000) for _ in range(20)]
    seen = [sum(sorted(Counter(drawn.sample(rows, 10_000)).values())[-100:]) / (100 * 20 * 0.5) for _ in range(5)]
    assert selection_gain([(20.0, 1000)], 0.5, 100) == pytest.approx(sum(seen) / 5, rel=0.03)
    assert selection_gain([(20.0, 100)], 0.5, 100) == 1


def test_a_migrated_twin_samples_no_table_that_is_another_one_now(source: ScratchServer, settings: Settings) -> None:
    with twin_of(source, settings) as twin:
        twin.migrate(f"ALTER TABLE {TABLE} RENAME COLUMN city TO town; {BY_LESSON}")
        told = twin.cost_of_reading
        assert told.sampled_pages == 0
        assert_guessed(twin, twin.try_index(BY_CITY.replace("city,", "town,")), "migration")
        assert twin.cost_of_reading == told


def test_indexes_that_begin_alike_are_looked_at_together(
    source: ScratchServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sample for all, and each is told what it would be told alone."""
    ddls = [f"CREATE INDEX ON sent ({keys})" for keys in ("kind, promised", "kind, received", "promised, received")]
    alone: list[Hypothetical] = []
    for ddl in ddls:
        with twin_of(source, settings, 200) as twin:
            alone.append(twin.try_index(ddl))
    monkeypatch.setattr(sampling, "SAMPLES", 1)
    with twin_of(source, settings, 200) as twin:
        found = [each for each in twin.try_indexes(ddls) if isinstance(each, Hypothetical)]
        assert 0 < twin.cost_of_reading.sampled_pages <= 200
        assert twin.warnings == ()
    assert [each.size_bytes for each in found] == [each.size_bytes for each in alone]
    assert all(each.guessed is None for each in found)
    assert all(each.size_bytes < each.most_bytes < 1.2 * each.size_bytes for each in found)
