"""Which method of access a condition asks for: BRIN, hash, GIN, GiST, and B-trees that compare bytes."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pgarchitect.candidates.index_variants import could_use, index_variants
from pgarchitect.candidates.shape import table_uses
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.workload.syntax import parse
from tests.advise_lab import load
from tests.vocabulary import catalog_of


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    url = ensure_database(server, "method_tests")
    load(url)
    yield url
    with connect(server.url(), read_only=False) as connection:
        connection.execute("DROP DATABASE method_tests WITH (FORCE)")


@contextmanager
def standing(database: str, definition: str) -> Iterator[None]:
    """While an index exists."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE INDEX standing ON {definition}".encode())
        try:
            yield
        finally:
            connection.execute("DROP INDEX standing")


def variants(database: str, text: str) -> dict[str, bool]:
    """The indexes that are tried, and whether the advisor tries them for the statement."""
    catalog = catalog_of(database, text)
    uses = table_uses(parse(text), catalog)
    found = index_variants(uses, catalog)
    return {str(each).removeprefix("public."): could_use(uses, each) for each in found}


ASKED = r"""
at > '2026-02-09' => events USING brin (at)
at BETWEEN '2026-02-01' AND '2026-02-02' => events USING brin (at) WITH (pages_per_range = 16)
token = 'x' => events USING hash (token)
token = ANY ('{x,y}') => events USING hash (token)
doc @> '{"user": 7}' => events USING gin (doc jsonb_path_ops)
'{"user": 7}' <@ doc => events USING gin (doc jsonb_path_ops)
doc @? '$.page ? (@.n > 9)' => events USING gin (doc jsonb_path_ops)
doc @@ '$.user == 7' => events USING gin (doc jsonb_path_ops)
doc ? 'user' => events USING gin (doc)
doc ?| ARRAY['user', 'x'] => events USING gin (doc)
doc -> 'page' @> '{"n": 9}' => events USING gin ((doc -> 'page') jsonb_path_ops)
tags @> ARRAY['t1'] => events USING gin (tags)
ARRAY['t1'] <@ tags => events USING gin (tags)
tags && $1 => events USING gin (tags)
body @@ to_tsquery('simple', 'w7 & v9') => events USING gin (body)
to_tsvector('simple', note) @@ to_tsquery('simple', 'a') => events USING gin ((TO_TSVECTOR('simple', note)))
span && int4range(5, 9) => events USING gist (span)
span @> 77 => events USING gist (span)
note LIKE '%abc%' => events USING gin (note gin_trgm_ops)
note ILIKE 'abc%' => events USING gin (note gin_trgm_ops)
note ~ 'abc' => events USING gin (note gin_trgm_ops)
note LIKE $1 => events USING gin (note gin_trgm_ops)
lower(email) LIKE '%abc%' => events USING gin ((LOWER(email)) gin_trgm_ops)
email LIKE 'User7%' => events (email varchar_pattern_ops)
email LIKE 'User7%' AND kind = 'k1' => events (kind, email varchar_pattern_ops)
lower(email) LIKE $1 => events ((LOWER(email)) text_pattern_ops)
kind LIKE 'k1%' => events (kind)
starts_with(email, 'User7') => events (email varchar_pattern_ops)
email ~ '^User7' => events (email varchar_pattern_ops)
"""


@pytest.mark.parametrize("line", ASKED.strip().splitlines())
def test_the_method_that_serves_is_among_them(database: str, line: str) -> None:
    condition, _, wanted = line.partition(" => ")
    assert variants(database, f"SELECT id FROM events WHERE {condition}")[wanted]


NOT_ASKED = r"""
id > 500 => brin
price > 500 => brin
owner = 5 => brin hash
kind = 'x' => hash
token > 'x' => hash
token LIKE 'x%' AND token = 'y' => hash
note NOT LIKE '%abc%' => gin
note LIKE '%ab%' => gin
note !~ 'abc' => gin
to_tsvector(note) @@ to_tsquery('a') => gin
doc ->> 'user' = '7' => gin
NOT doc @> '{"user": 7}' => gin
"""


