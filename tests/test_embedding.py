"""The embedding of statements: the same question comes near, another one stays away."""

import math
import os
import subprocess
import sys

import pytest

from benchmarks.embedding_recall import THRESHOLD, confusion, families, recall
from pgarchitect.memory.embedding import Embedding, similarity
from pgarchitect.memory.sql_shape import SqlShape
from pgarchitect.workload.syntax import UnreadableStatement, parse

EMBEDDING: Embedding = SqlShape()

SAME = [
    (
        "a join b on true",
        "SELECT a.x FROM a JOIN b ON a.i = b.i WHERE b.y = $1",
        "SELECT x.x FROM a x, b WHERE b.i = x.i AND b.y = 3",
    ),
    ("IN and = ANY", "SELECT x FROM a WHERE y IN ($1, $2, $3)", "SELECT x FROM a WHERE y = ANY($1::int[])"),
    ("OR and IN", "SELECT x FROM a WHERE y = $1 OR y = $2", "SELECT x FROM a WHERE y IN ($1, $2)"),
    ("count(*) and count(1)", "SELECT count(*) FROM a WHERE y = 1", "SELECT COUNT(1) FROM a WHERE y = $1"),
    ("BETWEEN", "SELECT x FROM a WHERE d BETWEEN $1 AND $2", "SELECT x FROM a WHERE d <= $2 AND d >= $1"),
    (
        "order of predicates",
        "SELECT x FROM a WHERE y = 1 AND z = 2 AND w < 3",
        "SELECT x FROM a WHERE (w < 9 AND z = 4) AND y = 5",
    ),
    ("flipped comparison", "SELECT x FROM a WHERE y > $1", "SELECT x FROM a WHERE $1 < y"),
    ("subquery", "SELECT x FROM a WHERE y = 1", "SELECT s.x FROM (SELECT * FROM a WHERE y = 1) AS s"),
    ("public", 'SELECT "x" FROM "public"."a" WHERE "a"."y" = 1', "select X from A where Y = $1"),
    (
        "positions",
        "SELECT x, count(*) FROM a GROUP BY 1 ORDER BY 2",
        "SELECT x, count(*) AS n FROM a GROUP BY x ORDER BY n",
    ),
    ("booleans", "SELECT x FROM a WHERE done AND y = 1", "SELECT x FROM a WHERE done = true AND y = 1"),
    (
        "HAVING",
        "SELECT x FROM a GROUP BY x HAVING count(*) > 1",
        "SELECT x FROM (SELECT x, count(*) n FROM a GROUP BY x) s WHERE n > 1",
    ),
    (
        "USING",
        "SELECT a.x FROM a JOIN b USING (i) WHERE b.y = 1",
        "SELECT a.x FROM a JOIN b ON b.i = a.i WHERE b.y = 1",
    ),
    (
        "joined columns",
        "SELECT o.u, sum(o.t) FROM o JOIN u ON u.id = o.u GROUP BY o.u",
        "SELECT u.id, sum(o.t) FROM o JOIN u ON u.id = o.u GROUP BY u.id",
    ),
    (
        "values in an insert",
        "INSERT INTO a (x, y) VALUES ($1, $2)",
        "insert into public.a (x, y) values (1, 2), (3, 4)",
    ),
    ("an unreadable statement", "CALL refresh_totals($1, 'x')", "call  Refresh_Totals(17, 'y') -- nightly"),
]

DIFFERENT = [
    ("filter column", "SELECT x FROM a WHERE y = $1", "SELECT x FROM a WHERE z = $1"),
    ("table", "SELECT x FROM a WHERE y = $1", "SELECT x FROM b WHERE y = $1"),
    ("aggregated", "SELECT x FROM a WHERE y = $1", "SELECT count(*) FROM a WHERE y = $1"),
    (
        "negated EXISTS",
        "SELECT x FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.i = a.i)",
        "SELECT x FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.i = a.i)",
    ),
    ("group", "SELECT y, sum(v) FROM a WHERE t > $1 GROUP BY y", "SELECT z, sum(v) FROM a WHERE t > $1 GROUP BY z"),
    ("kind", "SELECT x FROM a WHERE y = 1", "DELETE FROM a WHERE y = 1"),
    ("quoted names keep their case", 'SELECT x FROM "A" WHERE y = 1', "SELECT x FROM A WHERE y = 1"),
]

