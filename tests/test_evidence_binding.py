"""Parameters get values that the application could have sent: every statement here really runs on the server."""

from collections.abc import Iterator

import pytest

from pgarchitect.evidence.binding import Bound, bind
from pgarchitect.evidence.explain import CannotRun, explained
from pgarchitect.evidence.parameter_roles import RoleKind, parameter_roles
from pgarchitect.evidence.prepared import parameter_types
from pgarchitect.evidence.scenarios import SCENARIOS
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.workload.syntax import parse
from tests.module_database import module_database
from tests.vocabulary import catalog_of, statement

SCHEMA = r"""
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TYPE mood AS ENUM ('sad','fine','great');
CREATE DOMAIN email AS text CHECK (value LIKE '%@%');
CREATE TABLE users (id int PRIMARY KEY, uid uuid UNIQUE, email email UNIQUE NOT NULL, name varchar(100),
  mood mood, active boolean, age smallint,
  balance numeric(12,2), ratio double precision, born date, wake time, gap interval, created_at timestamptz NOT
  NULL, seen timestamp, tags text[], nums int[], meta jsonb, raw json, ip inet, span int4range, doc tsvector,
  odd text, bytes bytea, "Größe" int, empty text);
INSERT INTO users SELECT i, md5(i::text)::uuid, 'User'||i||'@x.org', 'Name '||i%50,
  (ARRAY['sad','fine','great'])[1+i%3]::mood, i%10<>0, i%80,
  (i-1500)/7.0, i/3.0, date '1980-01-01'+i%9000, time '06:00'+i%600*interval '1 min', i%50*interval '1 hour',
  now()-i*interval '1 hour', now()-i*interval '1 hour', ARRAY['t'||i%20, 'q"'||i%3], ARRAY[i%7,i%11],
  jsonb_build_object('kind','k'||i%9,'n',i%5,'ok',i%2=0,'it''s','b\s"'||i%3),
  json_build_object('kind','k'||i%9), ('10.0.0.'||i%250)::inet, int4range(i,i+10),
  to_tsvector('simple','word'||i%30), (ARRAY['it''s','back\slash','new
line','"q"','%','$1'])[1+i%6], decode(md5(i::text),'hex'), i%40, NULL FROM generate_series(1,3000) i;
CREATE TABLE orders (id serial PRIMARY KEY, user_id int REFERENCES users, n int, total numeric, at timestamptz
  DEFAULT now(), UNIQUE (user_id, n));
INSERT INTO orders (user_id,n,total) SELECT 1+i%3000, i/3000, i FROM generate_series(1,6000) i;
ANALYZE;
"""