@pytest.mark.parametrize("line", NOT_ASKED.strip().splitlines())
def test_the_method_that_does_not_serve_is_not(database: str, line: str) -> None:
    condition, _, methods = line.partition(" => ")
    found = variants(database, f"SELECT id FROM events WHERE {condition}")
    assert not [each for each in found for method in methods.split() if f"USING {method} " in each]


EXISTING = {
    "events USING brin (at)": ("at > '2026-02-09'", "events USING brin (at) WITH (pages_per_range = 16)"),
    "events (at, kind)": ("at > '2026-02-09'", "events USING brin (at)"),
    "events USING hash (token)": ("token = 'x'", "events USING hash (token)"),
    "events (token)": ("token = 'x'", "events USING hash (token)"),
    "events USING gin (doc)": ("doc @> '{}'", "events USING gin (doc jsonb_path_ops)"),
    "events USING gin (doc jsonb_path_ops)": ("doc @> '{}'", "events USING gin (doc jsonb_path_ops)"),
    "events USING gin (note gin_trgm_ops)": ("note LIKE '%abc%'", "events USING gin (note gin_trgm_ops)"),
    "events USING gin (to_tsvector('simple', note))": (
        "to_tsvector('simple', note) @@ 'a'",
        "events USING gin ((TO_TSVECTOR('simple', note)))",
    ),
    "events (email varchar_pattern_ops)": ("email LIKE 'a%'", "events (email varchar_pattern_ops)"),
    "events (owner) WHERE status = 'open'": ("owner = 5 AND status = 'open'", "events (owner) WHERE status = 'open'"),
    "events (owner) WHERE status IN ('open', 'held')": (
        "owner = 5 AND status IN ('open', 'held')",
        "events (owner) WHERE status IN ('open', 'held')",
    ),
    "events (owner) INCLUDE (price)": ("owner = 5", "events (owner) INCLUDE (price)"),
}


@pytest.mark.parametrize(("existing", "asked"), EXISTING.items())
def test_what_exists_is_not_tried_again(database: str, existing: str, asked: tuple[str, str]) -> None:
    condition, wanted = asked
    text = f"SELECT price FROM events WHERE {condition}"
    assert wanted in variants(database, text)
    with standing(database, existing):
        assert wanted not in variants(database, text)


OTHERS = {
    "events USING gin (doc jsonb_path_ops)": ("doc ? 'user'", "events USING gin (doc)"),
    "events (email)": ("email LIKE 'a%'", "events (email varchar_pattern_ops)"),
    'events (email COLLATE "C")': ("email = 'a'", "events (email)"),
    "events (owner) WHERE status = 'done'": (
        "owner = 5 AND status = 'open'",
        "events (owner) WHERE status = 'open'",
    ),
    "events (owner) WHERE status = 'held'": ("owner = 5", "events (owner)"),
}


@pytest.mark.parametrize(("existing", "asked"), OTHERS.items())
def test_an_index_of_another_kind_does_not_stand_in(database: str, existing: str, asked: tuple[str, str]) -> None:
    condition, wanted = asked
    with standing(database, existing):
        assert wanted in variants(database, f"SELECT id FROM events WHERE {condition}")


def test_trigrams_only_where_their_extension_is(server: EmbeddedServer, database: str) -> None:
    url = ensure_database(server, "without_trigrams")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE notes AS SELECT i, md5(i::text) AS note FROM generate_series(1, 3000) i")
        connection.execute("ANALYZE notes")
    text = "SELECT i FROM notes WHERE note LIKE '%abc%'"
    assert variants(url, text) == {}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA tools")
        connection.execute("CREATE EXTENSION pg_trgm SCHEMA tools")
    assert variants(url, text) == {"notes USING gin (note tools.gin_trgm_ops)": True}
