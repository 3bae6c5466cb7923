"""schema pull: a database becomes a schema.prisma that makes the same database, and a schema that is right stays"
" as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.difference import StepKind, Wishes, difference
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.runner import send
from pgarchitect.schema.psl.prisma_schema import Arity, PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema, read_schema, schema_sources
from pgarchitect.schema.pulling import pulled
from pgarchitect.schema.spelling import spelled
from pgarchitect.settings import Settings
from tests.test_psl_reading import SCHEMAS

EDFINANCE = Path(__file__).parent.parent / "examples" / "edfinance" / "schema.prisma"
TOO_LONG = "oddities.prisma"
"""It has a table name of more than 63 bytes, which the server cuts."""
OWN = [
    EDFINANCE,
    *(
        each
        for each in sorted(SCHEMAS.iterdir())
        if (each.is_dir() or each.suffix == ".prisma") and each.name != TOO_LONG
    ),
]
NOT_OURS = {StepKind.CREATE_EXTENSION, StepKind.DROP_EXTENSION, StepKind.ALTER_EXTENSION}


@pytest.fixture
def database(fresh_database: str, settings: Settings) -> Iterator[Connection]:
    with migrating(fresh_database, settings) as connection:
        connection.execute("DROP EXTENSION IF EXISTS pg_stat_statements")
        for name in ("citext", "pg_trgm", "vector"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public".encode())
        yield connection


def steps(database: Connection, schema: PrismaSchema) -> list[str]:
    """What a migration to that schema would do."""
    wanted = spelled(lower(schema), database)
    found = difference(read_database_schema(database, wanted.schemas), wanted, Wishes(keep_inexpressible=True))
    return [statement for step in found if step.kind not in NOT_OURS for statement in step.statements]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_both_ways_nothing_is_left_to_do(database: Connection, path: Path) -> None:
    schema = read_schema(path)
    made = lower(schema)
    if made.extensions:
        pytest.skip("its extensions are not those of this server")
    send(database, create_script(made))
    assert steps(database, schema) == []
    datasource = schema.datasource
    namespaces = f"schemas = {list(datasource.schemas)}" if datasource and datasource.schemas else ""
    head = f'datasource db {{\n  provider = "postgresql"\n  {namespaces}\n}}\n'.replace("'", '"')
    if datasource and datasource.relation_mode == "prisma":
        pytest.skip("without foreign keys there are no relations to read")
    fresh = pulled(read_database_schema(database, made.schemas), {"schema.prisma": head})
    assert steps(database, parse_schema(fresh)) == []


@pytest.mark.parametrize("path", [EDFINANCE], ids=lambda path: path.name)
def test_a_schema_that_is_right_stays_to_the_letter(database: Connection, path: Path) -> None:
    send(database, create_script(lower(read_schema(path))))
    sources = schema_sources(path)
    assert pulled(read_database_schema(database), sources) == sources


def test_what_changed_is_written_and_all_else_stays(database: Connection) -> None:
    text = (
        'datasource db {\n  provider = "postgresql"\n}\n\n// my comment\nmodel A {\n  id Int @id\n\n  // kept\n'
        '  x  Int\n}\n\n/// documented\nmodel B {\n  key String @id @default(uuid()) @map("id")\n  at  DateTime'
        " @updatedAt\n}\n"
    )
    send(database, create_script(lower(parse_schema({"s": text}))))
    send(
        database,
        'ALTER TABLE "B" ADD COLUMN n int DEFAULT 5; CREATE TABLE c (id int PRIMARY KEY, b text UNIQUE REFERENCES "B")',
    )
    made = pulled(read_database_schema(database), {"s": text})["s"]
    assert "model A {\n  id Int @id\n\n  // kept\n  x  Int\n}" in made
    schema = parse_schema({"s": made})
    b, c = schema.model("B"), schema.model("c")
    assert b is not None
    assert c is not None
    assert b.documentation == "documented"
    assert [each.name for each in b.fields] == ["key", "at", "n", "c"]
    assert b.fields[0].default is not None
    assert b.fields[1].updated_at
    assert steps(database, schema) == []


@pytest.mark.parametrize(
    ("unique", "back"),
    [
        ("tenant Int @unique\n  @@index([channelId])", "jobs Job[]"),
        ("tenant Int\n  @@unique([tenant, channelId])", "jobs Job[]"),
        ("tenant Int\n  @@unique([channelId, tenant])", "job Job?"),
    ],
    ids=["a part of the key", "in another order", "the key"],
)
def test_a_relation_is_of_one_to_one_where_prisma_takes_it_for_one(
    database: Connection, unique: str, back: str
) -> None:
    source = 'datasource db {\n  provider = "postgresql"\n}\n\n'
    text = (
        f"{source}model Channel {{\n  id Int @id\n  tenant Int\n  {back}\n  @@unique([id, tenant])\n}}\n\n"
        f"model Job {{\n  id Int @id\n  channelId Int\n  {unique}\n"
        "  channel Channel @relation(fields: [channelId, tenant], references: [id, tenant])\n}\n"
    )
    send(database, create_script(lower(parse_schema({"s": text}))))
    schema = parse_schema(pulled(read_database_schema(database), {"s": source}))
    channel = schema.model("Channel")
    assert channel is not None
    assert (channel.fields[-1].arity is Arity.LIST) is back.endswith("[]")
    assert steps(database, schema) == []


def test_tables_that_are_gone_go_with_their_documentation(database: Connection) -> None:
    send(database, "CREATE TABLE a (id int PRIMARY KEY CHECK (id > 0)); CREATE TABLE b (id int PRIMARY KEY)")
    first = pulled(read_database_schema(database), {"s": ""})["s"]
    assert "/// This table contains check constraints" in first
    send(database, "DROP TABLE a")
    second = pulled(read_database_schema(database), {"s": first})["s"]
    assert "check constraints" not in second
    assert "model a" not in second
    assert "model b" in second


def test_names_that_the_language_does_not_allow_are_mapped(database: Connection) -> None:
    send(
        database,
        "CREATE TYPE \"my mood\" AS ENUM ('so so', '1st', 'fine');"
        ' CREATE TABLE "1 odd-table" ("the key" int PRIMARY KEY, "2nd" "my mood" DEFAULT \'so so\', "model" text);'
        ' CREATE TABLE "model" (id int PRIMARY KEY, a int REFERENCES "1 odd-table", b int REFERENCES "1 odd-table")',
    )
    schema = parse_schema(pulled(read_database_schema(database), {"s": ""}))
    assert {each.table for each in schema.models} == {"1 odd-table", "model"}
    assert steps(database, schema) == []


def test_what_has_no_word_is_not_dropped_by_the_next_migration(database: Connection) -> None:
    send(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, a text, b int GENERATED ALWAYS AS (id * 2) STORED, CHECK (id > 0));"
        "CREATE INDEX part ON t (a) WHERE id > 5; CREATE INDEX expr ON t (lower(a)); CREATE INDEX inc ON t (a)"
        " INCLUDE (id);"
        "CREATE VIEW v AS SELECT id FROM t; ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
    )
    schema = parse_schema(pulled(read_database_schema(database), {"s": ""}))
    assert steps(database, schema) == []
