"""The generated client: the same operations for threads and for asyncio, typed, and honest about what was not"
" loaded."""

import ast
import asyncio
import copy
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg import sql

from pgarchitect.access import failures
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.statement import JSON_NULL
from pgarchitect.access.sync.alchemy_database import AlchemyDatabase
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.client.module import client_module
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.reading import parse_schema
from scripts.sync_from_async import WRITTEN, converted
from tests.access_lab import EVERYTHING, client, create, edfinance_text, opened
from tests.module_database import module_database

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(edfinance_text(), tmp_path_factory.mktemp("client"), "school_client")


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(EVERYTHING, tmp_path_factory.mktemp("client"), "things_client")


@pytest.fixture
def db(fresh_database: str, school: ModuleType) -> Iterator[Any]:
    create(fresh_database, edfinance_text())
    with opened(school, fresh_database) as made:
        made.user.insert_many(
            [
                {"email": f"u{i}@x", "password_hash": "h", "name": {"en": f"U{i}"}, "points": i, "role": role}
                for i, role in enumerate(["STUDENT", "STUDENT", "MENTOR", "ADMIN", "STUDENT"], 1)
            ]
        )
        yield made


def ids(rows: list[Any]) -> list[int]:
    return [each.id for each in rows]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"points": 3}, [3]),
        ({"points": {"gt": 2, "lte": 4}}, [3, 4]),
        ({"points": {"in": [1, 5, 9]}}, [1, 5]),
        ({"points": {"not_in": [1, 5]}}, [2, 3, 4]),
        ({"points": {"not": {"gte": 3}}}, [1, 2]),
        ({"role": "ADMIN"}, [4]),
        ({"role": {"in": ["ADMIN", "MENTOR"]}}, [3, 4]),
        ({"email": {"starts_with": "U3", "mode": "insensitive"}}, [3]),
        ({"email": {"contains": "_"}}, []),
        ({"email": {"ends_with": "5@x"}}, [5]),
        ({"email": {"equals": "U2@X", "mode": "insensitive"}}, [2]),
        ({"referred_by_id": None}, [1, 2, 3, 4, 5]),
        ({"referred_by_id": {"not": None}}, []),
        ({"OR": [{"id": 1}, {"points": 5}]}, [1, 5]),
        ({"OR": []}, []),
        ({"AND": []}, [1, 2, 3, 4, 5]),
        ({"NOT": {"role": "STUDENT"}}, [3, 4]),
        ({"AND": [{"id": {"gt": 1}}, {"NOT": {"id": 5}}], "role": "STUDENT"}, [2]),
        ({"name": {"json_contains": {"en": "U4"}}}, [4]),
        ({"name": {"en": "U2"}}, [2]),
        ({"name": {"has_key": "vi"}}, []),
    ],
)
def test_conditions_find_what_they_say(db: Any, where: dict[str, Any], expected: list[int]) -> None:
    assert ids(db.user.find_many(where=where, order_by={"id": "asc"})) == expected
    assert db.user.count(where=where) == len(expected)


def test_pages_follow_the_order_from_both_ends_and_from_a_cursor(db: Any) -> None:
    by_role = [{"role": "desc"}, {"id": "asc"}]
    assert ids(db.user.find_many(order_by=by_role)) == [4, 3, 1, 2, 5]
    assert ids(db.user.find_many(order_by=by_role, take=2, skip=1)) == [3, 1]
    assert ids(db.user.find_many(order_by=by_role, take=-2)) == [2, 5]
    assert ids(db.user.find_many(order_by=by_role, cursor={"id": 1}, take=2)) == [1, 2]
    assert ids(db.user.find_many(order_by={"id": "asc"}, cursor={"email": "u4@x"})) == [4, 5]
    assert ids(db.user.find_many(order_by={"last_seen_at": {"sort": "asc", "nulls": "first"}}, cursor={"id": 3})) == [
        3,
        4,
        5,
    ]
    assert [each.id for each in db.user.stream(batch=2)] == [1, 2, 3, 4, 5]
    assert len(db.user.find_many(distinct=["role"], order_by={"role": "asc"})) == 3


def test_a_list_that_nobody_wrote_is_empty_as_its_type_says(fresh_database: str, things: ModuleType) -> None:
    create(fresh_database, EVERYTHING)
    with (
        opened(things, fresh_database) as db,
        closing(AlchemyDatabase(fresh_database, PoolOptions(), db.tables)) as other,
    ):
        made = db.thing.insert({"text": "a"})
        assert (made.texts, made.counts, made.moods, made.jsons) == ([], [], [], [])
        db.thing.insert_many(
            [{"text": "b", "texts": ["x"], "moods": ["GLAD"]}, {"text": "c", "texts": [], "moods": None}]
        )
        for table in (db.thing, other.alchemy_tables["thing"]):
            order = [{"texts": "desc"}, {"moods": "asc"}]
            assert [each.text for each in table.stream(order_by=order, batch=1)] == ["b", "a", "c"]
            assert [each.texts for each in table.find_many(order_by=order, distinct=["texts"])] == [["x"], []]
            assert ids(table.find_many(order_by=order, cursor={"id": made.id})) == [made.id, made.id + 2]
            assert table.find_unique({"id": made.id}).moods == []
            assert table.update(where={"id": made.id}, data={"texts": {"push": "y"}}).texts == ["y"]
            db.thing.update(where={"id": made.id}, data={"texts": None})
            assert table.group_by(["texts"], order_by={"texts": "asc"}) == [
                {"texts": [], "count": 2},
                {"texts": ["x"], "count": 1},
            ]
        assert db.thing.to_polars(order_by={"id": "asc"}, select=["texts"])["texts"].to_list() == [[], ["x"], []]
        assert ids(db.thing.find_many(where={"texts": None})) == [made.id]


def test_a_row_becomes_json_without_what_was_not_loaded(db: Any) -> None:
    row = db.user.get({"id": 1}, include={"wallet": True})
    for each in (row, copy.deepcopy(row), pickle.loads(pickle.dumps(row))):  # noqa: S301  # our own
        assert each == row
        made = msgspec.json.decode(msgspec.json.encode(each))
        assert (made["email"], made["wallet"], "posts" in made) == ("u1@x", None, False)
        assert msgspec.to_builtins(each).keys() == made.keys()
    loaded = db.user.get({"id": 1}, include={"posts": True})
    assert msgspec.to_builtins(loaded)["posts"] == []