STATEMENTS = r"""
SELECT * FROM users WHERE id = $1;
SELECT * FROM users WHERE id IN ($1,$2,$3);
SELECT * FROM users WHERE id IN ($1 /*, ... */) AND age > $2;
SELECT * FROM users WHERE id = ANY($1);
SELECT * FROM users WHERE id = ANY($1::int[]) AND name = ANY(ARRAY[$2,$3]);
SELECT * FROM users WHERE uid = $1;
SELECT * FROM users WHERE uid = $1::uuid AND email = $2;
SELECT * FROM users WHERE lower(email) = $1;
SELECT * FROM users WHERE lower(email) = lower($1);
SELECT * FROM users WHERE upper(name) LIKE upper($1);
SELECT * FROM users WHERE mood = $1;
SELECT * FROM users WHERE mood IN ($1,$2) OR mood <> $3::mood;
SELECT * FROM users WHERE active = $1 AND age BETWEEN $2 AND $3;
SELECT * FROM users WHERE age > $1 AND age <= $2;
SELECT * FROM users WHERE $1 < age;
SELECT * FROM users WHERE balance < $1;
SELECT * FROM users WHERE balance + $1 > $2;
SELECT * FROM users WHERE ratio >= $1 AND ratio * $2 < $3;
SELECT * FROM users WHERE born = $1;
SELECT * FROM users WHERE born > date $1 AND born < date $2 + interval $3;
SELECT * FROM users WHERE wake > $1;
SELECT * FROM users WHERE gap > $1;
SELECT * FROM users WHERE gap > interval $1 hour;
SELECT * FROM users WHERE created_at > now() - interval $1;
SELECT * FROM users WHERE created_at > $1::timestamptz - $2 * interval $3;
SELECT * FROM users WHERE created_at >= $1 AND created_at < $2;
SELECT * FROM users WHERE created_at > current_date - $1;
SELECT * FROM users WHERE created_at > current_date - $1::int;
SELECT * FROM users WHERE created_at::date = $1;
SELECT * FROM users WHERE now() - created_at > $1;
SELECT * FROM users WHERE seen > timestamp with time zone $1;
SELECT * FROM users WHERE extract($1 FROM created_at) = $2;
SELECT extract($1 FROM created_at), count(*) FROM users WHERE age = $2 GROUP BY extract($1 FROM created_at);
SELECT * FROM users WHERE date_part($1, created_at) > $2;
SELECT date_trunc($1, created_at) AS d, count(*) FROM users WHERE created_at > $2 GROUP BY date_trunc($3,
  created_at) ORDER BY d;
SELECT date_trunc($1, created_at AT TIME ZONE $2) FROM users WHERE age = $3;
SELECT to_char(created_at, $1) FROM users WHERE age = $2;
SELECT * FROM users WHERE tags && $1;
SELECT * FROM users WHERE tags @> $1;
SELECT * FROM users WHERE tags @> ARRAY[$1];
SELECT * FROM users WHERE $1 = ANY(tags);
SELECT * FROM users WHERE $1 = ANY(nums);
SELECT * FROM users WHERE nums[$1] = $2;
SELECT * FROM users WHERE array_length(tags, $1) > $2;
SELECT * FROM users WHERE meta @> $1;
SELECT * FROM users WHERE meta @> $1::jsonb;
SELECT * FROM users WHERE meta->>$1 = $2;
SELECT * FROM users WHERE (meta->>$1)::int = $2;
SELECT * FROM users WHERE (meta->>$1)::int > $2;
SELECT * FROM users WHERE meta->$1 = $2;
SELECT * FROM users WHERE meta->$1->>$2 = $3;
SELECT * FROM users WHERE meta ? $1;
SELECT * FROM users WHERE meta ?| $1;
SELECT * FROM users WHERE meta #>> $1 = $2;
SELECT * FROM users WHERE raw->>$1 = $2;
SELECT * FROM users WHERE meta->>$1 LIKE $2;
SELECT * FROM users WHERE meta->>$1 IN ($2,$3);
SELECT * FROM users WHERE jsonb_path_exists(meta, $1);
SELECT * FROM users WHERE name LIKE $1;
SELECT * FROM users WHERE name ILIKE $1 || $2;
SELECT * FROM users WHERE name ~ $1;
SELECT * FROM users WHERE name SIMILAR TO $1;
SELECT * FROM users WHERE name % $1;
SELECT similarity(name, $1) FROM users ORDER BY similarity(name, $1) DESC LIMIT $2;
SELECT * FROM users WHERE position($1 in name) > $2;
SELECT substring(name from $1 for $2), left(name, $3) FROM users WHERE age = $4;
SELECT * FROM users WHERE length(name) > $1;
SELECT * FROM users WHERE coalesce(name, $1) = $2;
SELECT coalesce(age, $1), round(balance, $2), nullif(age, $3) FROM users WHERE abs(age) = $4;
SELECT CASE WHEN age > $1 THEN $2 ELSE $3 END FROM users WHERE mod(id, $4) = $5;
SELECT * FROM users WHERE ip = $1;
SELECT * FROM users WHERE ip << $1;
SELECT * FROM users WHERE span @> $1;
SELECT * FROM users WHERE span && int4range($1, $2);
SELECT * FROM users WHERE doc @@ to_tsquery($1, $2);
SELECT * FROM users WHERE doc @@ plainto_tsquery($1);
SELECT * FROM users WHERE odd = $1;
SELECT * FROM users WHERE odd IN ($1,$2,$3,$4,$5,$6);
SELECT * FROM users WHERE bytes = $1;
SELECT * FROM users WHERE "Größe" = $1;
SELECT * FROM users WHERE empty = $1;
SELECT * FROM users WHERE name IS DISTINCT FROM $1;
SELECT * FROM users WHERE (age, id) < ($1, $2) ORDER BY age DESC, id DESC LIMIT $3;
SELECT * FROM users WHERE (age, mood) = ($1, $2);
SELECT * FROM users WHERE (age, mood) IN (($1, $2), ($3, $4));
SELECT * FROM users ORDER BY id LIMIT $1 OFFSET $2;
SELECT * FROM users ORDER BY id OFFSET $1 ROWS FETCH FIRST $2 ROWS ONLY;
SELECT * FROM users WHERE age = $1 LIMIT ($2);
SELECT user_id, count(*) FROM orders GROUP BY user_id HAVING count(*) > $1 AND sum(total) > $2;
SELECT string_agg(name, $1 ORDER BY name) FROM users WHERE age = $2;
SELECT percentile_cont($1) WITHIN GROUP (ORDER BY age) FROM users WHERE mood = $2;
SELECT * FROM generate_series($1, $2) g JOIN users u ON u.id = g;
SELECT * FROM generate_series($1::timestamptz, $2, $3) g JOIN users u ON u.created_at = g;
SELECT * FROM unnest($1::int[]) x(id) JOIN users USING (id);
SELECT * FROM (VALUES ($1),($2)) v(x) JOIN users ON users.id = v.x;
SELECT ntile($1) OVER (ORDER BY age), lag(age, $2, $3) OVER (ORDER BY id) FROM users WHERE mood = $4;
INSERT INTO orders (user_id, n, total) VALUES ($1, $2, $3);
INSERT INTO orders (user_id, n, total) VALUES ($1, $2, $3) ON CONFLICT (user_id, n) DO UPDATE SET total =
  orders.total + $4 WHERE orders.total < $5 RETURNING id;
INSERT INTO users (id, uid, email, created_at) VALUES ($1,$2,$3,$4);
INSERT INTO orders (user_id, n) SELECT id, $1 FROM users WHERE age = $2;
UPDATE users SET name = $1, balance = balance + $2, (age, mood) = ($3, $4), meta = $5, tags = $6, seen = $7 WHERE
  id = $8;
UPDATE users SET meta = jsonb_set(meta, $1, $2) WHERE age = $3;
UPDATE orders SET total = $1 FROM users u WHERE u.id = orders.user_id AND u.age = $2;
DELETE FROM orders WHERE at < $1;
DELETE FROM orders WHERE ctid IN (SELECT ctid FROM orders WHERE total > $1 LIMIT $2);
MERGE INTO orders o USING users u ON u.id = o.user_id AND u.age = $1 WHEN MATCHED THEN UPDATE SET total = $2;
WITH gone AS (DELETE FROM orders WHERE n = $1 RETURNING *) SELECT count(*) FROM gone WHERE total > $2;
SELECT * FROM users WHERE id = $1 FOR UPDATE SKIP LOCKED;
SELECT * FROM users TABLESAMPLE system ($1) WHERE age = $2;
SELECT $1, $2::text, $3::int, $4::jsonb;
SELECT make_interval(days => $1), to_timestamp($2), random() * $3 FROM users WHERE age = $4;
SELECT * FROM users WHERE age = $1 AND name = $2 OR age = $3;
SELECT * FROM users u WHERE EXISTS (SELECT $1 FROM orders o WHERE o.user_id = u.id AND o.total > $2);
SELECT * FROM users WHERE id NOT IN ($1, $2) AND name NOT LIKE $3;
SELECT * FROM users WHERE age = $1::smallint + $2::smallint;
SELECT * FROM users WHERE age = -$1;
SELECT * FROM users WHERE id = $1 AND name LIKE concat($2::text, $3::text);
SELECT * FROM users WHERE xmin::text = $1;
SELECT width_bucket(age, $1, $2, $3), count(*) FROM users WHERE mood = $4 GROUP BY 1
""".strip().split(";\n")

