"""schema.prisma → SQL: statement by statement what Prisma prints, and SQL that a server takes."""

from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from pgarchitect.errors import SchemaInvalid
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.ddl.script import EMPTY, create_script
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.reading import parse_schema, read_schema
from tests.prisma_golden import golden_schemas
from tests.random_schema import random_schema
from tests.schema_reading import assert_reads_back

SOURCE = 'datasource db {\n  provider = "postgresql"\n}\n\n'


def script_of(text: str) -> str:
    return create_script(lower(parse_schema({"schema.prisma": SOURCE + text})))


@pytest.mark.parametrize("path", golden_schemas(), ids=lambda path: path.stem)
def test_it_is_what_prisma_prints(path: Path) -> None:
    assert create_script(lower(read_schema(path))) == path.with_suffix(".sql").read_text(encoding="utf-8")


def test_the_samples_first_migration_is_what_its_schema_says() -> None:
    folder = files("examples.edfinance")
    text = folder.joinpath("schema.prisma").read_text(encoding="utf-8")
    [first, *_] = sorted(each.name for each in folder.joinpath("migrations").iterdir() if each.is_dir())
    made = folder.joinpath("migrations", first, "migration.sql").read_text(encoding="utf-8")
    # A migration finds the schema "public" there; a script from nothing makes it.
    theirs = create_script(lower(parse_schema({"schema.prisma": text}))).split("\n\n", 1)[1]
    assert made.strip() == theirs.strip()


@pytest.mark.parametrize("path", golden_schemas(), ids=lambda path: path.stem)
def test_a_server_takes_it_and_has_it(path: Path, fresh_database: str) -> None:
    database = lower(read_schema(path))
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(create_script(database))
        assert_reads_back(connection, database)


def test_a_server_takes_what_chance_makes(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        for seed in range(25):
            database = lower(parse_schema({"schema.prisma": random_schema(seed, plain=True)}))
            with connection.transaction():
                connection.execute(create_script(database))
                assert_reads_back(connection, database)
                raise psycopg.Rollback


def test_nothing_makes_an_empty_migration() -> None:
    assert script_of("") == EMPTY == "-- This is an empty migration.\n"


def test_a_quote_in_a_name_is_doubled_where_prisma_forgets_it(fresh_database: str) -> None:
    text = (
        'model A {\n  id Int @id @map("the \\"id\\"")\n  kind Kind @default(ONE)\n\n  @@map("a \\"b\\"")\n}\n\n'
        'enum Kind {\n  ONE @map("it\'s")\n}\n'
    )
    script = script_of(text)
    assert 'CREATE TABLE "a ""b""" (\n    "the ""id""" INTEGER NOT NULL,' in script
    assert "AS ENUM ('it''s')" in script
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(script)
        assert_reads_back(connection, lower(parse_schema({"schema.prisma": SOURCE + text})))


def test_another_default_schema_is_created_and_left_out_of_names() -> None:
    schema = parse_schema({"schema.prisma": SOURCE + "model A {\n  id Int @id\n}\n"})
    script = create_script(lower(schema, "shop"))
    assert script.startswith('-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "shop";\n')
    assert 'CREATE TABLE "A" (' in script


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ('Decimal @default("1e5")', "100000"),
        ('Decimal @default("1.50e-3")', "0.00150"),
        ('Decimal @default("-0.00")', "0.00"),
        ("Int @default(-007)", "-7"),
        ("Float @default(00.10)", "0.10"),
        ('DateTime @default("2020-01-01t10:00:00z")', "'2020-01-01 10:00:00 +00:00'"),
        ('DateTime @default("2020-01-01T10:00:00.1000000Z")', "'2020-01-01 10:00:00.100 +00:00'"),
        ('DateTime @default("2020-01-01T10:00:00.1234Z")', "'2020-01-01 10:00:00.123400 +00:00'"),
        ('DateTime @default("2020-01-01T10:00:00.1234567891Z")', "'2020-01-01 10:00:00.123456789 +00:00'"),
    ],
)
def test_literals_are_spelled_as_prisma_spells_them(written: str, printed: str) -> None:
    assert f" DEFAULT {printed},\n" in script_of(f"model A {{\n  id Int @id\n  b {written}\n}}\n")


@pytest.mark.parametrize("written", ['Bytes @default("a!b")', 'Decimal @default("one")'])
def test_a_default_that_is_no_value_is_refused(written: str) -> None:
    with pytest.raises(SchemaInvalid):
        script_of(f"model A {{\n  id Int @id\n  b {written}\n}}\n")
