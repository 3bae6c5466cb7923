"""An index is weighed against what it costs the writes of its table."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from pgarchitect.advising import Wanted, advise
from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey
from pgarchitect.evidence.write_cost import PlannerUnits, UpdatedColumns, held_columns, updated_columns, write_cost
from pgarchitect.postgres.connection import connect
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.schema.catalog import Statistics
from pgarchitect.settings import Settings
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.workload.syntax import parse
from pgarchitect.workload.table_writes import TableWrites, Writes, read_table_writes
from tests.vocabulary import catalog_of

READS = "SELECT owner FROM counters WHERE hits = 7"
WIDE = Statistics(0.0, -1.0, 0.0, (), (), (), 60)
UPDATES = "UPDATE counters SET hits = hits + $1 WHERE id = $2"
ROUNDS = 6
ROWS = 5_000


@pytest.fixture
def counters(fresh_database: str) -> str:
    """A table that is updated in place again and again."""
    with psycopg.connect(fresh_database, autocommit=True) as application:
        application.execute(
            "CREATE TABLE counters (id int PRIMARY KEY, hits int NOT NULL, owner int NOT NULL, note text)"
            " WITH (fillfactor = 30)"
        )
        application.execute(f"INSERT INTO counters SELECT i, i % 700, i % 90, '' FROM generate_series(1, {ROWS}) i")
        for _ in range(ROUNDS):
            application.execute("UPDATE counters SET hits = hits + 1")
        application.execute("VACUUM ANALYZE counters")
    return fresh_database


def advised(url: str, settings: Settings, reads: float, *, weighed: bool = True) -> Advice:
    """An advice for some reads and all the updates that were really made."""
    with connect(url) as connection:
        seconds = read_table_writes(connection).seconds
    workload = (Wanted(READS, reads), Wanted(UPDATES, float(ROUNDS * ROWS), 1.0))
    return advise(url, workload, Limits(), settings, lambda _: None, seconds=seconds if weighed else None)


def test_the_server_counts_what_was_written(counters: str) -> None:
    with connect(counters) as connection:
        found = read_table_writes(connection)
    writes = found.tables["public", "counters"]
    assert (writes.inserted, writes.updated) == (ROWS, ROUNDS * ROWS)
    assert writes.hot > 0.5 * writes.updated
    assert found.seconds > 0


def test_an_index_that_costs_the_writes_more_than_it_gains_is_refused_with_the_figures(
    counters: str, settings: Settings
) -> None:
    found = advised(counters, settings, reads=10)
    assert not any("hits" in each.ddl for each in found.indexes)
    refused = next(each for each in found.refused if "(hits)" in each.ddl)
    assert refused.write_cost >= refused.gain > 0
    assert refused.hot_lost > 0.5 * ROUNDS * ROWS


def test_reads_that_are_worth_it_get_it_and_the_lost_updates_are_told(counters: str, settings: Settings) -> None:
    found = advised(counters, settings, reads=100_000)
    index = next(each for each in found.indexes if "hits" in each.ddl)
    assert index.write_cost is not None
    assert 0 < index.write_cost < index.cost_before - index.cost_after
    assert index.hot_lost > 0.5 * ROUNDS * ROWS


def test_updates_of_a_file_are_taken_to_change_a_row_each(counters: str, settings: Settings) -> None:
    workload = (Wanted(READS, 100_000), Wanted(UPDATES, float(ROUNDS * ROWS)))
    with connect(counters) as connection:
        seconds = read_table_writes(connection).seconds
    found = advise(counters, workload, Limits(), settings, lambda _: None, seconds=seconds)
    index = next(each for each in found.indexes if "hits" in each.ddl)
    assert index.hot_lost > 0.5 * ROUNDS * ROWS


def test_without_a_time_to_compare_writes_are_not_weighed(counters: str, settings: Settings) -> None:
    found = advised(counters, settings, reads=10, weighed=False)
    assert found.refused == ()
    assert all(each.write_cost is None for each in found.indexes)


def test_writes_keep_their_pace() -> None:
    counted = TableWrites({("public", "t"): Writes(100.0, 50.0, 20.0)}, seconds=10.0)
    assert counted.within(5.0) == {("public", "t"): Writes(50.0, 25.0, 10.0)}
    assert TableWrites({("public", "t"): Writes(1.0)}, seconds=0.0).within(5.0) == {("public", "t"): Writes()}


def test_which_updates_touch_an_index(counters: str) -> None:
    texts = {
        "UPDATE counters SET hits = 1 WHERE id = 1": 30.0,
        "UPDATE public.counters c SET (note, owner) = ('x', 2)": 10.0,
        "UPDATE elsewhere SET hits = 1": 99.0,
        "SELECT hits FROM counters": 99.0,
    }
    catalog = catalog_of(counters, *texts)
    (found,) = updated_columns([(parse(text), rows) for text, rows in texts.items()], catalog.tables).values()
    assert found.share({"hits"}) == 0.75
    assert found.share({"note"}) == 0.25
    assert found.share({"id"}) == 0.0


def test_the_columns_that_an_index_holds(counters: str) -> None:

    (table,) = catalog_of(counters, READS).tables
    index = IndexDefinition(table, (IndexKey("(lower(note))"),), included=("id",), where="hits > 3")
    assert held_columns(index) == {"note", "id", "hits"}


MADE = Hypothetical(1, "i", "", 2**20, 1)
WRITES = Writes(inserted=100.0, updated=1_000.0, hot=900.0)
SET_HITS = UpdatedColumns({frozenset({"hits"}): 3.0, frozenset({"note"}): 1.0})


@pytest.mark.parametrize(
    ("differences", "lost"),
    [
        ({"keys": (IndexKey("hits"),)}, 675.0),
        ({"keys": (IndexKey("owner"),)}, 0.0),
        ({"keys": (IndexKey("hits"),), "method": "hash"}, 675.0),
        ({"keys": (IndexKey("note", operator_class="gin_trgm_ops"),), "method": "gin"}, 225.0),
        ({"keys": (IndexKey("(lower(note) || hits)"),)}, 900.0),
        ({"keys": (IndexKey("owner"),), "included": ("hits",)}, 675.0),
        ({"keys": (IndexKey("owner"),), "where": "note IS NULL"}, 225.0),
        ({"keys": (IndexKey("hits"),), "method": "brin"}, 0.0),
    ],
)
def test_which_indexes_end_heap_only_updates(counters: str, differences: dict[str, Any], lost: float) -> None:
    (table,) = catalog_of(counters, READS).tables
    found = write_cost(IndexDefinition(table, **differences), MADE, WRITES, SET_HITS, PlannerUnits())
    assert found.hot_lost == pytest.approx(lost)
    assert found.cost > 0


def test_before_16_a_summarising_index_ends_them_too(counters: str) -> None:
    (table,) = catalog_of(counters, READS).tables
    brin = IndexDefinition(table, (IndexKey("hits"),), "brin")
    assert write_cost(brin, MADE, WRITES, SET_HITS, PlannerUnits(version=150_004)).hot_lost == pytest.approx(675.0)


def test_a_row_costs_a_summary_least_and_trigrams_most(counters: str) -> None:
    (table,) = catalog_of(counters, READS).tables
    wide = replace(next(each for each in table.columns if each.name == "note"), statistics=WIDE)
    table = replace(table, columns=(*(each for each in table.columns if each.name != "note"), wide))
    key, trigrams = IndexKey("note"), IndexKey("note", operator_class="gin_trgm_ops")
    kinds = [("brin", key), ("btree", key), ("gin", trigrams)]
    found = [
        write_cost(IndexDefinition(table, (one,), method), MADE, WRITES, UpdatedColumns({}), PlannerUnits()).cost
        for method, one in kinds
    ]
    assert found[0] < 0.1 * found[1] < found[1] < 0.1 * found[2]


def test_a_short_time_of_counting_is_told(counters: str, settings: Settings) -> None:
    assert any("hours only" in each for each in advised(counters, settings, reads=10).warnings)
    assert not any("hours only" in each for each in advised(counters, settings, reads=10, weighed=False).warnings)


def test_measured_time_weighs_more_than_what_the_planner_thinks(edfinance: str, settings: Settings) -> None:
    """A statement that is thought dear but is quick does not push the others aside."""
    dear = "SELECT count(*) FROM behavior_logs a, behavior_logs b WHERE a.user_id = b.user_id + 1 AND a.id < b.id"
    quick = "SELECT id FROM notifications WHERE user_id = 5"
    by_cost = (Wanted(dear, 1.0), Wanted(quick, 1.0))
    by_time = (Wanted(dear, 1.0, mean_ms=0.1), Wanted(quick, 1.0, mean_ms=50.0))
    found = [advise(edfinance, each, Limits(count=1), settings, lambda _: None) for each in (by_cost, by_time)]
    assert [each.unit for each in found] == ["cost", "ms"]
    assert not any("notifications" in each.ddl for each in found[0].indexes)
    assert all("notifications" in each.ddl for each in found[1].indexes)
    assert found[1].indexes
    assert found[1].cost_before == pytest.approx(50.1)