SAID_TWICE = [
    # What the server refuses although it can be planned: all scenarios but the first, or rows that exist already.
    "percentile_cont",
    "width_bucket",
    "INSERT INTO orders (user_id, n, total) VALUES ($1, $2, $3)",
    "INSERT INTO orders (user_id, n) SELECT",
    "INSERT INTO users",
]


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    with module_database(server, "binding_tests", SCHEMA) as url:
        yield url


@pytest.fixture(scope="module")
def catalog(database: str) -> Catalog:
    return catalog_of(database, "SELECT FROM users, orders")


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[Connection]:
    with connect(database, read_only=False) as connection:
        yield connection


def forms(connection: Connection, catalog: Catalog, text: str, rows_per_call: float = 10.0) -> tuple[Bound, ...]:
    return bind(connection, statement(text, rows_per_call=rows_per_call), parse(text), catalog)


def rows(connection: Connection, bound: Bound) -> int:
    return int(explained(connection, "ANALYZE, FORMAT JSON", bound.sql)[0]["Plan"]["Actual Rows"])


@pytest.mark.parametrize("text", STATEMENTS)
def test_every_statement_runs_with_the_values_that_are_chosen(
    connection: Connection, catalog: Catalog, text: str
) -> None:
    bound = forms(connection, catalog, text)
    assert 1 <= len(bound) <= len(SCENARIOS)
    tolerated = any(each in text for each in SAID_TWICE)
    for form in bound:
        assert "$1" not in form.sql.replace("'$1'", "")
        try:
            rows(connection, form)
        except CannotRun:
            assert tolerated
    assert connection.execute("SELECT count(*) FROM orders").fetchone() == (6000,)


