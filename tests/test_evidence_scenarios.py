"""Parameter sets and their weights: what is asked of the statistics, and what the counted rows make of it."""

import math
from collections.abc import Iterator
from datetime import datetime

import pytest

from pgarchitect.evidence.binding import GENERIC, Bound, bind
from pgarchitect.evidence.explain import CannotRun, explained
from pgarchitect.evidence.scenarios import ASKED_FOR, SCENARIOS, TOLERANCE, prior, weights
from pgarchitect.evidence.trials import baselines
from pgarchitect.evidence.whatif import WhatIf
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.catalog import read_catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.workload.syntax import parse
from pgarchitect.workload.workload import Statement
from tests.module_database import database_of
from tests.vocabulary import catalog_of, proposed, statement

ROWS = 20_000
SCHEMA = f"""
CREATE TYPE mood AS ENUM ('sad', 'fine', 'great');
CREATE TABLE jobs (id int PRIMARY KEY, state text, mood mood, token uuid, live boolean, meta jsonb, name text,
  code text, at timestamptz, score numeric(10,2), day date);
INSERT INTO jobs SELECT i, CASE WHEN i % 10 <> 0 THEN 'done' WHEN i % 100 <> 0 THEN 'failed' WHEN i % 1000 <> 0 THEN
  'new' ELSE 'stuck' END,
  (CASE WHEN i % 100 < 80 THEN 'fine' WHEN i % 100 < 95 THEN 'sad' ELSE 'great' END)::mood, md5(i::text)::uuid,
  i % 19 <> 0, jsonb_build_object('kind', CASE WHEN i % 10 <> 0 THEN 'mail' ELSE 'call' END, 'n', i % 5),
  'Name ' || i % 700, 'C' || i, timestamptz '2026-01-01 00:00+00' + i * interval '1 minute', i / 7.0,
  date '2020-01-01' + i / 10 FROM generate_series(1, {ROWS}) i;
CREATE INDEX ON jobs (code text_pattern_ops);
CREATE TABLE untouched (id int, mood mood, token uuid, live boolean, meta jsonb, at timestamptz, day date, name text);
CREATE TABLE cards (mac macaddr, name text);
VACUUM ANALYZE jobs;
"""
BY_STATE = "SELECT * FROM jobs WHERE state = $1"


@pytest.fixture(scope="module", params=["18", "15"])
def database(request: pytest.FixtureRequest, server: EmbeddedServer, settings: Settings) -> Iterator[str]:
    """On the embedded server, and on the system's PostgreSQL 15 where there is one."""
    with database_of(request.param, server, settings, "scenario_tests", *SCHEMA.split(";\n")) as url:
        yield url


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[Connection]:
    with connect(database, read_only=False) as connection:
        yield connection


def sets(connection: Connection, text: str, rows_per_call: float | None = 10.0) -> tuple[Bound, ...]:
    asked = Statement.uncounted(text) if rows_per_call is None else statement(text, rows_per_call=rows_per_call)
    return bind(connection, asked, parse(text), read_catalog(connection, ["jobs", "untouched", "cards"]))


def values(found: tuple[Bound, ...]) -> dict[str, float]:
    """The literals of one-parameter sets with their weights."""
    return {each.literals[0]: each.weight for each in found}


def run(connection: Connection, bound: Bound) -> float:
    return float(explained(connection, "ANALYZE, FORMAT JSON", bound.sql)[0]["Plan"]["Actual Rows"])


def test_a_skewed_column_gives_hot_middling_and_rare_by_frequency(connection: Connection) -> None:
    found = values(sets(connection, BY_STATE, None))
    assert found == pytest.approx({"'done'": 0.9, "'new'": 0.009, "'stuck'": 0.001}, abs=0.1)
    assert next(iter(found)) == "'done'"
    assert math.fsum(found.values()) == pytest.approx(1)
    assert min(found.values()) > 0


@pytest.mark.parametrize(("counted", "likeliest"), [(18_000, "'done'"), (20, "'stuck'"), (180, "'new'")])
def test_the_counted_rows_tell_which_value_is_asked_for(connection: Connection, counted: float, likeliest: str) -> None:
    found = sets(connection, BY_STATE, counted)
    assert found[0].literals == (likeliest,)
    assert found[0].weight > 0.5
    mean = math.fsum(each.weight * each.expected_rows for each in found)
    assert counted / TOLERANCE * 0.99 <= mean <= counted * TOLERANCE * 1.01


def test_a_mean_between_hot_and_rare_is_a_mixture(connection: Connection) -> None:
    """2,000 rows a call: the value with 18,000 cannot be asked for in more than some of the calls."""
    found = values(sets(connection, BY_STATE, 2_000))
    assert 0.02 < found["'done'"] <= 2_000 * TOLERANCE / 17_000


