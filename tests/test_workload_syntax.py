"""Statements with parameters in every place where pg_stat_statements prints them."""

import pytest
from sqlglot import exp

from pgarchitect.workload.syntax import (
    UnreadableStatement,
    folded,
    parameter_number,
    parameter_numbers,
    parse,
    table_name,
    tables,
    with_parameters,
)

PARAMETERS = [
    ("SELECT * FROM t WHERE a > now() - interval $1", (1,)),
    ("SELECT * FROM t WHERE a > now() - interval $1 || $2", (1, 2)),
    ("SELECT * FROM t WHERE (a,b) < ($1,$2)", (1, 2)),
    ("SELECT * FROM t WHERE a IN ($1 /*, ... */) LIMIT $2", (1, 2)),
    ("SELECT * FROM t WHERE a = $2 OR b = $1 OR c = $2", (1, 2)),
    ("SELECT * FROM t WHERE d = date $1 AND e = timestamp with time zone $2", (1, 2)),
    ("SELECT extract($1 FROM ts) FROM t", (1,)),
    ("SELECT substring(x FROM $1 FOR $2) FROM t", (1, 2)),
    ("SELECT $1::uuid, CAST($2 AS int4), x::jsonb->$3->>$4, x #>> $5 FROM t", (1, 2, 3, 4, 5)),
    ("VALUES ($1,$2)", (1, 2)),
    ("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = $12", (1, 12)),
    ("SELECT * FROM t ORDER BY a FETCH FIRST $1 ROWS ONLY", (1,)),
    ("SELECT * FROM t FOR UPDATE SKIP LOCKED LIMIT $1", (1,)),
    ("SELECT 1", ()),
]

NOT_PARAMETERS = [
    'SELECT "we$1rd", "a ""$2"" b" FROM t',
    "SELECT a$1 FROM t",
    "SELECT é$1 FROM t",
    "SELECT '$1', 'it''s $2'",
    r"SELECT E'it\'s $1', e'\\'",
    "SELECT $$ $1 $$, $tag$ $2 $$ $tag$, $té$ $3 $té$",
    "SELECT 1 -- $1\n",
    "SELECT 1 /* $1 \n $2 */",
]


@pytest.mark.parametrize(("text", "numbers"), PARAMETERS)
def test_parameters_are_found_where_they_stand(text: str, numbers: tuple[int, ...]) -> None:
    assert parameter_numbers(text) == numbers
    literals = {parameter_number(each) for each in parse(text).find_all(exp.Literal)} - {None}
    assert literals == set(numbers)


@pytest.mark.parametrize("text", NOT_PARAMETERS)
def test_what_only_looks_like_a_parameter_is_left_alone(text: str) -> None:
    assert parameter_numbers(text) == ()
    assert with_parameters(text, lambda number: f"<{number}>") == text


def test_each_parameter_is_replaced_by_its_own_value() -> None:
    text = "SELECT $1, '$1', $11 FROM \"$1\" WHERE a IN ($1,$2)"
    assert with_parameters(text, lambda number: f"<{number}>") == (
        "SELECT <1>, '$1', <11> FROM \"$1\" WHERE a IN (<1>,<2>)"
    )


@pytest.mark.parametrize("text", ["", "no SQL at all", "VACUUM t", "SELECT FROM WHERE", "SELECT " + "(" * 5000])
def test_what_cannot_be_parsed_is_one_error(text: str) -> None:
    with pytest.raises(UnreadableStatement):
        parse(text)


def test_the_parser_says_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnreadableStatement):
        parse("CREATE FANCY THING x")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT * FROM Posts p JOIN Users ON true", [("posts", ""), ("users", "")]),
        ('SELECT * FROM "Posts", shop."O.rders"', [("Posts", ""), ("O.rders", "shop")]),
        ("SELECT * FROM Shop.Posts", [("posts", "shop")]),
        ("WITH Recent AS (SELECT * FROM posts) SELECT * FROM recent JOIN other.recent r ON true",
         [("recent", "other"), ("posts", "")]),
        ('WITH "Recent" AS (SELECT * FROM posts) SELECT * FROM recent', [("recent", ""), ("posts", "")]),
        ("INSERT INTO posts (a) SELECT a FROM drafts", [("posts", ""), ("drafts", "")]),
        ("UPDATE posts SET a = b.c FROM b WHERE b.id = posts.id", [("posts", ""), ("b", "")]),
        ("DELETE FROM posts USING users u WHERE u.id = posts.user_id", [("posts", ""), ("users", "")]),
        ("SELECT * FROM generate_series($1, $2) g", []),
        ("SELECT * FROM unnest($1::int[]) u(a)", []),
    ],
)  # fmt: skip
def test_tables_are_named_as_the_catalog_has_them(text: str, names: list[tuple[str, str]]) -> None:
    assert sorted(map(table_name, tables(parse(text)))) == sorted(names)


def test_a_name_is_folded_unless_it_is_quoted() -> None:
    assert folded(exp.to_identifier("Posts")) == "posts"
    assert folded(exp.to_identifier("Posts", quoted=True)) == "Posts"