FOUND = [
    ("SELECT * FROM users WHERE id = $1", 1),
    ("SELECT * FROM users WHERE id = ANY($1)", 3),
    ("SELECT * FROM users WHERE name = ANY(ARRAY[$1,$2])", 120),
    ("SELECT * FROM users WHERE id IN ($1,$2,$3)", 3),
    ("SELECT * FROM users WHERE uid = $1::uuid", 1),
    ("SELECT * FROM users WHERE lower(email) = $1", 1),
    ("SELECT * FROM users WHERE mood = $1", 1000),
    ("SELECT * FROM users WHERE odd = $1", 500),
    ("SELECT * FROM users WHERE bytes = $1", 1),
    ("SELECT * FROM users WHERE $1 = ANY(tags)", 150),
    ("SELECT * FROM users WHERE tags @> ARRAY[$1]", 150),
    ("SELECT * FROM users WHERE tags && $1", 1000),
    ("SELECT * FROM users WHERE tags @> $1", 50),
    ("SELECT * FROM users WHERE $1 = ANY(nums)", 429),
    ("SELECT * FROM users WHERE meta @> $1", 334),
    ("SELECT * FROM users WHERE meta->>$1 = $2", 334),
    ("SELECT * FROM users WHERE meta->$1 = $2", 334),
    ("SELECT * FROM users WHERE (meta->>$1)::int > $2", 1),
    ("SELECT * FROM users WHERE meta ? $1", 3000),
    ("SELECT * FROM users WHERE meta ?| $1", 3000),
    ("SELECT * FROM users WHERE raw->>$1 = $2", 334),
    ("SELECT * FROM users WHERE (age, mood) IN (($1, $2), ($3, $4))", 12),
    ("SELECT * FROM users WHERE span @> $1", 1),
    ("SELECT * FROM users WHERE created_at > now() - interval $1", 24),
    ("SELECT * FROM users WHERE created_at >= $1 AND created_at < $2", 30),
    ("SELECT * FROM users WHERE age BETWEEN $1 AND $2", 37),
    ("SELECT * FROM users WHERE upper(name) LIKE $1", 60),
    ("SELECT * FROM users ORDER BY id LIMIT $1", 10),
]


@pytest.mark.parametrize(("text", "least"), FOUND)
def test_the_values_are_the_columns_own(connection: Connection, catalog: Catalog, text: str, least: int) -> None:
    assert max(rows(connection, form) for form in forms(connection, catalog, text)) >= 0.7 * least


def test_the_form_nearest_to_the_counted_rows_comes_first(connection: Connection, catalog: Catalog) -> None:
    text = "SELECT * FROM users WHERE created_at > $1"
    few, many = forms(connection, catalog, text, 30)[0], forms(connection, catalog, text, 1500)[0]
    assert (few.scenario, many.scenario) == ("rare", "middling")
    assert few.expected_rows < 100
    assert many.expected_rows > 1000


def test_a_limit_is_as_long_as_what_was_returned(connection: Connection, catalog: Catalog) -> None:
    text = "SELECT * FROM users ORDER BY id LIMIT $1 OFFSET $2"
    assert forms(connection, catalog, text, 25)[0].literals[0] == "25"
    assert forms(connection, catalog, text, 0.2)[0].literals[0] == "20"


def test_a_statement_without_parameters_has_one_form(connection: Connection, catalog: Catalog) -> None:
    (bound,) = forms(connection, catalog, "SELECT count(*) FROM users")
    assert (bound.sql, bound.literals) == ("SELECT count(*) FROM users", ())


def test_what_cannot_be_planned_is_refused_in_the_servers_words(connection: Connection, catalog: Catalog) -> None:
    with pytest.raises(CannotRun, match='relation "nowhere" does not exist'):
        forms(connection, catalog, "SELECT * FROM nowhere WHERE x = $1")
    connection.execute("SELECT 1")  # and the connection is as good as before


