"""OptimizationLog against a real PostgreSQL with pgvector."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import errors as pg
from psycopg import pq

from pgarchitect.errors import HomeUnavailable, StatementRefused, UsageError
from pgarchitect.memory.embedding import Vector
from pgarchitect.memory.entry import Entry, Event, EventKind, Remembered
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.workload.snapshot import Figures, Snapshot


def unit(**parts: float) -> Vector:
    """A vector with the given values at the given dimensions: ``unit(d0=1)``."""
    values = [0.0] * 384
    for dimension, value in parts.items():
        values[int(dimension[1:])] = value
    return tuple(values)


ENTRY = Entry(
    run_id=str(uuid4()),
    target="shop@db.example:5432",
    statement="SELECT * FROM orders WHERE user_id = $1",
    fingerprint="00000000000000aa",
    kind="missing_index",
    recommendation="CREATE INDEX CONCURRENTLY orders_user_id ON orders (user_id)",
    rollback="DROP INDEX CONCURRENTLY orders_user_id",
    candidate_key="missing_index:public.orders(user_id)",
    reason="The statement filters by user_id.",
    evidence={"before_ms": [12.5, 13.0], "plan": {"node": 'Seq "Scan"'}},
    gain_percent=97.5,
    confidence=0.93,
    verdict=Verdict.APPLY,
    saved_ms=1234.5,
    intent="Lists the orders of a user.",
    embedding=unit(d0=1.0),
)


@pytest.fixture
def home(fresh_database: str) -> Iterator[Connection]:
    with connect(fresh_database, read_only=False) as connection:
        yield connection


@pytest.fixture
def log(home: Connection) -> OptimizationLog:
    log = OptimizationLog(home)
    log.prepare()
    return log


def test_an_entry_comes_back_as_it_was_recorded(log: OptimizationLog) -> None:
    (log_id,) = log.record([ENTRY])
    found = log.entry(log_id)
    assert log.entries() == (found,)
    assert found == Remembered(
        id=log_id,
        run_id=ENTRY.run_id,
        target=ENTRY.target,
        fingerprint=ENTRY.fingerprint,
        statement=ENTRY.statement,
        candidate_key=ENTRY.candidate_key,
        kind=ENTRY.kind,
        recommendation=ENTRY.recommendation,
        rollback=ENTRY.rollback,
        reason=ENTRY.reason,
        intent=ENTRY.intent,
        gain_percent=ENTRY.gain_percent,
        confidence=ENTRY.confidence,
        verdict=Verdict.APPLY,
        saved_ms=ENTRY.saved_ms,
        similarity=1.0,
        created_at=found.created_at,
        applied_at=None,
        dismissed_at=None,
    )
    assert abs(datetime.now(UTC) - found.created_at) < timedelta(minutes=5)
    assert log.evidence(log_id) == ENTRY.evidence


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_can_be_recorded(log: OptimizationLog, verdict: Verdict) -> None:
    log.record([replace(ENTRY, verdict=verdict, gain_percent=None)])
    (found,) = log.entries(verdict=verdict)
    assert found.verdict is verdict
    assert found.gain_percent is None
    assert log.entries(verdict=next(other for other in Verdict if other is not verdict)) == ()


def test_a_batch_keeps_its_order(log: OptimizationLog) -> None:
    ids = log.record([replace(ENTRY, candidate_key=f"key {n}", fingerprint=f"{99 - n:016x}") for n in range(40)])
    assert list(ids) == sorted(ids)
    by_id = {entry.id: entry.candidate_key for entry in log.entries(limit=100)}
    assert [by_id[log_id] for log_id in ids] == [f"key {n}" for n in range(40)]


def test_a_batch_is_all_or_nothing(log: OptimizationLog, home: Connection) -> None:
    with pytest.raises(StatementRefused):
        log.record([ENTRY, replace(ENTRY, confidence=1.5)])
    assert log.entries() == ()
    assert home.info.transaction_status.name == "IDLE"


def test_the_zero_vector_is_refused(log: OptimizationLog) -> None:
    with pytest.raises(StatementRefused):
        log.record([replace(ENTRY, embedding=unit())])


def test_evidence_that_is_not_json_is_refused_before_it_is_sent(log: OptimizationLog) -> None:
    with pytest.raises(ValueError, match="JSON"):
        log.record([replace(ENTRY, evidence={"cost": float("nan")})])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pgarchitect.optimization_log SET confidence = 1",
        "DELETE FROM pgarchitect.optimization_log",
        "TRUNCATE pgarchitect.optimization_log CASCADE",
        "UPDATE pgarchitect.optimization_event SET note = ''",
        "DELETE FROM pgarchitect.optimization_event",
        "SET session_replication_role = replica; DELETE FROM pgarchitect.optimization_log",
    ],
)
def test_what_was_recorded_cannot_be_changed(log: OptimizationLog, home: Connection, change: str) -> None:
    (log_id,) = log.record([ENTRY])
    log.add_events([Event(log_id, EventKind.APPLIED)])
    with pytest.raises(pg.RestrictViolation, match="append-only"):
        home.execute(change)
    (found,) = log.entries()
    assert (found.confidence, found.applied_at is None) == (ENTRY.confidence, False)


def test_similar_orders_by_cosine_and_stops_at_the_threshold(log: OptimizationLog) -> None:
    def at(fingerprint: str, cosine: float) -> Entry:
        return replace(
            ENTRY, fingerprint=fingerprint, embedding=unit(d0=cosine, d1=(1 - cosine**2) ** 0.5), candidate_key="k"
        )

    log.record([at("far", 0.84), at("near", 0.86), at("nearest", 0.99), at("third", 0.85001)])
    (found,) = log.similar([unit(d0=1.0)], target=ENTRY.target)
    assert [entry.fingerprint for entry in found] == ["nearest", "near", "third"]
    assert [entry.similarity for entry in found] == pytest.approx([0.99, 0.86, 0.85001], abs=1e-6)


def test_similar_answers_every_vector_in_its_place(log: OptimizationLog) -> None:
    one, two = replace(ENTRY, fingerprint="one"), replace(ENTRY, fingerprint="two", embedding=unit(d5=1.0))
    log.record([one, two])
    found = log.similar([unit(d5=1.0), unit(d9=1.0), unit(d0=2.0)], target=None)
    assert [[entry.fingerprint for entry in each] for each in found] == [["two"], [], ["one"]]
    assert found[2][0].similarity == pytest.approx(1.0)
    assert log.similar([], target=None) == ()


def test_similar_gives_every_change_of_a_statement_by_its_newest_entry(log: OptimizationLog) -> None:
    index, setting = replace(ENTRY, candidate_key="index"), replace(ENTRY, candidate_key="setting")
    log.record([index, setting])
    (rejected,) = log.record([replace(index, verdict=Verdict.REJECTED)])
    (found,) = log.similar([ENTRY.embedding], target=ENTRY.target, limit=1)
    assert [(entry.candidate_key, entry.verdict) for entry in found] == [
        ("index", Verdict.REJECTED),
        ("setting", Verdict.APPLY),
    ]
    assert found[0].id == rejected


def test_many_entries_of_one_statement_do_not_hide_its_neighbours(log: OptimizationLog) -> None:
    for _ in range(3):
        log.record([ENTRY] * 300)
    log.record([replace(ENTRY, fingerprint="neighbour", embedding=unit(d0=0.9, d1=0.19**0.5))])
    (found,) = log.similar([ENTRY.embedding], target=ENTRY.target, limit=2)
    assert [entry.fingerprint for entry in found] == [ENTRY.fingerprint, "neighbour"]


def test_similar_keeps_databases_and_vector_spaces_apart(log: OptimizationLog) -> None:
    log.record([ENTRY, replace(ENTRY, target="other"), replace(ENTRY, fingerprint="alien", embedder="other-space")])
    (here,) = log.similar([ENTRY.embedding], target=ENTRY.target)
    assert [(entry.target, entry.fingerprint) for entry in here] == [(ENTRY.target, ENTRY.fingerprint)]
    (everywhere,) = log.similar([ENTRY.embedding], target=None)
    assert {entry.target for entry in everywhere} == {ENTRY.target, "other"}
    (alien,) = log.similar([ENTRY.embedding], target=None, embedder="other-space")
    assert {entry.fingerprint for entry in alien} == {"alien"}


def test_similar_through_the_index_agrees_with_a_full_scan(log: OptimizationLog, home: Connection) -> None:
    """The planner takes the index once the log is large; it is made to take it here."""
    log.record(
        [
            replace(
                ENTRY, fingerprint=f"{n:016x}", target=f"t{n % 3}", embedding=unit(d0=1.0, d1=n / 300, d2=n % 7 / 90)
            )
            for n in range(300)
        ]
    )
    asked = [unit(d0=1.0, d1=0.5), unit(d0=1.0, d1=0.1, d2=0.05)]
    home.execute("SET enable_indexscan = off")
    by_scan = log.similar(asked, target="t1")
    home.execute("SET enable_indexscan = on; SET enable_seqscan = off; SET enable_sort = off")
    assert _index_scans(home) == 0
    assert log.similar(asked, target="t1") == by_scan
    assert len(by_scan[0]) == 3
    assert _index_scans(home) == len(asked)


def _index_scans(home: Connection) -> int:
    home.execute("SELECT pg_stat_force_next_flush()")
    row = home.execute(
        "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'optimization_log_embedding'"
    ).fetchone()
    return row[0] if row else -1


def test_of_fingerprints_and_of_candidates_give_the_newest_entry_of_each_change(log: OptimizationLog) -> None:
    log.record([ENTRY, replace(ENTRY, candidate_key="b"), replace(ENTRY, fingerprint="other", candidate_key="c")])
    newest = log.record([ENTRY])
    found = log.of_fingerprints(ENTRY.target, ["unknown", ENTRY.fingerprint, "other"])
    assert {key: [entry.candidate_key for entry in entries] for key, entries in found.items()} == {
        ENTRY.fingerprint: ["b", ENTRY.candidate_key],
        "other": ["c"],
    }
    assert found[ENTRY.fingerprint][1].id == newest[0]
    by_key = log.of_candidates(ENTRY.target, ["c", ENTRY.candidate_key, "unknown"])
    assert set(by_key) == {"c", ENTRY.candidate_key}
    assert (by_key[ENTRY.candidate_key].id,) == newest
    assert log.of_candidates("elsewhere", ["c"]) == {}


def test_entries_are_filtered(log: OptimizationLog) -> None:
    log.record([ENTRY, replace(ENTRY, fingerprint="second"), replace(ENTRY, target="other")])
    assert [entry.fingerprint for entry in log.entries(target=ENTRY.target)] == ["second", ENTRY.fingerprint]
    assert [entry.target for entry in log.entries(limit=1)] == ["other"]
    assert [entry.fingerprint for entry in log.entries(fingerprint="second")] == ["second"]
    assert log.entries(since=datetime.now(UTC) + timedelta(hours=1)) == ()


def test_events_say_whether_a_change_is_in_force(log: OptimizationLog) -> None:
    first, sibling = log.record([ENTRY, replace(ENTRY, fingerprint="sibling")])
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def applied() -> set[datetime | None]:
        return {entry.applied_at for entry in log.entries()}

    log.add_events([Event(first, EventKind.APPLIED, "seen", noon), Event(sibling, EventKind.APPLIED, "", noon)])
    assert applied() == {noon}
    log.record([ENTRY])
    assert applied() == {noon}, "a later entry of the same change knows it too"
    log.add_events([Event(first, EventKind.REVERTED, at=noon + timedelta(hours=1))])
    assert applied() == {None}
    log.add_events([Event(first, EventKind.APPLIED, at=noon + timedelta(hours=hours)) for hours in (3, 2)])
    assert applied() == {noon + timedelta(hours=2)}
    log.add_events([Event(sibling, EventKind.DISMISSED, "too large", noon)])
    assert {entry.dismissed_at for entry in log.entries()} == {noon}


def test_an_event_of_an_unknown_entry_is_refused_and_nothing_is_kept(log: OptimizationLog) -> None:
    (log_id,) = log.record([ENTRY])
    with pytest.raises(UsageError, match="The log has no entry 424242;"):
        log.add_events([Event(log_id, EventKind.APPLIED), Event(424242, EventKind.APPLIED)])
    (found,) = log.entries()
    assert found.applied_at is None
    for read in (log.evidence, log.entry):
        with pytest.raises(UsageError, match="424242"):
            read(424242)


def test_a_snapshot_comes_back_as_it_was_stored(log: OptimizationLog) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    first = Snapshot("shop", noon, None, {-5: Figures(3, 1.5, 9), 2**62: Figures(1, 0.25, 0)})
    empty = Snapshot("shop", noon + timedelta(hours=1), noon, {})
    log.store_snapshot(first)
    assert log.latest_snapshot("shop") == first
    log.store_snapshot(empty)
    assert log.latest_snapshot("shop") == empty
    assert log.latest_snapshot("other") is None


def test_only_the_newest_snapshots_of_a_database_are_kept(log: OptimizationLog, home: Connection) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    log.store_snapshot(Snapshot("other", noon - timedelta(days=9), None, {1: Figures(1, 1.0, 1)}))
    for hour in range(12):
        log.store_snapshot(Snapshot("shop", noon + timedelta(hours=hour), None, {1: Figures(hour, 1.0, 1)}))
    counts: dict[str, int] = dict(
        home.execute("SELECT target, count(*) FROM pgarchitect.workload_snapshot GROUP BY 1").fetchall()
    )
    assert counts == {"shop": 10, "other": 1}
    latest = log.latest_snapshot("shop")
    assert latest is not None
    assert latest.figures == {1: Figures(11, 1.0, 1)}


def test_reading_before_the_log_exists_says_what_to_do(home: Connection) -> None:
    for read in (OptimizationLog(home).entries, lambda: OptimizationLog(home).similar([unit(d0=1)], target=None)):
        with pytest.raises(HomeUnavailable, match="no log"):
            read()


def test_a_read_only_home_is_one_sentence(log: OptimizationLog, fresh_database: str) -> None:
    with connect(fresh_database, read_only=True) as connection:
        with pytest.raises(HomeUnavailable, match="read-only") as raised:
            OptimizationLog(connection).record([ENTRY])
        assert isinstance(raised.value.__cause__, pg.ReadOnlySqlTransaction)
        assert OptimizationLog(connection).entries() == (), "reading still works"


def test_a_full_disk_is_one_sentence(log: OptimizationLog, home: Connection) -> None:
    """The server cannot be made to run out of disk here, so a trigger raises the very error that it would."""
    home.execute(
        "CREATE FUNCTION pgarchitect.full() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$;"
        " CREATE TRIGGER full_disk BEFORE INSERT ON pgarchitect.optimization_log EXECUTE FUNCTION pgarchitect.full()"
    )
    with pytest.raises(HomeUnavailable, match="disk is full"):
        log.record([ENTRY])


def test_a_role_without_rights_is_one_sentence(log: OptimizationLog, home: Connection) -> None:
    role = f"guest_{uuid4().hex}"
    home.execute(f"CREATE ROLE {role}")
    try:
        home.execute(f"SET ROLE {role}")
        with pytest.raises(HomeUnavailable, match="no log that its role can see"):
            log.record([ENTRY])
        home.execute(f"RESET ROLE; GRANT USAGE ON SCHEMA pgarchitect TO {role}; SET ROLE {role}")
        with pytest.raises(HomeUnavailable, match="permission denied for table"):
            log.record([ENTRY])
    finally:
        home.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_lost_connection_is_one_sentence(log: OptimizationLog, home: Connection, fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (home.info.backend_pid,))
    with pytest.raises(HomeUnavailable, match="does not answer"):
        log.entries()


def test_the_session_is_left_as_it_was(log: OptimizationLog, home: Connection) -> None:
    def state() -> tuple[object, ...] | None:
        return home.execute("SELECT current_setting('search_path'), current_setting('lock_timeout')").fetchone()

    before = state()
    log.record([ENTRY])
    log.similar([ENTRY.embedding], target=None)
    assert state() == before


def test_every_statement_carries_our_marker_and_the_sessions_time_outs(
    log: OptimizationLog, home: Connection, tmp_path: Path
) -> None:
    """As libpq itself sends them."""
    with (tmp_path / "trace").open("w", encoding="utf-8") as file:
        home.pgconn.trace(file.fileno())
        home.pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        with log.all_or_nothing():
            (log_id,) = log.record([ENTRY])
            log.add_events([Event(log_id, EventKind.APPLIED)])
            log.store_snapshot(Snapshot("shop", datetime.now(UTC), None, {1: Figures(1, 1.0, 1)}))
        log.similar([ENTRY.embedding], target=None)
        log.of_fingerprints(ENTRY.target, [ENTRY.fingerprint])
        log.latest_snapshot("shop")
        log.evidence(log_id)
        home.pgconn.untrace()
    trace = (tmp_path / "trace").read_text(encoding="utf-8")
    sent = re.findall(r'^F\t\d+\t(?:Query\t|Parse\t "[^"]*") "(.*?)(?=^[FB]\t)', trace, re.MULTILINE | re.DOTALL)
    words = {re.sub(r"--.*\n", "", each).split()[0] for each in sent}
    assert words == {"BEGIN", "SAVEPOINT", "SELECT", "INSERT", "COPY", "DELETE", "WITH", "RELEASE", "COMMIT"}
    assert [each for each in sent if "/* pgarchitect */" not in each] == []
    limits = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    assert home.execute(limits).fetchone() == ("30s", "2s")


def test_a_lock_that_is_not_free_in_time_is_one_sentence(
    log: OptimizationLog, home: Connection, fresh_database: str
) -> None:
    home.execute("SET lock_timeout = '20ms'")
    with connect(fresh_database, read_only=False) as other, other.transaction():
        other.execute("LOCK TABLE pgarchitect.optimization_log")
        with pytest.raises(HomeUnavailable, match="another session holds a lock") as raised:
            log.record([ENTRY])
    assert isinstance(raised.value.__cause__, pg.LockNotAvailable)
    assert log.record([ENTRY])


def test_a_statement_that_takes_too_long_is_one_sentence(log: OptimizationLog, home: Connection) -> None:
    home.execute(
        "CREATE FUNCTION pgarchitect.slow() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN PERFORM pg_sleep(60); RETURN new; END$$;"
        " CREATE TRIGGER slow BEFORE INSERT ON pgarchitect.optimization_log EXECUTE FUNCTION pgarchitect.slow();"
        " SET statement_timeout = '50ms'"
    )
    with pytest.raises(HomeUnavailable, match="statement_timeout"):
        log.record([ENTRY])
    assert home.info.transaction_status.name == "IDLE"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (replace(ENTRY, reason="a\0b"), "reason has the character NUL"),
        (replace(ENTRY, statement="a\ud800b"), "statement has half of a surrogate pair"),
        (replace(ENTRY, evidence={"plan": {"filter": "a\0b"}}), "evidence has the character NUL"),
        (replace(ENTRY, evidence={"plan": "a\ud800b"}), "evidence cannot be written as JSON"),
        (replace(ENTRY, run_id="none"), "run_id is no UUID"),
    ],
)
def test_what_postgresql_cannot_store_is_refused(log: OptimizationLog, entry: Entry, told: str) -> None:
    with pytest.raises(StatementRefused, match=told):
        log.record([ENTRY, entry])
    assert log.entries() == ()


def test_numbers_that_no_entry_can_have_are_unknown(log: OptimizationLog) -> None:
    for log_id in (0, -1, 2**63 - 1, 2**63, 10**30):
        for read in (log.evidence, log.entry):
            with pytest.raises(UsageError, match=f"The log has no entry {log_id};"):
                read(log_id)


def test_all_or_nothing_takes_all_back(log: OptimizationLog) -> None:
    def fail() -> None:
        with log.all_or_nothing():
            log.record([ENTRY])
            log.store_snapshot(Snapshot("shop", datetime.now(UTC), None, {}))
            assert len(log.entries()) == 1, "what was written is seen within"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert log.entries() == ()
    assert log.latest_snapshot("shop") is None


def test_what_was_refused_within_all_or_nothing_leaves_the_rest(log: OptimizationLog) -> None:
    with log.all_or_nothing():
        (log_id,) = log.record([ENTRY])
        with pytest.raises(UsageError, match="no entry 424242;"):
            log.add_events([Event(424242, EventKind.APPLIED)])
        with pytest.raises(StatementRefused):
            log.record([replace(ENTRY, confidence=2.0)])
    assert [entry.id for entry in log.entries()] == [log_id]


def test_a_connection_lost_while_recording_says_why_and_keeps_nothing(
    log: OptimizationLog, home: Connection, fresh_database: str
) -> None:
    def lose() -> None:
        with log.all_or_nothing():
            log.record([ENTRY])
            with connect(fresh_database, read_only=False) as other:
                other.execute("SELECT pg_terminate_backend(%s, 10000)", (home.info.backend_pid,))
            log.record([ENTRY])

    with pytest.raises(HomeUnavailable, match=r"does not answer \(terminating connection due to administrator"):
        lose()
    with pytest.raises(HomeUnavailable, match=r"does not answer \(the connection is closed\)"):
        log.entries()
    with connect(fresh_database) as other:
        assert OptimizationLog(other).entries() == ()


def test_a_batch_marks_the_first_entry_of_each_statement_only_once(log: OptimizationLog, home: Connection) -> None:
    other = replace(ENTRY, fingerprint="other")
    log.record([ENTRY, other, ENTRY])
    log.record([other, replace(ENTRY, target="elsewhere"), replace(ENTRY, embedder="another"), other])
    marked = home.execute("SELECT leads FROM pgarchitect.optimization_log ORDER BY id").fetchall()
    assert [leads for (leads,) in marked] == [True, True, False, False, True, True, False]


def test_evidence_keeps_its_numbers_and_texts(log: OptimizationLog) -> None:
    told = {"whole": 2**53 + 1, "part": 0.1, "none": None, "text": "\u00e9\u4e2d\U0001f600", "several": [1, [2.5, "x"]]}
    (log_id,) = log.record([replace(ENTRY, evidence={**told, "verdict": Verdict.APPLY, "times": (1.5, 2.5)})])
    assert log.evidence(log_id) == {**told, "verdict": "apply", "times": [1.5, 2.5]}
