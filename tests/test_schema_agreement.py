"""schema check does several things at once: what is told first does not depend on which of them is quicker."""

import subprocess
import sys
from pathlib import Path

import pytest

from pgarchitect.errors import CannotConnect, MigrationFailed, SchemaInvalid
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.agreement import Sides, differences
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.sides import read_side
from pgarchitect.schema.pulling import pulled
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


def test_what_only_the_database_knows_is_compared_as_it_is_written(fresh_database: str, settings: Settings) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(
            "CREATE FUNCTION made() RETURNS text LANGUAGE sql AS $$SELECT 'x'$$; CREATE DOMAIN filled AS text;"
            "CREATE DOMAIN twice AS filled;"
            "CREATE TABLE t (id text PRIMARY KEY DEFAULT made(), d twice DEFAULT 'x', n int DEFAULT (1 + 1));"
            "CREATE INDEX some_of_t ON t (d) WHERE n > 1"
        )
        database = read_database_schema(connection)
    sources = pulled(database, {"schema.prisma": ""})
    assert differences(Sides(PATH, sources, (), fresh_database), settings) == ()
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("ALTER TABLE t ALTER id SET DEFAULT 'a'")
    [found] = differences(Sides(PATH, sources, (), fresh_database), settings)
    assert "SET DEFAULT made()" in found.told


def test_the_search_path_of_a_database_changes_nothing(fresh_database: str, settings: Settings) -> None:
    script = (
        "CREATE TYPE mood AS ENUM ('a'); CREATE SEQUENCE s; CREATE SCHEMA other;"
        "CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('s'), m mood); CREATE INDEX t_a ON t (id) WHERE m = 'a';"
    )
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(script.encode())
        sources = pulled(read_database_schema(connection), {"schema.prisma": ""})
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET search_path = other".encode())
    assert differences(Sides(PATH, sources, (Migration("01", script),), fresh_database), settings) == ()
    assert read_side(fresh_database, ("public",), settings).database.tables[0].indexes[0].where == "(m = 'a'::mood)"


def test_the_schema_may_name_the_server_of_its_shadow_database(fresh_database: str, settings: Settings) -> None:
    text = SCHEMA["schema.prisma"].replace("\n}\n\nmodel", f'\n  shadowDatabaseUrl = "{NOWHERE}"\n}}\n\nmodel')
    with pytest.raises(CannotConnect):
        differences(Sides(PATH, {"schema.prisma": text}, (CREATED,)), settings)
    sides = Sides(PATH, {"schema.prisma": text}, (CREATED,), shadow_url=fresh_database)
    assert differences(sides, settings) == ()


LOADING = """
import sys
import threading

from pgarchitect.schema import agreement

sys.setswitchinterval(1e-6)
at_once = threading.Barrier(2)
told = []


class Reading:
    def result(self):
        raise StopIteration


def reading():
    at_once.wait()
    agreement._read({"s": 'datasource db {\\n provider = "postgresql"\\n}'}, "public")


def live():
    at_once.wait()
    try:
        agreement._read_live(None, Reading())
    except StopIteration:
        pass


threading.excepthook = lambda error: told.append(repr(error.exc_value))
threads = [threading.Thread(target=each) for each in (reading, live)]
for each in threads:
    each.start()
for each in threads:
    each.join()
sys.exit("; ".join(told) or None)
"""


def test_threads_that_load_modules_at_once_do_not_wait_for_each_other() -> None:
    """Each attempt in a process of its own, where nothing is loaded yet; without a lock about one in ten failed."""
    for _ in range(30):
        done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=False)
        assert "Deadlock" not in done.stderr
        assert done.returncode == 0, done.stderr