@pytest.mark.parametrize("path", ["fast", "alchemy"])
@pytest.mark.parametrize(
    "order", [None, {"role": "asc"}, [{"role": "desc"}, {"points": "asc"}], {"last_seen_at": {"sort": "desc"}}]
)
def test_a_stream_misses_nothing_where_its_rows_go_meanwhile(
    db: Any, fresh_database: str, path: str, order: Any
) -> None:
    with closing(AlchemyDatabase(fresh_database, PoolOptions(), db.tables)) as other:
        table = other.alchemy_tables["user"] if path == "alchemy" else db.user
        rows = [each.id for each in db.user.find_many()]
        db.user.update(where={"id": 2}, data={"last_seen_at": datetime(2026, 1, 1, tzinfo=UTC)})
        seen = []
        for row in table.stream(order_by=order, batch=2):
            seen.append(row.id)
            db.user.delete(where={"id": row.id})
        assert sorted(seen) == rows


def test_a_stream_in_an_order_with_equal_rows_gives_each_once(db: Any) -> None:
    db.user.delete_many()
    given = [{"id": i, "email": f"{i}@x", "password_hash": "h", "name": {}} for i in range(20, 0, -1)]
    db.user.insert_many(given)
    assert [each.id for each in db.user.stream(order_by={"role": "asc"}, batch=3)] == [*range(1, 21)]
    with pytest.raises(failures.InvalidCondition, match="batch is 0, but at least 1"):
        next(db.user.stream(batch=0))


def test_relations_are_asked_about_and_loaded_in_one_round_trip_each(db: Any) -> None:
    first = db.social_post.insert({"author_id": 1, "body": "a", "tags": ["x", "y"]})
    db.social_post.insert({"author_id": 2, "body": "b", "tags": []})
    db.comment.insert_many([{"post_id": first.id, "author_id": 3, "body": f"c{i}"} for i in range(4)])
    assert ids(db.user.find_many(where={"posts": {"some": {"tags": {"has": "x"}}}})) == [1]
    assert ids(db.user.find_many(where={"posts": {"none": {}}}, order_by={"id": "asc"})) == [3, 4, 5]
    assert ids(db.user.find_many(where={"posts": {"every": {"body": "a"}}}, order_by={"id": "asc"})) == [1, 3, 4, 5]
    assert ids(db.comment.find_many(where={"author": {"is": {"role": "MENTOR"}}, "id": {"lte": 1}})) == [1]
    assert ids(db.user.find_many(where={"wallet": None}, take=1, order_by={"id": "asc"})) == [1]
    newest = {"take": 2, "order_by": {"id": "desc"}, "include": {"author": True}}
    found = db.user.find_many(
        where={"id": {"in": [1, 2]}}, order_by={"id": "asc"}, include={"posts": {"include": {"comments": newest}}}
    )
    assert [[[each.body for each in post.comments] for post in user.posts] for user in found] == [[["c3", "c2"]], [[]]]
    assert found[0].posts[0].comments[0].author.id == 3
    with pytest.raises(failures.RelationNotLoaded):
        len(found[0].comments)
    assert db.user.get({"id": 1}, include={"wallet": True}).wallet is None


def test_rows_are_written_changed_and_removed(db: Any) -> None:
    made = db.user.insert({"email": "new@x", "password_hash": "h", "name": {}})
    assert (made.points, made.role, made.is_active) == (0, "STUDENT", True)
    assert isinstance(made.updated_at, datetime)
    changed = db.user.update(where={"id": made.id}, data={"points": {"increment": 7}, "locale": "en"})
    assert (changed.points, changed.locale) == (7, "en")
    assert changed.updated_at >= made.updated_at
    assert db.user.update(where={"id": 999}, data={"points": 1}) is None
    assert db.user.update_many(where={"role": "STUDENT"}, data={"points": {"multiply": 2}}) == 4
    twice = [db.wallet.upsert(where={"user_id": 1}, create={"user_id": 1}, update={"balance": 5}) for _ in range(2)]
    assert [each.balance for each in twice] == [Decimal("0.00"), Decimal("5.00")]
    assert db.user.delete(where={"email": "new@x"}).id == made.id
    assert db.user.delete(where={"email": "new@x"}) is None
    assert db.user.delete_many(where={"role": "ADMIN"}) == 1


@pytest.mark.parametrize(
    "key", [{"id": {"gt": 0}}, {"id": {"in": [1, 2]}}, {"email": None}, {"email": ["u1@x"]}, {"id": {}}]
)
@pytest.mark.parametrize("path", ["fast", "alchemy"])
def test_operators_name_no_one_row_and_nothing_is_written(
    db: Any, fresh_database: str, path: str, key: dict[str, Any]
) -> None:
    with closing(AlchemyDatabase(fresh_database, PoolOptions(), db.tables)) as other:
        table = other.alchemy_tables["user"] if path == "alchemy" else db.user
        row = {"email": "n@x", "password_hash": "h", "name": {}}
        calls: list[Callable[[], Any]] = [
            lambda: table.delete(where=key),
            lambda: table.delete(where=key, include={"wallet": True}),
            lambda: table.update(where=key, data={"points": 0}),
            lambda: table.update(where=key, data={"points": 0}, include={"wallet": True}),
            lambda: table.update(where=key, data={"posts": {"delete_many": {}}}),
            lambda: table.upsert(where=key, create=row, update={"points": 0}),
            lambda: table.find_unique(key, include={"wallet": True}),
        ]
        for call in calls:
            with pytest.raises(failures.InvalidCondition, match=r"operators, lists and None|plain values of a unique"):
                call()
        assert table.find_unique({"id": 1}).email == "u1@x"
        assert [each.points for each in db.user.find_many(order_by={"id": "asc"})] == [1, 2, 3, 4, 5]


