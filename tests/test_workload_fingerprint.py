"""One statement has one fingerprint, whatever its constants and spelling; two statements have two."""

import re

import pytest

from pgarchitect.workload.fingerprint import fingerprint

THE_SAME = [
    ("SELECT * FROM t WHERE a = $1", "SELECT * FROM t WHERE a = 5"),
    ("SELECT * FROM t WHERE a = $1", "select *\n  from T\twhere A = 'x'"),
    ("SELECT * FROM t WHERE a = $1", "SELECT /* hint */ * FROM t WHERE a = $7 -- trailing"),
    ("SELECT * FROM t WHERE a IN ($1)", "SELECT * FROM t WHERE a IN ($1,$2,$3)"),
    ("SELECT * FROM t WHERE a IN ($1,$2)", "SELECT * FROM t WHERE a IN ($1 /*, ... */)"),
    ("SELECT * FROM t WHERE a NOT IN (1, 2)", "SELECT * FROM t WHERE a NOT IN ($1)"),
    ("SELECT * FROM t LIMIT $1", "SELECT * FROM t LIMIT 10"),
    ("SELECT date_trunc($1, ts) FROM t", "SELECT date_trunc('day', ts) FROM t"),
    ("SELECT a FROM t WHERE b > now() - interval $1", "SELECT a FROM t WHERE b > now() - interval '7 days'"),
    ("SELECT x->$2->>$1 FROM t", "SELECT x->'a'->>'b' FROM t"),
    ("SELECT x->$1 FROM t", "SELECT x -> 0 FROM t"),
    ("SELECT Count(*) FROM t", "select COUNT( * ) from t"),
    ("SELECT a FROM t WHERE b <> $1", "SELECT a FROM t WHERE b != 1"),
    ("SELECT ??? a = $1", "select ???   A = 'it''s'"),
    ("SELECT ??? a = 1.5 /* x */", "SELECT ??? a = 2"),
]

DIFFERENT = [
    ("SELECT * FROM t WHERE a = $1", "SELECT * FROM t WHERE b = $1"),
    ("SELECT * FROM t WHERE a = $1", "SELECT * FROM u WHERE a = $1"),
    ("SELECT * FROM t WHERE a = $1", "SELECT * FROM t WHERE a > $1"),
    ("SELECT * FROM t WHERE a = $1", "SELECT * FROM t WHERE a = b"),
    ("SELECT * FROM t WHERE a = $1", "SELECT * FROM t WHERE a IN ($1)"),
    ("SELECT * FROM t WHERE a IN ($1)", "SELECT * FROM t WHERE a IN (b, $1)"),
    ("SELECT * FROM t WHERE a IN ($1)", "SELECT * FROM t WHERE a NOT IN ($1)"),
    ("SELECT * FROM s.t", "SELECT * FROM t"),
    ('SELECT "A" FROM t', "SELECT a FROM t"),
    ('SELECT * FROM "T"', "SELECT * FROM t"),
    ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC"),
    ("SELECT a FROM t", "SELECT a FROM t FOR UPDATE"),
    ("SELECT ??? a", "SELECT ??? b"),
]


@pytest.mark.parametrize(("one", "other"), THE_SAME)
def test_the_same_statement(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_statement(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_it_is_sixteen_digits_and_never_changes() -> None:
    """The memory finds statements of earlier audits by it."""
    assert re.fullmatch(r"[0-9a-f]{16}", fingerprint("SELECT ???"))
    assert fingerprint("SELECT * FROM posts WHERE user_id = $1") == "1239c2349ab0997b"


@pytest.mark.parametrize("text", ["", ";", "\x00", "SELECT " + "(" * 3000, "%" * 10_000])
def test_any_text_has_one(text: str) -> None:
    assert fingerprint(text) == fingerprint(text)
