"""schema.prisma laid out as Prisma does, and never spoiled."""

from pathlib import Path

import pytest

from pgarchitect.schema.psl.formatting import formatted, formatted_files
from pgarchitect.schema.psl.plural import camel_case, plural
from tests.test_psl_reading import SCHEMAS, read

UGLY = """
generator   client{
provider="prisma-client"
      output = "x"   // where to
}
// of its own
model   User{
  id Int   @default(1) @id// trailing
    // inner
  name   String?    @db.VarChar( 255 )@unique( map : "x" )  /// behind


  longer_name   Unsupported("tsvector")?
  @@map("users")
  // about the index
  @@index([ name,id(sort : Desc) ],type: BTree)
  other Int
}
enum E {
A
 BB @map("x")
}
"""
LAID_OUT = """generator client {
  provider = "prisma-client"
  output   = "x" // where to
}

// of its own
model User {
  id   Int     @id @default(1) // trailing
  // inner
  name String? @unique(map: "x") @db.VarChar(255) /// behind

  longer_name Unsupported("tsvector")?
  other       Int

  // about the index
  @@index([name, id(sort: Desc)], type: BTree)
  @@map("users")
}

enum E {
  A
  BB @map("x")
}
"""


def test_columns_are_aligned_attributes_ordered_and_comments_kept() -> None:
    assert formatted(UGLY) == LAID_OUT


@pytest.mark.parametrize("path", sorted(SCHEMAS.rglob("*.prisma")), ids=lambda path: path.name)
def test_what_is_laid_out_stays_as_it_is_and_no_word_is_lost(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    once = formatted(text)
    assert formatted(once) == once
    assert words(once) == words(text)


def words(text: str) -> list[str]:
    """Every character that is none of layout; a comment of C gets stars at the beginnings of its lines."""
    return sorted("".join(text.split()).replace("*", ""))


def test_windows_line_ends_and_no_text_at_all_are_borne() -> None:
    assert formatted(UGLY.replace("\n", "\r\n")) == LAID_OUT
    assert formatted("") == "\n"


@pytest.mark.parametrize(
    "text", ["model A {\n  id Int @id\n", "modle A {\n}\n", "model A {\n  id Int @id(\n}\n", "} } // x\n]"]
)
def test_what_cannot_be_read_is_kept(text: str) -> None:
    assert words(formatted(text)) == words(text)
    assert formatted(formatted(text)) == formatted(text)


def test_a_comment_behind_the_brace_is_kept() -> None:
    assert formatted("model A{ // why\nid Int @id\n} // end\n") == "model A { // why\n  id Int @id\n}\n\n// end\n"


WITHOUT_ENDS = """model Category {
  id    Int    @id
  owner Person
}

model Person {
  code String @id @db.VarChar(9)
}
"""
WITH_ENDS = """model Category {
  id         Int    @id
  owner      Person @relation(fields: [personCode], references: [code])
  personCode String @db.VarChar(9)
}

model Person {
  code       String     @id @db.VarChar(9)
  categories Category[]
}
"""


def test_ends_of_relations_that_are_missing_are_added() -> None:
    assert formatted(WITHOUT_ENDS) == WITH_ENDS
    read(WITH_ENDS)


def test_nothing_is_added_where_something_else_is_wrong() -> None:
    assert formatted(WITHOUT_ENDS + "\nmodel Other {\n  a Nothing\n}\n").startswith(WITHOUT_ENDS)


def test_files_of_one_schema_complete_each_other() -> None:
    category, person = WITHOUT_ENDS.split("\n\n")
    wanted = dict(zip("ab", WITH_ENDS.split("\n\n"), strict=True))
    assert formatted_files({"a": category, "b": person}) == {"a": wanted["a"] + "\n", "b": wanted["b"]}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Category", "categories"),
        ("UserItem", "userItems"),
        ("user_address", "userAddresses"),
        ("Person", "people"),
        ("Day", "days"),
        ("Analysis", "analyses"),
        ("Matrix", "matrices"),
        ("Leaf", "leaves"),
        ("Quiz", "quizzes"),
        ("News", "news"),
        ("HTTPServer", "httpservers"),
    ],
)
def test_names_of_lists_are_plurals(name: str, wanted: str) -> None:
    assert plural(camel_case(name)) == wanted