def test_rows_of_ones_own_sql_take_their_columns_by_name(db: Any, school: ModuleType, fresh_database: str) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN moved text; UPDATE users SET moved = email")
        connection.execute("ALTER TABLE users DROP COLUMN email; ALTER TABLE users RENAME moved TO email")
    found = db.query_as(school.User, "SELECT *, 1 AS more FROM users WHERE id < $1 ORDER BY id", 3)
    assert found == db.user.find_many(where={"id": {"lt": 3}}, order_by={"id": "asc"})
    assert db.query_as(school.User, "SELECT * FROM users WHERE false") == []
    with pytest.raises(failures.InvalidCondition, match="gives no column 'id', which a row of user has; select it"):
        db.query_as(school.User, "SELECT email FROM users")

    async def with_asyncio() -> None:
        async with school.AsyncDatabase(fresh_database) as other, other.transaction() as tx:
            assert await tx.query_as(school.User, "SELECT * FROM users WHERE id < 3 ORDER BY id") == found

    asyncio.run(with_asyncio())


@pytest.mark.parametrize("path", ["fast", "alchemy"])
def test_rows_that_are_overwritten_say_when(db: Any, fresh_database: str, path: str) -> None:
    before = db.user.get({"id": 1})
    row = {"id": 1, "email": "u1@x", "password_hash": "h", "name": {}, "points": 70}
    with closing(AlchemyDatabase(fresh_database, PoolOptions(), db.tables)) as other:
        table = other.alchemy_tables["user"] if path == "alchemy" else db.user
        assert table.upsert_many([row], key=["id"], update=[]) == 0
        assert db.user.get({"id": 1}) == before
        assert table.upsert_many([row], key=["id"], update=["points"]) == 1
    after = db.user.get({"id": 1})
    assert (after.points, after.name) == (70, before.name)
    assert after.updated_at > before.updated_at


def test_many_rows_go_by_copy_or_in_one_statement(db: Any) -> None:
    rows = [{"user_id": 1, "course_id": i} for i in (1, 2)]
    db.course.insert_many([{"slug": f"s{i}", "title": {}, "category": "c"} for i in (1, 2, 3)])
    assert db.enrolment.insert_many(rows) == 2
    assert db.enrolment.insert_many([*rows, {"user_id": 1, "course_id": 3}], skip_duplicates=True) == 1
    key = ("user_id", "course_id")
    again = [{**each, "progress_percent": 50} for each in rows]
    assert db.enrolment.upsert_many(again, key=key, update=["progress_percent"]) == 2
    assert db.enrolment.count(where={"progress_percent": 50}) == 2
    back = db.social_post.insert_many_returning([{"author_id": 1, "body": t, "tags": [t, 'q"\\']} for t in "ab"])
    assert [each.tags for each in back] == [["a", 'q"\\'], ["b", 'q"\\']]
    assert db.enrolment.insert_many([]) == 0
    with pytest.raises(failures.InvalidValue, match="other fields than the first"):
        db.enrolment.insert_many([{"user_id": 1, "course_id": 1}, {"user_id": 1}])


def test_figures_are_counted(db: Any) -> None:
    figures = db.user.aggregate(where={"points": {"gt": 1}}, sum=["points"], max=["points"], avg=["points"])
    assert figures == {"count": 4, "sum_points": 14, "max_points": 5, "avg_points": Decimal("3.5")}
    groups = db.user.group_by(["role"], sum=["points"], having={"count": {"gte": 1}}, order_by={"sum_points": "desc"})
    assert groups[0] == {"role": "STUDENT", "count": 3, "sum_points": 8}
    with pytest.raises(failures.InvalidCondition, match="no number"):
        db.user.aggregate(sum=["email"])


@pytest.mark.parametrize("path", ["fast", "alchemy"])
def test_a_row_that_is_deleted_comes_back_with_what_it_included(db: Any, fresh_database: str, path: str) -> None:
    db.wallet.insert({"user_id": 3})
    with closing(AlchemyDatabase(fresh_database, PoolOptions(), db.tables)) as other:
        wallets = other.alchemy_tables["wallet"] if path == "alchemy" else db.wallet
        gone = wallets.delete(where={"user_id": 3}, include={"user": True})
        assert (gone.user_id, gone.user.email) == (3, "u3@x")
        assert wallets.delete(where={"user_id": 3}, include={"user": True}) is None
        assert wallets.count() == 0


@pytest.mark.parametrize("path", ["fast", "alchemy"])
def test_rows_are_ordered_by_what_their_relations_lead_to(db: Any, fresh_database: str, path: str) -> None:
    for author, body in [(2, "b"), (2, "a"), (1, "c")]:
        db.social_post.insert({"author_id": author, "body": body, "tags": []})
    db.wallet.insert_many([{"user_id": i, "balance": Decimal(i)} for i in (3, 1)])
    with closing(AlchemyDatabase(fresh_database, PoolOptions(), db.tables)) as other:
        users, posts = (
            other.alchemy_tables[name] if path == "alchemy" else getattr(db, name) for name in ("user", "social_post")
        )
        most: Any = [{"posts": {"_count": "desc"}}, {"id": "asc"}]
        assert ids(users.find_many(order_by=most)) == [2, 1, 3, 4, 5]
        assert ids(users.find_many(order_by=most, take=-2, where={"posts": {"some": {}}})) == [2, 1]
        by_email: Any = [{"author": {"email": "desc"}}, {"body": "asc"}]
        assert [each.body for each in posts.find_many(order_by=by_email)] == ["a", "b", "c"]
        richest = {"wallet": {"balance": {"sort": "desc", "nulls": "last"}}}
        assert ids(users.find_many(order_by=[richest, {"id": "asc"}])) == [3, 1, 2, 4, 5]
        assert ids(users.find_many(order_by=[{"wallet": {"balance": "asc"}}, {"id": "desc"}])) == [1, 3, 5, 4, 2]
        deeper: Any = [{"author": {"wallet": {"balance": "asc"}}}, {"body": "asc"}]
        assert [each.body for each in posts.find_many(order_by=deeper)] == ["c", "a", "b"]
        found = users.find_many(where={"id": 2}, include={"posts": {"order_by": by_email, "take": 1}})
        assert [each.body for each in found[0].posts] == ["a"]
        for asked, told in [
            ({"order_by": {"posts": "desc"}}, "posts leads to many rows: order by their number"),
            ({"order_by": {"wallet": "desc"}}, "The order by wallet takes a mapping, not str"),
            ({"order_by": most, "cursor": {"id": 1}}, "A cursor, a stream and distinct go with an order by fields"),
            ({"order_by": most, "distinct": ["id"]}, "A cursor, a stream and distinct go with an order by fields"),
        ]:
            with pytest.raises(failures.InvalidCondition, match=told):
                users.find_many(**asked)
        with pytest.raises(failures.InvalidCondition, match="A cursor, a stream"):
            next(users.stream(order_by=most))


