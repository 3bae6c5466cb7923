"""Which indexes the advisor tries for a statement: orders of keys, covering and partial ones."""

from collections.abc import Iterator

import pytest

from pgarchitect.candidates.index_variants import could_use, index_variants
from pgarchitect.candidates.shape import table_uses
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.workload.syntax import parse
from tests.module_database import module_database
from tests.vocabulary import catalog_of, variants_of

SCHEMA = """
CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL, state text NOT NULL, day date NOT NULL,
    due date NOT NULL, total numeric NOT NULL, note text, "Mixed" int);
CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL, part int NOT NULL, price numeric NOT NULL, doc jsonb);
CREATE VIEW due_orders AS SELECT o.id, o.customer AS who, o.total, o.day FROM orders o WHERE o.day < o.due;
CREATE VIEW "Big Orders" ("Who", sum) AS SELECT who, total FROM due_orders WHERE total > 100;
CREATE TABLE events (id int, day date, kind int) PARTITION BY RANGE (day);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
INSERT INTO events SELECT i, date '2025-06-01' + i % 365, i % 90 FROM generate_series(1, 6000) i;
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
    with module_database(server, "variant_tests", SCHEMA) as url:
        yield url


def variants(database: str, text: str) -> set[str]:
    return {str(each).removeprefix("public.") for each in variants_of(database, text)}


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
SELECT id FROM orders WHERE total > 5 ORDER BY day LIMIT 5 => orders (day, total) INCLUDE (id)
SELECT DISTINCT customer FROM orders => orders (customer)
SELECT id FROM orders WHERE (customer, state) = (5, 's1') => orders (customer, state)
SELECT id FROM orders WHERE (customer, state) IN ((5, 's1'), (6, 's2')) => orders (customer, state)
SELECT total FROM orders WHERE id IN (SELECT order_id FROM lines WHERE part = 4) => lines (part) INCLUDE (order_id)
SELECT EXISTS (SELECT * FROM lines WHERE part = o.customer) FROM orders o => lines (part)
SELECT rank() OVER (PARTITION BY customer ORDER BY total DESC) FROM orders => orders (customer, total DESC)
SELECT sum(total) OVER w FROM orders WINDOW w AS (PARTITION BY customer ORDER BY day) => orders (customer, day)
WITH r AS (SELECT * FROM orders) SELECT total FROM r WHERE customer = 5 => orders (customer) INCLUDE (total)
WITH r(a, b) AS (SELECT customer, total FROM orders) SELECT b FROM r WHERE a = 5 => orders (customer) INCLUDE (total)
WITH a AS (SELECT * FROM orders), b AS (SELECT * FROM a) SELECT 1 FROM b WHERE customer = 5 => orders (customer)
SELECT t FROM (SELECT customer AS c, total AS t FROM orders) x WHERE c = 5 => orders (customer) INCLUDE (total)
SELECT y FROM (SELECT customer, total FROM orders) AS d(x, y) WHERE d.x = 5 => orders (customer) INCLUDE (total)
SELECT 1 FROM (SELECT customer, max(total) FROM orders GROUP BY 1) x WHERE customer = 5 => orders (customer)
SELECT 1 FROM (SELECT id AS a FROM lines UNION ALL SELECT customer FROM orders) u WHERE a = 7 => orders (customer)
SELECT 1 FROM (SELECT id AS a FROM lines UNION SELECT customer FROM orders) u WHERE a = 7 => orders (customer)
SELECT 1 FROM lines l JOIN (SELECT customer AS c FROM orders) x ON l.part = x.c => orders (customer)
SELECT day FROM (SELECT * FROM orders) x ORDER BY day LIMIT 5 => orders (day)
SELECT 1 FROM (SELECT lower(state) AS low FROM orders) x WHERE low = 'a' => orders ((LOWER(state)))
SELECT 1 FROM (SELECT * FROM (SELECT * FROM orders) x) y WHERE lower(state) = 'a' => orders ((LOWER(state)))
SELECT 1 FROM (SELECT rank() OVER (PARTITION BY part), part FROM lines) x WHERE part = 5 => lines (part)
SELECT total FROM due_orders WHERE who = 5 => orders (customer) INCLUDE (total, day, due) WHERE day < due
SELECT 1 FROM "Big Orders" WHERE "Who" = 5 => orders (customer, total)
SELECT 1 FROM public."Big Orders" b, lines l WHERE l.part = b."Who" => orders (customer)
SELECT 1 FROM events WHERE kind = 5 => events (kind)
SELECT 1 FROM events_new WHERE kind = 5 => events_new (kind)
SELECT 1 FROM orders WHERE total + 1 = 5 => orders ((total + 1))
SELECT 1 FROM orders WHERE coalesce(note, state) = 'x' => orders ((COALESCE(note, state)))
"""


