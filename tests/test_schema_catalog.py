"""The catalog, read from a real server."""

import re
from collections.abc import Iterator

import psycopg
import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.catalog import Catalog, Column, Index, Table, read_catalog
from tests.audit_lab import run
from tests.module_database import module_database

SCHEMA = """
CREATE SCHEMA shop;
CREATE SCHEMA "Größe.x";
CREATE TABLE posts (id int PRIMARY KEY, user_id int NOT NULL, body text, gone int, note text);
ALTER TABLE posts DROP COLUMN gone;
INSERT INTO posts SELECT i, i % 20, 'b' || i % 3, CASE WHEN i % 4 = 0 THEN 'n' END FROM generate_series(1, 1000) i;
CREATE INDEX posts_low ON posts (lower(body) DESC) INCLUDE (user_id);
CREATE INDEX posts_two ON posts (user_id DESC NULLS LAST, body COLLATE "C" text_pattern_ops);
CREATE INDEX posts_part ON posts (user_id) WHERE body IS NOT NULL;
CREATE INDEX posts_hash ON posts USING hash (user_id);
CREATE TABLE shop.posts (a int);
CREATE TABLE shop.only_here (a int);
CREATE TABLE "Größe.x"."Ta""b.le" ("Spa lte" int PRIMARY KEY, "select" text, "naïve" int);
CREATE TABLE never (a int);
CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_old PARTITION OF parted FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE parted_new PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE INDEX parted_id ON parted (id);
INSERT INTO parted SELECT i, date '2025-12-01' + i % 60 FROM generate_series(1, 500) i;
CREATE MATERIALIZED VIEW summary AS SELECT user_id, count(*) AS n FROM posts GROUP BY user_id;
CREATE VIEW only_view AS SELECT * FROM posts;
CREATE VIEW over_view AS SELECT v.id, o.a FROM only_view v, shop.only_here o;
CREATE TYPE mood AS ENUM ('sad', 'fine');
CREATE DOMAIN short AS varchar(20);
CREATE DOMAIN shorter AS short;
CREATE DOMAIN document AS json;
CREATE TYPE pair AS (a int, b int);
CREATE TABLE typed (
    c_int int, c_text text, c_varchar varchar(9), c_char char(3), c_uuid uuid, c_enum mood, c_domain shorter,
    c_array text[], c_enums mood[], c_range int4range, c_multi int4multirange, c_inet inet, c_cidr cidr, c_name name,
    c_time timestamptz, c_jsonb jsonb, c_bool boolean,
    n_json json, n_point point, n_xml xml, n_domain document, n_jsons json[], n_pair pair
);
INSERT INTO typed (c_enum, c_array) SELECT (ARRAY['sad', 'fine'])[1 + i % 2]::mood, ARRAY['x"' || i % 2, 'y,z']
FROM generate_series(1, 100) i;
ANALYZE posts, shop.posts, shop.only_here, parted, summary, typed;
"""


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    with module_database(server, "catalog_tests", SCHEMA) as url:
        # What a CREATE INDEX CONCURRENTLY that failed leaves behind.
        with pytest.raises(psycopg.errors.UniqueViolation):
            run(url, "CREATE UNIQUE INDEX CONCURRENTLY posts_broken ON posts (user_id)")
        yield url


def read(url: str, *names: str) -> Catalog:
    with connect(url) as connection:
        return read_catalog(connection, names)


def table(url: str, name: str, schema: str = "") -> Table:
    found = read(url, name).find(name, schema)
    assert found is not None
    return found


def column(of: Table, name: str) -> Column:
    found = of.column(name)
    assert found is not None
    return found


def index(of: Table, name: str) -> Index:
    return next(each for each in of.indexes if each.name == name)


