"""Nested writes of several rows at once: their order, keys that are handed on, and what takes one statement."""

from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest

from pgarchitect.access import failures
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.access_lab import client, create
from tests.access_nested_lab import RELATIONS, ann, listened, post, posts_of, slugs, world
from tests.module_database import module_database


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(RELATIONS, tmp_path_factory.mktemp("client"), "ordered_client")


@pytest.fixture(scope="module", params=["threads", "asyncio"])
def opened(request: pytest.FixtureRequest, server: EmbeddedServer, people: ModuleType) -> Iterator[Any]:
    with module_database(server, f"ordered_{request.param}") as url:
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


def test_a_row_whose_key_changes_with_the_row_that_it_refers_to_is_changed_all_the_same(db: Any) -> None:
    notes = {"create": [{"line": 1, "text": ""}, {"line": 2, "text": ""}]}
    ann(db, posts={"create": post("p", notes=notes)})
    changed = {"text": "new", "post": {"update": {"id": 7, "title": "P"}}}
    got = db.note.update(where={"post_id": 1, "line": 1}, data=changed, include={"post": True})
    assert (got.post_id, got.text, got.post.title) == (7, "new", "P")
    several = [
        {"where": {"post_id": 7, "line": 1}, "data": {"text": "one", "post": {"update": {"id": 8}}}},
        {"where": {"post_id": 7, "line": 2}, "data": {"text": "two", "post": {"update": {"title": "Q"}}}},
    ]
    db.post.update(where={"slug": "p"}, data={"notes": {"update": several}})
    assert [(each.post_id, each.text) for each in db.note.find_many(order_by={"line": "asc"})] == [
        (8, "one"),
        (8, "two"),
    ]
    db.person.update(where={"id": 1}, data={"boss": {"connect": {"id": 1}}})
    own = db.person.update(where={"id": 1}, data={"age": 3, "boss": {"update": {"id": 5}}})
    assert (own.id, own.boss_id, own.age) == (5, 5, 3)


def test_rows_that_hand_on_keys_are_changed_in_the_order_in_which_they_are_given(db: Any) -> None:
    slugs_of = {each: post(each) for each in "abcdef"}
    ann(db, posts={"create": list(slugs_of.values())})
    for chain in ("fedcba", "abcdef"):  # the server reads the rows in one of these orders
        shifted = [{"where": {"slug": old}, "data": {"slug": old + "2"}} for old in chain[:1]]
        shifted += [{"where": {"slug": old}, "data": {"slug": new}} for new, old in pairwise(chain)]
        db.person.update(where={"id": 1}, data={"posts": {"update": shifted}})
        back = [{"where": {"slug": chain[0] + "2"}, "data": {"slug": chain[-1]}}]
        db.person.update(where={"id": 1}, data={"posts": {"update": back}})
        assert posts_of(db, "ann") == sorted(slugs_of)
    twice = [
        {"where": {"slug": "a"}, "data": {"slug": "z"}},
        {"where": {"slug": "a"}, "data": {"slug": "y", "views": 3}},
    ]
    db.person.update(where={"id": 1}, data={"posts": {"update": twice}})
    assert db.post.get({"slug": "y"}).views == 3
    swap = [{"where": {"slug": a}, "data": {"slug": b}} for a, b in ("bc", "cb")]
    with pytest.raises(failures.UniqueViolated):
        db.person.update(where={"id": 1}, data={"posts": {"update": swap}})


def test_rows_that_get_new_keys_of_their_own_are_changed_together(db: Any, sent: list[str]) -> None:
    ann(db, posts={"create": [post(f"p{i}") for i in range(50)]})
    renamed = [{"where": {"slug": f"p{i}"}, "data": {"slug": f"q{i}"}} for i in range(50)]
    sent.clear()
    db.person.update(where={"id": 1}, data={"posts": {"update": renamed}})
    assert len(sent) == 5  # BEGIN, the person, the posts looked at, the posts, COMMIT


