"""Expressions become keys as the server understands them: the planner uses the index that is proposed."""

from collections.abc import Iterator

import psycopg
import pytest

from pgarchitect.postgres.embedded import EmbeddedServer
from tests.module_database import module_database
from tests.vocabulary import variants_of

SCHEMA = """
CREATE TABLE things (id int, name text, code varchar(20), "Size" numeric, amount int, other int, at timestamp,
    moment timestamptz, doc jsonb, raw json, tags int[],
    list jsonb);
INSERT INTO things SELECT i, 'Name ' || i, 'c' || i % 90, i, i % 70, i % 30,
    timestamp '2026-01-01' + i * interval '1 hour',
    now(), '{"a": {"b": 1}, "n": 5}', '{}', '{1,2}', '[1]' FROM generate_series(1, 2000) i;
ANALYZE;
"""


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    with module_database(server, "expression_tests", SCHEMA) as url:
        yield url


INDEXABLE = """
lower(name) = lower('X')
upper(trim(name)) = 'X'
btrim(name, 'x') = 'a'
ltrim(name, 'x') = 'a'
substr(name, 1, 3) = 'abc'
substring(name, 1, 3) = 'abc'
substring(name from 1 for 3) = 'abc'
left(code, 2) = 'c1'
length(name) = 7
char_length(name) = 7
md5(name) = 'x'
split_part(name, ' ', 2) = '7'
replace(name, 'a', 'b') = 'x'
strpos(name, 'x') = 3
position('x' in name) = 3
overlay(name placing 'x' from 2) = 'x'
name || '-x' = 'a'
name || code = 'a'
name::varchar(3) = 'a'
name COLLATE "C" = 'a'
coalesce(name, 'none') = 'x'
nullif(amount, 0) = 4
greatest(amount, other) = 4
abs(amount) = 4
amount % 10 = 3
mod(amount, 10) = 3
amount + other = 12
pow(amount::float8, 2::float8) = 4
round("Size") = 4
ceiling("Size") = 4
date_trunc('day', at) = '2026-01-03'
date_trunc('month', moment AT TIME ZONE 'UTC') = '2026-01-01'
extract(year from at) = 2026
date_part('year', at) = 2026
extract(epoch from at) > 5
at::date = '2026-01-03'
(moment AT TIME ZONE 'Europe/Berlin')::date = '2026-01-03'
doc ->> 'n' = '5'
(doc ->> 'n')::int = 5
(doc -> 'a') ->> 'b' = '1'
doc -> 'a' ->> 'b' = '1'
doc #>> '{a,b}' = '1'
doc -> 'n' = '5'
raw ->> 'n' = '5'
jsonb_array_length(list) = 4
array_length(tags, 1) = 4
CASE WHEN amount > 3 THEN 1 ELSE 2 END = 1
"""


@pytest.mark.parametrize("condition", INDEXABLE.strip().splitlines())
def test_the_planner_knows_the_expression_again(database: str, condition: str) -> None:
    text = f"SELECT * FROM things WHERE {condition}"
    (definition,) = variants_of(database, text)
    with psycopg.connect(database) as connection:
        connection.execute(definition.candidate("missing_index", "", (), ()).trial_sql.encode())
        connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {text}".encode()))
        connection.rollback()
    assert "Index Scan" in plan
    assert "Filter" not in plan


NOT_INDEXABLE = """
date_trunc('day', moment) = '2026-01-03'
moment::date = '2026-01-03'
lower($1) = name || $2
coalesce(amount, $1) = 4
(SELECT max(amount) FROM things) > (SELECT min(other) FROM things) + 1
amount = other
"""


@pytest.mark.parametrize("condition", NOT_INDEXABLE.strip().splitlines())
def test_what_no_index_can_hold_is_no_key(database: str, condition: str) -> None:
    text = f"SELECT * FROM things WHERE {condition}"
    found = variants_of(database, text)
    assert not [each for each in found if any(key.sql.startswith("(") for key in each.keys)]
