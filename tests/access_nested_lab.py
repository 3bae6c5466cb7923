"""A schema with a relation of each kind, and one way to call both worlds: what asyncio answers is waited for."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from pgarchitect.access.aio.connection import Connection as AsyncConnection
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.sync.connection import Connection

RELATIONS = """
datasource db {
  provider = "postgresql"
}

model Person {
  id        Int       @id @default(autoincrement())
  email     String    @unique @db.VarChar(20)
  age       Int?
  bossId    Int?      @map("boss_id")
  updatedAt DateTime  @updatedAt @map("updated_at")
  boss      Person?   @relation("Boss", fields: [bossId], references: [id])
  staff     Person[]  @relation("Boss")
  friends   Person[]  @relation("Friends")
  friendOf  Person[]  @relation("Friends")
  passport  Passport?
  desk      Desk?
  posts     Post[]    @relation("Author")
  edits     Post[]    @relation("Editor")
  seats     Seat[]

  @@map("people")
}

model Passport {
  id       Int    @id @default(autoincrement())
  number   String @unique
  personId Int    @unique
  person   Person @relation(fields: [personId], references: [id])
}

model Desk {
  id       Int     @id @default(autoincrement())
  code     String  @unique
  personId Int?    @unique
  person   Person? @relation(fields: [personId], references: [id])
}

model Post {
  id       Int      @id @default(autoincrement())
  slug     String   @unique
  title    String   @default("")
  views    Int      @default(0)
  labels   String[]
  authorId Int
  editorId Int?
  author   Person   @relation("Author", fields: [authorId], references: [id], onDelete: Cascade)
  editor   Person?  @relation("Editor", fields: [editorId], references: [id])
  tags     Tag[]
  notes    Note[]
}

model Tag {
  id    String @id @default(cuid())
  name  String @unique
  posts Post[]
}

model Note {
  postId Int
  line   Int
  text   String
  post   Post   @relation(fields: [postId], references: [id], onDelete: Cascade)

  @@id([postId, line])
}

model Room {
  floor  Int
  number Int
  name   String @default("")
  seats  Seat[]

  @@id([floor, number])
}

model Seat {
  id       Int     @id @default(autoincrement())
  label    String  @unique
  floor    Int?
  number   Int?
  personId Int?
  room     Room?   @relation(fields: [floor, number], references: [floor, number])
  person   Person? @relation(fields: [personId], references: [id])
}
"""


class Waiting:
    """An asynchronous database, transaction or table whose answers are waited for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, inner: Any) -> None:
        self._loop = loop
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._called(found) if callable(found) else Waiting(self._loop, found)

    def _called(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*words: Any, **named: Any) -> Any:
            made = call(*words, **named)
            if inspect.isawaitable(made):
                return self._loop.run_until_complete(made)
            return self._inside(made) if hasattr(made, "__aenter__") else made

        return answer

    @contextmanager
    def _inside(self, made: Any) -> Iterator[Any]:
        inner = self._loop.run_until_complete(made.__aenter__())
        try:
            yield Waiting(self._loop, inner)
        except BaseException as error:
            if not self._loop.run_until_complete(made.__aexit__(type(error), error, error.__traceback__)):
                raise
        else:
            self._loop.run_until_complete(made.__aexit__(None, None, None))


@contextmanager
def world(name: str, module: ModuleType, database: str, **more: Any) -> Iterator[Any]:
    """The database of a client for ``threads`` or for ``asyncio``, called alike."""
    if name == "threads":
        with module.Database(database, PoolOptions(), **more) as made:
            yield made
        return
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        made = module.AsyncDatabase(database, PoolOptions(), **more)
        loop.run_until_complete(made.__aenter__())
        try:
            yield Waiting(loop, made)
        finally:
            loop.run_until_complete(made.__aexit__(None, None, None))


def listened(patch: pytest.MonkeyPatch) -> list[str]:
    """The texts of all statements that are sent from now on, in both worlds; of COPY its name."""
    sent: list[str] = []

    def spy(kind: Any, name: str) -> None:
        inner = getattr(kind, name)

        def heard(self: Any, what: Any, *rest: Any) -> Any:
            sent.append(what if isinstance(what, str) else f"COPY {what.table.table}")
            return inner(self, what, *rest)

        patch.setattr(kind, name, heard)

    for kind in (AsyncConnection, Connection):
        for name in ("rows", "row", "affected", "copy"):
            spy(kind, name)
    commit = AsyncConnection.commit  # that of threads is a statement like others

    def heard_commit(self: AsyncConnection) -> Any:  # awaitable
        sent.append("COMMIT")
        return commit(self)

    patch.setattr(AsyncConnection, "commit", heard_commit)
    return sent


def slugs(rows: Any) -> list[str]:
    """Slugs of posts."""
    return sorted(each.slug for each in rows)


def emails(rows: Any) -> list[str]:
    """Of people."""
    return sorted(each.email for each in rows)


def post(slug: str, **more: Any) -> dict[str, Any]:
    """A post to write."""
    return {"slug": slug, "labels": [], **more}


def ann(db: Any, **more: Any) -> Any:
    """Write a person."""
    return db.person.insert({"email": "ann", **more})


def posts_of(db: Any, email: str) -> list[str]:
    """Slugs of a person's posts."""
    return slugs(db.post.find_many(where={"author": {"email": email}}))
