"""What a planner twin says of candidates before anything is run, and what makes it unsure."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import pytest
from psycopg.conninfo import make_conninfo

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.kinds import propose
from pgarchitect.evidence.doubts import Doubts, read_doubts
from pgarchitect.evidence.evidence import Evidence, Method
from pgarchitect.evidence.proof import Baseline
from pgarchitect.evidence.screening import LEAST_GAIN, Screened, screen
from pgarchitect.evidence.trials import baselines
from pgarchitect.evidence.whatif import WhatIf
from pgarchitect.postgres.connection import connect
from pgarchitect.proving import Proposals, Proven, by_screened_execution, by_twin, parsed
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.settings import Settings
from pgarchitect.twin import programs
from pgarchitect.twin.limits import lacks
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.twin.scope import LeftOut
from tests.audit_lab import fetch, run
from tests.scratch_server import require_15, scratch_server
from tests.vocabulary import QUICK, Silent, accepted, catalog_of, definition, proposed, statement

VISITS: Final = (
    "CREATE TABLE visit (id int, day date, person int, kind int) PARTITION BY RANGE (day)",
    "CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2025-07-01')",
    "CREATE TABLE visit_2 PARTITION OF visit FOR VALUES FROM ('2025-07-01') TO ('2026-01-01')",
    "INSERT INTO visit SELECT i, date '2025-01-01' + i % 360, i * 7919 % 9000, 1 FROM generate_series(1, 60000) i",
    "CREATE VIEW late AS SELECT * FROM visit WHERE day > '2025-09-01'",
    "CREATE TABLE staff (id int PRIMARY KEY, name text)",
    "INSERT INTO staff SELECT i, 's' || i FROM generate_series(1, 20000) i",
    "CREATE TABLE room (id int, number int)",
    "INSERT INTO room SELECT i, i % 9000 FROM generate_series(1, 30000) i",
    "VACUUM ANALYZE",
)
BY_PERSON: Final = "SELECT * FROM visit WHERE person = $1"
BY_KIND: Final = "SELECT * FROM visit WHERE kind = $1"
BY_NUMBER: Final = "SELECT * FROM room WHERE number = $1"


@pytest.fixture
def visits(fresh_database: str) -> str:
    run(fresh_database, *VISITS)
    return fresh_database


@contextmanager
def role_without(url: str, *tables: str) -> Iterator[str]:
    """The database as a role that may read all its tables but these."""
    run(url, "CREATE ROLE clerk LOGIN", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
    run(url, *(f"REVOKE SELECT ON {table} FROM clerk" for table in tables))
    try:
        yield make_conninfo(url, user="clerk")
    finally:
        run(url, "DROP OWNED BY clerk", "DROP ROLE clerk")


def case(url: str, *texts: str) -> Proposals:
    """What an audit would ask of step 5."""
    asked = [statement(text) for text in texts]
    catalog = catalog_of(url, *texts)
    return Proposals("t", asked, propose(parsed(asked), catalog), (), catalog)


def ready(url: str, twin: PlannerTwin, what_if: WhatIf, texts: tuple[str, ...]) -> Mapping[str, Baseline]:
    asked = [statement(text) for text in texts]
    with connect(twin.url) as session:
        return baselines(
            what_if, session, asked, trees=parsed(asked), catalog=catalog_of(url, *texts), told=lambda _: None
        ).ready


def screened(url: str, settings: Settings, *texts: str) -> tuple[tuple[Candidate, ...], dict[str, Screened]]:
    """The candidates for some statements, and those that a twin finds not worth a run."""
    candidates = proposed(url, *texts)
    with PlannerTwin.of(url, settings) as twin:
        what_if = WhatIf(twin)
        return candidates, screen(what_if, candidates, ready(url, twin, what_if, texts))


def by_both(url: str, settings: Settings, *texts: str, dsn: str = "") -> Proven:
    """Step 5 of an audit with a sandbox, here the database itself."""
    with connect(url) as target, connect(url, read_only=False) as sandbox:
        return by_screened_execution(
            target, sandbox, case(url, *texts), dsn=dsn or url, effort=QUICK, settings=settings, listener=Silent()
        )


def test_an_index_of_a_partitioned_table_counts_as_used_when_a_partitions_is(visits: str, settings: Settings) -> None:
    (candidate,) = proposed(visits, BY_PERSON)
    assert definition(candidate) == "public.visit (person)"
    with PlannerTwin.of(visits, settings) as twin:
        what_if = WhatIf(twin)
        found = ready(visits, twin, what_if, (BY_PERSON,))
        (shown,) = what_if.try_alone(candidate, list(found.values())).values()
        _, used = what_if.try_together([candidate], list(found.values()))
        assert screen(what_if, [candidate], found) == {}
    assert shown.object_used
    assert shown.after is not None
    assert shown.after.cost < shown.before.cost / 2
    assert not shown.after.plan.uses(candidate.object_name)  # plans name the partitions' own indexes
    assert [shown.after.plan.uses(f"visit_{number}_person_idx") for number in (1, 2)] == [True, True]
    assert used == {candidate.fingerprints[0]: frozenset({candidate.key})}
    assert (shown.size_bytes or 0) > 500_000


def test_what_no_plan_would_use_is_named_with_both_costs(visits: str, settings: Settings) -> None:
    candidates, found = screened(visits, settings, BY_PERSON, BY_KIND)
    (kind,) = (each for each in candidates if definition(each) == "public.visit (kind)")
    assert set(found) == {kind.key}
    (shown,) = found[kind.key].evidence
    assert (shown.method, shown.object_used) == (Method.PLANNER, False)
    assert shown.after is not None
    assert shown.before.cost == shown.after.cost
    assert (
        found[kind.key].reason
        == f"the planner would not use it: cost {shown.before.cost:,.2f} → {shown.after.cost:,.2f}"
    )


def test_a_gain_of_almost_nothing_is_not_worth_a_run(visits: str, settings: Settings) -> None:
    """An index that a plan uses for one short step of a long way."""
    text = "SELECT count(*) FROM visit v, visit w WHERE v.id <> w.id AND EXISTS (SELECT FROM room WHERE number = $1)"
    candidates, found = screened(visits, settings, text)
    (number,) = (each for each in candidates if definition(each) == "public.room (number)")
    (shown,) = found[number.key].evidence
    assert shown.object_used
    assert shown.after is not None
    assert shown.before.cost * (1 - LEAST_GAIN) < shown.after.cost < shown.before.cost
    assert found[number.key].reason.startswith("the planner expects next to nothing of it: cost ")


def test_the_twin_does_not_decide_for_statements_that_it_is_unsure_of(visits: str, settings: Settings) -> None:
    (candidate,) = proposed(visits, BY_KIND)
    with PlannerTwin.of(visits, settings) as twin:
        what_if = WhatIf(twin)
        found = ready(visits, twin, what_if, (BY_KIND,))
        assert set(screen(what_if, [candidate], found)) == {candidate.key}
        assert screen(what_if, [candidate], found, unsure=set(candidate.fingerprints)) == {}
        assert screen(what_if, [candidate], {}) == {}


def test_what_is_screened_out_is_rejected_and_nothing_of_it_is_run(visits: str, settings: Settings) -> None:
    found = by_both(visits, settings, BY_NUMBER, BY_KIND)
    assert [definition(each.candidate) for each in accepted(found)] == ["public.room (number)"]
    (rejected,) = (each for each in found.recommendations if each.verdict is Verdict.REJECTED)
    assert definition(rejected.candidate) == "public.visit (kind)"
    assert rejected.next_step.startswith("Nothing to do: the planner would not use it: cost ")
    assert {each.method for each in rejected.evidence} == {Method.PLANNER}
    assert set(found.together) == {statement(BY_NUMBER).fingerprint}
    assert found.twin is not None
    assert (found.twin.tried, found.twin.screened) == (2, 1)
    assert found.twin.statements > 50
    assert found.twin.bytes_read > 1000
    assert found.warnings == ()


def test_nothing_is_run_when_nothing_is_worth_it(visits: str, settings: Settings) -> None:
    found = by_both(visits, settings, BY_KIND)
    assert [each.verdict for each in found.recommendations] == [Verdict.REJECTED]
    assert found.together == {}


def test_what_the_twin_lacks_is_run_for_real_and_named(visits: str, settings: Settings) -> None:
    with role_without(visits, "room", "visit_2") as clerk:
        found = by_both(visits, settings, BY_NUMBER, BY_KIND, dsn=clerk)
    assert [definition(each.candidate) for each in accepted(found)] == ["public.room (number)"]
    (kind,) = (each for each in found.recommendations if each.verdict is Verdict.REJECTED)
    assert kind.next_step == "Nothing to do: the planner did not use it in the real run."
    assert found.twin is not None
    assert (found.twin.tried, found.twin.screened) == (2, 0)
    assert [each.name for each in found.twin.left_out] == ['"public"."room"', '"public"."visit_2"']
    (warning,) = found.warnings
    assert warning.startswith('The planner twin lacks "public"."room", "public"."visit_2": the role "clerk" may not')


def test_without_a_twin_every_candidate_is_run(visits: str, settings: Settings) -> None:
    found = by_both(visits, settings, BY_KIND, dsn=make_conninfo(visits, dbname="no_such_database"))
    (rejected,) = found.recommendations
    assert rejected.next_step == "Nothing to do: the planner did not use it in the real run."
    assert found.twin is None
    (warning,) = found.warnings
    assert warning.startswith("The planner twin could not be used, so that every candidate was run: ")
    assert "no_such_database" in warning


def test_evidence_of_a_table_of_which_the_twin_lacks_a_part_is_doubted(visits: str, settings: Settings) -> None:
    whole = planned(visits, settings, BY_PERSON)
    with role_without(visits, "visit_2") as clerk:
        found = planned(visits, settings, BY_PERSON, BY_NUMBER, dsn=clerk)
    partial = found["public.visit (person)"]
    assert partial.doubts == ('The twin lacks "public"."visit_2", which the statement reads.',)
    assert found["public.room (number)"].doubts == ()
    assert whole["public.visit (person)"].doubts == ()


def planned(url: str, settings: Settings, *texts: str, dsn: str = "") -> dict[str, Evidence]:
    """Index → main evidence of an audit without a sandbox, whose confidence its doubts must have lowered."""
    with connect(url) as target:
        found = by_twin(target, dsn or url, case(url, *texts), settings, Silent())
    for each in accepted(found):
        main = each.evidence[0]
        assert each.confidence == round(min(0.59, 0.2 + 0.39 * main.expected) * 0.8 ** len(main.doubts), 2)
    return {definition(each.candidate): each.evidence[0] for each in accepted(found)}


def doubted(url: str, settings: Settings, *texts: str, dsn: str = "") -> tuple[PlannerTwin, Doubts]:
    trees = parsed([statement(text) for text in texts])
    with connect(url) as source, PlannerTwin.of(dsn or url, settings) as twin:
        return twin, read_doubts(twin, source, trees, catalog_of(url, *texts))


def test_a_view_is_doubted_for_what_is_behind_it(visits: str, settings: Settings) -> None:
    text = "SELECT * FROM late WHERE person = $1"
    with role_without(visits, "visit_2") as clerk:
        _, found = doubted(visits, settings, text, BY_NUMBER, dsn=clerk)
    sentence = 'The twin lacks "public"."visit_2", which the statement reads.'
    assert found.of(statement(text).fingerprint) == (sentence,)
    assert found.of(statement(BY_NUMBER).fingerprint) == ()


def test_a_table_that_lost_a_policy_is_doubted_and_one_that_lost_a_foreign_key_is_not(
    visits: str, settings: Settings
) -> None:
    run(
        visits,
        "ALTER TABLE room ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own ON room USING (id IN (SELECT id FROM staff))",
        "ALTER TABLE visit ADD FOREIGN KEY (kind) REFERENCES staff",
    )
    with role_without(visits, "staff") as clerk:
        twin, found = doubted(visits, settings, BY_NUMBER, BY_KIND, dsn=clerk)
    assert set(twin.incomplete) == {'"public"."room"'}
    sentence, hidden = found.of(statement(BY_NUMBER).fingerprint)
    assert sentence.startswith('The twin\'s "public"."room" is not complete (')
    assert "staff" in sentence
    assert hidden == twin.warnings[0]
    assert found.of(statement(BY_KIND).fingerprint) == ()


def test_a_twin_of_another_version_lowers_the_confidence_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scratch_server(settings, programs=require_15()) as server:
        run(server.url(), *VISITS)
        (version,) = fetch(server.url(), "SHOW server_version_num")[0]
        same = planned(server.url(), settings, BY_NUMBER)
        monkeypatch.setattr(programs, "_installed", lambda _: iter(()))
        other = planned(server.url(), settings, BY_NUMBER)
        screened_out = by_both(server.url(), settings, BY_KIND)
    assert same["public.room (number)"].doubts == ()
    (sentence,) = other["public.room (number)"].doubts
    theirs = f"{int(version) // 10_000}.{int(version) % 10_000}"
    assert sentence.startswith("The twin's planner is of PostgreSQL 18.")
    assert sentence.endswith(f", the database is of {theirs}.")
    (rejected,) = screened_out.recommendations
    assert [each.doubts for each in rejected.evidence] == [(sentence,)]
    assert any("PGARCHITECT_TWIN_PROGRAMS" in each for each in screened_out.warnings)


def test_a_database_sorted_by_icu_is_doubted_where_there_is_text(settings: Settings) -> None:
    with scratch_server(settings, programs=require_15()) as server:
        run(server.url(), "CREATE DATABASE icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'")
        run(server.url("icu"), *VISITS)
        with role_without(server.url("icu")) as clerk:  # may not read pg_statistic: its twin is of 18, without ICU
            names = "SELECT * FROM staff WHERE name > $1"
            twin, found = doubted(server.url("icu"), settings, names, BY_NUMBER, dsn=clerk)
    assert len(twin.warnings) == 1
    assert found.of_tables == {statement(names).fingerprint: twin.warnings}


def test_statistics_that_row_security_hides_are_a_doubt_about_their_table(visits: str, settings: Settings) -> None:
    run(visits, "ALTER TABLE room ENABLE ROW LEVEL SECURITY")
    with role_without(visits) as clerk:
        twin, found = doubted(visits, settings, BY_NUMBER, BY_KIND, dsn=clerk)
    (warning,) = twin.warnings
    assert "row security" in warning
    assert found.of_tables == {statement(BY_NUMBER).fingerprint: (warning,)}


def test_a_warning_names_five_tables_and_counts_the_others() -> None:
    lost = (*(LeftOut(f"t{number}", "it is locked") for number in range(7)), LeftOut("u", "it is gone"))
    assert list(lacks(lost, ("type a does not exist", "type a does not exist"), most=5)) == [
        "The planner twin lacks t0, t1, t2, t3, t4 and 2 more tables: it is locked.",
        "The planner twin lacks u: it is gone.",
        "The planner twin could not recreate something of the database (type a does not exist).",
    ]
    missing = tuple(f"type {number} does not exist" for number in range(9))
    assert list(lacks((), missing, most=5))[5:] == ["The planner twin lacks 4 things more; the JSON report names them."]


def test_without_a_most_everything_is_named() -> None:
    lost = tuple(LeftOut(f"t{number}", "it is locked") for number in range(7))
    tables, *others = lacks(lost, tuple(f"type {number} does not exist" for number in range(9)))
    assert tables == "The planner twin lacks t0, t1, t2, t3, t4, t5, t6: it is locked."
    assert len(others) == 9
    assert others[8] == "The planner twin could not recreate something of the database (type 8 does not exist)."
