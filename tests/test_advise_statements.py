"""Statements that index advisors stumble over: each gets its index, and one that cannot be planned spoils none."""

from collections.abc import Iterator

import pytest

from pgarchitect.advising import Wanted, advise
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.settings import Settings
from tests.advise_lab import load

WANTED = """
SELECT price FROM events, lines WHERE event = events.id AND amount = 7 AND owner = 11 => events (owner
SELECT x.o, x.p FROM (SELECT owner AS o, price AS p FROM events) AS x WHERE x.o = 5 => events (owner
SELECT y FROM (SELECT kind, owner FROM events) AS d(x, y) WHERE d.y = 5 => events (owner
SELECT price FROM events WHERE token = $1 AND price > $2 => events
WITH mine AS (SELECT * FROM events WHERE owner = 8) SELECT kind, count(*) FROM mine GROUP BY kind => events (owner
SELECT o.id, e.id FROM "Sales"."Owners" o, LATERAL (SELECT id FROM events WHERE owner = o.id LIMIT 1) e WHERE o.id = 3 => events (owner
SELECT id, rank() OVER (PARTITION BY kind ORDER BY price) FROM events WHERE owner = 9 => events (owner
SELECT id FROM events WHERE owner = 1 UNION ALL SELECT event FROM lines WHERE event = 3 => lines (event
SELECT id FROM events WHERE owner = 2 EXCEPT SELECT event FROM lines WHERE event = 3 => lines (event
SELECT "Name" FROM "Sales"."Owners" WHERE "Name" = 'Owner 12' => "Sales"."Owners" ("Name"
SELECT count(*) FROM "Sales"."Owners" o JOIN public.events e ON e.owner = o.id WHERE o."Name" = 'Owner 5' => "Sales"."Owners" ("Name"
DELETE FROM lines WHERE event = 77 => lines (event
"""  # noqa: E501  # one statement a line
BROKEN = (
    "SELECT * FROM nowhere",
    "SELEKT 1",
    "SELECT no_such_column FROM events",
    "SELECT id FROM events WHERE owner = 'x'",
)
CASES = [(text, wanted) for text, _, wanted in (line.partition(" => ") for line in WANTED.strip().splitlines())]


@pytest.fixture(scope="module")
def advice(server: EmbeddedServer, settings: Settings) -> Iterator[Advice]:
    url = ensure_database(server, "advise_statements")
    load(url)
    workload = [Wanted(text, 1.0) for text in (*BROKEN, *(text for text, _ in CASES))]
    yield advise(url, workload, Limits(), settings, lambda _: None)
    with connect(server.url(), read_only=False) as connection:
        connection.execute("DROP DATABASE advise_statements WITH (FORCE)")


@pytest.mark.parametrize(("number", "wanted"), [(number, wanted) for number, (_, wanted) in enumerate(CASES)])
def test_it_gets_its_index(advice: Advice, number: int, wanted: str) -> None:
    told = advice.statements[len(BROKEN) + number]
    assert told.refusal == ""
    assert told.cost_before is not None
    assert told.cost_after is not None
    assert told.cost_after < 0.5 * told.cost_before
    used = [each.ddl for each in advice.indexes if each.name in told.indexes]
    assert any(wanted in ddl for ddl in used), used


def test_those_that_cannot_be_planned_say_why_and_spoil_nothing(advice: Advice) -> None:
    assert all(each.refusal for each in advice.statements[: len(BROKEN)])
    assert not any(each.refusal for each in advice.statements[len(BROKEN) :])
