"""``pgarchitect advise`` with indexes of all methods: what it promises holds when they are really built."""

import statistics
from collections.abc import Iterator

import psycopg
import pytest

from pgarchitect.advising import Wanted, advise
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.settings import Settings
from pgarchitect.twin import sampling
from tests.advise_lab import load

WORKLOAD = """
SELECT sum(price) FROM events WHERE at BETWEEN '2026-02-01' AND '2026-02-02';
SELECT id FROM events WHERE token = 'x';
SELECT id FROM events WHERE doc @> '{"user": 7}';
SELECT id FROM events WHERE tags @> ARRAY['u1'];
SELECT id FROM events WHERE body @@ to_tsquery('simple', 'w7 & v9');
SELECT id FROM events WHERE to_tsvector('simple', note) @@ to_tsquery('simple', 'a');
SELECT id FROM events WHERE span && int4range(5, 9);
SELECT id FROM events WHERE note LIKE '%abcde%';
SELECT id FROM events WHERE email LIKE 'User77%';
SELECT id FROM events WHERE lower(email) = 'user77';
SELECT id FROM events WHERE doc ->> 'user' = '7';
SELECT id FROM events WHERE status = 'open' AND price > 900;
SELECT id FROM events WHERE gone IS NOT NULL ORDER BY gone DESC LIMIT 10;
SELECT kind, count(*) FROM events WHERE owner = 5 GROUP BY kind;
SELECT e.id FROM "Sales"."Owners" o JOIN events e ON e.owner = o.id WHERE o."Name" = 'Owner 7';
SELECT * FROM lines WHERE event = 7;
"""
TEXT = "SELECT i FROM notes WHERE note LIKE '%abcde%'"


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    url = ensure_database(server, "advise_methods")
    load(url)
    yield url
    with connect(server.url(), read_only=False) as connection:
        connection.execute("DROP DATABASE advise_methods WITH (FORCE)")


def advised(url: str, settings: Settings, limits: Limits) -> Advice:
    texts = [each for each in map(str.strip, WORKLOAD.split(";")) if each]
    return advise(url, [Wanted(each, 1.0) for each in texts], limits, settings, lambda _: None)


def really_built(url: str, advice: Advice) -> dict[str, int]:
    """Sizes of the advised indexes when they stand; they are gone afterwards."""
    with psycopg.connect(url) as connection:
        for index in advice.indexes:
            connection.execute(index.ddl.replace("CONCURRENTLY ", "").encode())
        names = [each.name for each in advice.indexes]
        rows = connection.execute(
            "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relname = ANY (%s)", (names,)
        )
        sizes: dict[str, int] = dict(rows)
        connection.rollback()
    return sizes


@pytest.mark.parametrize("budget", [None, 8_000_000, 1_000_000])
def test_the_indexes_are_as_large_as_told_and_within_the_budget(
    database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, budget: int | None
) -> None:
    monkeypatch.setattr(sampling, "TIMEOUT_MS", 30_000)  # on a busy machine fewer rows would be looked at
    found = advised(database, settings, Limits(size_bytes=budget))
    real = really_built(database, found)
    assert len(real) == len(found.indexes) > 0
    off = {each.ddl: each.size_bytes / real[each.name] - 1 for each in found.indexes}
    assert max(map(abs, off.values())) <= 0.15, off
    assert statistics.median(map(abs, off.values())) <= 0.03, off
    assert budget is None or sum(real.values()) <= budget
    if budget is None:
        assert {each.method for each in found.indexes} >= {"btree", "gin", "gist"}


def test_trigrams_come_with_their_extension_where_it_could_be_created(fresh_database: str, settings: Settings) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as application:
        application.execute("CREATE TABLE notes AS SELECT i, md5(i::text) AS note FROM generate_series(1, 20000) i")
        application.execute("VACUUM ANALYZE notes")
    found = advise(fresh_database, [Wanted(TEXT, 1.0)], Limits(), settings, lambda _: None)
    (index,) = found.indexes
    assert index.method == "gin"
    create, _, rest = index.ddl.partition("; ")
    assert create == "CREATE EXTENSION IF NOT EXISTS pg_trgm"
    assert found.cost_after < 0.2 * found.cost_before
    with psycopg.connect(fresh_database, autocommit=True) as application:
        assert application.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'").fetchall() == []
        application.execute(create.encode())
        application.execute(rest.encode())
        plan = "\n".join(row[0] for row in application.execute(f"EXPLAIN {TEXT}".encode()))
        assert index.name in plan
    again = advise(fresh_database, [Wanted(TEXT, 1.0)], Limits(), settings, lambda _: None)
    assert again.indexes == ()