_CITEXT = """
datasource db {
  provider = "postgresql"
}
model Person {
  id   Int     @id
  mail String  @unique @db.Citext
  net  String? @db.Inet

  @@unique([id, mail])
}
"""


def test_citext_has_the_operators_of_text_and_never_regards_case(fresh_database: str, tmp_path: Path) -> None:
    module = client(_CITEXT, tmp_path, "citext_client")
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION citext")
    create(fresh_database, _CITEXT)
    with (
        opened(module, fresh_database) as db,
        closing(AlchemyDatabase(fresh_database, PoolOptions(), db.tables)) as other,
    ):
        db.person.insert_many([{"id": 1, "mail": "Ann@X.org"}, {"id": 2, "mail": "b_n@x.org"}])
        for table in (db.person, other.alchemy_tables["person"]):
            for word, value, expected in [
                ("contains", "aNN", [1]),
                ("contains", "_", [2]),
                ("starts_with", "ann", [1]),
                ("ends_with", "X.ORG", [1, 2]),
                ("equals", "B_N@x.org", [2]),
                ("in", ["ANN@x.org"], [1]),
            ]:
                for mode in ({}, {"mode": "insensitive"}):
                    assert (
                        ids(table.find_many(where={"mail": {word: value, **mode}}, order_by={"id": "asc"})) == expected
                    )
            assert ids(table.find_many(where={"mail": {"not": {"contains": "ANN"}}})) == [2]
        with pytest.raises(failures.InvalidCondition, match="net has no operator 'contains'"):
            db.person.count(where={"net": {"contains": "1"}})
        with pytest.raises(failures.InvalidCondition, match="must name a unique key: id, or mail, or id and mail"):
            db.person.find_unique({"id_mail": {"id": 1, "mail": "x"}})
    text = (tmp_path / "citext_client.py").read_text(encoding="utf-8")
    assert "mail: str | StringFilter\n" in text
    assert "net: str | OtherFilter | None\n" in text


@pytest.fixture(scope="module")
def documents(server: EmbeddedServer, things: ModuleType) -> Iterator[tuple[Any, Any]]:
    """Tables of both paths with the same documents, in a column of jsonb and in one of json."""
    with module_database(server, "json_documents") as url:
        create(url, EVERYTHING)
        given = [
            {"a": {"b": [1, {"c": "Red"}]}, "n": 5},
            {"a": {"b": [2]}, "n": "5", "path": ["a"]},
            {"a": None, "n": 50.5},
            {"mode": "dark"},
            ["x", "y"],
        ]
        with opened(things, url) as db, closing(AlchemyDatabase(url, PoolOptions(), db.tables)) as other:
            db.thing.insert_many([{"id": n, "json": each, "plain": each} for n, each in enumerate(given, 1)])
            yield db.thing, other.alchemy_tables["thing"]


@pytest.mark.parametrize("column", ["json", "plain"])
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"path": ["n"], "equals": 5}, [1]),
        ({"path": ["n"], "in": [5, "5"]}, [1, 2]),
        ({"path": ["n"], "not": 5}, [2, 3]),
        ({"path": ["n"], "gt": 4}, [1, 3]),
        ({"path": ["n"], "gte": 5, "lt": 50}, [1]),
        ({"path": ["n"], "lte": "6"}, [2]),
        ({"path": ["a", "b", 0], "equals": 2}, [2]),
        ({"path": ("a", "b", "1", "c"), "string_starts_with": "Re"}, [1]),
        ({"path": ["a", "b", 1, "c"], "string_contains": "eD", "mode": "insensitive"}, [1]),
        ({"path": ["a", "b", 1, "c"], "string_ends_with": "E_"}, []),
        ({"path": ["a", "b"], "json_contains": [2]}, [2]),
        ({"path": ["a"], "has_key": "b"}, [1, 2]),
        ({"path": ["a"], "equals": None}, [4, 5]),
        ({"path": ["a"], "equals": JSON_NULL}, [3]),
        ({"path": ["n"], "not": {"gt": 4}}, [2]),
        ({"path": [], "equals": ["x", "y"]}, [5]),
        ({"path": [0], "equals": "x"}, [5]),
        ({"mode": "dark"}, [4]),
        ({"has_any_key": ["mode", "y"]}, [4, 5]),
        ({"equals": {"a": {"b": [2]}, "n": "5", "path": ["a"]}}, [2]),
    ],
)
def test_a_value_inside_of_a_document_is_asked_about(
    documents: tuple[Any, Any], column: str, asked: Any, expected: list[int]
) -> None:
    for table in documents:
        assert ids(table.find_many(where={column: asked}, order_by={"id": "asc"})) == expected


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"path": ["a"], "startswith": "x"},
            "The condition on json has no operator 'startswith'; there are equals, .*compared by",
        ),
        ({"path": ["a"]}, "on json asks nothing of the value at its path; there are equals"),
        ({"path": "a", "gt": 1}, r"The path in json takes a list of keys and positions, such as \['a', 0\]"),
        ({"path": ["a"], "string_contains": 1}, "takes a text, not int"),
        ({"path": ["a"], "string_contains": "x", "mode": "loud"}, "mode of json is 'loud'"),
    ],
)
def test_a_path_that_asks_nothing_is_refused(documents: tuple[Any, Any], asked: Any, told: str) -> None:
    for table in documents:
        with pytest.raises(failures.InvalidCondition, match=told):
            table.count(where={"json": asked})