def test_a_column_without_statistics_gets_values_by_type(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            "CREATE TABLE fresh (a int, b text, c date, d uuid, e boolean, f jsonb, g text[], h numeric)"
        )
        text = (
            "SELECT * FROM fresh WHERE a = $1 AND b = $2 AND c > $3 AND d = $4 AND e = $5 AND f @> $6 AND g && $7"
            " AND h < $8 AND f->>$9 = $10"
        )
        bound = forms(connection, read_catalog(connection, ["fresh"]), text)
        assert all(rows(connection, form) == 0 for form in bound)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("SELECT * FROM users WHERE id = $1 AND name = $2", {1: "integer", 2: "text"}),
        ("SELECT now() - interval $1", {1: "interval"}),
        ("SELECT now() - interval $1 hour", {1: "interval"}),
        ("SELECT timestamp with time zone $1, date $2", {1: "timestamp with time zone", 2: "date"}),
        ("SELECT extract($1 FROM created_at) FROM users WHERE age = $2", {1: "text", 2: "smallint"}),
        ("SELECT * FROM users LIMIT $1", {1: "bigint"}),
        ("SELECT * FROM nowhere WHERE a = $1", {}),
        ("SELECT $1", {1: "text"}),
    ],
)
def test_the_server_tells_the_types(connection: Connection, text: str, types: dict[int, str]) -> None:
    assert dict(parameter_types(connection, text)) == types
    assert connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE name ~ 'pgarch'").fetchone() == (0,)


ROLES = [
    ("SELECT * FROM users WHERE id = $1", [RoleKind.EQUAL]),
    ("SELECT * FROM users WHERE id <> $1 AND $2 = age", [RoleKind.EQUAL, RoleKind.EQUAL]),
    ("SELECT * FROM users WHERE age > $1 AND age < $2", [RoleKind.LOWER_BOUND, RoleKind.UPPER_BOUND]),
    ("SELECT * FROM users WHERE $1 > age AND $2 <= age", [RoleKind.UPPER_BOUND, RoleKind.LOWER_BOUND]),
    ("SELECT * FROM users WHERE age BETWEEN $1 AND $2", [RoleKind.LOWER_BOUND, RoleKind.UPPER_BOUND]),
    ("SELECT * FROM users WHERE id = ANY($1) LIMIT $2 OFFSET $3", [RoleKind.ARRAY, RoleKind.LIMIT, RoleKind.OFFSET]),
    ("SELECT * FROM users WHERE name LIKE $1", [RoleKind.PATTERN]),
    ("SELECT * FROM users WHERE meta->>$1 = $2", [RoleKind.JSON_KEY, RoleKind.JSON_VALUE]),
    ("SELECT * FROM users WHERE meta @> $1", [RoleKind.JSON_PART]),
    ("SELECT string_agg(name, $1) FROM users", [RoleKind.SEPARATOR]),
    ("SELECT created_at AT TIME ZONE $1 FROM users", [RoleKind.TIME_ZONE]),
    ("INSERT INTO Users (ID, Name) VALUES ($1, $2)", [RoleKind.NEW_VALUE, RoleKind.NEW_VALUE]),
    ("UPDATE users SET name = $1 WHERE id = $2", [RoleKind.EQUAL, RoleKind.EQUAL]),
    ("SELECT * FROM users WHERE (age, id) < ($1, $2)", [RoleKind.UPPER_BOUND, RoleKind.UPPER_BOUND]),
    ("SELECT * FROM nowhere WHERE x = $1", [RoleKind.OTHER]),
    ("SELECT $1 FROM users WHERE id = $1", [RoleKind.EQUAL]),
]


@pytest.mark.parametrize(("text", "kinds"), ROLES)
def test_what_a_parameter_stands_for(catalog: Catalog, text: str, kinds: list[RoleKind]) -> None:
    roles = parameter_roles(parse(text), catalog)
    assert [roles[number].kind for number in sorted(roles)] == kinds


def test_a_role_names_the_column_that_is_met(catalog: Catalog) -> None:
    text = (
        "SELECT * FROM users u JOIN orders o ON o.user_id = u.id"
        " WHERE o.total > $1 AND EXISTS (SELECT FROM orders WHERE u.age = $2)"
    )
    roles = parameter_roles(parse(text), catalog)
    met = [(role.table.name, role.column.name) for role in roles.values() if role.table and role.column]
    assert met == [("orders", "total"), ("users", "age")]
