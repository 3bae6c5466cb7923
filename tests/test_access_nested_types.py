"""Nested writes, and what is read with rows, in the types of a generated client, as mypy and pyright see them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.access_lab import client
from tests.access_nested_lab import RELATIONS
from tests.pyright_lab import complaints_of_pyright

RIGHT = """
from pgarchitect.access.fields import Field
from people_types import AsyncDatabase, Database, PersonCreate, PostCreateMany


def right(db: Database) -> None:
    reveal_type(db.post.insert({"slug": "a", "author_id": 1}, include={"tags": True}))
    db.post.insert({"slug": "a", "author": {"connect": {"email": "x"}}, "editor_id": 1})
    db.post.insert({"slug": "a", "author": {"connect_or_create": {"where": {"id": 1}, "create": {"email": "x"}}}})
    ann: PersonCreate = {
        "email": "ann",
        "boss": {"create": {"email": "bo", "passport": {"create": {"number": "P"}}}},
        "posts": {
            "create": [
                {"slug": "a", "tags": {"connect_or_create": [{"where": {"name": "x"}, "create": {"name": "x"}}]}},
                {"slug": "b", "editor": {"connect": {"id": 1}}, "notes": {"create": {"line": 1, "text": "t"}}},
            ],
            "create_many": {"data": [{"slug": "c"}, {"slug": "d", "editor_id": 1}], "skip_duplicates": True},
        },
        "edits": {"create": {"slug": "e", "author_id": 1}, "connect": [{"slug": "x"}, {"id": 2}]},
        "friends": {"connect": {"email": "x"}},
    }
    db.person.insert(ann)
    rows: list[PostCreateMany] = [{"slug": "a", "author_id": 1}]
    reveal_type(db.post.insert_many(rows))
    changed = db.person.update(
        where={"email": "ann"},
        data={
            "age": {"increment": 1},
            "boss": {"disconnect": True},
            "passport": {"upsert": {"create": {"number": "P"}, "update": {"number": "Q"}}},
            "desk": {"delete": True},
            "posts": {
                "update": [{"where": {"slug": "a"}, "data": {"title": "A", "tags": {"set": [{"name": "x"}]}}}],
                "update_many": {"where": {"views": {"gt": 5}}, "data": {"views": 0}},
                "upsert": {"where": {"id": 1}, "create": {"slug": "n"}, "update": {"views": {"increment": 1}}},
                "delete": [{"id": 1}],
                "delete_many": {"title": ""},
            },
            "edits": {"set": [{"slug": "a"}], "disconnect": {"id": 5}},
            "seats": {"connect": {"label": "s"}},
        },
    )
    reveal_type(changed)
    db.post.upsert(where={"slug": "a"}, create={"slug": "a", "author_id": 1}, update={"author": {"update": {"age": 1}}})


def read(db: Database) -> None:
    found = db.person.find_many(
        where={"age": {"lt": Field("boss_id")}, "email": {"search": "a & b"}},
        include={
            "_count": {"posts": {"where": {"views": {"gt": 1}}}, "staff": True},
            "posts": {"distinct": ["title"], "cursor": {"slug": "a"}, "take": -2, "include": {"_count": True}},
        },
    )
    reveal_type(found[0].counts["posts"])
    reveal_type(db.post.find_first_or_raise(where={"slug": "a"}).counts)
    reveal_type(db.post.find_unique_or_raise({"slug": "a", "author": {"email": "x"}, "OR": [{"id": 1}]}))
    reveal_type(db.post.get({"slug": "a"}, select=["id", "title"]))
    reveal_type(db.post.find_first(select=["id", "title"]))
    db.post.update(where={"id": 1, "slug": "a", "views": {"lt": 5}}, data={"views": 1})
    db.note.delete(where={"post_id": 1, "line": 1, "text": {"not": ""}})
    reveal_type(db.post.count(take=3, cursor={"slug": "a"}, distinct=["title"]))
    reveal_type(db.post.count(select={"_all": True, "title": True}))
    reveal_type(db.post.update_many_returning(where={"slug": "a"}, data={"views": 1}))
    for post in db.post.stream(include={"author": True}):
        reveal_type(post)


