"""What comes with a row: rows of its relations, a part of them for each, and their number; and what counts rows.

Everything is asked of threads, of asyncio and of the other path.
"""

from collections.abc import Iterator
from contextlib import closing
from types import ModuleType
from typing import Any

import msgspec
import pytest

from pgarchitect.access import failures
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.sync.alchemy_database import AlchemyDatabase
from tests.access_lab import client, create
from tests.access_nested_lab import RELATIONS, listened, post, world

Tables = Any


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(RELATIONS, tmp_path_factory.mktemp("client"), "included_client")


class Other:
    """The tables of the other path, called as those of a database."""

    def __init__(self, inner: AlchemyDatabase) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return self._inner.alchemy_tables[name]


@pytest.fixture(params=["threads", "asyncio", "other"])
def db(fresh_database: str, people: ModuleType, request: pytest.FixtureRequest) -> Iterator[Tables]:
    """Ann has five posts, Bo two, Cy none; the first post has three notes and two tags."""
    create(fresh_database, RELATIONS)
    with world("threads", people, fresh_database) as made:
        titles = {"a": "x", "b": "y", "c": "x", "d": "z", "e": "y"}
        ann = made.person.insert({"email": "ann", "posts": {"create": [post(n, title=t) for n, t in titles.items()]}})
        bo = {"email": "bo", "boss": {"connect": {"id": ann.id}}, "posts": {"create": [post("f"), post("g", views=9)]}}
        made.person.insert(bo)
        made.person.insert({"email": "cy", "boss": {"connect": {"id": ann.id}}})
        notes = {"create": [{"line": n, "text": str(n)} for n in range(3)]}
        below = {"notes": notes, "tags": {"create": [{"name": "p"}, {"name": "q"}]}}
        made.post.update(where={"slug": "a"}, data=below)
        made.post.update(where={"slug": "g"}, data={"tags": {"connect": {"name": "q"}}})
    if request.param == "other":
        with closing(AlchemyDatabase(fresh_database, PoolOptions(), people.TABLES)) as other:
            yield Other(other)
        return
    with world(request.param, people, fresh_database) as made:
        yield made


def slugs(rows: Any) -> str:
    """Slugs of posts, in their order."""
    return "".join(each.slug for each in rows)


BY_ID = {"id": "asc"}


def test_the_rows_of_relations_are_counted_with_the_row(db: Tables) -> None:
    found = db.person.find_many(order_by=BY_ID, include={"_count": {"posts": True, "staff": True}})
    assert [each.counts for each in found] == [{"posts": p, "staff": s} for p, s in ((5, 2), (2, 0), (0, 0))]
    every = db.post.get({"slug": "a"}, include={"_count": True}).counts
    assert every == {"tags": 2, "notes": 3}
    assert db.person.find_first(where={"email": "cy"}, include={"_count": {"posts": True}}).counts == {"posts": 0}
    unique = db.person.find_unique({"id": 1}, include={"_count": {"posts": True, "staff": False}, "passport": True})
    assert (unique.counts, unique.passport) == ({"posts": 5}, None)


def test_only_the_rows_that_fit_are_counted(db: Tables) -> None:
    asked = {"posts": {"where": {"title": "x"}}, "staff": {"where": {"posts": {"some": {"views": {"gt": 5}}}}}}
    found = db.person.find_many(where={"email": {"not": "cy"}}, order_by=BY_ID, include={"_count": asked})
    assert [each.counts for each in found] == [{"posts": 2, "staff": 1}, {"posts": 0, "staff": 0}]
    tagged = db.post.find_many(
        where={"tags": {"some": {}}},
        order_by={"tags": {"_count": "desc"}},
        include={"_count": {"tags": {"where": {"name": "q"}}}},
    )
    assert [(each.slug, each.counts) for each in tagged] == [("a", {"tags": 1}), ("g", {"tags": 1})]


def test_numbers_come_at_every_level_with_parts_and_pages(db: Tables) -> None:
    posts = {"order_by": BY_ID, "take": -2, "include": {"_count": {"notes": True}, "author": True}}
    found = db.person.find_many(order_by=BY_ID, take=-2, include={"posts": posts, "_count": {"posts": True}})
    assert [(each.email, slugs(each.posts), each.counts["posts"]) for each in found] == [("bo", "fg", 2), ("cy", "", 0)]
    assert [each.counts for each in found[0].posts] == [{"notes": 0}, {"notes": 0}]
    assert found[0].posts[0].author.email == "bo"
    chosen = db.person.find_many(order_by=BY_ID, select=["email"], include={"_count": {"posts": True}}, skip=1, take=1)
    assert chosen == [{"email": "bo", "counts": {"posts": 2}}]
    once = db.post.find_many(distinct=["title"], order_by={"title": "desc"}, include={"_count": {"notes": True}})
    assert [(each.title, each.counts["notes"]) for each in once[:2]] == [("z", 0), ("y", 0)]


