"""schema check does several things at once: what is told first does not depend on which of them is quicker."""

import sys
from pathlib import Path

import pytest

from pgarchitect.errors import CannotConnect, MigrationFailed, SchemaInvalid
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.agreement import Sides, differences
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.settings import Settings

SCHEMA = {"schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n\nmodel A {\n  id Int @id\n}\n'}
WRONG = {"schema.prisma": "model A {\n  id Nothing @id\n}\n"}
CREATED = Migration("01", 'CREATE TABLE "A" ("id" INTEGER NOT NULL, CONSTRAINT "A_pkey" PRIMARY KEY ("id"));')
BROKEN = Migration("02", "CREATE TABLE nothing (")
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
PATH = Path("schema.prisma")


@pytest.mark.parametrize(
    "sides",
    [Sides(PATH, WRONG, (CREATED, BROKEN), NOWHERE), Sides(PATH, WRONG, (CREATED, BROKEN)), Sides(PATH, WRONG, ())],
)
def test_errors_of_the_schema_come_first(sides: Sides, settings: Settings) -> None:
    with pytest.raises(SchemaInvalid, match="Nothing"):
        differences(sides, settings)


def test_then_what_cannot_be_reached_and_what_fails(settings: Settings) -> None:
    turn = sys.getswitchinterval()
    with pytest.raises(CannotConnect):
        differences(Sides(PATH, SCHEMA, (CREATED, BROKEN), NOWHERE), settings)
    with pytest.raises(MigrationFailed, match="The migration 02 fails"):
        differences(Sides(PATH, SCHEMA, (CREATED, BROKEN)), settings)
    assert sys.getswitchinterval() == turn


def test_a_database_is_compared_with_the_schema_where_there_are_no_migrations(
    fresh_database: str, settings: Settings
) -> None:
    sides = Sides(PATH, SCHEMA, (), fresh_database)
    [found] = differences(sides, settings)
    assert (found.between, found.concerns) == ("database and schema", '"A"')
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(CREATED.script.encode())
    assert differences(sides, settings) == ()
    [missing] = differences(Sides(PATH, SCHEMA, (Migration("01", "SELECT 1"),), fresh_database), settings)[:1]
    assert missing.between == "migrations and schema"


def test_the_schema_may_name_the_server_of_its_shadow_database(fresh_database: str, settings: Settings) -> None:
    text = SCHEMA["schema.prisma"].replace("\n}\n\nmodel", f'\n  shadowDatabaseUrl = "{NOWHERE}"\n}}\n\nmodel')
    with pytest.raises(CannotConnect):
        differences(Sides(PATH, {"schema.prisma": text}, (CREATED,)), settings)
    sides = Sides(PATH, {"schema.prisma": text}, (CREATED,), shadow_url=fresh_database)
    assert differences(sides, settings) == ()