async def likewise(db: AsyncDatabase) -> None:
    reveal_type(await db.person.insert({"email": "x", "posts": {"create": {"slug": "a"}}}))
    reveal_type(await db.person.find_unique({"email": "x"}, coalesce=True))
    reveal_type(await db.person.update(where={"id": 1}, data={"age": 1}, validate=False))
"""
WRONG = """
from people_types import Database


def wrong(db: Database) -> None:
    db.post.insert({"slug": "a"})
    db.post.insert({"slug": "a", "author": {"connect": {"age": 1}}})
    db.post.insert({"slug": "a", "author": {"create": {}}})
    db.person.insert({"email": "x", "posts": {"create": {"slug": "a", "author_id": 1}}})
    db.person.insert({"email": "x", "posts": {"disconnect": {"slug": "a"}}})
    db.person.update(where={"id": 1}, data={"posts": {"disconnect": {"slug": "a"}}})
    db.person.update(where={"id": 1}, data={"posts": {"update": {"where": {"slug": "a"}, "data": {"views": "x"}}}})
    db.post.update(where={"id": 1}, data={"author": {"disconnect": True}})
    db.post.update(where={"id": 1}, data={"tags": {"create_many": {"data": []}}})
    db.person.update(where={"id": 1}, data={"desk": {"set": []}})
    db.post.insert_many([{"slug": "a", "author": {"connect": {"id": 1}}}])
    db.post.update_many(data={"tags": {"set": []}})
    db.post.find_unique({"id": 1}, coalesce="yes")
    db.person.find_many(include={"_count": {"boss": True}})
    db.person.find_many(include={"_count": {"posts": {"take": 1}}})
    db.person.find_many(include={"posts": {"distinct": ["nope"]}})
    db.passport.find_many(include={"_count": True})
    print(db.person.get({"id": 1}).counts["boss"])
    db.post.count(select={"nope": True})
    db.post.find_many(where={"views": {"search": "a"}})
    db.post.delete(where={"id": {"gt": 1}})
    db.post.delete(where={"views": 1})
    db.post.get({"id": 1}, select=["nope"])
    db.post.update(where={"id": 1, "nope": 1}, data={"views": 1})
"""
LINES = set(range(6, 30))
"""Of ``WRONG``, all of which are wrong."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    client(RELATIONS, tmp_path, "people_types")
    return tmp_path


def mypy(folder: Path, file: str) -> list[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=", file]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout.splitlines()


def test_mypy_knows_nested_writes(folder: Path) -> None:
    (folder / "use.py").write_text(RIGHT, encoding="utf-8")
    told = mypy(folder, "use.py")
    assert [line for line in told if "error" in line] == []
    revealed = [line.partition('is "')[2].rstrip('"') for line in told if "Revealed" in line]
    assert revealed == [
        "people_types.Post",
        "int",
        "people_types.Person | None",
        "int",
        "dict[Literal['tags'] | Literal['notes'], int]",
        "people_types.Post",
        "dict[str, Any]",
        "dict[str, Any] | None",
        "int",
        "dict[str, int]",
        "list[people_types.Post]",
        "people_types.Post",
        "people_types.Person",
        "people_types.Person | None",
        "people_types.Person | None",
    ]
    (folder / "wrong.py").write_text(WRONG, encoding="utf-8")
    assert {int(line.split(":")[1]) for line in mypy(folder, "wrong.py") if ": error:" in line} == LINES


def test_pyright_knows_nested_writes(folder: Path) -> None:
    (folder / "use.py").write_text(RIGHT, encoding="utf-8")
    (folder / "wrong.py").write_text(WRONG, encoding="utf-8")
    told = complaints_of_pyright(folder)
    assert [each for each in told if not each.startswith(("use.py", "wrong.py"))] == []
    assert [each for each in told if each.startswith("use.py") and "Type of" not in each] == []
    types = [each.rpartition('" is "')[2].partition('"')[0] for each in told if each.startswith("use.py")]
    read = ["int", "dict[Literal['tags', 'notes'], int]", "Post", "dict[str, Any]", "dict[str, Any] | None"]
    read += ["int", "dict[str, int]", "list[Post]", "Post"]
    assert types == ["Post", "int", "Person | None", *read, "Person", "Person | None", "Person | None"]
    assert {int(each.split(":")[1]) for each in told if each.startswith("wrong.py")} == LINES
