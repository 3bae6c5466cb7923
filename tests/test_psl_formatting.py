"""schema.prisma laid out as Prisma does, and never spoiled."""

from pathlib import Path

import pytest

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.psl.formatting import formatted
from tests.test_psl_reading import SCHEMAS

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
    assert sorted("".join(once.split())) == sorted("".join(text.split()).replace("", ""))


def test_windows_line_ends_and_no_text_at_all_are_borne() -> None:
    assert formatted(UGLY.replace("\n", "\r\n")) == LAID_OUT
    assert formatted("") == ""


@pytest.mark.parametrize("text", ["model A {\n  id Int @id\n", "modle A {\n}\n", "model A {\n  id Int @id(\n}\n"])
def test_what_cannot_be_read_is_not_touched(text: str) -> None:
    with pytest.raises(SchemaInvalid):
        formatted(text)