@pytest.mark.parametrize("path", ["fast", "alchemy"])
def test_groups_are_chosen_by_any_figure_of_any_type(db: Any, fresh_database: str, path: str) -> None:
    db.user.update(where={"id": 4}, data={"last_seen_at": datetime(2026, 1, 1, tzinfo=UTC)})
    db.wallet.insert_many([{"user_id": i, "balance": Decimal("0.10")} for i in (1, 2)])
    with closing(AlchemyDatabase(fresh_database, PoolOptions(), db.tables)) as other:
        users, wallets = (
            other.alchemy_tables[name] if path == "alchemy" else getattr(db, name) for name in ("user", "wallet")
        )
        seen = {"max_last_seen_at": {"gt": datetime(2025, 1, 1, tzinfo=UTC)}}
        assert users.group_by(["role"], having=seen) == [{"role": "ADMIN", "count": 1}]
        assert users.group_by(
            ["role"], count=False, having={"role": {"in": ["ADMIN", "MENTOR"]}}, order_by={"role": "asc"}
        ) == [
            {"role": "MENTOR"},
            {"role": "ADMIN"},
        ]
        assert users.group_by(["role"], count=False, having={"min_email": {"starts_with": "u3"}}) == [
            {"role": "MENTOR"}
        ]
        assert users.group_by(["role"], count=False, having={"max_last_seen_at": {"not": None}}) == [{"role": "ADMIN"}]
        exact = {"sum_balance": Decimal("0.10"), "avg_balance": {"gte": 0.1}, "count_id": 1}
        order: list[dict[str, str]] = [{"sum_balance": "desc"}, {"user_id": "desc"}]
        assert wallets.group_by(["user_id"], count=False, having=exact, order_by=order, take=1) == [{"user_id": 2}]
        assert wallets.group_by(["user_id"], count=False, order_by=order, skip=1) == [{"user_id": 1}]
        assert wallets.group_by(["user_id"], take=0) == []
        assert users.aggregate(count=["last_seen_at"]) == {"count": 5, "count_last_seen_at": 1}
        with pytest.raises(
            failures.InvalidCondition, match="There is no figure 'sum_nothing'; there are role, count, and"
        ):
            users.group_by(["role"], having={"sum_nothing": 1})
        with pytest.raises(failures.InvalidCondition, match="no number, so it has no sum"):
            users.group_by(["role"], order_by={"sum_email": "asc"})


def test_the_first_row_may_be_that_of_a_page(db: Any) -> None:
    assert db.user.find_first(cursor={"id": 2}, skip=1, order_by={"id": "asc"}).id == 3
    assert db.user.find_first(distinct=["role"], order_by={"role": "desc"}).role == "ADMIN"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://localhost:x/y", "correct the URL"),
        ("mysql://x", "correct the URL"),
        ("{}_nowhere", r'database ".*_nowhere" does not exist.*; check the database\'s name in the URL'),
    ],
)
@pytest.mark.parametrize("world", ["threads", "asyncio"])
def test_a_url_that_leads_nowhere_is_told_apart(
    school: ModuleType, fresh_database: str, url: str, told: str, world: str
) -> None:
    parts = urlsplit(fresh_database)
    given = url if "{}" not in url else urlunsplit(parts._replace(path=url.format(parts.path)))

    async def use() -> None:
        async with school.AsyncDatabase(given, PoolOptions(timeout=3)) as db:
            await db.user.count()

    def both() -> None:
        if world == "asyncio":
            asyncio.run(use())
        else:
            with school.Database(given, PoolOptions(timeout=3)) as db:
                db.user.count()

    with pytest.raises(failures.ServerUnreachable, match=told):
        both()


def test_transactions_keep_all_or_nothing_and_savepoints_a_part(db: Any) -> None:
    with pytest.raises(failures.UniqueViolated), db.transaction() as tx:  # noqa: PT012  # all of it is the point
        tx.user.update(where={"id": 1}, data={"points": 100})
        tx.user.insert({"email": "u2@x", "password_hash": "", "name": {}})
    assert db.user.get({"id": 1}).points == 1
    with db.transaction() as tx:
        tx.user.update(where={"id": 1}, data={"points": 100})
        with pytest.raises(failures.UniqueViolated), tx.savepoint() as part:  # noqa: PT012  # as above
            part.user.update(where={"id": 2}, data={"points": 200})
            part.user.insert({"email": "u2@x", "password_hash": "", "name": {}})
    assert [db.user.get({"id": i}).points for i in (1, 2)] == [100, 2]
    with pytest.raises(failures.AccessError, match="over"):
        tx.user.count()


def test_a_transaction_that_others_disturb_is_run_again(db: Any) -> None:
    runs = []

    def work(tx: Any) -> int:
        runs.append(1)
        points = tx.user.get({"id": 1}).points
        if len(runs) == 1:
            with db.transaction() as other:
                other.user.update(where={"id": 1}, data={"points": 50})
        tx.user.update(where={"id": 1}, data={"points": points + 1})
        return int(points)

    assert db.in_transaction(work) == 50
    assert db.user.get({"id": 1}).points == 51
    assert len(runs) == 2