ODD = [
    "",
    "'",
    "\x00",
    ")(",
    "SELECT",
    "select from where",
    "VALUES (1, 2)",
    "VACUUM ANALYZE t",
    "SELECT * FROM t ORDER BY 0, 99, 1.5, 'x'",
    "SELECT * FROM rows FROM (f(1), g(2)) AS r (a, b)",
    "SELECT * FROM t WHERE (a, b) > ($1, $2)",
    "SELECT * FROM a NATURAL JOIN b",
    "SELECT count(*) FROM a GROUP BY GROUPING SETS ((x), ())",
    "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t) SELECT sum(n) FROM t",
    "MERGE INTO t USING s ON t.i = s.i WHEN MATCHED THEN UPDATE SET a = s.a",
    "UPDATE t SET (a, b) = (SELECT x, y FROM z WHERE z.i = t.i)",
    "INSERT INTO t DEFAULT VALUES",
    "SELECT * FROM json_to_recordset($1) AS x (a int)",
    f"SELECT {'+'.join(['x'] * 5000)} FROM t",
    f"SELECT * FROM t WHERE a IN ({', '.join(map(str, range(2000)))})",
    f"SELECT {'(' * 500}1{')' * 500}",
]


@pytest.mark.parametrize(("one", "other"), [pytest.param(*pair, id=name) for name, *pair in SAME])
def test_the_same_question_comes_near(one: str, other: str) -> None:
    assert similarity(EMBEDDING.embed(one), EMBEDDING.embed(other)) >= THRESHOLD


@pytest.mark.parametrize(("one", "other"), [pytest.param(*pair, id=name) for name, *pair in DIFFERENT])
def test_another_question_stays_away(one: str, other: str) -> None:
    assert similarity(EMBEDDING.embed(one), EMBEDDING.embed(other)) < THRESHOLD


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_every_text_has_a_unit_vector(text: str) -> None:
    vector = EMBEDDING.embed(text)
    assert len(vector) == EMBEDDING.dimensions == 384
    assert math.sqrt(sum(value * value for value in vector)) == pytest.approx(1.0)


def test_an_unreadable_statement_is_not_complained_about(caplog: pytest.LogCaptureFixture) -> None:
    EMBEDDING.embed("VACUUM ANALYZE t")
    assert caplog.records == []


def test_literals_and_layout_change_nothing() -> None:
    one = EMBEDDING.embed("SELECT x FROM a WHERE y = 'some text' AND z < 10 LIMIT 5")
    assert EMBEDDING.embed("select  X\nfrom A where Y = $1 and Z < $2 limit $3 -- comment") == pytest.approx(one)


def test_an_unreadable_statement_is_near_a_readable_one_of_the_same_table() -> None:
    broken = "SELECT id FROM orders WHERE customer_id = $1 AND"
    with pytest.raises(UnreadableStatement):
        parse(broken)
    vector = EMBEDDING.embed(broken)
    same_table = similarity(vector, EMBEDDING.embed("SELECT id FROM orders WHERE customer_id = $1"))
    other_table = similarity(vector, EMBEDDING.embed("SELECT id FROM sensors WHERE gateway_id = $1"))
    assert same_table > other_table + 0.2


def test_a_parsed_statement_need_not_be_parsed_again() -> None:
    text = families()[0].statement
    assert SqlShape().embed_tree(parse(text)) == SqlShape().embed(text)


def test_vectors_are_the_same_in_every_process() -> None:
    """Python's own hash differs from process to process, so a vector that hung on it would be lost tomorrow."""
    text = families()[1].statement
    program = f"from pgarchitect.memory.sql_shape import SqlShape; print(SqlShape().embed({text!r}))"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        printed = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        assert eval(printed.stdout) == pytest.approx(EMBEDDING.embed(text), abs=1e-12)  # noqa: S307 - our own output


def test_the_evaluation_set_is_large_enough() -> None:
    every = families()
    assert len(every) >= 12
    assert sum(len(family.easy) + len(family.hard) for family in every) >= 60
    assert all(family.easy and family.hard and family.near_miss for family in every)


def test_recall_does_not_fall_below_its_floors() -> None:
    easy, hard = (recall(EMBEDDING, families(), kind) for kind in ("easy", "hard"))
    assert easy.at_1 >= 0.95, easy.not_found
    assert hard.at_1 >= 0.80, hard.not_found
    assert easy.near / easy.variants >= 0.95
    assert hard.near / hard.variants >= 0.80


def test_different_questions_are_seldom_taken_for_the_same() -> None:
    counted = confusion(EMBEDDING, families())
    assert counted.near_misses_near / counted.near_misses <= 0.05
    assert counted.strangers_near == 0