def test_sets_are_the_same_every_time(connection: Connection) -> None:
    for text in (BY_STATE, "INSERT INTO jobs (id, token) VALUES ($1, $2)", "SELECT * FROM jobs WHERE meta->>$1 = $2"):
        assert sets(connection, text) == sets(connection, text)


def test_between_has_widths_that_make_sense(connection: Connection) -> None:
    found = sets(connection, "SELECT * FROM jobs WHERE at BETWEEN $1 AND $2", 30)
    assert {each.scenario for each in found} == set(SCENARIOS)
    parts = {each.scenario: run(connection, each) / ROWS for each in found}
    assert parts == pytest.approx(
        {"common": 0.07, "middling": 0.1, "rare": 0.01, "uncommon": 0.5, "newest": 30 / ROWS}, rel=0.1
    )
    assert found[0].scenario == "newest"
    low, high = (datetime.fromisoformat(each.strip("'")) for each in found[0].literals)
    assert (high - low).total_seconds() == pytest.approx(30 * 60, rel=0.1)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("SELECT * FROM jobs WHERE score BETWEEN $1 AND $2", 50),
        ("SELECT * FROM jobs WHERE day > $1", 300),
        ("SELECT * FROM jobs WHERE id < $1", 12),
        ("SELECT * FROM jobs WHERE at >= $1 AND at < $2 AND live", 100),
    ],
)
def test_a_range_returns_about_the_counted_rows(connection: Connection, text: str, counted: int) -> None:
    found = {each.scenario: each for each in sets(connection, text, counted)}["newest"]
    assert counted / 2 <= run(connection, found) <= counted * 2


def test_beginnings_are_tried_beside_parts(connection: Connection) -> None:
    found = sets(connection, "SELECT * FROM jobs WHERE name LIKE $1", None)
    patterns = {each.scenario: each.literals[0] for each in found}
    assert patterns["common"].startswith("'%")
    assert patterns["middling"].startswith("'Name ")
    assert found[0].scenario == "common"


@pytest.mark.parametrize("counted", [1.0, 250.0, 2_500.0])
def test_a_beginning_is_as_long_as_the_counted_rows_ask_for(connection: Connection, counted: float) -> None:
    found = sets(connection, "SELECT * FROM jobs WHERE code LIKE $1", counted)
    assert found[0].literals[0].startswith("'C")
    assert found[0].expected_rows <= max(2 * counted, 0.02 * ROWS)
    assert run(connection, found[0]) >= min(counted / 2.5, 1)


def test_an_index_for_beginnings_says_that_the_application_asks_for_them(connection: Connection) -> None:
    found = sets(connection, "SELECT * FROM jobs WHERE code LIKE $1", None)
    assert found[0].literals[0].startswith("'C")
    assert found[0].literals[0].endswith("%'")
    assert any(each.literals[0].startswith("'%") for each in found)
    assert any("Index Scan" in node.node_type for node in found[0].planned.plan.walk())


