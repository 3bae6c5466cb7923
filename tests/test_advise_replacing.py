"""``pgarchitect advise`` where an index exists that a better one extends."""

import json

import psycopg
import pytest
from rich.console import Console

from pgarchitect.advising import Wanted, advise
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.report.advice import render, to_json
from pgarchitect.settings import Settings

BOTH = "SELECT note FROM visits WHERE guest = 17 AND day > '2026-10-20'"
ALONE = "SELECT count(*) FROM visits WHERE guest = 5"


@pytest.fixture
def visits(fresh_database: str) -> str:
    """Many visits of each guest, found by the guest."""
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA "The House"; SET search_path = "The House"')
        connection.execute("CREATE TABLE visits (id int PRIMARY KEY, guest int, day date, note text)")
        connection.execute(
            "INSERT INTO visits SELECT i, i * 7919 % 3000, date '2026-01-01' + i * 31 % 300, md5(i::text)"
            " FROM generate_series(1, 60000) i"
        )
        connection.execute('CREATE INDEX "By guest" ON visits (guest)')
        connection.execute("VACUUM ANALYZE visits")
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE {name} SET search_path = "The House"'.encode())
    return fresh_database


def advised(url: str, settings: Settings, *texts: str) -> Advice:
    return advise(url, [Wanted(text, 1.0) for text in texts], Limits(), settings, lambda _: None)


def test_an_index_that_is_extended_may_go_and_both_ways_are_told(visits: str, settings: Settings) -> None:
    found = advised(visits, settings, BOTH, ALONE)
    (index,) = [each for each in found.indexes if "(guest, day)" in each.ddl]
    (old,) = index.replaces
    assert (old.name, old.ddl) == ("By guest", 'DROP INDEX CONCURRENTLY "The House"."By guest";')
    assert old.size_bytes > 100_000
    with psycopg.connect(visits, autocommit=True) as connection:
        connection.execute(old.ddl.encode())
        connection.execute(old.rollback.encode())
    (told,) = [each for each in json.loads(to_json(found))["indexes"] if each["replaces"]]
    assert told["replaces"][0]["rollback"] == old.rollback
    console = Console(width=200)
    with console.capture() as shown:
        render(found, console)
    assert "It extends By guest, which no statement misses then" in shown.get()


def test_an_index_that_a_statement_would_miss_stays(visits: str, settings: Settings) -> None:
    """What is carried along makes it so much larger that a statement which reads much of it would cost more."""
    wide = "SELECT note FROM visits WHERE guest = 17 AND day > '2026-10-20'"
    whole = "SELECT count(*) FROM visits WHERE guest BETWEEN 100 AND 1500"
    found = advised(visits, settings, wide, whole)
    assert any("(guest, day)" in each.ddl for each in found.indexes)
    assert not any(each.replaces for each in found.indexes)