@pytest.mark.parametrize("line", WANTED.strip().splitlines())
def test_the_index_that_serves_best_is_among_them(database: str, line: str) -> None:
    text, _, wanted = line.partition(" => ")
    assert wanted in variants(database, text)


APART = """
WITH r AS MATERIALIZED (SELECT * FROM orders) SELECT total FROM r WHERE customer = 5
WITH r AS (SELECT * FROM orders) SELECT 1 FROM r, r AS s WHERE r.customer = 5
WITH RECURSIVE r AS (SELECT customer FROM orders UNION SELECT customer + 1 FROM r) SELECT 1 FROM r WHERE customer = 5
SELECT 1 FROM (SELECT * FROM orders ORDER BY total LIMIT 9) x WHERE customer = 5
SELECT 1 FROM (SELECT count(*) AS n FROM orders GROUP BY state) x WHERE n = 5
SELECT 1 FROM (SELECT rank() OVER (PARTITION BY state), customer FROM orders) x WHERE customer = 5
SELECT 1 FROM (SELECT DISTINCT ON (state) * FROM orders) x WHERE customer = 5
SELECT 1 FROM orders WHERE note IS NOT NULL
SELECT 1 FROM orders WHERE note NOT LIKE 'abc%'
"""


@pytest.mark.parametrize("text", APART.strip().splitlines())
def test_a_condition_that_does_not_reach_the_table_asks_for_nothing(database: str, text: str) -> None:
    asked = ("(customer", "(n)", "(note")
    assert [each for each in variants(database, text) if any(each.startswith(f"orders {key}") for key in asked)] == []


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


def test_the_index_of_a_partitioned_table_and_those_of_its_partitions_serve_each_other(database: str) -> None:
    whole, part = "SELECT id FROM events WHERE kind = 5", "SELECT id FROM events_new WHERE kind = 5"
    other = "SELECT id FROM events_old WHERE kind = 5"
    catalog = catalog_of(database, whole, part, other)
    uses = {text: table_uses(parse(text), catalog) for text in (whole, part, other)}
    (of_whole, *_), (of_part, *_) = (index_variants(uses[text], catalog) for text in (whole, part))
    assert all(could_use(each, of_whole) for each in uses.values())
    assert could_use(uses[whole], of_part)
    assert not could_use(uses[other], of_part)


def test_an_index_is_only_tried_for_statements_that_could_use_it(database: str) -> None:
    text = "SELECT total FROM orders WHERE customer = 5"
    other = "SELECT sum(price) FROM lines WHERE part = 5"
    (definition,) = [each for each in variants_of(database, text) if str(each) == "public.orders (customer)"]
    assert could_use(table_uses(parse(text), catalog_of(database, text)), definition)
    assert not could_use(table_uses(parse(other), catalog_of(database, other)), definition)
    by_day = "SELECT note FROM orders WHERE day = '2026-03-03'"
    assert not could_use(table_uses(parse(by_day), catalog_of(database, by_day)), definition)