def test_a_table_and_its_columns(database: str) -> None:
    posts = table(database, "posts")
    assert (posts.schema, posts.qualified, posts.kind, posts.rows) == ("public", "public.posts", "r", 1000)
    assert posts.pages > 0
    assert [each.name for each in posts.columns] == ["id", "user_id", "body", "note"]  # the dropped one is gone
    assert [each.not_null for each in posts.columns] == [True, True, False, False]
    assert column(posts, "user_id").type == "integer"


def test_statistics_are_read(database: str) -> None:
    posts = table(database, "posts")
    user, note, key = (column(posts, name).statistics for name in ("user_id", "note", "id"))
    assert user is not None
    assert note is not None
    assert key is not None
    assert user.n_distinct == 20
    assert set(user.common_values) == {str(i) for i in range(20)}
    assert sum(user.common_frequencies) == pytest.approx(1.0)
    assert note.null_fraction == pytest.approx(0.75)
    assert key.histogram[0] == "1"
    assert key.histogram[-1] == "1000"
    assert posts.distinct(column(posts, "id")) == pytest.approx(1000)
    assert posts.distinct(column(posts, "user_id")) == 20


def test_statistics_of_arrays_and_enums_are_text(database: str) -> None:
    typed = table(database, "typed")
    labels, arrays = column(typed, "c_enum").statistics, column(typed, "c_array").statistics
    assert labels is not None
    assert arrays is not None
    assert set(labels.common_values) == {"sad", "fine"}
    assert set(arrays.common_values) == {r'{"x\"0","y,z"}', r'{"x\"1","y,z"}'}


def test_indexes_key_by_key(database: str) -> None:
    posts = table(database, "posts")
    key = index(posts, "posts_pkey")
    assert (key.unique, key.primary, key.valid, key.keys, key.method) == (True, True, True, ("id",), "btree")
    assert key.size_bytes > 0
    low = index(posts, "posts_low")
    assert (low.keys, low.descending, low.nulls_first) == (("lower(body)",), (True,), (True,))  # INCLUDE is no key
    two = index(posts, "posts_two")
    assert (two.keys, two.descending, two.nulls_first) == (("user_id", "body"), (True, False), (False, False))
    assert [(each.name, each.condition) for each in posts.indexes if each.partial] == [
        ("posts_part", "(body IS NOT NULL)")
    ]
    assert index(posts, "posts_hash").method == "hash"
    assert [each.name for each in posts.indexes if not each.valid] == ["posts_broken"]


def test_what_of_an_index_is_not_usual_and_what_holds_it(database: str) -> None:
    posts = table(database, "posts")
    low, two, broken = (index(posts, name) for name in ("posts_low", "posts_two", "posts_broken"))
    assert (low.classes, low.included, low.held) == (("",), ("user_id",), False)
    assert (two.classes, two.included) == (("", 'text_pattern_ops COLLATE "C"'), ())
    assert low.definition.startswith("CREATE INDEX posts_low ON public.posts")
    assert index(posts, "posts_pkey").held
    assert broken.held
    assert [each.name for each in table(database, "parted").indexes if each.held] == ["parted_id"]


def test_what_a_type_can_be_indexed_by(database: str) -> None:
    typed = table(database, "typed")
    wanted = {"c_jsonb": {"gin", "hash"}, "c_text": {"hash", "brin"}, "c_varchar": {"hash", "brin"}, "c_enum": {"hash"}}
    wanted |= {"c_array": {"gin", "hash"}, "n_json": set(), "n_point": {"gist"}}
    assert {name: set(column(typed, name).methods) for name in wanted} == wanted
    assert column(typed, "c_range").methods >= {"gist", "hash"}


