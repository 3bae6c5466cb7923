"""The SQL of an index: whatever its table and columns are called, it runs forward, back and on trial."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey, canonical, last_part
from pgarchitect.candidates.kinds import propose
from pgarchitect.candidates.missing_index import present_keys
from pgarchitect.proving import parsed
from pgarchitect.schema.catalog import Column, Index, Table
from tests.vocabulary import catalog_of, proposed, statement


@pytest.fixture
def application(fresh_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        yield connection


def indexes(connection: psycopg.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT indexname FROM pg_indexes WHERE schemaname !~ '^pg_'")}


ODD = [
    ("public", "posts", "user_id"),
    ("public", "Posts", "userId"),
    ("Größe", "naïve table", "Spa lte"),
    ("a.b", 'Ta"b.le', 'co"l.umn'),
    ("public", "select", "order"),
    ("public", "t" * 60, "c" * 60),
    ("public", "ü" * 30, "ß" * 30),
    ("public", "%s", "%(x)s {y}"),
    ("public", "1st", "$dollar"),
    ('"', '""', "'"),
    ("public", "semi;colon--", "/* c */"),
    ("public", "t (x)", "!!"),
]


@pytest.mark.parametrize(("schema", "table", "column"), ODD)
def test_the_sql_of_odd_names_runs(
    application: psycopg.Connection, fresh_database: str, schema: str, table: str, column: str
) -> None:
    name, quoted = sql.Identifier(schema, table), sql.Identifier(column)
    application.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    application.execute(sql.SQL("CREATE TABLE {} ({} text, b int)").format(name, quoted))
    text = sql.SQL("SELECT * FROM {} WHERE lower({}) = $1 AND b = $2").format(name, quoted).as_string(application)
    text += sql.SQL(" AND {} = $3").format(quoted).as_string(application)
    candidates = proposed(fresh_database, text)
    assert len(candidates) >= 4
    for candidate in candidates:
        assert len(candidate.object_name.encode()) <= 63
        runs_forward_and_back(application, candidate)


def runs_forward_and_back(application: psycopg.Connection, candidate: Candidate) -> None:
    for forward in (candidate.sql, candidate.trial_sql):
        application.execute(forward.encode())
        assert indexes(application) == {candidate.object_name}
        found = application.execute("SELECT %s::regclass::oid", (candidate.qualified_name,)).fetchone()
        assert found is not None
        application.execute(candidate.rollback_sql.encode())
        assert indexes(application) == set()


def test_a_usual_name_is_as_postgresql_would_give_it(application: psycopg.Connection, fresh_database: str) -> None:
    application.execute("CREATE TABLE posts (user_id int, meta jsonb)")
    (plain,) = proposed(fresh_database, "SELECT * FROM posts WHERE user_id = $1")
    assert plain.sql == "CREATE INDEX CONCURRENTLY posts_user_id_idx ON public.posts (user_id);"
    assert plain.rollback_sql == "DROP INDEX CONCURRENTLY IF EXISTS public.posts_user_id_idx;"
    assert plain.trial_sql == "CREATE INDEX posts_user_id_idx ON public.posts (user_id)"
    (gin,) = proposed(fresh_database, "SELECT * FROM posts WHERE meta @> $1")
    assert gin.sql == "CREATE INDEX CONCURRENTLY posts_meta_gin_idx ON public.posts USING gin (meta jsonb_path_ops);"


def test_a_partitioned_table_is_not_indexed_concurrently(application: psycopg.Connection, fresh_database: str) -> None:
    application.execute("CREATE TABLE p (a int, d date) PARTITION BY RANGE (d)")
    application.execute("CREATE TABLE p_all PARTITION OF p DEFAULT")
    (candidate,) = proposed(fresh_database, "SELECT * FROM p WHERE a = $1")
    assert candidate.sql == "CREATE INDEX p_a_idx ON public.p (a);"
    application.execute(candidate.sql.encode())
    application.execute(candidate.rollback_sql.encode())
    assert indexes(application) == set()


@pytest.mark.parametrize(
    "taken",
    [
        "CREATE TABLE posts_user_id_idx (x int)",
        "CREATE VIEW posts_user_id_idx AS SELECT 1",
        "CREATE SEQUENCE posts_user_id_idx",
        "CREATE INDEX posts_user_id_idx ON other (x)",
        "CREATE INDEX posts_user_id_idx ON posts (other)",
    ],
)
def test_a_name_that_is_taken_is_not_used_again(
    application: psycopg.Connection, fresh_database: str, taken: str
) -> None:
    application.execute("CREATE TABLE posts (user_id int, other int)")
    application.execute("CREATE TABLE other (x int)")
    application.execute(taken.encode())
    (candidate,) = proposed(fresh_database, "SELECT * FROM posts WHERE user_id = $1")
    assert candidate.object_name.startswith("posts_user_id_")
    assert candidate.object_name != "posts_user_id_idx"
    application.execute(candidate.sql.encode())


CLASHES = """
SELECT * FROM t WHERE a = $1 AND b = $2
SELECT * FROM t WHERE a_b = $1
SELECT * FROM t_a WHERE b = $1
SELECT * FROM t ORDER BY a DESC, b LIMIT $1
SELECT * FROM t ORDER BY a, b LIMIT $1
SELECT * FROM t ORDER BY a NULLS FIRST, b LIMIT $1
SELECT * FROM t WHERE lower(s) = $1
SELECT * FROM t WHERE lower_s = $1
SELECT * FROM t WHERE "S" = $1
SELECT * FROM t WHERE s = $1
""".strip().splitlines()


def test_different_indexes_never_have_one_name(application: psycopg.Connection, fresh_database: str) -> None:
    application.execute('CREATE TABLE t (a int, b int, a_b int, s text, "S" text, lower_s text)')
    application.execute("CREATE TABLE t_a (b int)")
    statements = [statement(text) for text in CLASHES]
    catalog = catalog_of(fresh_database, *CLASHES)
    found = propose(parsed(statements), catalog)
    names = {each.key: each.object_name for each in found}
    assert len(set(names.values())) == len(names) >= 10
    for candidate in found:
        application.execute(candidate.sql.encode())
    again = propose(parsed(statements[::-1]), catalog)
    assert {each.key: each.object_name for each in again} == names  # whatever the order of the statements


def test_what_was_built_is_recognised_as_in_force(application: psycopg.Connection, fresh_database: str) -> None:
    application.execute(
        'CREATE TABLE t (a int NOT NULL, b int, s varchar(9), "Größe" text, m jsonb, g text[], ts timestamp)'
    )
    texts = [
        "SELECT * FROM t ORDER BY a DESC, b LIMIT $1",
        "SELECT * FROM t ORDER BY b DESC NULLS LAST LIMIT $1",
        "SELECT * FROM t ORDER BY b NULLS FIRST, a LIMIT $1",
        'SELECT * FROM t WHERE lower(s) = $1 AND upper("Größe") = $2',
        "SELECT * FROM t WHERE ts::date = $1 AND abs(b) = $2",
        "SELECT * FROM t WHERE m @> $1",
        "SELECT * FROM t WHERE g && $1",
    ]
    candidates = proposed(fresh_database, *texts)
    assert not {each.key for each in candidates} & present_keys(catalog_of(fresh_database, *texts))
    for candidate in candidates:
        application.execute(candidate.sql.encode())
    assert {each.key for each in candidates} <= present_keys(catalog_of(fresh_database, *texts))
    assert proposed(fresh_database, *texts) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("(LOWER(email))", "lower(email::text)", True),
        ("(LOWER(email))", "lower((email)::text)", True),
        ("(LOWER(email))", "upper(email)", False),
        ("(CAST(day AS DATE))", "(day::date)", True),
        ("(payload ->> 'k')", "(payload ->> 'k'::text)", True),
        ("(payload ->> 'k')", "((payload ->> 'k'::text)::integer)", False),
        ("email", "email", True),
        ('"Email"', "email", False),
        ('"odd (name)"', '"odd (name)"', True),
        ('(LOWER("Größe"))', 'lower("Größe")', True),
    ],
)
def test_expressions_have_one_spelling(one: str, other: str, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same


@pytest.mark.parametrize(
    ("qualified", "name"),
    [
        ("public.posts", "posts"),
        ('"a.b"."c""d"', '"c""d"'),
        ('public."x.y"', '"x.y"'),
        ('"a.b".c', "c"),
        ('""""."."', '"."'),
        ('"."."""."', '"""."'),
    ],
)
def test_the_last_part_of_a_qualified_name(qualified: str, name: str) -> None:
    assert last_part(qualified) == name