@pytest.mark.parametrize(
    ("call", "kind", "told"),
    [
        (
            lambda db: db.user.find_many(where={"emial": 1}),
            failures.UnknownField,
            "no field 'emial'; did you mean 'email'?",
        ),
        (lambda db: db.user.find_many(where={"x": 1}), failures.UnknownField, "no field 'x'; correct the name."),
        (lambda db: db.user.update_many(data={"posts": {}}), failures.UnknownField, "posts of user is a relation"),
        (lambda db: db.user.find_many(include={"role": True}), failures.UnknownField, "role of user is a field"),
        (
            lambda db: db.user.find_many(where={"email": ["u1@x"]}),
            failures.InvalidCondition,
            'email equals one value, not a list; ask for {"in": …}.',
        ),
        (lambda db: db.user.insert([{"email": "a"}]), failures.InvalidCondition, "insert takes a mapping, not list."),
        (lambda db: db.user.insert_many({"email": "a"}), failures.InvalidCondition, "of one row use insert."),
        (lambda db: db.query("SELEC 1"), failures.StatementFailed, 'at or near "SELEC"; correct the statement.'),
        (
            lambda db: db.query("SELECT x FROM users"),
            failures.StatementFailed,
            "; correct the statement, or, if it is not",
        ),
        (
            lambda db: db.execute("SELECT nothing()"),
            failures.StatementFailed,
            "; correct the statement, or, if it is not",
        ),
        (lambda db: db.user.find_many(order_by={"nope": "asc"}), failures.UnknownField, "nope"),
        (lambda db: db.user.find_many(order_by={"id": "up"}), failures.InvalidCondition, "asc"),
        (lambda db: db.user.find_many(select=["id; DROP TABLE users"]), failures.UnknownField, "no field"),
        (lambda db: db.user.find_many(where={"points": {"like": 1}}), failures.InvalidCondition, "no operator"),
        (lambda db: db.user.find_many(where={"points": {"in": 5}}), failures.InvalidCondition, "takes a list"),
        (lambda db: db.user.find_many(where={"posts": {"id": 1}}), failures.InvalidCondition, "some, every or none"),
        (lambda db: db.user.find_unique({"points": 1}), failures.InvalidCondition, "unique key"),
        (lambda db: db.user.find_many(include={"nope": True}), failures.UnknownField, "no relation"),
        (lambda db: db.user.get({"id": 99}), failures.NotFound, "no row with id 99"),
        (
            lambda db: db.user.insert({"email": "u1@x", "password_hash": "", "name": {}}),
            failures.UniqueViolated,
            "u1@x",
        ),
        (
            lambda db: db.comment.insert({"post_id": 9, "author_id": 1, "body": ""}),
            failures.ForeignKeyViolated,
            "post_id",
        ),
        (
            lambda db: db.user.insert({"email": "n@x", "name": {}}),
            failures.ValidationFailed,
            "password_hash is missing",
        ),
        (
            lambda db: db.user.insert({"email": "n@x", "name": {}}, validate=False),
            failures.NotNullViolated,
            "password_hash",
        ),
        (lambda db: db.user.update(where={"id": 1}, data={"points": "many"}), failures.InvalidValue, ""),
        (
            lambda db: db.user.update(where={"id": 1}, data={"email": {"increment": 1}}),
            failures.InvalidCondition,
            "set it",
        ),
        (lambda db: db.user.find_unique({"id": "x' OR 1=1"}), failures.InvalidValue, ""),
        (lambda db: db.query("SELECT nonsense"), failures.StatementFailed, "nonsense"),
    ],
)
def test_what_goes_wrong_has_a_type_and_a_sentence(db: Any, call: Any, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind) as raised:
        call(db)
    assert told in str(raised.value)
    assert db.user.count() == 5


HOSTILE = ["'; DROP TABLE users; --", 'x" OR "1"="1', "\\'", "%_\\", "$1", "{}", "é\U0001f600", "", "null", "\u2028"]


@pytest.mark.parametrize("operator", ["equals", "not", "contains", "starts_with", "ends_with", "lt", "gte", "in"])
def test_hostile_values_are_values(db: Any, operator: str) -> None:
    for value in HOSTILE:
        db.user.find_many(where={"email": {operator: [value] if operator == "in" else value}})
        db.user.update(where={"id": 1}, data={"locale": value})
        found = db.user.find_many(
            where={"locale": {"equals" if operator == "lt" else operator: [value] if operator == "in" else value}}
        )
        assert operator in {"not", "lt"} or 1 in ids(found), value
    assert db.user.count() == 5


@pytest.mark.parametrize("name", [*HOSTILE, "id\x00", "users.id", 'id" FROM users; --'])
def test_hostile_names_are_refused(db: Any, name: str) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: db.user.find_many(where={name: 1}),
        lambda: db.user.find_many(order_by={name: "asc"}),
        lambda: db.user.find_many(order_by={"id": name}),
        lambda: db.user.find_many(select=[name]),
        lambda: db.user.find_many(distinct=[name]),
        lambda: db.user.find_many(where={"points": {name: 1}}),
        lambda: db.user.update_many(data={name: 1}),
        lambda: db.user.aggregate(sum=[name]),
        lambda: db.user.group_by([name]),
        lambda: db.user.group_by(["role"], having={name: 1}),
        lambda: db.user.group_by(["role"], order_by={name: "asc"}),
        lambda: db.user.insert_many([{name: 1}]),
        lambda: db.user.upsert_many([{"email": "a"}], key=[name], update=["email"]),
    )
    for call in calls:
        with pytest.raises((failures.UnknownField, failures.InvalidCondition)):
            call()
    with pytest.raises(TypeError, match="unexpected keyword"):
        db.user.aggregate(**{name: ["points"]})
    assert db.user.count() == 5


# Both drivers have words of their own for the first and the last day (infinity), which are left out here.
VALUES: dict[str, list[Any]] = {
    "text": ["", "é\U0001f600\n\t'\"\\", "x" * 100_000],
    "short": ["a", "äöüßé"],
    "key": [UUID(int=0), UUID(int=2**128 - 1)],
    "flag": [True, False],
    "small": [-32768, 32767],
    "number": [-(2**31), 2**31 - 1, 0],
    "big": [-(2**63), 2**63 - 1],
    "double": [0.1, -1e308, 5e-324, float("inf")],
    "money": [Decimal("0.0001"), Decimal("-9999999999999999.9999")],
    "moment": [datetime(1, 1, 2), datetime(9999, 12, 31, 23, 59, 59, 999000)],  # noqa: DTZ001  # without a zone
    "zoned": [datetime(2020, 2, 29, 12, 30, 1, 123456, tzinfo=UTC)],
    "day": [date(1, 1, 2), date(9999, 12, 30)],
    "clock": [time(0, 0), time(23, 59, 59, 999999)],
    "json": [{"a": [1, None, "é"], "b": {"c": True}}, [], "text", 5, False],
    "plain": [{"z": 1, "a": 2}],
    "bytes": [b"", bytes(range(256))],
    "mood": ["so so", "GLAD"],
    "net": ["10.0.0.0/8", "::1/128"],
    "texts": [[], ["", "a,b", '"{}\\', "NULL", "é"]],
    "counts": [[1, -2, 3]],
    "moods": [["GLAD", "so so"]],
    "jsons": [[{"a": 1}, [1, 2], "x"]],
    "odd": [7],
}