def test_what_all_rows_of_a_level_wish_takes_one_statement(db: Any, sent: list[str]) -> None:
    several = [post(str(i), notes={"create": [{"line": n, "text": ""} for n in (1, 2, 3)]}) for i in range(20)]
    ann(db, posts={"create": several})
    wish = {"update_many": {"where": {"line": 1}, "data": {"text": "one"}}, "delete_many": {"line": {"gt": 2}}}
    other = {"update_many": [{"where": {}, "data": {"text": "all"}}, {"where": {"line": 1}, "data": {"text": "one"}}]}
    sent.clear()
    changed = [{"where": {"slug": str(i)}, "data": {"notes": wish if i else other}} for i in range(20)]
    db.person.update(where={"email": "ann"}, data={"posts": {"update": changed}})
    # BEGIN, the person, the posts, the notes deleted, three changes of notes, COMMIT.
    assert len(sent) == 8
    found = {(each.post_id, each.line): each.text for each in db.note.find_many()}
    first = {(1, 1): "one", (1, 2): "all", (1, 3): "all"}
    assert found == first | {(i, n): text for i in range(2, 21) for n, text in ((1, "one"), (2, ""))}


@pytest.mark.parametrize("word", ["set", "connect", "connect_or_create"])
def test_a_row_that_several_wish_to_have_is_the_last_ones(db: Any, word: str) -> None:
    ann(db, posts={"create": post("a")}, staff={"create": [{"email": each} for each in ("bo", "cy", "dee")]})
    key = {"slug": "a"}
    item = {"where": key, "create": post("a", author_id=1)} if word == "connect_or_create" else key
    for order in (["bo", "cy", "dee"], ["dee", "bo", "cy"], ["cy", "dee", "bo"]):
        both = [{"where": {"email": each}, "data": {"edits": {word: [item]}}} for each in order]
        db.person.update(where={"email": "ann"}, data={"staff": {"update": both}})
        assert db.post.get(key, include={"editor": True}).editor.email == order[-1]


def test_a_row_that_several_name_by_different_keys_is_the_last_ones(db: Any) -> None:
    ann(
        db,
        posts={"create": [post("a"), post("b")]},
        staff={"create": [{"email": each} for each in ("bo", "cy", "dee")]},
    )
    keys: list[dict[str, Any]] = [{"slug": "b"}, {"id": 1}, {"slug": "a"}]
    for order in (["bo", "cy", "dee"], ["dee", "bo", "cy"]):
        both = [
            {"where": {"email": each}, "data": {"edits": {"connect": key}}}
            for each, key in zip(order, keys, strict=True)
        ]
        db.person.update(where={"email": "ann"}, data={"staff": {"update": both}})
        assert db.post.get({"id": 1}, include={"editor": True}).editor.email == order[-1]
    with pytest.raises(failures.RelatedNotFound, match="slug 'no'"):
        db.person.update(where={"email": "ann"}, data={"edits": {"connect": [{"id": 1}, {"slug": "no"}]}})


def test_changes_of_one_row_are_made_in_the_order_given_whatever_names_it(db: Any) -> None:
    ann(db, posts={"create": [post("a"), post("b"), post("c")]})

    def change(*changes: tuple[dict[str, Any], dict[str, Any]]) -> tuple[int, str]:
        several = [{"where": key, "data": data} for key, data in changes]
        db.person.update(where={"email": "ann"}, data={"posts": {"update": several}})
        found = db.post.get({"slug": "a"})
        return found.views, found.title

    by_two_keys: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"slug": "b"}, {"views": 1}),
        ({"id": 1}, {"views": 2}),
        ({"slug": "a"}, {"views": 3}),
    ]
    assert change(*by_two_keys) == (3, "")
    twice = [({"slug": "c"}, {"views": number}) for number in (1, 2)]
    assert change(*twice, ({"slug": "a"}, {"views": 4, "title": "t"}), ({"slug": "a"}, {"views": 5})) == (5, "t")


def test_a_row_that_one_must_have_is_handed_on_in_the_order_given(db: Any) -> None:
    people = [{"email": each, "passport": {"create": {"number": each}}} for each in "abcdef"]
    ann(db, staff={"create": [*people, {"email": "z"}]})

    def hand_on(owners: dict[str, str]) -> dict[str, str]:
        """Passports to people, one after another; who has them then."""
        connected = [
            {"where": {"email": email}, "data": {"passport": {"connect": {"number": number}}}}
            for number, email in owners.items()
        ]
        db.person.update(where={"email": "ann"}, data={"staff": {"update": connected}})
        return {each.number: each.person.email for each in db.passport.find_many(include={"person": True})}

    forth = {old: new for new, old in pairwise("zfedcba")}
    assert hand_on(forth) == forth
    back = {each: each for each in "abcdef"}  # the server reads the rows in one of these orders
    assert hand_on(back) == back
    with pytest.raises(failures.UniqueViolated):
        hand_on({"a": "b", "b": "a"})