def table(*keys: str) -> Table:
    columns = tuple(Column(key, key, "integer", "N", not_null=False, sortable=True, statistics=None) for key in keys)
    return Table(1, "public", "t", "public.t", "r", 1000, 10, visible=True, columns=columns, indexes=())


def existing(keys: str, *, method: str = "btree", **differences: object) -> Index:
    parts = [key.split() for key in keys.split(", ")]
    descending = tuple("DESC" in part for part in parts)
    nulls_first = tuple(("FIRST" in part) or ("DESC" in part and "LAST" not in part) for part in parts)
    facts: dict[str, Any] = {"unique": False, "primary": False, "valid": True, "partial": False, **differences}
    names = tuple(part[0] for part in parts)
    return Index("i", method, keys=names, descending=descending, nulls_first=nulls_first, size_bytes=1, **facts)


A, B, C = IndexKey("a"), IndexKey("b"), IndexKey("c")
UP, DOWN = IndexKey("a", ordered=True, nulls_first=False), IndexKey("b", descending=True, ordered=True)


@pytest.mark.parametrize(
    ("keys", "index", "served"),
    [
        ((A,), existing("a"), True),
        ((A,), existing("a, b"), True),
        ((A,), existing("a DESC NULLS LAST"), True),
        ((A,), existing("b, a"), False),
        ((A, B), existing("a"), False),
        ((A, B, C), existing("b, a, c"), True),
        ((A, B, C), existing("a, c, b"), False),
        ((A, B), existing("a DESC, b"), True),
        ((UP, DOWN), existing("a, b DESC"), True),
        ((UP, DOWN), existing("a DESC, b"), True),
        ((UP, DOWN), existing("a, b"), False),
        ((UP, DOWN), existing("b DESC, a"), False),
        ((UP,), existing("a NULLS FIRST"), False),
        ((UP,), existing("a DESC NULLS LAST"), False),
        ((C, UP), existing("c DESC, a"), True),
        ((A,), existing("a", valid=False), False),
        ((A,), existing("a", partial=True), False),
        ((A,), existing("a", method="hash"), False),
    ],
)
def test_what_an_index_can_stand_in_for(keys: tuple[IndexKey, ...], index: Index, served: bool) -> None:
    assert IndexDefinition(table("a", "b", "c"), keys).served_by(index) is served
