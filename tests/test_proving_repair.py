"""Step 5 with all chosen changes in place: what makes a statement slower goes, or the statement gets its own index."""

from dataclasses import replace

import psycopg
import pytest

from pgarchitect.evidence.evidence import Method
from pgarchitect.recommendations.recommendation import Verdict
from tests.test_checking import KIND, RECENT, SCHEMA, TRAPPED
from tests.vocabulary import QUICK, accepted, definition, proven, statement

EFFORT = replace(QUICK, runs=5, budget_s=1.0)
DOCUMENTS = (
    "ALTER TABLE events ADD document jsonb",
    """UPDATE events SET document = '{"lesson": "7"}' WHERE at < 60""",
    "UPDATE events SET document = jsonb_build_object('lesson', md5(at::text)) WHERE at BETWEEN 60 AND 20000",
    "VACUUM FULL ANALYZE events",
)
BY_KEY = "SELECT id, payload FROM events WHERE document ->> $1 = $2 ORDER BY at DESC LIMIT $3"


@pytest.fixture
def events(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        for part in SCHEMA.split(";\n"):
            connection.execute(part.encode())
    return fresh_database


def test_an_index_that_makes_another_statement_slower_is_not_recommended(events: str) -> None:
    found = proven(events, [statement(text, rows_per_call=20) for text in (TRAPPED, RECENT, KIND)], effort=EFFORT)
    assert [definition(each.candidate) for each in accepted(found)] == ["public.events (kind)"]
    (trap,) = (each for each in found.recommendations if definition(each.candidate) == "public.events (at)")
    assert trap.next_step.startswith("Nothing to do: it makes “SELECT id, payload FROM events WHERE concat(note,…” ")
    assert "given up for that: “SELECT id, payload FROM events WHERE at > 59950” takes" in trap.next_step
    assert (trap.gain_percent or 0) > 90  # by itself it was good
    trapped = found.together[statement(TRAPPED).fingerprint]
    assert (trapped.object_used, trapped.gain_percent) == (False, None)
    gains = found.together[statement(KIND).fingerprint]
    assert gains.method is Method.EXECUTION
    assert (gains.gain_percent or 0) > 50
    assert gains.after is not None
    assert len(gains.before.times_ms) == len(gains.after.times_ms) >= 3
    with psycopg.connect(events) as connection:
        names = connection.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'").fetchall()
    assert names == [("events_pkey",)]


def test_a_statement_that_others_slow_gets_an_index_of_its_own_where_that_is_better(events: str) -> None:
    """It compares a key of a document that only the application knows; what is guessed for it asks for a look."""
    with psycopg.connect(events, autocommit=True) as connection:
        for part in DOCUMENTS:
            connection.execute(part.encode())
    asked = [statement(BY_KEY, rows_per_call=20), statement(RECENT, calls=1_000, rows_per_call=49)]
    found = accepted(proven(events, asked, effort=EFFORT))
    by_definition = {definition(each.candidate): each for each in found}
    assert set(by_definition) == {"public.events (at)", "public.events ((document ->> 'lesson'), at)"}
    own = by_definition["public.events ((document ->> 'lesson'), at)"]
    assert own.verdict is not Verdict.APPLY
    assert own.next_step.startswith("It holds a value that was guessed for a parameter: see first which values")
    assert own.evidence[0].fingerprint == asked[0].fingerprint
    assert by_definition["public.events (at)"].verdict is Verdict.APPLY