def test_numbers_take_no_statement_of_their_own(
    fresh_database: str, people: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(fresh_database, RELATIONS)
    with world("threads", people, fresh_database) as made:
        made.person.insert({"email": "ann", "posts": {"create": [post(n) for n in "ab"]}})
        sent = listened(monkeypatch)
        made.person.find_many(include={"_count": True, "posts": {"include": {"_count": True}}})
        assert len(sent) == 2


def test_a_row_says_that_its_numbers_were_not_asked_for_and_keeps_them_in_json(db: Tables) -> None:
    row = db.person.get({"id": 2})
    with pytest.raises(failures.RelationNotLoaded):
        row.counts["posts"]
    assert "counts" not in msgspec.to_builtins(row)
    assert msgspec.to_builtins(db.person.get({"id": 2}, include={"_count": {"posts": True}}))["counts"] == {"posts": 2}


def test_a_row_that_is_written_comes_back_with_its_numbers(db: Tables) -> None:
    made = db.person.insert({"email": "dee", "posts": {"create": post("z")}}, include={"_count": {"posts": True}})
    assert made.counts == {"posts": 1}
    more = {"posts": {"create": post("y")}}
    assert db.person.update(where={"id": made.id}, data=more, include={"_count": {"posts": True}}).counts["posts"] == 2
    assert db.person.delete(where={"id": made.id}, include={"_count": True}).counts["posts"] == 2


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"boss": True}, failures.InvalidCondition, "boss of person leads to one row at most"),
        ({"nobody": True}, failures.UnknownField, "no relation 'nobody'"),
        ({"email": True}, failures.UnknownField, "email of person is a field"),
        ({"posts": {"take": 1}}, failures.InvalidCondition, "_count of posts takes True, or"),
        ({"posts": 1}, failures.InvalidCondition, "_count of posts takes a mapping, not int"),
        ({"posts": {"where": {"nothing": 1}}}, failures.UnknownField, "no field 'nothing'"),
        ("posts", failures.InvalidCondition, "include of _count takes a mapping, not str"),
    ],
)
def test_what_cannot_be_counted_is_told(db: Tables, asked: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        db.person.find_many(include={"_count": asked})


def test_a_part_of_the_rows_is_loaded_for_each_that_has_them(db: Tables) -> None:
    def posts(**asked: Any) -> list[str]:
        found = db.person.find_many(order_by=BY_ID, include={"posts": {"order_by": BY_ID, **asked}})
        return [slugs(each.posts) for each in found]

    assert posts(take=2) == ["ab", "fg", ""]
    assert posts(take=-2) == ["de", "fg", ""]
    assert posts(take=-2, skip=1) == ["cd", "f", ""]
    assert posts(skip=3) == ["de", "", ""]
    assert posts(distinct=["title"]) == ["abd", "f", ""]
    assert posts(distinct=["title"], order_by={"id": "desc"}) == ["edc", "g", ""]
    assert posts(distinct=["title"], take=1, skip=1) == ["b", "", ""]
    assert posts(distinct=["title", "views"]) == ["abd", "fg", ""]
    assert posts(cursor={"slug": "c"}) == ["cde", "", ""]
    assert posts(cursor={"slug": "c"}, skip=1, take=1) == ["d", "", ""]
    assert posts(cursor={"slug": "c"}, take=-2) == ["bc", "", ""]
    assert posts(cursor={"slug": "f"}) == ["", "fg", ""]
    assert posts(cursor={"slug": "none"}) == ["", "", ""]
    assert posts(cursor={"slug": "c"}, order_by=[{"title": "asc"}, {"views": "desc"}]) == ["cbed", "", ""]
    tags = {"tags": {"cursor": {"name": "q"}, "order_by": {"name": "asc"}}}
    assert [len(each.tags) for each in db.post.find_many(order_by=BY_ID, include=tags)] == [1, 0, 0, 0, 0, 0, 1]


def test_a_part_that_nothing_can_be_made_of_is_told(db: Tables) -> None:
    def load(**asked: Any) -> None:
        db.person.find_many(include={"posts": asked})

    with pytest.raises(failures.InvalidCondition, match="cursor of one row of post must name a unique key"):
        load(cursor={"title": "x"})
    with pytest.raises(failures.UnknownField, match="no field 'nothing'"):
        load(distinct=["nothing"])
    with pytest.raises(failures.InvalidCondition, match="go with an order by fields of the table"):
        load(distinct=["title"], order_by={"author": {"email": "asc"}})
    with pytest.raises(failures.InvalidCondition, match="include of posts has no 'batch'; it has where, order_by"):
        load(batch=1)


def test_what_must_be_there_is_there_or_told(db: Tables) -> None:
    assert db.post.find_first_or_raise(where={"title": "y"}, order_by={"id": "desc"}).slug == "e"
    assert db.post.find_first_or_raise(order_by=BY_ID, skip=1, include={"author": True}).author.email == "ann"
    assert db.post.find_unique_or_raise({"slug": "f"}).id == 6
    assert db.post.find_unique_or_raise({"slug": "f"}, include={"author": True}).author.email == "bo"
    with pytest.raises(failures.NotFound, match="post has no row that fits; change the condition, or use find_first"):
        db.post.find_first_or_raise(where={"title": "none"})
    with pytest.raises(failures.NotFound, match="post has no row with slug 'none'"):
        db.post.find_unique_or_raise({"slug": "none"})


def test_of_one_row_only_some_fields_are_read_where_only_they_are_asked_for(db: Tables) -> None:
    asked = {"select": ["slug"], "include": {"author": True, "_count": {"notes": True}}}
    for found in (
        db.post.find_unique({"slug": "a"}, **asked),
        db.post.get({"id": 1}, **asked),
        db.post.find_unique_or_raise({"id": 1}, **asked),
        db.post.find_first(order_by=BY_ID, **asked),
        db.post.find_first_or_raise(where={"title": "x"}, order_by=BY_ID, **asked),
    ):
        assert (found.pop("author").email, found) == ("ann", {"slug": "a", "counts": {"notes": 3}})
    assert db.post.find_unique({"slug": "none"}, select=["id"]) is None
    assert db.post.find_first(where={"slug": "none"}, select=["id"]) is None
    with pytest.raises(failures.NotFound):
        db.post.get({"slug": "none"}, select=["id"])
    with pytest.raises(failures.UnknownField, match="no field 'nothing'"):
        db.post.get({"slug": "a"}, select=["nothing"])


def test_a_count_is_of_the_page_and_of_the_values_that_are_asked_for(db: Tables) -> None:
    assert db.post.count() == 7
    assert db.post.count(take=3) == 3
    assert db.post.count(skip=5) == 2
    assert db.post.count(where={"title": {"in": ["x", "y"]}}, take=10, skip=1) == 3
    assert db.post.count(cursor={"slug": "e"}, order_by=BY_ID) == 3
    assert db.post.count(cursor={"slug": "e"}) == 3  # by the primary key, where no order says otherwise
    assert db.post.count(take=-2) == 2
    assert db.post.count(distinct=["title"]) == 4
    assert db.post.count(distinct=["title"], order_by={"title": "asc"}, take=3) == 3
    assert db.person.count(select={"_all": True, "boss_id": True, "age": True}) == {"_all": 3, "boss_id": 2, "age": 0}
    assert db.person.count(select={"boss_id": True, "age": False}, take=2, order_by=BY_ID) == {"boss_id": 1}
    assert db.post.count(select={"labels": True}, take=2) == {"labels": 2}


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"select": {}}, failures.InvalidCondition, "select of count names no field"),
        ({"select": {"_all": False}}, failures.InvalidCondition, "select of count names no field"),
        ({"select": {"nothing": True}}, failures.UnknownField, "no field 'nothing'"),
        ({"select": ["slug"]}, failures.InvalidCondition, "select of count takes a mapping, not list"),
        ({"take": "1"}, failures.InvalidCondition, "take takes a whole number"),
        (
            {"cursor": {"title": "x"}},
            failures.InvalidCondition,
            "cursor of one row of post must name a unique key: id, or slug",
        ),
        ({"distinct": ["nothing"]}, failures.UnknownField, "no field 'nothing'"),
        ({"order_by": {"nothing": "asc"}}, failures.UnknownField, "no field 'nothing'"),
    ],
)
def test_a_count_of_nothing_is_told(db: Tables, asked: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        db.post.count(**asked)


def test_a_stream_loads_what_it_includes_page_by_page(fresh_database: str, people: ModuleType, db: Tables) -> None:
    assert db.person.count() == 3
    with world("threads", people, fresh_database) as made:
        asked = {"posts": {"order_by": BY_ID, "take": 1}, "_count": {"posts": True}}
        rows = [(slugs(row.posts), row.counts["posts"]) for row in made.person.stream(include=asked, batch=2)]
    assert rows == [("a", 5), ("f", 2), ("", 0)]