def test_what_like_takes_for_wild_is_escaped_in_a_beginning(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE TABLE wild (a text)")
        connection.execute(r"INSERT INTO wild SELECT '%_\' || i FROM generate_series(1, 500) i")
        connection.execute("ANALYZE wild")
        text = "SELECT * FROM wild WHERE a LIKE $1"
        found = bind(connection, statement(text), parse(text), read_catalog(connection, ["wild"]))
        (form,) = (each for each in found if each.scenario == "middling")
        assert form.literals[0].startswith(r"E'\\%\\_\\\\")
        assert run(connection, form) >= 1


@pytest.mark.parametrize(("counted", "length"), [(1, 1), (25, 25), (5_000, 100)])
def test_a_list_is_as_long_as_the_counted_rows(connection: Connection, counted: float, length: int) -> None:
    (form, *_) = sets(connection, "SELECT * FROM jobs WHERE id = ANY($1)", counted)
    assert run(connection, form) == length


def test_a_squeezed_list_is_filled_again(connection: Connection) -> None:
    for text in ("id IN ($1 /*, ... */)", "id = ANY (ARRAY[$1 /*, ... */])"):
        found = sets(connection, f"SELECT * FROM jobs WHERE {text} AND live = $2", 7)
        assert found[0].literals[0].count(",") == 6
        assert run(connection, found[0]) >= 5


def test_types_of_all_sorts_get_their_own_values(connection: Connection) -> None:
    moods = values(sets(connection, "SELECT * FROM jobs WHERE mood = $1", None))
    assert moods == pytest.approx({"'fine'": 0.8, "'sad'": 0.15, "'great'": 0.05}, abs=0.02)
    live = values(sets(connection, "SELECT * FROM jobs WHERE live = $1", None))
    assert live == pytest.approx({"'t'": 0.95, "'f'": 0.05}, abs=0.02)
    tokens = sets(connection, "SELECT * FROM jobs WHERE token = $1", 1)
    assert len(tokens) > 2
    assert all(run(connection, each) == 1 for each in tokens)
    kinds = {each.literals[0] for each in sets(connection, "SELECT * FROM jobs WHERE meta->>'kind' = $1", None)}
    assert kinds == {"'mail'", "'call'"}
    keys = {each.literals for each in sets(connection, "SELECT * FROM jobs WHERE meta->>$1 = $2", None)}
    assert {("'kind'", "'mail'"), ("'kind'", "'call'")} <= keys


def test_a_table_that_was_never_analysed_gets_values_by_type(connection: Connection) -> None:
    text = (
        "SELECT * FROM untouched WHERE mood = $1 AND token = $2 AND live = $3 AND meta @> $4 AND at BETWEEN $5 AND $6"
        " AND id = ANY($7) AND name LIKE $8 AND id IN ($9, $10) AND day < $11"
    )
    found = sets(connection, text)
    assert found[0].literals[0] == "'sad'"
    assert all(run(connection, each) == 0 for each in found)
    assert found[0].literals[4:6] == ("'yesterday'", "'tomorrow'")


REFUSED = "SELECT * FROM cards WHERE mac = $1 AND name = $2"


def test_without_values_there_is_the_generic_plan(connection: Connection, database: str, settings: Settings) -> None:
    (found,) = sets(connection, REFUSED)
    assert (found.scenario, found.sql, found.literals, found.weight) == (GENERIC, REFUSED, (), 1.0)
    assert "invalid input syntax for type macaddr" in found.refusal
    assert "$1" in " ".join(found.planned.plan.detail)
    if connection.info.server_version >= 16_00_00:
        (document,) = explained(connection, "GENERIC_PLAN, FORMAT JSON", REFUSED)
        assert document["Plan"]["Total Cost"] == found.planned.cost
    with PlannerTwin.of(database, settings) as twin:
        assert twin.explain(found.asked).cost == found.planned.cost
        index = twin.try_index("CREATE INDEX ON jobs (state)")
        with twin.configuration(present=[index.name]):
            assert twin.explain(found.asked).cost == found.planned.cost


def test_what_cannot_be_planned_either_way_is_refused(connection: Connection) -> None:
    with pytest.raises(CannotRun, match="invalid input syntax for type macaddr"):
        sets(connection, "SELECT * FROM cards WHERE mac = $1 AND $2 + $3 > 0")
    assert connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE name ~ 'pgarch'").fetchone() == (0,)


def test_the_twin_plans_all_sets_and_its_cost_is_their_mean(
    database: str, connection: Connection, settings: Settings
) -> None:
    """The index serves the rare values only."""
    asked = statement(BY_STATE, rows_per_call=2_000)
    (candidate,) = proposed(database, BY_STATE)
    trees = {asked.fingerprint: parse(asked.text)}
    with PlannerTwin.of(database, settings) as twin, connect(twin.url, settings) as session:
        laboratory = WhatIf(twin)
        catalog = catalog_of(database, BY_STATE)
        ready = baselines(
            laboratory, session, [asked], trees=trees, catalog=catalog, told=lambda _: None, documents=connection
        )
        found = laboratory.try_alone(candidate, list(ready.ready.values()))[asked.fingerprint]
    by_value = {each.parameters[0]: each for each in found.sets}
    assert by_value["'done'"].after == by_value["'done'"].before
    assert by_value["'stuck'"].after < 0.5 * by_value["'stuck'"].before
    assert (found.tried_for, found.worse) == (len(found.sets), ())
    assert found.held_for == sum(each.after < each.before for each in found.sets) < found.tried_for
    assert found.before.cost == pytest.approx(math.fsum(each.weight * each.before for each in found.sets))
    assert found.after is not None
    assert found.after.cost == pytest.approx(math.fsum(each.weight * each.after for each in found.sets))
    assert found.after.plan.uses(candidate.object_name)
    assert found.note.endswith(f"The cost is the weighted mean over {len(found.sets)} sets of parameters.")


def test_weights_follow_the_prior_where_rows_tell_nothing() -> None:
    assert weights((0.7, 0.2, 0.1), (1, 1, 1), 1.0) == pytest.approx((0.7, 0.2, 0.1))
    assert weights((0.7, 0.2, 0.1), (9, 90, 900), None) == pytest.approx((0.7, 0.2, 0.1))
    assert prior([]) == pytest.approx(tuple(ASKED_FOR))


@pytest.mark.parametrize("counted", [0.0, 0.5, 3.0, 1e12])
def test_a_count_beyond_all_estimates_rules_nothing_out(counted: float) -> None:
    found = weights((0.4, 0.3, 0.3), (5, 7, 10), counted)
    assert min(found) > 0.15
    assert math.fsum(found) == pytest.approx(1)


def test_weights_of_estimates_that_are_far_apart_are_numbers() -> None:
    found = weights((0.001, 0.9, 0.099), (1, 300, 1e15), 100)
    assert math.fsum(found) == pytest.approx(1)
    assert math.fsum(w * r for w, r in zip(found, (1, 300, 1e15), strict=True)) <= 200.1