@pytest.mark.parametrize("way", ["insert", "copy", "unnest"])
def test_every_type_comes_back_as_it_went(fresh_database: str, things: ModuleType, way: str) -> None:
    create(fresh_database, EVERYTHING)
    with opened(things, fresh_database) as db:
        for field, values in VALUES.items():
            for value in values:
                row = {field: value, **({} if field == "texts" else {"texts": ["t"]})}
                if way == "insert":
                    made = db.thing.insert(row)
                elif way == "unnest":
                    [made] = db.thing.insert_many_returning([row])
                else:
                    db.thing.insert_many([row])
                    made = db.thing.find_first(order_by={"id": "desc"})
                assert getattr(made, field) == value, (field, value)
                if not isinstance(value, float | list | dict) and field != "plain":
                    assert db.thing.find_first(where={field: value, "id": made.id}) is not None, (field, value)


def test_both_worlds_read_the_same(fresh_database: str, things: ModuleType) -> None:
    create(fresh_database, EVERYTHING)

    async def rows() -> list[Any]:
        async with things.AsyncDatabase(fresh_database) as db:
            for field, values in VALUES.items():
                for value in values:
                    await db.thing.insert_many([{field: value, **({} if field == "texts" else {"texts": ["t"]})}])
                    if field != "key":
                        await db.thing.insert({field: value})
            found: list[Any] = await db.thing.find_many(order_by={"id": "asc"})
            return found

    by_asyncio = asyncio.run(rows())
    with opened(things, fresh_database) as db:
        assert db.thing.find_many(order_by={"id": "asc"}) == by_asyncio
        assert len(by_asyncio) == 2 * sum(map(len, VALUES.values())) - len(VALUES["key"])


def test_null_of_json_is_not_the_null_of_the_column(fresh_database: str, things: ModuleType) -> None:
    create(fresh_database, EVERYTHING)
    with opened(things, fresh_database) as db:
        db.thing.insert_many([{"json": JSON_NULL, "texts": []}, {"json": None, "texts": []}])
        assert [each.json for each in db.thing.find_many()] == [None, None]
        assert db.thing.count(where={"json": None}) == 1


def test_a_moment_with_a_zone_is_stored_as_utc(fresh_database: str, things: ModuleType) -> None:
    create(fresh_database, EVERYTHING)
    with opened(things, fresh_database) as db:
        moment = datetime.fromisoformat("2026-01-01T02:00:00+02:00")
        assert db.thing.insert({"moment": moment}).moment == datetime(2026, 1, 1)  # noqa: DTZ001  # as stored


def test_a_text_that_is_too_long_is_refused_not_cut(fresh_database: str, things: ModuleType) -> None:
    create(fresh_database, EVERYTHING)
    with opened(things, fresh_database) as db:
        for write in (db.thing.insert, lambda row: db.thing.insert_many([row])):
            with pytest.raises(failures.InvalidValue, match="too long"):
                write({"short": "123456", "texts": []})


def test_the_synchronous_source_is_the_asynchronous_one() -> None:
    for name in WRITTEN:
        path = ROOT / "src" / "pgarchitect" / "access" / "sync" / name
        assert path.read_text(encoding="utf-8") == converted(name), "run: python -m scripts.sync_from_async"


def test_one_schema_always_gives_the_same_module(tmp_path: Path) -> None:
    texts = set()
    for _ in range(2):
        client(edfinance_text(), tmp_path, "same_client")
        texts.add((tmp_path / "same_client.py").read_text(encoding="utf-8"))
    assert len(texts) == 1


_NAMESAKES = """
datasource db {
  provider = "postgresql"
}
enum Sort {
  UP
}
enum UserFilter {
  A
}
model User {
  id     Int         @id
  sort   Sort
  only   UserFilter?
  orders UserOrder[]
}
model UserOrder {
  id     Int  @id
  userId Int
  user   User @relation(fields: [userId], references: [id])
}
"""
"""Names of models and enums that the module has for something else; more are made of what it imports."""


_ALIKE = """
model A {
  id       Int @id
  x        Int @unique
  y        Int @unique
  b        B   @relation("x", fields: [x], references: [id])
  bUpserted B  @relation("y", fields: [y], references: [id])
}

model B {
  id    Int @id
  one   A?  @relation("x")
  other A?  @relation("y")
}
"""
"""Relations whose names end as those of the types of other relations do."""


def test_no_two_types_of_relations_have_one_name() -> None:
    text = client_module(parse_schema({"s.prisma": 'datasource db {\n  provider = "postgresql"\n}\n' + _ALIKE}))
    form = re.compile(r'^(_\w+) = TypedDict\("\w+", \{$(.*?)^\}', re.MULTILINE | re.DOTALL)
    made: dict[str, str] = dict(form.findall(text))
    for each in ("B", "BUpserted"):
        assert f'"create": "ACreateWithout{each}"' in made[f"_ACreateWithout{each}One"]
        assert '"connect": "AUnique"' in made[f"_ACreateWithout{each}One"]


def test_models_and_enums_may_have_the_names_of_what_the_module_has_beside_them(tmp_path: Path) -> None:
    imported = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(client_module(parse_schema({"s.prisma": _NAMESAKES}))))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    names = {each for each in imported if each[0].isupper()} - {"Decimal", "Json", "Sort"} | {"Database", "Transaction"}
    more = [f"model {each} {{\n  id Int @id\n}}\n" for each in sorted(names)]
    text = client_module(parse_schema({"s.prisma": _NAMESAKES + "".join(more)}))
    nodes = ast.parse(text).body
    defined = [each.name for each in nodes if isinstance(each, ast.ClassDef)]
    defined += [
        each.targets[0].id for each in nodes if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)
    ]
    assert len(set(defined)) == len(defined)
    assert imported.isdisjoint(defined)
    (tmp_path / "namesakes.py").write_text(text, encoding="utf-8")
    (tmp_path / "use.py").write_text(
        "from namesakes import Database, TransactionRow, UserOrderRow\n"
        "def f(db: Database) -> TransactionRow:\n"
        "    order: UserOrderRow = db.user_order.insert({'id': 1, 'user': {'connect': {'id': 1}}})\n"
        "    print(db.user.find_many(where={'sort': 'UP', 'orders': {'some': {'id': order.id}}}, take=1))\n"
        "    return db.transaction_.get({'id': 1})\n",
        encoding="utf-8",
    )
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "use.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout


