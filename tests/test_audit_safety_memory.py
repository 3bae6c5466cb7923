"""What an audit does with what the memory knows: nothing is proposed twice, and nothing is kept back wrongly."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg.types.json import Jsonb

from pgarchitect.errors import MissingCapability
from pgarchitect.memory.entry import EventKind
from pgarchitect.memory.recall import Recall, without_known
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.recommendations.audit import Audit, Outcome
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.settings import Settings
from tests.audit_lab import SLOW, Shop, fetch, locked, open_shop, run, with_role

BY_USER = "missing_index: public.orders (user_id)"
TWO_WAYS = "SELECT id FROM orders WHERE user_id = %s AND total = 5"


@pytest.fixture
def shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    with open_shop(server, settings) as found:
        yield found


def proposed(audit: Audit) -> dict[str, Verdict]:
    """What an audit asks somebody to do: candidate key → verdict."""
    return {item.candidate.key: item.verdict for item in audit.recommendations if item.proposed}


def known(audit: Audit) -> dict[str, Recommendation]:
    """What an audit did not propose again, by candidate key."""
    return {item.candidate.key: item for item in audit.recommendations if item.known_from is not None}


def events(shop: Shop) -> list[str]:
    """What became of changes, in order."""
    return [row[0] for row in fetch(shop.home, "SELECT kind FROM pgarchitect.optimization_event ORDER BY id")]


def test_the_second_audit_proposes_nothing_again_and_says_why(shop: Shop) -> None:
    assert proposed(shop.audit()) == {BY_USER: Verdict.APPLY}
    entries = shop.log()
    again = shop.audit()
    assert proposed(again) == {}
    assert "waits to be applied" in known(again)[BY_USER].next_step
    (finding,) = again.findings
    assert finding.outcome is Outcome.KNOWN
    assert "1 recommended" in finding.note
    assert "--reconsider" in finding.note
    assert shop.log() == entries

    assert proposed(shop.audit(reconsider=True)) == {BY_USER: Verdict.APPLY}


def test_a_recommended_index_that_was_created_is_seen_in_force_and_its_loss_too(shop: Shop) -> None:
    """Also when its statement is no longer slow, and so no longer looked at."""
    (made,) = (item.candidate for item in shop.audit().recommendations if item.proposed)
    assert shop.log()[-1].applied_at is None
    run(shop.target, made.sql)
    shop.forget()
    other = "SELECT count(*) FROM orders WHERE total + 1 < %s"
    shop.play(other)
    seen = shop.audit()
    assert ["total +" in finding.statement.text for finding in seen.findings] == [True]
    assert "It is in force" in known(seen)[BY_USER].next_step
    entry = next(entry for entry in shop.log() if entry.candidate_key == BY_USER)
    assert entry.applied_at is not None
    assert events(shop) == [EventKind.APPLIED]
    shop.audit()
    assert events(shop) == [EventKind.APPLIED]

    run(shop.target, made.rollback_sql)
    shop.play()
    lost = shop.audit()
    assert proposed(lost) == {}
    assert "was in force and is no longer" in known(lost)[BY_USER].next_step
    assert events(shop) == [EventKind.APPLIED, EventKind.REVERTED]
    assert next(entry for entry in shop.log() if entry.candidate_key == BY_USER).applied_at is None
    assert "waits to be applied" in known(shop.audit())[BY_USER].next_step
    assert events(shop) == [EventKind.APPLIED, EventKind.REVERTED]


def test_what_was_unproven_is_proven_when_a_sandbox_is_given(shop: Shop) -> None:
    assert proposed(shop.audit(sandbox=False)) == {BY_USER: Verdict.UNPROVEN}
    assert proposed(shop.audit(sandbox=False)) == {}
    assert proposed(shop.audit()) == {BY_USER: Verdict.APPLY}
    assert proposed(shop.audit()) == {}
    assert [entry.verdict for entry in shop.log()] == [Verdict.APPLY, Verdict.UNPROVEN]
    assert known(shop.audit(sandbox=False))[BY_USER].verdict is Verdict.APPLY


def test_without_a_sandbox_one_change_is_named_for_a_statement_and_never_another_one(shop: Shop) -> None:
    """Several indexes could serve it; which one does, only runs can tell."""
    shop.forget()
    shop.play(TWO_WAYS)
    first = proposed(shop.audit(sandbox=False))
    assert len(first) == 1
    for _ in range(2):
        again = shop.audit(sandbox=False)
        assert proposed(again) == {}
        assert set(first) <= set(known(again))
    assert len(shop.log()) == 1


def test_a_statement_of_the_same_family_is_known_with_its_outcome(shop: Shop) -> None:
    shop.audit()
    shop.forget()
    shop.play("SELECT note, id, total FROM orders WHERE user_id = %s")
    found = shop.audit()
    assert BY_USER not in proposed(found)
    source = known(found)[BY_USER].known_from
    assert source is not None
    assert source.verdict is Verdict.APPLY
    assert (source.gain_percent or 0) > 20
    (finding,) = found.findings
    assert finding.outcome is Outcome.KNOWN
    assert f"similarity {source.similarity:.2f}" in finding.note
    assert source.similarity >= 0.85


def test_a_change_that_was_rejected_for_one_statement_and_recommended_for_another_stays_recommended(
    shop: Shop,
) -> None:
    """The very statement's own, nearer entry says rejected; the newer one of the change says recommended."""
    (made,) = (item.candidate for item in shop.audit().recommendations if item.proposed)
    (newer,) = shop.log()
    older = replace(newer, id=newer.id - 1, verdict=Verdict.REJECTED)
    asked = replace(made, fingerprints=(newer.fingerprint, "another"))
    recall = Recall({newer.fingerprint: (older,)}, {made.key: newer}, proving=True)
    fresh, found = without_known([asked], recall)
    assert fresh == []
    assert (found[made.key].id, found[made.key].verdict) == (newer.id, Verdict.APPLY)


