"""Indexes to drop in the words of a schema: what declares them goes, and nothing else."""

import pytest

from pgarchitect.errors import UsageError
from pgarchitect.schema.dropped_indexes import DroppedIndex, drop_statement, dropped_indexes, is_drop, without_index

SCHEMA = """datasource db {
  provider = "postgresql"
  schemas  = ["app", "audit"]
}

/// People.
model User {
  id      Int      @id
  email   String   @unique // for log-in
  name    String
  badge   Badge?

  /// Where they work.
  @@index([name]) // for the list
  @@index([name, id], map: "by_both")
  @@map("users")
  @@schema("app")
}

model Badge {
  id     Int  @id
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id])

  @@index([id])
  @@schema("audit")
}

model Code {
  code String @unique

  @@schema("app")
}
"""
SOURCES = {"s.prisma": SCHEMA}
SAID = {
    "DROP INDEX CONCURRENTLY app.users_name_idx;": ("User", "@@index([name])", False),
    'DROP INDEX IF EXISTS "app"."by_both"': ("User", '@@index([name, id], map: "by_both")', False),
    "DROP INDEX users_email_key": ("User", "email @unique", False),
    'DROP INDEX audit."Badge_id_idx"': ("Badge", "@@index([id])", False),
    'DROP INDEX audit."Badge_userId_key"': ("Badge", "userId @unique", True),
    'DROP INDEX app."Code_code_key"': ("Code", "code @unique", True),
    'DROP INDEX "Badge_id_idx"': ("Badge", "@@index([id])", False),
    "DROP INDEX badge_id_idx": ("", "", False),
    "DROP INDEX app.users_lower": ("", "", False),
}


def test_the_attribute_of_each_is_found_by_its_name() -> None:
    found = dropped_indexes(SOURCES, SAID)
    assert [(each.model.name if each.model else "", each.line, each.needed) for each in found] == list(SAID.values())


@pytest.mark.parametrize(
    ("drop", "gone"),
    [
        ("DROP INDEX app.users_name_idx", "  /// Where they work.\n  @@index([name]) // for the list\n"),
        ("DROP INDEX app.by_both", '  @@index([name, id], map: "by_both")\n'),
        ("DROP INDEX app.users_email_key", " @unique"),
    ],
)
def test_it_goes_and_nothing_else(drop: str, gone: str) -> None:
    [found] = dropped_indexes(SOURCES, [drop])
    [made] = without_index(SOURCES, found).values()
    assert "".join(made.split()) == "".join(SCHEMA.replace(gone, "", 1).split())
    assert made.count("\n") == SCHEMA.count("\n") - gone.count("\n")


def test_what_is_not_declared_changes_nothing() -> None:
    assert without_index(SOURCES, DroppedIndex()) == SOURCES


def test_one_index_is_dropped_at_a_time() -> None:
    for text in (
        "DROP TABLE a",
        "DROP INDEX a, b",
        "DROP INDEX a; DROP INDEX b",
        "CREATE INDEX a ON b (c)",
        "",
        "DROP",
    ):
        assert not is_drop(text)
        with pytest.raises(UsageError, match="one CREATE INDEX or DROP INDEX"):
            drop_statement(text)
    assert is_drop("-- why\nDROP INDEX CONCURRENTLY IF EXISTS a.b;")
