"""The execution check on a real server: traps for a planner are found, and nothing is left of it."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey
from pgarchitect.evidence.proof import Effort
from pgarchitect.evidence.standing import Keys
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.processor_time import ProcessorClock
from pgarchitect.proving.building import Asked, Built, Place, by_building, run_today
from pgarchitect.settings import Settings
from pgarchitect.workload.syntax import parse
from pgarchitect.workload.workload import Statement
from tests.audit_lab import locked
from tests.embedded_lab import wait_for
from tests.vocabulary import catalog_of

EFFORT = Effort(runs=5, budget_s=1.0, limit_ms=5_000)
SCHEMA = """
CREATE TABLE events (id int PRIMARY KEY, kind int, at int NOT NULL, note text, payload jsonb);
INSERT INTO events SELECT i, i % 400, at, CASE WHEN at < 60 THEN 'old' ELSE 'new' END || md5(at::text),
    jsonb_build_object('text', repeat(md5(i::text), 12))
    FROM (SELECT i, (i::bigint * 7919 % 60000)::int AS at FROM generate_series(1, 60000) i) AS x;
CREATE TABLE small AS SELECT i AS id, md5(i::text) AS word FROM generate_series(1, 500) i;
VACUUM ANALYZE
"""
"""The notes that begin with "old" are the oldest, which no statistics tell, and the rows lie in no order of time."""
TRAPPED = "SELECT id, payload FROM events WHERE concat(note, '') LIKE 'old%' ORDER BY at DESC LIMIT 20"
RECENT = "SELECT id, payload FROM events WHERE at > 59950"
KIND = "SELECT id, payload FROM events WHERE kind = 17"
"""One that the planner would run by walking ``at`` to its end (no index can hold what it compares), one that gains by
``at``, one that wants another index."""


@pytest.fixture
def events(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        for statement in SCHEMA.split(";\n"):
            connection.execute(statement.encode())
    return fresh_database


def index(url: str, table: str, *keys: str) -> Candidate:
    """An index as a candidate."""
    (found,) = catalog_of(url, f"SELECT FROM {table}").tables
    return IndexDefinition(found, tuple(map(IndexKey, keys))).candidate("missing_index", "", (), ())


def built(
    url: str,
    *texts: str,
    indexes: list[Candidate],
    more: tuple[Candidate, ...] = (),
    again: tuple[Candidate, ...] = (),
    effort: Effort = EFFORT,
    settings: tuple[str, ...] = (),
) -> Built:
    """A check of some indexes for statements of weight 1, which are called by their places, from 0."""
    names = {str(number): text for number, text in enumerate(texts)}
    with connect(url, Settings(lock_timeout_ms=200), read_only=False) as sandbox:
        for setting in settings:
            sandbox.execute(setting.encode())
        place = Place(sandbox, effort, lambda _: None)
        statements = [Statement.uncounted(text, identity=name) for name, text in names.items()]
        trees = {name: parse(text) for name, text in names.items()}
        today = run_today(place, statements, trees, {each.table for each in indexes})
        wanted = Asked(dict.fromkeys(names, 1.0), indexes, lambda *_: Keys(), lambda *_: more, lambda _: again)
        return by_building(place, today, wanted)


def kept(found: Built) -> list[str]:
    return sorted(found.candidates[key].object_name for key in found.repaired.kept)


def catalog(url: str) -> list[Any]:
    """What a check must leave as it was."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT c.relname, c.relkind, x.rows FROM pg_class c LEFT JOIN (SELECT count(*) AS rows FROM events) x"
            " ON c.relname = 'events' WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()


def test_the_culprit_of_a_limit_trap_goes_and_the_others_stay(events: str) -> None:
    before = catalog(events)
    found = built(
        events, TRAPPED, RECENT, KIND, indexes=[index(events, "events", "at"), index(events, "events", "kind")]
    )
    assert kept(found) == ["events_kind_idx"]
    (removal,) = found.repaired.removed
    assert (removal.culprit_of, removal.key) == ("0", index(events, "events", "at").key)
    slowed = next(each for each in removal.trials if each.fingerprint == "0")
    assert slowed.cost[1] < 0.5 * slowed.cost[0]  # the planner wanted it
    assert slowed.after_ms > 1.1 * slowed.before_ms
    assert [each.fingerprint for each in removal.without] == ["0", "1"]
    assert found.repaired.trials["0"].same
    assert found.repaired.trials["2"].faster
    assert catalog(events) == before


def test_a_trapped_statement_gets_an_index_of_its_own_where_that_is_better(events: str) -> None:
    own = index(events, "events", "(note || ''::text) text_pattern_ops")
    indexes = [index(events, "events", "at"), index(events, "events", "kind")]
    trapped = TRAPPED.replace("concat(note, '')", "note || ''")
    found = built(events, trapped, *[RECENT] * 9, KIND, indexes=indexes, more=(own,))
    assert "events_at_idx" in kept(found)
    assert len(kept(found)) == 3
    assert found.repaired.added == (own.key,)
    assert not found.repaired.trials["0"].seems_slower


