"""Nested writes: a row with all that its relations lead to, in one transaction and few statements, in both worlds."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

from pgarchitect.access import failures
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.access_lab import client, create
from tests.access_nested_lab import RELATIONS, ann, emails, listened, post, posts_of, slugs, world
from tests.module_database import module_database


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(RELATIONS, tmp_path_factory.mktemp("client"), "people_client")


@pytest.fixture(scope="module", params=["threads", "asyncio"])
def opened(request: pytest.FixtureRequest, server: EmbeddedServer, people: ModuleType) -> Iterator[Any]:
    with module_database(server, f"nested_{request.param}") as url:
        create(url, RELATIONS)
        with world(request.param, people, url) as made:
            yield made


@pytest.fixture
def db(opened: Any) -> Any:
    """The database without rows, and with ids from 1."""
    opened.execute('TRUNCATE people, "Post", "Tag", "Room", "Seat" RESTART IDENTITY CASCADE')
    return opened


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return listened(monkeypatch)


def test_a_row_is_written_with_all_that_its_relations_lead_to(db: Any) -> None:
    made = db.person.insert(
        {
            "email": "ann",
            "boss": {"create": {"email": "bo", "boss": {"create": {"email": "cy"}}}},
            "passport": {"create": {"number": "P1"}},
            "desk": {"connect_or_create": {"where": {"code": "D1"}, "create": {"code": "D1"}}},
            "friends": {"create": [{"email": "dee"}, {"email": "eve"}]},
            "posts": {
                "create": [
                    post(
                        "a",
                        tags={"create": {"name": "x"}},
                        notes={"create_many": {"data": [{"line": i, "text": f"n{i}"} for i in (1, 2)]}},
                    ),
                    post("b", title="B", tags={"create": [{"name": "y"}, {"name": "z"}]}),
                ]
            },
            "seats": {"create": {"label": "S1", "room": {"create": {"floor": 1, "number": 2}}}},
        },
        include={
            "boss": {"include": {"boss": True}},
            "passport": True,
            "desk": True,
            "friends": True,
            "seats": {"include": {"room": True}},
            "posts": {"order_by": {"slug": "asc"}, "include": {"tags": True, "notes": True, "author": True}},
        },
    )
    assert (made.boss.email, made.boss.boss.email) == ("bo", "cy")
    assert (made.passport.number, made.desk.code, emails(made.friends)) == ("P1", "D1", ["dee", "eve"])
    assert [(each.slug, sorted(tag.name for tag in each.tags)) for each in made.posts] == [
        ("a", ["x"]),
        ("b", ["y", "z"]),
    ]
    assert [each.text for each in made.posts[0].notes] == ["n1", "n2"]
    assert made.posts[1].author.id == made.id
    assert (made.seats[0].room.floor, made.seats[0].room.number) == (1, 2)
    assert emails(db.person.find_many(where={"friend_of": {"some": {"email": "ann"}}})) == ["dee", "eve"]


def test_so_many_rows_take_as_many_statements_as_one(db: Any, sent: list[str]) -> None:
    counts = []
    for number in (2, 40):
        sent.clear()
        db.person.insert(
            {
                "email": f"p{number}",
                "posts": {
                    "create": [
                        post(
                            f"{number}-{i}",
                            tags={"connect_or_create": [{"where": {"name": t}, "create": {"name": t}} for t in "xyz"]},
                            notes={"create": [{"line": n, "text": ""} for n in range(3)]},
                        )
                        for i in range(number)
                    ]
                },
            }
        )
        counts.append(len(sent))
    # BEGIN, the person, the posts, the tags looked for, (created,) and joined, the notes, COMMIT.
    assert counts == [8, 7]
    assert (db.post.count(), db.tag.count(), db.note.count()) == (42, 3, 126)
    assert db.tag.count(where={"posts": {"some": {"slug": "40-39"}}}) == 3


def test_a_key_that_is_known_takes_one_statement_and_no_transaction(db: Any, sent: list[str]) -> None:
    boss = ann(db)
    sent.clear()
    made = db.person.insert({"email": "bo", "boss": {"connect": {"id": boss.id}}})
    assert (made.boss_id, len(sent)) == (boss.id, 1)
    assert db.person.update(where={"id": made.id}, data={"boss": {"disconnect": True}}).boss_id is None
    assert len(sent) == 2
    by_email = db.person.insert({"email": "cy", "boss": {"connect": {"email": "ann"}}})
    assert by_email.boss_id == boss.id


def test_rows_of_a_relation_to_many_are_connected_and_disconnected(db: Any) -> None:
    ann(db, posts={"create": [post("a"), post("b")]}, edits={"create": post("c", author={"create": {"email": "bo"}})})
    first = db.person.get({"email": "ann"})
    bo = db.person.get({"email": "bo"})
    db.person.update(where={"id": bo.id}, data={"posts": {"connect": [{"slug": "a"}, {"id": 2}, {"slug": "a"}]}})
    assert (posts_of(db, "ann"), posts_of(db, "bo")) == ([], ["a", "b", "c"])
    edits = {"connect": [{"slug": "a"}, {"slug": "b"}], "disconnect": {"slug": "c"}}
    got = db.person.update(where={"id": first.id}, data={"edits": edits}, include={"edits": True})
    assert slugs(got.edits) == ["a", "b"]
    got = db.person.update(where={"id": bo.id}, data={"edits": {"disconnect": {"slug": "a"}}}, include={"edits": True})
    assert slugs(got.edits) == []  # what is another's stays another's
    got = db.person.update(
        where={"id": first.id}, data={"edits": {"set": [{"slug": "b"}, {"slug": "c"}]}}, include={"edits": True}
    )
    assert slugs(got.edits) == ["b", "c"]
    new = {"set": [], "create": [post("d", author_id=bo.id)]}
    got = db.person.update(where={"id": first.id}, data={"edits": new}, include={"edits": True})
    assert slugs(got.edits) == ["d"]
    assert db.post.count() == 4


def test_rows_of_a_relation_to_many_are_changed_written_and_deleted(db: Any) -> None:
    person = ann(db, posts={"create": [post(each, views=1) for each in "abcdef"]})
    db.person.insert({"email": "bo", "posts": {"create": post("z", views=1)}})
    db.person.update(
        where={"email": "ann"},
        data={
            "age": 5,
            "posts": {
                "update": [
                    {"where": {"slug": "a"}, "data": {"title": "A", "views": {"increment": 1}}},
                    {"where": {"slug": "b"}, "data": {"title": "B", "views": {"increment": 5}}},
                    {"where": {"slug": "a"}, "data": {"labels": {"push": "l"}}},
                ],
                "update_many": {"where": {"slug": {"in": ["c", "z"]}}, "data": {"views": {"multiply": 7}}},
                "upsert": [
                    {"where": {"slug": "d"}, "create": post("d"), "update": {"title": "D"}},
                    {"where": {"slug": "n"}, "create": post("n", title="N"), "update": {"title": "wrong"}},
                ],
                "delete": {"slug": "e"},
                "delete_many": [{"slug": "f"}, {"slug": "z"}],
                "create_many": {"data": [post("g"), post("h", title="H"), post("i")]},
            },
        },
    )
    found = {each.slug: (each.title, each.views, each.labels) for each in db.post.find_many(where={"author_id": 1})}
    assert person.id == 1
    assert found == {
        "a": ("A", 2, ["l"]),
        "b": ("B", 6, []),
        "c": ("", 7, []),
        "d": ("D", 1, []),
        "n": ("N", 0, []),
        "g": ("", 0, []),
        "h": ("H", 0, []),
        "i": ("", 0, []),
    }
    assert db.post.get({"slug": "z"}).views == 1
    assert db.person.get({"id": 1}).age == 5


def test_create_many_passes_over_duplicates_when_it_is_told_to(db: Any) -> None:
    person = ann(db, posts={"create": post("a")})
    several = {"data": [post("a"), post("b")], "skip_duplicates": True}
    db.person.update(where={"id": person.id}, data={"posts": {"create_many": several}})
    assert posts_of(db, "ann") == ["a", "b"]
    with pytest.raises(failures.UniqueViolated):
        db.person.update(where={"id": person.id}, data={"age": 9, "posts": {"create_many": {"data": [post("a")]}}})
    assert db.person.get({"id": person.id}).age is None


def test_rows_are_joined_and_parted(db: Any) -> None:
    ann(db, posts={"create": [post("a", tags={"create": [{"name": "x"}, {"name": "y"}]}), post("b")]})

    def tags(slug: str) -> list[str]:
        return sorted(each.name for each in db.tag.find_many(where={"posts": {"some": {"slug": slug}}}))

    def change(slug: str, **operations: Any) -> list[str]:
        db.post.update(where={"slug": slug}, data={"tags": operations})
        return tags(slug)

    assert change("b", connect=[{"name": "x"}, {"name": "x"}], create={"name": "z"}) == ["x", "z"]
    assert change("a", disconnect=[{"name": "x"}, {"name": "z"}]) == ["y"]
    assert change("a", set=[{"name": "x"}, {"name": "z"}]) == ["x", "z"]
    assert change("a", set=[]) == []
    assert change("b", update={"where": {"name": "x"}, "data": {"name": "x2"}}) == ["x2", "z"]
    assert change("b", upsert=[{"where": {"name": "n"}, "create": {"name": "n"}, "update": {}}]) == ["n", "x2", "z"]
    assert change("b", update_many={"where": {"name": "n"}, "data": {"name": "n2"}}) == ["n2", "x2", "z"]
    assert change("b", delete={"name": "n2"}, delete_many={"name": {"starts_with": "x"}}) == ["z"]
    assert change("a", connect_or_create={"where": {"name": "z"}, "create": {"name": "z"}}) == ["z"]
    assert sorted(each.name for each in db.tag.find_many()) == ["y", "z"]
    with pytest.raises(failures.RelatedNotFound, match="tags leads to tag, which has no row with name 'y'"):
        change("b", delete={"name": "y"})  # it is no tag of this post


def test_a_relation_of_a_table_to_itself_has_two_sides(db: Any) -> None:
    ann(
        db, friends={"create": {"email": "bo"}}, friend_of={"create": {"email": "cy"}}, staff={"create": {"email": "d"}}
    )
    friends = {each.email: emails(each.friends) for each in db.person.find_many(include={"friends": True})}
    assert friends == {"ann": ["bo"], "bo": [], "cy": ["ann"], "d": []}
    d = db.person.get({"email": "d"}, include={"boss": True})
    assert d.boss.email == "ann"
    db.person.update(
        where={"email": "bo"}, data={"staff": {"connect": {"email": "d"}}, "friends": {"connect": {"id": 1}}}
    )
    assert db.person.get({"email": "d"}, include={"boss": True}).boss.email == "bo"
    assert emails(db.person.get({"email": "bo"}, include={"friends": True}).friends) == ["ann"]


def test_one_to_one_from_the_side_without_the_key(db: Any) -> None:
    person = ann(db, desk={"create": {"code": "D1"}}, passport={"create": {"number": "P1"}})
    other = db.person.insert({"email": "bo", "desk": {"create": {"code": "D2"}}})

    def desk(**operations: Any) -> Any:
        got = db.person.update(where={"id": person.id}, data={"desk": operations}, include={"desk": True})
        return got.desk and got.desk.code

    assert desk(create={"code": "D3"}) == "D3"  # D1 makes room
    assert db.desk.get({"code": "D1"}).person_id is None
    assert desk(connect={"code": "D2"}) == "D2"  # and leaves whom it belonged to
    assert db.person.get({"id": other.id}, include={"desk": True}).desk is None
    assert desk(update={"code": "D2b"}) == "D2b"
    assert desk(upsert={"create": {"code": "no"}, "update": {"code": "D2"}}) == "D2"
    assert desk(disconnect=True) is None
    assert desk(disconnect=False) is None
    assert desk(upsert={"create": {"code": "D4"}, "update": {"code": "no"}}) == "D4"
    assert desk(delete=True) is None
    assert sorted(each.code for each in db.desk.find_many()) == ["D1", "D2", "D3"]
    with pytest.raises(failures.RelatedNotFound):
        desk(update={"code": "x"})
    with pytest.raises(failures.UniqueViolated):
        db.person.update(where={"id": person.id}, data={"passport": {"create": {"number": "P2"}}})
    assert db.person.update(where={"id": person.id}, data={"passport": {"delete": True}}) is not None
    assert db.passport.count() == 0


def test_one_to_one_from_the_side_with_the_key(db: Any) -> None:
    first, second = ann(db), db.person.insert({"email": "bo"})
    desk = db.desk.insert({"code": "D1", "person": {"connect": {"id": first.id}}})
    other = db.desk.insert({"code": "D2", "person": {"connect": {"email": "bo"}}})
    db.desk.update(where={"id": desk.id}, data={"person": {"connect": {"id": second.id}}})
    assert [db.desk.get({"id": each.id}).person_id for each in (desk, other)] == [second.id, None]
    db.desk.update(where={"id": desk.id}, data={"person": {"update": {"age": 3}}})
    assert db.person.get({"id": second.id}).age == 3
    db.desk.update(
        where={"id": other.id}, data={"person": {"upsert": {"create": {"email": "cy"}, "update": {"age": 1}}}}
    )
    assert db.person.get({"email": "cy"}, include={"desk": True}).desk.id == other.id
    db.desk.update(where={"id": other.id}, data={"code": "D3", "person": {"delete": True}})
    assert db.person.find_unique({"email": "cy"}) is None
    assert db.desk.get({"code": "D3"}).person_id is None
    with pytest.raises(failures.RelatedNotFound):
        db.desk.update(where={"id": other.id}, data={"person": {"update": {"age": 3}}})
    passport = db.passport.insert({"number": "P", "person": {"create": {"email": "new"}}})
    made = {"where": {"email": "ann"}, "create": {"email": "ann"}}
    moved = db.passport.update(where={"id": passport.id}, data={"person": {"connect_or_create": made}})
    assert moved.person_id == first.id


def test_keys_of_several_columns(db: Any) -> None:
    db.room.insert({"floor": 1, "number": 1, "seats": {"create": [{"label": "a"}, {"label": "b"}]}})
    room = {"floor": 2, "number": 1}
    db.room.insert({**room, "seats": {"connect": {"label": "b"}}})
    assert [(each.label, each.floor) for each in db.seat.find_many(order_by={"label": "asc"})] == [("a", 1), ("b", 2)]
    moved = db.seat.update(where={"label": "a"}, data={"room": {"connect": {"floor": 2, "number": 1}}})
    assert (moved.floor, moved.number) == (2, 1)
    db.room.update(where=room, data={"name": "R", "seats": {"disconnect": {"label": "a"}, "set": [{"label": "b"}]}})
    assert db.seat.get({"label": "a"}).number is None
    db.post.insert(post("p", author={"create": {"email": "x"}}, notes={"create": [{"line": 1, "text": "one"}]}))
    by_line = {"where": {"post_id": 1, "line": 1}, "data": {"text": "uno"}}
    more = {"where": {"post_id": 1, "line": 2}, "create": {"line": 2, "text": "two"}, "update": {"text": "no"}}
    db.post.update(where={"slug": "p"}, data={"notes": {"update": by_line, "upsert": more}})
    assert [each.text for each in db.note.find_many(order_by={"line": "asc"})] == ["uno", "two"]


def test_an_upsert_writes_or_changes_what_belongs_to_the_row(db: Any) -> None:
    for expected in (["a"], ["a", "b"]):
        got = db.person.upsert(
            where={"email": "ann"},
            create={"email": "ann", "posts": {"create": post("a")}},
            update={"age": {"set": 4}, "posts": {"create": post("b")}},
            include={"posts": True},
        )
        assert slugs(got.posts) == expected
    assert got.age == 4


def test_an_upsert_finds_the_row_by_where_also_when_it_would_create_another(db: Any) -> None:
    ann(db)
    db.room.insert({"floor": 1, "number": 1})
    found = db.person.upsert(where={"email": "ann"}, create={"email": "ann2"}, update={"age": 4})
    assert (found.email, found.age, db.person.count()) == ("ann", 4, 1)
    made = db.person.upsert(where={"email": "bo"}, create={"email": "bo2"}, update={"age": 4})
    assert (made.email, made.age) == ("bo2", None)
    room = db.room.upsert(where={"floor": 1, "number": 1}, create={"floor": 1, "number": 2}, update={"name": "R"})
    assert (room.floor, room.number, room.name, db.room.count()) == (1, 1, "R", 1)


def test_a_key_that_is_looked_for_is_not_written_so_that_numbers_are_the_sequences_own(db: Any) -> None:
    def by(number: int, name: str) -> dict[str, Any]:
        return {"where": {"id": number}, "create": {"email": name}}

    def slug(number: int, name: str) -> dict[str, Any]:
        return {"where": {"id": number}, "create": post(name)}

    made = db.person.upsert(**by(99, "ann"), update={})
    posts = {"connect_or_create": [slug(3, "a"), slug(3, "b")], "create": post("c")}
    db.person.insert({"email": "bo", "boss": {"connect_or_create": by(4, "cy")}, "posts": posts})
    changed = {"upsert": [{**slug(9, "d"), "update": {}}, {**slug(4, "e"), "update": {}}]}
    db.person.update(where={"email": "bo"}, data={"posts": changed})
    db.person.insert({"email": "dee"})
    found = {each.email: each.id for each in db.person.find_many()}
    assert (made.id, found) == (1, {"ann": 1, "cy": 2, "bo": 3, "dee": 4})
    assert [each.slug for each in db.post.find_many(order_by={"id": "asc"})] == ["a", "b", "c", "d", "e"]
    with pytest.raises(failures.ValidationFailed, match=r"create\.email is missing"):
        db.person.upsert(where={"email": "x"}, create={}, update={})
    with pytest.raises(failures.ValidationFailed, match=r"posts\.connect_or_create\.create\.slug is missing"):
        db.person.insert({"email": "x", "posts": {"connect_or_create": {"where": {"slug": "x"}, "create": {}}}})


def test_a_relation_of_the_row_to_create_goes_before_the_key_that_was_looked_for(db: Any) -> None:
    ann(db, posts={"create": [post("a"), post("b")]})
    key = {"post_id": 1, "line": 1}
    new = {"text": "t", "line": 1, "post": {"connect": {"id": 1}}}
    made = [db.note.upsert(where=key, create=new, update={"text": "u"}) for _ in range(2)]
    assert [(each.post_id, each.text) for each in made] == [(1, "t"), (1, "u")]
    by_slug = {"text": "s", "line": 1, "post": {"connect": {"slug": "b"}}}
    assert db.note.upsert(where={"post_id": 2, "line": 1}, create=by_slug, update={}).post_id == 2


def test_levels_below_are_changed_together(db: Any, sent: list[str]) -> None:
    ann(db, posts={"create": [post(str(i), notes={"create": {"line": 1, "text": ""}}) for i in range(20)]})
    sent.clear()
    db.person.update(
        where={"email": "ann"},
        data={
            "posts": {
                "update": [
                    {
                        "where": {"slug": str(i)},
                        "data": {
                            "views": i,
                            "editor": {"update": {"age": i}} if i > 20 else {"connect": {"email": "ann"}},
                            "notes": {"update": {"where": {"post_id": i + 1, "line": 1}, "data": {"text": f"t{i}"}}},
                            "tags": {"create": {"name": f"t{i}"}},
                        },
                    }
                    for i in range(20)
                ]
            }
        },
    )
    # BEGIN, the person; the posts locked, their editors found, the posts; tags and joins; notes; COMMIT.
    assert len(sent) == 9
    assert [each.text for each in db.note.find_many(order_by={"post_id": "asc"})] == [f"t{i}" for i in range(20)]
    assert db.post.count(where={"editor": {"email": "ann"}, "views": {"gte": 1}}) == 19
    assert db.tag.count(where={"posts": {"some": {"views": 7}}, "name": "t7"}) == 1


def test_a_moment_of_change_is_kept_also_by_a_relation(db: Any) -> None:
    ann(db)
    before = db.person.insert({"email": "bo"}).updated_at
    time.sleep(0.002)  # the column keeps milliseconds
    db.person.update(where={"email": "ann"}, data={"staff": {"connect": {"email": "bo"}}})
    assert db.person.get({"email": "bo"}).updated_at > before


Wrong = tuple[str, dict[str, Any], type[Exception], str]
WRONG: list[Wrong] = [
    ("person", {"posts": {"connect": {"slug": "no"}}}, failures.RelatedNotFound, "no row with slug 'no'"),
    ("person", {"posts": {"connect": [{"slug": "a"}, {"slug": "no"}]}}, failures.RelatedNotFound, "slug 'no'"),
    ("person", {"posts": {"update": {"where": {"slug": "z"}, "data": {}}}}, failures.RelatedNotFound, "slug 'z'"),
    (
        "person",
        {"posts": {"update": [{"where": {"slug": "z"}, "data": {"views": 1}}]}},
        failures.RelatedNotFound,
        "slug 'z'",
    ),
    ("person", {"posts": {"delete": {"slug": "z"}}}, failures.RelatedNotFound, "slug 'z'"),
    ("person", {"edits": {"set": [{"slug": "no"}]}}, failures.RelatedNotFound, "slug 'no'"),
    ("person", {"boss": {"connect": {"email": "no"}}}, failures.RelatedNotFound, "boss leads to person"),
    ("person", {"boss": {"connect": {"id": 99}}}, failures.RelatedNotFound, "boss of person is connected with a row"),
    ("person", {"boss": {"update": {"age": 1}}}, failures.RelatedNotFound, "no row there"),
    ("person", {"boss": {"delete": True}}, failures.RelatedNotFound, "no row there"),
    ("person", {"posts": {"create": post("z")}}, failures.UniqueViolated, "z"),
    ("post", {"tags": {"connect": {"name": "no"}}}, failures.RelatedNotFound, "no row with name 'no'"),
]


def test_what_goes_wrong_has_a_name_and_takes_everything_back(db: Any) -> None:
    ann(db, posts={"create": post("a")})
    db.person.insert({"email": "bo", "posts": {"create": post("z")}})
    for table, data, kind, told in WRONG:
        own = {"age": 77, "staff": {"create": {"email": "new"}}} if table == "person" else {"title": "new"}
        where = {"email": "ann"} if table == "person" else {"slug": "a"}
        with pytest.raises(kind) as raised:
            getattr(db, table).update(where=where, data={**own, **data})
        assert told in str(raised.value)
    assert (db.person.count(), db.person.count(where={"age": 77}), db.post.count(where={"title": "new"})) == (2, 0, 0)
    assert (posts_of(db, "ann"), posts_of(db, "bo")) == (["a"], ["z"])


REFUSED: list[Wrong] = [
    ("person", {"posts": {"disconnect": {"slug": "a"}}}, failures.RelationRequired, "author_id of post"),
    ("person", {"posts": {"set": []}}, failures.RelationRequired, "author_id of post"),
    ("post", {"author": {"delete": True}}, failures.RelationRequired, "author_id of post"),
    ("person", {"passport": {"disconnect": True}}, failures.RelationRequired, "person_id of passport"),
    ("person", {"posts": {"connect": {"views": 1}}}, failures.InvalidCondition, "views is none"),
    ("person", {"posts": {"connect": {"slug": {"contains": "a"}}}}, failures.InvalidCondition, "plain values"),
    ("person", {"posts": {"connect": {"slug": None}}}, failures.InvalidCondition, "plain values"),
    ("person", {"posts": {"make": {}}}, failures.InvalidCondition, "no operation 'make'"),
    ("person", {"posts": [post("x")]}, failures.InvalidCondition, "takes a mapping"),
    ("person", {"posts": {"update": {"views": 1}}}, failures.InvalidCondition, "takes where, data"),
    ("person", {"desk": {"disconnect": {"code": "x"}}}, failures.InvalidCondition, "takes True"),
    ("person", {"desk": {"connect": {"code": "x"}, "delete": True}}, failures.InvalidCondition, "one operation"),
    ("person", {"desk": {"set": []}}, failures.InvalidCondition, "no operation 'set'"),
    ("post", {"tags": {"create_many": {"data": []}}}, failures.InvalidCondition, "no operation 'create_many'"),
    ("post", {"editor_id": 1, "editor": {"connect": {"id": 1}}}, failures.InvalidCondition, "give one of them"),
    ("post", {"editor_id": 1, "editor": {"create": {"email": "x"}}}, failures.InvalidCondition, "give one of them"),
    ("person", {"posts": {"create": post("x", author_id=5)}}, failures.InvalidCondition, "give one of them"),
    ("person", {"posts": {"create": {"slug": "x", "nope": 1}}}, failures.UnknownField, "nope"),
    ("person", {"posts": {"update": {"where": {"nope": 1}, "data": {}}}}, failures.UnknownField, "nope"),
    ("person", {"posts": {"create_many": {"data": [{"tags": {}}]}}}, failures.UnknownField, "tags"),
    ("person", {"staff": {"create": {"email": "x" * 21}}}, failures.ValidationFailed, "staff.create.email is too long"),
    (
        "person",
        {"posts": {"create": [{}, {"slug": "\0"}]}},
        failures.ValidationFailed,
        "posts.create[0].slug is missing",
    ),
]


def test_what_cannot_be_is_refused_before_anything_is_sent(db: Any, sent: list[str]) -> None:
    for table, data, kind, told in REFUSED:
        with pytest.raises(kind) as raised:
            getattr(db, table).update(where={"id": 1}, data=data)
        assert told in str(raised.value)
    assert sent == []


def test_a_condition_is_no_key(db: Any, sent: list[str]) -> None:
    with pytest.raises(failures.InvalidCondition, match="where of one row of person must have one value of id"):
        db.person.update(where={"id": {"gt": 5}}, data={"boss": {"disconnect": True}})
    with pytest.raises(failures.InvalidCondition, match="connect takes plain values of a unique key, and age has none"):
        db.person.insert({"email": "x", "boss": {"connect": {"id": 1, "age": {"gt": 5}}}})
    assert sent == []


def test_a_row_whose_key_a_relation_of_its_own_changes_is_taken_by_the_new_one(db: Any) -> None:
    ann(db, posts={"create": [post("a"), post("b")]}, desk={"create": {"code": "D"}})

    def back(**change: Any) -> dict[str, Any]:
        return {"update": {"where": {"slug": "a"}, "data": {"author": {"update": change}}}}

    more = {"update_many": {"where": {"slug": "b"}, "data": {"title": "B"}}, "create": post("c")}
    got = db.person.update(where={"id": 1}, data={"posts": {**back(id=6), **more}}, include={"posts": True})
    assert (got.id, slugs(got.posts)) == (6, ["a", "b", "c"])
    assert db.post.get({"slug": "b"}).title == "B"
    upsert = {"upsert": {"where": {"slug": "d"}, "create": post("d"), "update": {}}}
    tags = {"edits": {"connect": {"slug": "b"}}, "staff": {"create": {"email": "bo"}}}
    got = db.person.update(where={"id": 6}, data={"posts": {**back(id=7, email="ann2"), **upsert}, **tags})
    assert (got.id, got.email, len(posts_of(db, "ann2"))) == (7, "ann2", 4)
    assert db.post.get({"slug": "b"}).editor_id == db.person.get({"email": "bo"}).boss_id == 7
    below = {"posts": {"update": {"where": {"slug": "a"}, "data": {"slug": "z", "id": 70}}}}
    made = db.post.update(
        where={"slug": "a"},
        data={"title": "T", "author": {"update": below}, "notes": {"create": {"line": 1, "text": ""}}},
    )
    assert (made.id, made.slug, made.title, db.note.count(where={"post_id": 70})) == (70, "z", "T", 1)


def test_a_row_that_does_not_fit_what_stands_beside_its_key_is_left_with_all_below(db: Any) -> None:
    ann(db, age=7, posts={"create": post("a")})
    change = {"posts": {"update": {"where": {"slug": "a"}, "data": {"title": "A"}}}}
    assert db.person.update(where={"id": 1, "age": {"gt": 7}}, data=change) is None
    made = db.person.upsert(where={"email": "ann", "age": 8}, create={"email": "bo"}, update=change)
    assert (made.email, db.post.get({"slug": "a"}).title) == ("bo", "")
    assert db.person.update(where={"id": 1, "age": {"gt": 6}}, data=change).id == 1
    assert db.post.get({"slug": "a"}).title == "A"


def test_a_required_relation_is_not_cut_and_a_missing_one_is_told(db: Any, sent: list[str]) -> None:
    with pytest.raises(failures.RelationRequired, match="connect another row"):
        db.post.update(where={"id": 1}, data={"author": {"disconnect": True}})
    with pytest.raises(failures.ValidationFailed, match="author_id is missing"):
        db.post.insert(post("x"))
    with pytest.raises(failures.InvalidCondition, match="it has create, connect, connect_or_create"):
        db.post.insert(post("x", author={"update": {}}))
    assert sent == []


def test_a_nested_write_that_fails_ends_the_transaction_that_it_is_in(db: Any) -> None:
    ann(db)
    change = {"age": 50, "posts": {"connect": {"slug": "no"}}}
    with pytest.raises(failures.TransactionBroken, match="aborted"), db.transaction() as tx:  # noqa: PT012  # the point
        with pytest.raises(failures.RelatedNotFound):
            tx.person.update(where={"email": "ann"}, data=change)
        tx.person.count()
    with db.transaction() as tx:
        with pytest.raises(failures.RelatedNotFound), tx.savepoint() as part:
            part.person.update(where={"email": "ann"}, data=change)
        tx.person.update(where={"email": "ann"}, data={"posts": {"create": post("x")}})
    assert db.person.get({"email": "ann"}).age is None
    assert posts_of(db, "ann") == ["x"]


def test_a_row_that_is_not_there_is_not_changed_and_nothing_is_written(db: Any) -> None:
    data = {"boss": {"create": {"email": "bo"}}, "posts": {"create": post("x")}}
    assert db.person.update(where={"email": "no"}, data=data) is None
    assert (db.person.count(), db.post.count()) == (0, 0)


HOSTILE = [
    "'; DROP TABLE people; --",
    'x" OR "1"="1',
    "\\'",
    "%_\\",
    "$1",
    "{}",
    "é\U0001f600",
    "",
    "null",
    "u.n",
    "\0",
]


def test_hostile_names_are_refused_everywhere(db: Any, sent: list[str]) -> None:
    for name in [*HOSTILE, "id; --", 'id" = 1; --', "posts.id"]:
        for data in _named(name):
            for validate in (True, False):
                with pytest.raises((failures.UnknownField, failures.InvalidCondition)):
                    db.person.update(where={"id": 1}, data=data, validate=validate)
    assert sent == []


def _named(name: str) -> list[dict[str, Any]]:
    """A name in every place of a nested write where names are."""
    row = {"slug": "s", name: 1}
    return [
        {name: 1},
        {"posts": {name: {}}},
        *({"posts": {each: row}} for each in ("create", "connect", "delete")),
        {"posts": {"create_many": {"data": [row]}}},
        {"posts": {"create_many": {"data": [], name: 1}}},
        {"posts": {"connect_or_create": {"where": {"slug": "s"}, "create": row}}},
        {"posts": {"connect_or_create": {"where": row, "create": {}}}},
        {"posts": {"update": {"where": row, "data": {}}}},
        {"posts": {"update": {"where": {"slug": "s"}, "data": {name: 1}}}},
        {"posts": {"update": {"where": {"slug": "s"}, "data": {"views": {name: 1}}}}},
        {"posts": {"upsert": {"where": {"slug": "s"}, "create": row, "update": {}}}},
        {"posts": {"upsert": {"where": {"slug": "s"}, "create": {}, "update": {name: 1}}}},
        {"posts": {"update_many": {"where": {}, "data": {name: 1}}}},
        {"posts": {"update_many": {"where": {name: 1}, "data": {"views": 1}}}},
        {"posts": {"delete_many": {name: 1}}},
        {"edits": {"set": [row]}},
        {"edits": {"disconnect": row}},
        {"boss": {"create": {"email": "e", name: 1}}},
        {"boss": {"connect": {"email": "e", name: 1}}},
        {"desk": {"update": {name: 1}}},
    ]


def test_hostile_values_are_values(db: Any) -> None:
    for number, value in enumerate(HOSTILE[:-1]):
        tag = {"where": {"name": value}, "create": {"name": value}}
        labels = [value, value]
        db.person.insert(
            {
                "email": str(number),
                "posts": {
                    "create": [
                        post(f"{number}{value}", title=value, labels=labels, tags={"connect_or_create": tag}),
                        post(f"{number}b{value}", title=value, labels=labels, tags={"connect_or_create": tag}),
                    ]
                },
            }
        )
        key = {"slug": f"{number}{value}"}
        change = {"update": {"where": key, "data": {"title": value + value, "labels": {"push": value}}}}
        got = db.person.update(where={"email": str(number)}, data={"posts": change}, include={"posts": True})
        assert sorted((each.title, each.labels) for each in got.posts) == sorted(
            [(value, labels), (value + value, [*labels, value])]
        )
        many = {"update_many": {"where": {"title": value + value}, "data": {"title": value}}}
        db.person.update(where={"email": str(number)}, data={"posts": many})
        db.post.update(where=key, data={"tags": {"delete": {"name": value}}})
        assert db.tag.count() == 0
    assert db.post.count() == 2 * (len(HOSTILE) - 1)


def test_two_that_connect_or_create_the_same_at_once_share_it(fresh_database: str, people: ModuleType) -> None:
    create(fresh_database, RELATIONS)
    tags = {"connect_or_create": [{"where": {"name": t}, "create": {"name": t}} for t in "abc"]}
    with world("threads", people, fresh_database) as db:
        ann(db)

        def write(number: int) -> None:
            db.post.insert(post(str(number), author={"connect": {"email": "ann"}}, tags=tags))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(40)))
        assert db.tag.count() == 3
        assert db.post.count(where={"tags": {"some": {"name": "c"}}}) == 40