def test_types_are_those_of_the_schema(tmp_path: Path) -> None:
    client(edfinance_text(), tmp_path, "typed_client")
    (tmp_path / "use.py").write_text(
        "from typed_client import AsyncDatabase, Database\n"
        "def f(db: Database) -> None:\n"
        "    reveal_type(db.user.find_many())\n"
        "    reveal_type(db.user.find_many(select=['id']))\n"
        "    db.user.find_many(order_by=[{'posts': {'_count': 'desc'}}, {'wallet': {'balance': 'asc'}}])\n"
        "    db.user.group_by(['rle'])\n"
        "    db.user.aggregate(sums=['points'])\n"
        "    reveal_type(db.user.get({'id': 1}).posts)\n"
        "    reveal_type(db.user.get({'email': 'x'}).role)\n"
        "    db.user.find_unique({'points': 1})\n"
        "    db.user.insert({'email': 'x'})\n"
        "    db.user.find_many(where={'points': {'gte': 'x'}})\n"
        "async def g(db: AsyncDatabase) -> None:\n"
        "    reveal_type(await db.wallet.find_first())\n"
        "    async with db.transaction() as tx:\n"
        "        reveal_type(tx.user)\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "use.py"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    revealed = [line.partition('is "')[2].rstrip('"') for line in told.splitlines() if "Revealed" in line]
    assert revealed == [
        "list[typed_client.User]",
        "list[dict[str, Any]]",
        "list[typed_client.SocialPost]",
        "Literal['STUDENT'] | Literal['MENTOR'] | Literal['ADMIN']",
        "typed_client.Wallet | None",
        "typed_client.AsyncUserTable",
    ]
    wrong = sorted(int(line.split(":")[1]) for line in told.splitlines() if ": error:" in line)
    assert wrong == [6, 7, 10, 11, 12]


_TENANTS = """
datasource db {
  provider = "postgresql"
}
enum Mood {
  GLAD
  SAD
}
model Person {
  id    Int    @id @default(autoincrement())
  mood  Mood   @default(GLAD)
  moods Mood[]
  tags  Tag[]
}
model Tag {
  id     Int      @id @default(autoincrement())
  at     DateTime @default(now()) @updatedAt
  people Person[]
}
"""


def test_the_schema_of_the_url_is_where_the_tables_are(fresh_database: str, tmp_path: Path) -> None:
    module = client(_TENANTS, tmp_path, "tenants_client")
    script = create_script(lower(parse_schema({"s.prisma": _TENANTS})))
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        for name in ("public", "tenant one"):
            connection.execute(
                sql.SQL("CREATE SCHEMA IF NOT EXISTS {0}; SET search_path = {0}").format(sql.Identifier(name))
            )
            connection.execute(script.encode())
    url = f"{fresh_database}{'&' if '?' in fresh_database else '?'}schema=tenant%20one"
    new = {"mood": "SAD", "moods": ["GLAD"], "tags": {"create": {}}}

    async def with_asyncio() -> None:
        async with module.AsyncDatabase(url) as db:
            async with db.transaction() as tx, tx.savepoint() as part:
                await part.person.insert(new)
            await db.person.insert_many([{"mood": "SAD", "moods": ["SAD"]}])
            assert await db.person.count(where={"mood": "SAD"}) == 2
            assert await db.query('SELECT count(*) AS n FROM "Person"') == [{"n": 2}]

    asyncio.run(with_asyncio())
    with module.Database(url) as db, closing(AlchemyDatabase(url, PoolOptions(), db.tables)) as other:
        for table in (db.person, other.alchemy_tables["person"]):
            assert [len(each.tags) for each in table.find_many(include={"tags": True}, order_by={"id": "asc"})] == [
                1,
                0,
            ]
            assert table.update(where={"id": 2}, data={"mood": "GLAD"}).moods == ["SAD"]
        with db.transaction() as tx:
            tx.person.insert(new)
            assert tx.query('SELECT count(*) AS n FROM "Person"') == [{"n": 3}]
        assert db.person.to_polars()["mood"].to_list() == ["SAD", "GLAD", "SAD"]
        [first, *_] = db.tag.find_many(order_by={"id": "asc"})
        assert db.tag.upsert_many([{"id": first.id}], key=["id"], update=["id"]) == 1
        assert db.tag.get({"id": first.id}).at > first.at
    with module.Database(fresh_database) as db:
        assert db.person.count() == 0


def test_a_pool_is_as_large_and_as_patient_as_the_url_says(fresh_database: str, school: ModuleType) -> None:
    sign = "&" if "?" in fresh_database else "?"
    made = school.Database(f"{fresh_database}{sign}connection_limit=3&pool_timeout=7").pool.options
    assert (made.max_size, made.timeout) == (3, 7.0)
    assert (
        school.Database(f"{fresh_database}{sign}connection_limit=3", PoolOptions(max_size=4)).pool.options.max_size == 4
    )
    with pytest.raises(failures.InvalidCondition, match="connection_limit in the URL is 'many'; give a whole number"):
        school.Database(f"{fresh_database}{sign}connection_limit=many")


def test_prismas_own_parameters_of_a_url_are_understood(fresh_database: str, school: ModuleType) -> None:
    create(fresh_database, edfinance_text())
    sign = "&" if "?" in fresh_database else "?"
    with school.Database(f"{fresh_database}{sign}schema=public&pgbouncer=true", PoolOptions()) as db:
        assert db.user.count() == 0
