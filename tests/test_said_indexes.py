"""Recommended indexes in the words of a schema: only where reading them gives the very same index."""

import pytest

from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.said_indexes import SaidIndex, index_statements, is_index, said_indexes, with_index
from pgarchitect.settings import Settings

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n\n'
PARTIAL = 'generator client {\n  provider = "prisma-client"\n  previewFeatures = ["partialIndexes"]\n}\n\n'
SCHEMA = """/// People.
model User {
  id        Int     @id
  lastSeen  DateTime? @map("last_seen")   // when
  name      String
  data      Json
  tags      Tag[]

  @@index([name])
  @@map("users")
}

model Tag {
  id    Int    @id
  users User[]
}
"""
SAID = {
    "CREATE INDEX CONCURRENTLY u_ls ON public.users (last_seen DESC);": '@@index([lastSeen(sort: Desc)], map: "u_ls")',
    "CREATE INDEX ON users (last_seen, name)": "@@index([lastSeen, name])",
    "CREATE UNIQUE INDEX users_name_key ON users (name)": "@@unique([name])",
    "CREATE INDEX d ON users USING gin (data jsonb_path_ops)": (
        '@@index([data(ops: JsonbPathOps)], map: "d", type: Gin)'
    ),
    "CREATE INDEX p ON users (name text_pattern_ops)": '@@index([name(ops: raw("text_pattern_ops"))], map: "p")',
    "CREATE INDEX b ON users USING brin (last_seen)": '@@index([lastSeen], map: "b", type: Brin)',
}
SQL_ALONE = (
    "CREATE INDEX i1 ON users (last_seen) INCLUDE (name)",
    "CREATE INDEX i2 ON users (lower(name))",
    "CREATE INDEX i3 ON users (last_seen) WHERE name = 'x'",
    "CREATE INDEX i4 ON users (last_seen DESC NULLS LAST)",
    'CREATE INDEX i5 ON users (name COLLATE "C")',
    "CREATE UNIQUE INDEX i6 ON users (last_seen) NULLS NOT DISTINCT",
    "CREATE INDEX i7 ON users USING brin (last_seen) WITH (pages_per_range = 16)",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE INDEX i8 ON users USING gin (name gin_trgm_ops);",
    'CREATE INDEX i9 ON "_TagToUser" ("B", "A")',
)


def said(text: str, *wanted: str) -> tuple[SaidIndex, ...]:
    return said_indexes({"schema.prisma": HEAD + text}, wanted, Settings())


@pytest.fixture(scope="module")
def all_said() -> dict[str, SaidIndex]:
    """What the schema has for all of these, and for two that do not fit."""
    wanted = (*SAID, *SQL_ALONE, "CREATE INDEX x ON users (nothing)", "CREATE INDEX y ON users (name)")
    return dict(zip(wanted, said(SCHEMA, *wanted), strict=True))


def test_an_index_that_the_schema_can_say_is_said_and_means_the_same(all_said: dict[str, SaidIndex]) -> None:
    assert {ddl: all_said[ddl].line for ddl in SAID} == SAID
    assert {each.model.name for ddl, each in all_said.items() if ddl in SAID and each.model} == {"User"}


@pytest.mark.parametrize("ddl", SQL_ALONE)
def test_what_would_lose_something_is_left_to_sql(ddl: str, all_said: dict[str, SaidIndex]) -> None:
    found = all_said[ddl]
    assert (found.line, found.misfit, found.there) == ("", "", False)


def test_what_is_there_and_what_does_not_fit_is_told(all_said: dict[str, SaidIndex]) -> None:
    assert all_said["CREATE INDEX y ON users (name)"].there
    assert all_said["CREATE INDEX y ON users (name)"].line == "@@index([name])"
    assert all_said["CREATE INDEX x ON users (nothing)"].misfit == 'column "nothing" does not exist'


def test_a_condition_is_said_where_its_preview_feature_is_on() -> None:
    [found] = said(PARTIAL + SCHEMA, "CREATE INDEX i ON users (last_seen) WHERE name IS NOT NULL")
    assert found.line == '@@index([lastSeen], map: "i", where: raw("(name IS NOT NULL)"))'


def test_the_attribute_is_added_and_all_else_stays(all_said: dict[str, SaidIndex]) -> None:
    sources = {"other.prisma": "// nothing\n", "schema.prisma": HEAD + SCHEMA}
    found = all_said["CREATE UNIQUE INDEX users_name_key ON users (name)"]
    made = with_index(sources, found)
    assert made["other.prisma"] == sources["other.prisma"]
    model = parse_schema(made).model("User")
    assert model is not None
    assert {(each.unique, each.fields[0].field) for each in model.indexes} == {(False, "name"), (True, "name")}
    for kept in ("/// People.\nmodel User {", "// when", "model Tag {\n  id    Int    @id\n  users User[]\n}\n"):
        assert kept in made["schema.prisma"]
    assert with_index(sources, all_said["CREATE INDEX y ON users (name)"]) == sources


@pytest.mark.parametrize("ddl", ["DROP INDEX a", "CREATE INDEX a ON b (c); CREATE INDEX d ON b (e)", "", "SELECT 1"])
def test_something_else_is_no_index(ddl: str) -> None:
    assert not is_index(ddl)
    with pytest.raises(UsageError, match="takes one CREATE INDEX"):
        index_statements(ddl)


def test_tables_that_the_server_cannot_make_are_told() -> None:
    with pytest.raises(StatementRefused, match="cannot make the tables"):
        said('model A {\n  id Int @id\n  place Unsupported("nowhere")\n}\n', "CREATE INDEX ON A (id)")


def test_one_file_of_several_is_changed() -> None:
    first, second = SCHEMA.split("\nmodel Tag", 1)
    sources = {"a.prisma": HEAD + first, "b.prisma": "model Tag" + second}
    [found] = said_indexes(sources, ['CREATE INDEX "Tag_id_idx" ON "Tag" USING hash (id)'], Settings())
    made = with_index(sources, found)
    assert made["a.prisma"] == sources["a.prisma"]
    assert "  @@index([id], type: Hash)\n}" in made["b.prisma"]
