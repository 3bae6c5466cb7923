"""Which rows a sandbox takes, by sizes and references alone; and whether the disk has room."""

from pathlib import Path

import pytest

from pgarchitect.errors import HomeUnavailable, UsageError
from pgarchitect.sandbox.choice import AIM, Choice, choose
from pgarchitect.sandbox.declared_join import DeclaredJoin
from pgarchitect.sandbox.room import needed_bytes, require_room
from pgarchitect.sandbox.rows import DrawnRows
from pgarchitect.sandbox.tables import Reference, Table, Tables

MB = 1024**2


def table(number: int, name: str, rows: float, megabytes: float, *, root: int | None = None) -> Table:
    return Table(number, root or number, "public", name, root == number, rows, int(megabytes * MB), ("id",), ("id",))


def reference(child: int, parent: int, name: str = "", *, nulls: float = 0.0, distinct: float = 1e6) -> Reference:
    column = name or f"of_{parent}"
    equal = "OPERATOR(pg_catalog.=)"
    return Reference(column, child, parent, (column,), ("id",), ("integer",), (equal,), nulls > 0, nulls, distinct)


USER, POST, LIKE, KIND, TOPIC = range(1, 6)
TABLES = (
    table(USER, "user", 100_000, 100),
    table(POST, "post", 1_000_000, 900),
    table(LIKE, "like", 9_000_000, 3_000),
    table(KIND, "kind", 20, 0.1),
    table(TOPIC, "topic", 500_000, 300),
)
REFERENCES = (
    reference(POST, USER, distinct=90_000),
    reference(LIKE, POST),
    reference(LIKE, USER, distinct=90_000),
    reference(LIKE, KIND, distinct=20),
    reference(POST, TOPIC, nulls=0.9, distinct=50_000),
)


def chosen(megabytes: int, *references: Reference) -> Choice:
    return choose(Tables.of(TABLES, references or REFERENCES), megabytes * MB)


def test_what_fits_is_whole() -> None:
    assert chosen(4301).is_whole
    assert not chosen(4300).is_whole


def test_small_tables_are_whole_and_rows_follow_their_largest_parent() -> None:
    found = chosen(500)
    assert found.sampled == {USER, POST, LIKE, TOPIC}
    assert {child: each.parent for child, each in found.anchors.items()} == {POST: USER, LIKE: POST}
    assert found.keys[USER] == ("id",)
    assert 0 < found.share < 0.12
    assert found.expected_bytes == pytest.approx(500 * MB * AIM, rel=0.01)


def test_the_larger_the_wanted_size_the_larger_the_share() -> None:
    shares = [chosen(size).share for size in (200, 500, 1000, 2000, 4000)]
    assert shares == sorted(shares)
    assert len(set(shares)) == len(shares)


def test_what_is_referred_to_counts() -> None:
    scattered = (*REFERENCES, reference(LIKE, TOPIC, "topic", distinct=500_000))
    assert chosen(500, *scattered).share < chosen(500).share


def test_a_circle_of_tables_has_a_root() -> None:
    found = chosen(500, reference(POST, USER), reference(USER, POST, "pinned", distinct=90_000))
    assert len(found.anchors) == 1
    assert found.anchors[POST].parent == USER


def test_a_whole_parent_is_followed_when_many_of_its_rows_are_referred_to() -> None:
    few, many = reference(LIKE, KIND, distinct=20), reference(LIKE, KIND, distinct=5_000)
    assert LIKE not in chosen(500, few).anchors
    assert chosen(500, many).anchors[LIKE] is many


def test_a_table_that_a_temporal_key_needs_is_whole() -> None:
    temporal = Reference(
        "t", LIKE, USER, ("u", "p"), ("id", "p"), ("int", "tsrange"), ("=", "="), nullable=False, nulls=0, distinct=1e5,
        temporal=True,
    )  # fmt: skip
    assert USER not in chosen(500, temporal).sampled


def test_a_sample_that_says_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match=r'fewer than 1,000 rows of "public"\."like"'):
        choose(Tables.of(TABLES, REFERENCES), 300_000)


def test_a_child_of_a_child_is_joined_once_and_read_once() -> None:
    tables = Tables.of(TABLES, REFERENCES)
    found = chosen(500)
    drawn = DrawnRows(tables, found)
    assert drawn.query(tables.by_oid[KIND]) is None
    post, like = drawn.query(tables.by_oid[POST]), drawn.query(tables.by_oid[LIKE])
    assert post is not None
    assert like is not None
    assert "JOIN" not in post
    assert (like.count("JOIN"), like.count('FROM ONLY "public"."like"')) == (1, 1)
    assert str(found.limit) in like


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a (b) REFERENCES c (d)", ("a", ("b",), "c", ("d",))),
        (' S.a( b , "C d" )references "X y"."Z" ("e""f",g) ', ("S.a", ("b", "C d"), '"X y"."Z"', ('e"f', "g"))),
    ],
)
def test_a_declared_join_is_written_as_a_foreign_key(text: str, parts: tuple[object, ...]) -> None:
    found = DeclaredJoin.of(text)
    assert (found.child, found.child_columns, found.parent, found.parent_columns) == parts


def test_too_little_room_is_told_before_anything_is_copied(tmp_path: Path) -> None:
    needed = needed_bytes(1000 * MB, 100 * MB)
    assert 1200 * MB < needed < 1500 * MB
    require_room(tmp_path, needed, free=needed)
    with pytest.raises(HomeUnavailable) as raised:
        require_room(tmp_path, needed, free=900 * MB)
    assert str(raised.value).startswith(f"The sandbox would need {needed / MB:,.0f} MB and {tmp_path} has 900 MB free;")