def test_a_change_that_was_rejected_is_tried_for_a_statement_of_another_kind(shop: Shop) -> None:
    (made,) = (item.candidate for item in shop.audit().recommendations if item.proposed)
    rejected = replace(shop.log()[0], verdict=Verdict.REJECTED)
    asked = replace(made, fingerprints=(rejected.fingerprint, "another"))
    recall = Recall({rejected.fingerprint: (rejected,)}, {made.key: rejected}, proving=True)
    fresh, found = without_known([asked], recall)
    assert [each.fingerprints for each in fresh] == [("another",)]
    assert found[made.key] == rejected


def test_what_could_not_be_tried_is_tried_again(shop: Shop) -> None:
    """A lock in the sandbox keeps the index from being built: that says nothing of the index."""
    quick = Settings(data_dir=shop.settings.data_dir, lock_timeout_ms=50)
    with locked(shop.sandbox, "orders", "ROW EXCLUSIVE"):
        blocked = Shop(shop.target, shop.sandbox, shop.home, quick).audit()
    assert proposed(blocked) == {}
    assert [item.verdict for item in blocked.recommendations] == [Verdict.REJECTED]
    assert "lock timeout" in blocked.recommendations[0].next_step
    assert shop.log() == ()
    assert proposed(shop.audit()) == {BY_USER: Verdict.APPLY}


def test_a_sandbox_role_that_may_not_build_indexes_is_refused_before_anything_is_rejected(shop: Shop) -> None:
    run(shop.sandbox, "CREATE ROLE trier LOGIN SUPERUSER", "ALTER ROLE trier NOSUPERUSER")
    try:
        run(shop.sandbox, "GRANT SELECT ON orders TO trier")
        guest = Shop(shop.target, with_role(shop.sandbox, "trier"), shop.home, shop.settings)
        with pytest.raises(MissingCapability, match=r'role "trier" may not create indexes on the sandbox\'s orders'):
            guest.audit()
        assert shop.log() == ()
        run(shop.sandbox, "ALTER TABLE orders OWNER TO trier", "GRANT CREATE ON SCHEMA public TO trier")
        assert proposed(guest.audit()) == {BY_USER: Verdict.APPLY}
    finally:
        run(shop.sandbox, "DROP OWNED BY trier CASCADE", "DROP ROLE trier")


def test_every_statement_is_remembered_by_itself_among_many_that_are_alike(shop: Shop) -> None:
    """More of them than the search for the nearest brings back."""
    columns = ("id", "total", "note", "user_id", "id, note", "note, id", "total, note", "note, total")
    for column in columns:
        shop.play(f"SELECT {column} FROM orders WHERE user_id = %s AND total = 7")
    shop.audit()
    entries = len(shop.log())
    again = shop.audit()
    assert {finding.outcome for finding in again.findings} == {Outcome.KNOWN}
    assert proposed(again) == {}
    assert len(shop.log()) == entries


def test_the_same_statement_counts_since_the_last_audit(shop: Shop) -> None:
    shop.audit()
    shop.play(SLOW, calls=15)
    assert shop.audit().workload.statements[0].calls == 15


def test_a_recommended_gin_index_is_seen_in_force(shop: Shop) -> None:
    shop.forget()
    run(
        shop.target,
        "CREATE TABLE notes AS SELECT n AS id, jsonb_build_object('tag', n % 5000, 'text', repeat('x', 50)) AS doc"
        " FROM generate_series(1, 30000) n",
        "ANALYZE notes",
    )
    with psycopg.connect(shop.target, autocommit=True) as application:
        for number in range(12):
            application.execute("SELECT id FROM notes WHERE doc @> %s", (Jsonb({"tag": number}),))
    (made,) = (item.candidate for item in shop.audit(sandbox=False).recommendations if item.proposed)
    assert "USING gin" in made.sql
    run(shop.target, made.sql)
    assert "It is in force" in known(shop.audit(sandbox=False))[made.key].next_step