def test_which_collations_compare_bytes(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE COLLATION words (locale = 'C.UTF-8')")
        connection.execute('CREATE TABLE collated (id int, plain text COLLATE "C", words text COLLATE words)')
        found = table(database, "collated")
        connection.execute("DROP TABLE collated")
    assert [each.name for each in found.columns if each.bytewise] == ["id", "plain"]


def test_a_name_means_the_visible_table_unless_its_schema_is_written(database: str) -> None:
    both = read(database, "posts", "only_here")
    assert len(both.tables) == 3
    found = {
        name: both.find(*name) for name in [("posts", ""), ("posts", "shop"), ("posts", "other"), ("only_here", "")]
    }
    assert {name: each.qualified if each else None for name, each in found.items()} == {
        ("posts", ""): "public.posts",
        ("posts", "shop"): "shop.posts",
        ("posts", "other"): None,
        ("only_here", ""): "shop.only_here",
    }


def test_odd_names_are_quoted(database: str) -> None:
    odd = table(database, 'Ta"b.le')
    assert odd.qualified == '"Größe.x"."Ta""b.le"'
    assert [each.quoted for each in odd.columns] == ['"Spa lte"', '"select"', '"naïve"']
    assert odd.indexes[0].keys == ('"Spa lte"',)


def test_a_table_that_was_never_analysed(database: str) -> None:
    never = table(database, "never")
    assert (never.rows, never.pages) == (-1, 0)
    assert column(never, "a").statistics is None
    assert never.distinct(column(never, "a")) == 1


def test_a_partitioned_table_stands_for_its_partitions(database: str) -> None:
    found = read(database, "parted")
    assert [(each.name, each.kind, each.rows) for each in found.tables] == [("parted", "p", 500)]
    assert column(found.tables[0], "id").statistics is not None
    assert [each.name for each in found.tables[0].indexes] == ["parted_id"]


def test_a_partition_that_is_named_knows_what_it_is_part_of(database: str) -> None:
    found = read(database, "parted", "parted_old")
    whole, part = (found.find(name) for name in ("parted", "parted_old"))
    assert whole is not None
    assert part is not None
    assert (part.kind, part.ancestors, whole.ancestors) == ("r", (whole.oid,), ())
    assert len(found.tables) == 2


def test_a_materialised_view_is_a_table(database: str) -> None:
    found = read(database, "summary", "pg_class", "tables", "no_such")
    assert [(each.name, each.kind) for each in found.tables] == [("summary", "m")]
    assert found.views == ()
    assert read(database).tables == ()


def test_a_view_comes_with_its_definition_and_the_tables_beneath(database: str) -> None:
    found = read(database, "over_view")
    assert sorted(each.qualified for each in found.tables) == ["public.posts", "shop.only_here"]
    assert sorted(each.name for each in found.views) == ["only_view", "over_view"]
    over = found.find_view("over_view")
    assert over is not None
    assert "FROM only_view" in over.definition
    assert found.find_view("over_view", "shop") is None
    assert found.find("over_view") is None


def test_which_types_a_b_tree_can_sort(database: str) -> None:
    wrong = [each.name for each in table(database, "typed").columns if each.sortable is not (each.name[:2] == "c_")]
    assert wrong == []


@pytest.mark.parametrize("name", dict.fromkeys(re.findall(r"\b[cn]_\w+", SCHEMA)))
def test_the_server_agrees_on_what_can_be_sorted(database: str, name: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO typed (n_jsons) VALUES ('{\"{}\"}'), ('{\"{}\"}')")
        try:
            connection.execute(f"CREATE INDEX ON typed ({name})".encode())
        except psycopg.Error:
            agrees = name[:2] == "n_"
        else:
            agrees = name[:2] == "c_" or name == "n_pair"  # a composite type could be, but nobody filters by one
        connection.rollback()
    assert agrees


def test_all_names_of_the_schema_are_taken(database: str) -> None:
    taken = read(database, "posts").taken
    assert {"posts", "posts_pkey", "posts_broken", "only_view", "only_here", "summary"} <= taken
    assert 'Ta"b.le' not in taken


def test_a_role_without_rights_gets_no_statistics(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
        try:
            posts = table(database.replace("postgres@", "stranger@"), "posts")
        finally:
            connection.execute("DROP ROLE stranger")
    assert posts.rows == 1000
    assert [each.statistics for each in posts.columns] == [None] * 4
