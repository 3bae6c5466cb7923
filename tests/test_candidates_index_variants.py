"""Which indexes the advisor tries for a statement: orders of keys, covering and partial ones."""

from collections.abc import Iterator

import psycopg
import pytest

from pgarchitect.candidates.index_variants import could_use, index_variants
from pgarchitect.candidates.shape import table_uses
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.workload.syntax import parse
from tests.vocabulary import catalog_of

SCHEMA = """
CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL, state text NOT NULL, day date NOT NULL,
    due date NOT NULL, total numeric NOT NULL, note text, "Mixed" int);
CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL, part int NOT NULL, price numeric NOT NULL, doc jsonb);
CREATE SCHEMA "Other";
CREATE TABLE "Other"."Items" (id int PRIMARY KEY, "Kind" int NOT NULL, amount int NOT NULL);
INSERT INTO orders SELECT i, i % 900, 's' || i % 3, date '2026-01-01' + i % 300, date '2026-02-01' + i % 90, i, 'n', i
FROM generate_series(1, 3000) i;
INSERT INTO lines SELECT i, i % 3000, i % 70, i, '{}' FROM generate_series(1, 6000) i;
INSERT INTO "Other"."Items" SELECT i, i % 40, i FROM generate_series(1, 3000) i;
ANALYZE;
"""


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    url = ensure_database(server, "variant_tests")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
    yield url
    with connect(server.url(), read_only=False) as connection:
        connection.execute("DROP DATABASE variant_tests WITH (FORCE)")


def variants(database: str, text: str) -> set[str]:
    return {str(each).removeprefix("public.") for each in index_variants(parse(text), catalog_of(database, text))}


WANTED = """
SELECT total FROM orders WHERE customer = 5 => orders (customer) INCLUDE (total)
SELECT total FROM orders WHERE customer = 5 AND day > '2026-03-01' => orders (customer, day) INCLUDE (total)
SELECT total FROM orders WHERE day > '2026-03-01' AND customer = 5 => orders (customer, day)
SELECT id FROM orders WHERE day < due AND customer = 5 => orders (customer) WHERE day < due
SELECT id FROM orders WHERE state = 's1' AND customer = 5 => orders (customer) INCLUDE (id, state) WHERE state = 's1'
SELECT id FROM orders WHERE state = $1 AND customer = $2 => orders (customer, state)
SELECT price FROM orders, lines WHERE order_id = orders.id AND customer = 3 => lines (order_id) INCLUDE (price)
SELECT price FROM orders o JOIN lines l ON order_id = o.id WHERE customer = 3 AND part = 1 => lines (order_id, part)
SELECT x.price FROM (SELECT price FROM lines WHERE part = 3) x => lines (part) INCLUDE (price)
WITH recent AS (SELECT * FROM orders WHERE day > '2026-09-01') SELECT count(*) FROM recent => orders (day)
SELECT (SELECT sum(price) FROM lines WHERE order_id = o.id) FROM orders o => lines (order_id) INCLUDE (price)
SELECT 1 FROM orders o, LATERAL (SELECT FROM lines WHERE order_id = o.id ORDER BY price) p => lines (order_id, price)
SELECT id FROM orders UNION SELECT order_id FROM lines WHERE part = 2 => lines (part) INCLUDE (order_id)
SELECT rank() OVER (ORDER BY total) FROM orders WHERE customer = 4 => orders (customer) INCLUDE (total)
SELECT amount FROM "Other"."Items" WHERE "Kind" = 3 => "Other"."Items" ("Kind") INCLUDE (amount)
SELECT "Mixed" FROM orders WHERE "Mixed" BETWEEN 3 AND 9 => orders ("Mixed")
SELECT customer, count(*) FROM orders GROUP BY customer => orders (customer)
SELECT id FROM orders ORDER BY day DESC, id DESC LIMIT 5 => orders (day, id)
"""


@pytest.mark.parametrize("line", WANTED.strip().splitlines())
def test_the_index_that_serves_best_is_among_them(database: str, line: str) -> None:
    text, _, wanted = line.partition(" => ")
    assert wanted in variants(database, text)


def test_a_constant_of_many_values_makes_no_partial_index(database: str) -> None:
    assert not any("WHERE" in each for each in variants(database, "SELECT id FROM orders WHERE customer = 5"))


def test_a_parameter_makes_no_partial_index(database: str) -> None:
    found = variants(database, "SELECT id FROM orders WHERE state = $1 AND customer = 5")
    assert found
    assert not any("WHERE" in each for each in found)


def test_documents_and_whole_rows_are_not_covered(database: str) -> None:
    assert variants(database, "SELECT * FROM lines WHERE part = 1") == {"lines (part)"}
    assert variants(database, "SELECT doc FROM lines WHERE part = 1") == {"lines (part)"}


def test_a_primary_key_and_its_prefixes_are_never_proposed(database: str) -> None:
    assert variants(database, "SELECT total FROM orders WHERE id = 1") == set()


def test_an_index_is_only_tried_for_statements_that_could_use_it(database: str) -> None:
    text = "SELECT total FROM orders WHERE customer = 5"
    other = "SELECT sum(price) FROM lines WHERE part = 5"
    (definition,) = [
        each
        for each in index_variants(parse(text), catalog_of(database, text))
        if str(each) == "public.orders (customer)"
    ]
    assert could_use(table_uses(parse(text), catalog_of(database, text)), definition)
    assert not could_use(table_uses(parse(other), catalog_of(database, other)), definition)
    by_day = "SELECT note FROM orders WHERE day = '2026-03-03'"
    assert not could_use(table_uses(parse(by_day), catalog_of(database, by_day)), definition)
