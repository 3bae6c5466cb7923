"""A database on PostgreSQL 15 and its shadow on 18 are equal: another spelling of the same is no drift."""

import psycopg
import pytest

from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.database_schema import DatabaseSchema, View
from pgarchitect.schema.difference import difference
from pgarchitect.schema.difference.equality import same_view
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.settings import Settings
from tests.module_database import database_of

STATEMENTS = (
    """CREATE TABLE users (
        id int PRIMARY KEY, name text NOT NULL, "Mixed" int, day timestamptz DEFAULT now(), j jsonb, tags text[],
        g int GENERATED ALWAYS AS (id * 2) STORED, CHECK (name <> '' AND "Mixed" IN (1, 2, 3)))""",
    "CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, total numeric, s text DEFAULT 'x'::text)",
    "CREATE INDEX i1 ON users (lower(name)) WHERE id > 3",
    """CREATE INDEX i2 ON users ((j ->> 'a'), "Mixed" DESC NULLS LAST) INCLUDE (day)""",
    "CREATE VIEW v1 AS SELECT * FROM users WHERE id > 3 AND name LIKE 'a%'",
    "CREATE VIEW v2 AS SELECT u.id, o.total FROM users u JOIN orders o ON o.user_id = u.id",
    """CREATE VIEW v3 AS WITH t AS (SELECT user_id, sum(total) s FROM orders GROUP BY 1 HAVING count(*) > 2)
        SELECT t.*, rank() OVER (ORDER BY s DESC) FROM t""",
    "CREATE VIEW v4 AS SELECT id FROM users UNION ALL SELECT user_id FROM orders ORDER BY 1 LIMIT 3",
    "CREATE VIEW v5 AS SELECT DISTINCT ON (user_id) user_id, total FROM orders ORDER BY user_id, total DESC",
    """CREATE VIEW v6 AS SELECT name, (SELECT count(*) FROM orders WHERE orders.user_id = users.id) n FROM users""",
    """CREATE VIEW v7 AS SELECT "Mixed" m, j ->> 'a' a, tags[1], extract(year FROM day) y, day AT TIME ZONE 'UTC' z
        FROM users ORDER BY "Mixed", day DESC""",
    "CREATE MATERIALIZED VIEW v8 AS SELECT name, count(*) FILTER (WHERE id > 2) FROM users GROUP BY name",
    "CREATE VIEW v9 AS SELECT v1.id FROM v1 LEFT JOIN v2 USING (id)",
    "CREATE VIEW v10 AS SELECT lag(id) OVER w FROM users WINDOW w AS (PARTITION BY name ORDER BY id)",
    "CREATE VIEW v11 AS SELECT (u).name, u FROM users u",
    "CREATE VIEW v12 AS SELECT string_agg(name, ',' ORDER BY id DESC) FROM users GROUP BY id",
)


def read(url: str) -> DatabaseSchema:
    with psycopg.connect(url, autocommit=True) as connection:
        return read_database_schema(connection, ("public",))


def test_the_same_statements_give_the_same_schema_on_both(server: EmbeddedServer, settings: Settings) -> None:
    with (
        database_of("15", server, settings, "versions", *STATEMENTS) as older,
        database_of("18", server, settings, "versions", *STATEMENTS) as newer,
    ):
        assert difference(read(older), read(newer)) == ()
        assert difference(read(newer), read(older)) == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("SELECT u.id, u.name FROM u", "SELECT id, name FROM u", True),
        ("SELECT id FROM u WHERE (u.name = 'u.x'::text)", "SELECT u.id FROM u WHERE (name = 'u.x'::text)", True),
        ('SELECT "U".id FROM "U"', 'SELECT id FROM "U"', True),
        ("SELECT a.id FROM a JOIN b", "SELECT b.id FROM a JOIN b", False),
        ("SELECT u.id FROM u", "SELECT name FROM u", False),
        ("SELECT u.id FROM u", "SELECT id FROM u WHERE true", False),
        ("SELECT id FROM u", "SELECT id FROM u LIMIT 1", False),
        ("SELECT id FROM u WHERE (u.name = 'u.x'::text)", "SELECT id FROM u WHERE (name = 'x'::text)", False),
    ],
)
def test_only_a_missing_table_before_a_column_is_no_difference(ours: str, theirs: str, same: bool) -> None:
    first, second = (View("public", "v", (), each) for each in (ours, theirs))
    assert same_view(first, second) is same
    assert same_view(second, first) is same
