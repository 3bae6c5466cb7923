"""schema pull into a schema that is there already: what no database knows stays, and what is written is valid."""

from collections.abc import Iterator

import pytest

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.difference import Wishes, difference
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.runner import send
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.pulling import pulled
from pgarchitect.schema.spelling import spelled
from pgarchitect.settings import Settings

HEAD = """generator client {
  provider        = "prisma-client"
  output          = "../generated/prisma"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
}

"""
MOODS = """enum Mood {
  glad // the best
  so_so @map("so so")
  sad
}

model Day {
  id   Int  @id
  mood Mood
}
"""
VIEWS = """model Sale {
  id     Int     @id
  region Int     @unique
  total  Total?  @relation(fields: [region], references: [region])
}

view Total {
  region Int   @unique
  sum    Int?
  sale   Sale?
}
"""
PARTS = """model Part {
  id     Int                        @id
  vector Unsupported("vector(3)")?

  @@index([vector], map: "near")
}
"""
"""As Prisma's own introspection tells an index of a method that it has no word for."""


@pytest.fixture
def database(fresh_database: str, settings: Settings) -> Iterator[Connection]:
    with migrating(fresh_database, settings) as connection:
        connection.execute("DROP EXTENSION IF EXISTS pg_stat_statements")
        yield connection


def again(database: Connection, text: str) -> str:
    return pulled(read_database_schema(database), {"s": text})["s"]


def test_the_order_of_an_enums_values_is_the_schemas(database: Connection) -> None:
    send(database, "CREATE TYPE \"Mood\" AS ENUM ('sad', 'so so', 'glad')")
    send(database, 'CREATE TABLE "Day" (id int CONSTRAINT "Day_pkey" PRIMARY KEY, mood "Mood" NOT NULL)')
    assert again(database, HEAD + MOODS) == HEAD + MOODS
    send(database, "ALTER TYPE \"Mood\" ADD VALUE 'angry' BEFORE 'glad'")
    made = again(database, HEAD + MOODS)
    found = parse_schema({"s": made}).enum("Mood")
    assert found is not None
    assert [each.label for each in found.values] == ["angry", "glad", "so so", "sad"]
    assert "// the best" in made


def test_a_relation_goes_with_the_view_at_its_other_end(database: Connection) -> None:
    send(database, create_script(lower(parse_schema({"s": HEAD + VIEWS}))))
    schema = parse_schema({"s": again(database, HEAD + VIEWS)})
    assert [each.name for each in schema.models] == ["Sale"]
    assert [each.name for each in schema.models[0].fields] == ["id", "region"]
    send(database, 'CREATE VIEW "Total" AS SELECT region, count(*)::int AS sum FROM "Sale" GROUP BY 1')
    assert again(database, HEAD + VIEWS) == HEAD + VIEWS


def test_a_relation_goes_with_the_table_at_a_views_other_end(database: Connection) -> None:
    send(database, 'CREATE VIEW "Total" AS SELECT 1 AS region, 2 AS sum')
    schema = parse_schema({"s": again(database, HEAD + VIEWS)})
    assert [each.name for each in schema.models[0].fields] == ["region", "sum"]


def test_a_table_whose_only_keys_are_lists_is_ignored(database: Connection) -> None:
    send(
        database, "CREATE TABLE paths (path jsonb[] PRIMARY KEY, n int); CREATE TABLE sets (ids int[] NOT NULL UNIQUE)"
    )
    schema = parse_schema({"s": again(database, "")})
    assert [(each.name, each.ignored) for each in schema.models] == [("paths", True), ("sets", True)]


def test_an_index_of_another_method_is_what_a_plain_one_of_its_name_means(database: Connection) -> None:
    database.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
    send(database, 'CREATE TABLE "Part" (id int CONSTRAINT "Part_pkey" PRIMARY KEY, vector vector(3))')
    send(database, 'CREATE INDEX near ON "Part" USING hnsw (vector vector_cosine_ops) WITH (m = 8)')
    wanted = spelled(lower(parse_schema({"s": HEAD + PARTS})), database)
    assert difference(read_database_schema(database), wanted, Wishes(keep_inexpressible=True)) == ()
    assert again(database, HEAD + PARTS) == HEAD + PARTS
    assert "@@index" not in again(database, "")
    send(database, 'DROP INDEX near; CREATE INDEX near ON "Part" USING hnsw (vector vector_l2_ops) WHERE id > 0')
    assert "@@index" not in again(database, HEAD + PARTS)