def test_an_index_that_the_planner_likes_but_that_gains_nothing_goes(events: str) -> None:
    """Which pages are read how is all that a planner sees; the time goes into what is done with each row."""
    text = "SELECT sum(length(repeat(payload::text, 50))) FROM events WHERE kind < 200"
    indexes = [index(events, "events", "kind")]
    found = built(events, text, indexes=indexes, settings=("SET random_page_cost = 0.01",))
    assert kept(found) == []
    (removal,) = found.repaired.removed
    (shown,) = removal.trials
    assert shown.cost[1] < shown.cost[0]  # the planner liked it
    assert not shown.faster
    assert removal.culprit_of == ""


def test_an_index_that_no_plan_uses_goes_and_nobody_is_accused(events: str) -> None:
    """With a set that has no effect every plan is the same, so that no scatter of times can accuse it."""
    found = built(events, KIND, "SELECT count(*) FROM small", indexes=[index(events, "small", "word")])
    assert kept(found) == []
    assert [each.culprit_of for each in found.repaired.removed] == [""]
    assert all(each.same for each in found.repaired.trials.values())
    assert found.repaired.slower == ()


def test_what_may_not_be_run_and_what_takes_too_long_is_named(events: str) -> None:
    endless = "SELECT count(*) FROM events a, events b, events c WHERE a.at + b.at + c.at > a.id"
    texts = (KIND, "SELECT pg_sleep(1)", endless, "SELECT nowhere(id) FROM events")
    effort = Effort(runs=3, budget_s=0.5, limit_ms=300)
    found = built(events, *texts, indexes=[index(events, "events", "kind")], effort=effort)
    assert kept(found) == ["events_kind_idx"]
    assert found.not_run["1"] == "It was not run: it calls pg_sleep(), whose effects a rollback may not undo."
    assert found.not_run["3"].startswith("It could not be run")
    assert found.repaired.trials["2"].ended == (True, True)


def test_what_writes_is_run_both_ways_and_undone(events: str) -> None:
    before = catalog(events)
    texts = ("UPDATE events SET note = '' WHERE kind = 17", "INSERT INTO events SELECT -1, 1, 1, '', NULL")
    found = built(events, *texts, indexes=[index(events, "events", "kind")])
    assert kept(found) == ["events_kind_idx"]
    assert found.repaired.trials["0"].faster
    assert not found.repaired.trials["1"].same
    assert catalog(events) == before


def test_an_index_that_the_server_refuses_is_told_alone(events: str) -> None:
    with psycopg.connect(events, autocommit=True) as connection:
        connection.execute("CREATE TABLE events_kind_idx ()")
    found = built(events, KIND, RECENT, indexes=[index(events, "events", "kind"), index(events, "events", "at")])
    assert kept(found) == ["events_at_idx"]
    assert list(found.refused.values()) == ['relation "events_kind_idx" already exists']


def test_readers_of_the_sandbox_do_not_hinder_a_check(events: str) -> None:
    """Where an index cannot be taken back for a moment, what was measured before there was any stands for it."""
    with locked(events, "events", "ACCESS SHARE"):
        found = built(events, KIND, indexes=[index(events, "events", "kind")])
    assert kept(found) == ["events_kind_idx"]
    assert found.repaired.trials["0"].faster


def test_the_clock_of_a_server_process_goes_with_its_work(fresh_database: str) -> None:
    with connect(fresh_database) as connection:
        clock = ProcessorClock.of(connection)
        if clock is None:
            pytest.skip("the server's processes are not to be seen from here")
        before = clock.read()
        connection.execute("SELECT sum(i) FROM generate_series(1, 1000000) i")
        after = clock.read()
    assert before is not None
    assert after is not None
    assert after.since(before).cpu_ms > 10
    wait_for(lambda: clock.read() is None, 10.0)  # gone with its process


def test_an_index_that_needs_an_extension_is_tried_with_it(events: str) -> None:
    """The copy lacks it as the database does; it is gone again in the end."""
    wanted = replace(
        index(events, "events", "note"),
        sql="CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE INDEX ...",
        trial_sql="CREATE INDEX events_note_idx ON public.events USING gin (note gin_trgm_ops)",
    )
    found = built(events, "SELECT id FROM events WHERE note LIKE '%ab12c%'", indexes=[wanted])
    assert kept(found) == ["events_note_idx"]
    with psycopg.connect(events) as connection:
        assert connection.execute("SELECT FROM pg_extension WHERE extname = 'pg_trgm'").fetchall() == []
