"""A schema with every kind of relation, and what a test must know of it: keys, relations from both sides, its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SCHEMA: Final = """
datasource db {
  provider = "postgresql"
}

model Person {
  id       Int       @id @default(autoincrement())
  name     String    @unique
  points   Int       @default(0)
  bossId   Int?
  boss     Person?   @relation("Boss", fields: [bossId], references: [id])
  staff    Person[]  @relation("Boss")
  friends  Person[]  @relation("Friends")
  friendOf Person[]  @relation("Friends")
  passport Passport?
  desk     Desk?
  posts    Post[]    @relation("Author")
  edits    Post[]    @relation("Editor")
  members  Member[]

  @@map("people")
}

model Passport {
  id       Int    @id @default(autoincrement())
  name     String @unique
  points   Int    @default(0)
  personId Int    @unique
  person   Person @relation(fields: [personId], references: [id])
}

model Desk {
  id     Int     @id @default(autoincrement())
  name   String  @unique
  points Int     @default(0)
  owner  String? @unique
  person Person? @relation(fields: [owner], references: [name])
}

model Post {
  id       Int     @id @default(autoincrement())
  name     String  @unique
  points   Int     @default(0)
  authorId Int
  editorId Int?
  floor    Int?
  number   Int?
  author   Person  @relation("Author", fields: [authorId], references: [id], onDelete: Cascade)
  editor   Person? @relation("Editor", fields: [editorId], references: [id])
  room     Room?   @relation(fields: [floor, number], references: [floor, number])
  tags     Tag[]
  notes    Note[]
}

model Tag {
  id     Int    @id @default(autoincrement())
  name   String @unique
  points Int    @default(0)
  posts  Post[]
}

model Note {
  postId Int
  line   Int
  points Int  @default(0)
  post   Post @relation(fields: [postId], references: [id], onDelete: Cascade)

  @@id([postId, line])
}

model Room {
  floor   Int
  number  Int
  points  Int      @default(0)
  posts   Post[]
  members Member[]

  @@id([floor, number])
}

model Member {
  personId Int
  floor    Int
  number   Int
  points   Int    @default(0)
  person   Person @relation(fields: [personId], references: [id], onDelete: Cascade)
  room     Room   @relation(fields: [floor, number], references: [floor, number])

  @@id([personId, floor, number])
}
"""

Fields = tuple[str, ...]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key.

    Attributes:
        table: that has it.
        name: of the relation there.
        fields: of the key.
        target: table that it refers to.
        back: name of the relation there.
        there: fields that it refers to.
        many: whether ``back`` leads to many rows.
        on_delete: ``cascade``, ``null`` or ``restrict``.
    """

    table: str
    name: str
    fields: Fields
    target: str
    back: str
    there: Fields
    many: bool
    on_delete: str

    @property
    def is_required(self) -> bool:
        """Whether it cannot be NULL."""
        return self.on_delete != "null"


@dataclass(frozen=True, slots=True)
class Pair:
    """A relation through a table between: rows of ``first`` (its column A) and ``second`` (B)."""

    first: str
    first_name: str
    second: str
    second_name: str
    between: str


@dataclass(frozen=True, slots=True)
class Side:
    """A relation as one table has it.

    Attributes:
        name: there.
        target: table that it leads to.
        many: whether it leads to many rows.
        link: the foreign key, if there is one.
        pair: the table between, if there is one.
        holds: whether this table has the key, or is the table between's column A.
    """

    name: str
    target: str
    many: bool
    holds: bool
    link: Link | None = None
    pair: Pair | None = None

    @property
    def is_moved(self) -> bool:
        """Whether a row that is led to anew leaves the one that led to it, which can do without: one to one."""
        return self.link is not None and not self.link.many and not self.link.is_required


LINKS: Final = (
    Link("person", "boss", ("boss_id",), "person", "staff", ("id",), many=True, on_delete="null"),
    Link("passport", "person", ("person_id",), "person", "passport", ("id",), many=False, on_delete="restrict"),
    Link("desk", "person", ("owner",), "person", "desk", ("name",), many=False, on_delete="null"),
    Link("post", "author", ("author_id",), "person", "posts", ("id",), many=True, on_delete="cascade"),
    Link("post", "editor", ("editor_id",), "person", "edits", ("id",), many=True, on_delete="null"),
    Link("post", "room", ("floor", "number"), "room", "posts", ("floor", "number"), many=True, on_delete="null"),
    Link("note", "post", ("post_id",), "post", "notes", ("id",), many=True, on_delete="cascade"),
    Link("member", "person", ("person_id",), "person", "members", ("id",), many=True, on_delete="cascade"),
    Link(
        "member", "room", ("floor", "number"), "room", "members", ("floor", "number"), many=True, on_delete="restrict"
    ),
)
PAIRS: Final = (
    Pair("person", "friend_of", "person", "friends", "_Friends"),
    Pair("post", "tags", "tag", "posts", "_PostToTag"),
)
KEYS: Final[Mapping[str, tuple[Fields, ...]]] = {
    "person": (("id",), ("name",)),
    "passport": (("id",), ("name",), ("person_id",)),
    "desk": (("id",), ("name",), ("owner",)),
    "post": (("id",), ("name",)),
    "tag": (("id",), ("name",)),
    "note": (("post_id", "line"),),
    "room": (("floor", "number"),),
    "member": (("person_id", "floor", "number"),),
}
"""Unique keys of each table, the primary key first."""
OWN: Final[Mapping[str, Fields]] = {
    "note": ("line",),
    "room": ("floor", "number"),
    "member": (),
}
"""Fields that a row must be given beside the keys of its relations; of all other tables the name."""
TABLES: Final = {
    "person": "people",
    "room": "Room",
    "passport": "Passport",
    "desk": "Desk",
    "post": "Post",
    "tag": "Tag",
    "note": "Note",
    "member": "Member",
}
"""Names in Python and in the database; each after those that its rows refer to."""


def own(table: str) -> Fields:
    """Fields that a new row must be given beside the keys of its relations."""
    return OWN.get(table, ("name",))


def sides(table: str) -> list[Side]:
    """The relations of a table."""
    found = []
    for each in LINKS:
        if each.table == table:
            found.append(Side(each.name, each.target, many=False, holds=True, link=each))
        if each.target == table:
            found.append(Side(each.back, each.table, many=each.many, holds=False, link=each))
    for pair in PAIRS:
        if pair.first == table:
            found.append(Side(pair.first_name, pair.second, many=True, holds=True, pair=pair))
        if pair.second == table:
            found.append(Side(pair.second_name, pair.first, many=True, holds=False, pair=pair))
    return found


def side(table: str, name: str) -> Side:
    """One of them."""
    [found] = [each for each in sides(table) if each.name == name]
    return found


def is_relation(table: str, name: str) -> bool:
    """Whether a name is a relation's."""
    return any(each.name == name for each in sides(table))


def fields_of(table: str) -> list[str]:
    """The columns of a table, by their names in Python."""
    made = [] if table in OWN else ["id", "name"]
    made += [each for key in KEYS[table] for each in key if each not in made]
    made += [each for link in LINKS if link.table == table for each in link.fields if each not in made]
    return [*made, "points"]