def test_conditions_on_relations_are_met_also_where_several_wish_the_same(db: Any) -> None:
    tags = {"create": [{"name": "x"}, {"name": "y"}]}
    ann(db, posts={"create": [post("a", tags=tags), post("b", notes={"create": {"line": 1, "text": ""}})]})
    db.person.insert({"email": "bo", "boss": {"connect": {"email": "ann"}}, "posts": {"create": post("c")}})
    db.person.update(where={"email": "ann"}, data={"boss": {"connect": {"email": "ann"}}})
    wish = {
        "posts": {
            "update_many": {"where": {"tags": {"some": {"name": "x"}}}, "data": {"title": "tagged"}},
            "delete_many": [{"notes": {"some": {"line": 1}}}, {"author": {"email": "bo"}}],
        },
        "staff": {"update_many": {"where": {"boss": {"email": "ann"}}, "data": {"age": {"set": 3}}}},
    }
    both = [{"where": {"email": each}, "data": wish} for each in ("ann", "bo")]
    db.person.update(where={"email": "ann"}, data={"staff": {"update": both}})
    assert [(each.slug, each.title) for each in db.post.find_many()] == [("a", "tagged")]
    assert sorted((each.email, each.age) for each in db.person.find_many()) == [("ann", 3), ("bo", 3)]


def test_rows_that_belong_to_several_are_changed_once_for_each(db: Any) -> None:
    ann(db, posts={"create": [post("a", tags={"create": {"name": "x"}}), post("b", tags={"create": {"name": "y"}})]})
    both = [{"where": {"slug": each}, "data": {"tags": {"connect": [{"name": "x"}]}}} for each in "ab"]
    db.person.update(where={"email": "ann"}, data={"posts": {"update": both}})

    def change(**operations: Any) -> list[str]:
        each_of = [{"where": {"slug": each}, "data": {"tags": operations}} for each in "ab"]
        db.person.update(where={"email": "ann"}, data={"posts": {"update": each_of}})
        return sorted(each.name for each in db.tag.find_many())

    assert change(update_many={"where": {"name": "x"}, "data": {"name": {"set": "z"}}}) == ["y", "z"]
    assert change(delete_many={"name": "z"}) == ["y"]


def test_a_wish_that_moves_rows_is_done_row_after_row(db: Any) -> None:
    ann(db, posts={"create": [post("a"), post("b")]})
    bo = db.person.insert({"email": "bo", "posts": {"create": post("c")}, "boss": {"connect": {"email": "ann"}}})
    wish = {"posts": {"update_many": {"where": {}, "data": {"views": {"increment": 1}, "author_id": bo.id}}}}
    db.person.update(where={"email": "ann"}, data={"boss": {"connect": {"email": "ann"}}})
    staff = [{"where": {"email": each}, "data": wish} for each in ("ann", "bo")]
    db.person.update(where={"email": "ann"}, data={"staff": {"update": staff}})
    assert {each.slug: each.views for each in db.post.find_many()} == {"a": 2, "b": 2, "c": 1}


def test_a_row_that_its_own_write_deletes_is_told_and_nothing_is_written(db: Any) -> None:
    ann(db, posts={"create": [post("a"), post("b")]})
    change = {"update": {"age": 7, "posts": {"delete": {"slug": "a"}}}}
    with pytest.raises(failures.RelatedNotFound, match="post had the row with slug 'a'"):
        db.post.update(where={"slug": "a"}, data={"title": "A", "author": change})
    assert (posts_of(db, "ann"), db.person.get({"email": "ann"}).age) == (["a", "b"], None)


def test_a_row_that_the_same_write_creates_is_connected_by_whatever_key_it_has(db: Any) -> None:
    ann(db, posts={"create": post("p")})
    notes = [
        {"where": {"post_id": at, "line": 1}, "create": {"line": 1, "text": text}} for at, text in ((2, "a"), (1, "b"))
    ]
    db.post.update(where={"id": 1}, data={"notes": {"connect_or_create": notes}})
    assert [(each.post_id, each.line, each.text) for each in db.note.find_many()] == [(1, 1, "a")]
    below = {"notes": {"create": [{"line": 1, "text": ""}]}}
    posts = [{"where": {"slug": slug}, "create": post("y", **below)} for slug in ("x", "y")]
    db.person.update(where={"id": 1}, data={"posts": {"connect_or_create": posts}})
    assert slugs(db.post.find_many()) == ["p", "y"]
    with pytest.raises(failures.UniqueViolated):
        db.person.update(where={"id": 1}, data={"posts": {"connect_or_create": [{**posts[0], "where": {"slug": "z"}}]}})
