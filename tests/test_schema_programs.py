"""What stands beside the tables: a database has what its migrations made, or schema check names what differs."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.schema.agreement import Sides, differences
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.runner import replay
from pgarchitect.schema.programs import program_differences, read_whole
from pgarchitect.schema.shadow import shadow_database
from pgarchitect.settings import Settings
from tests.scratch_server import require_15, scratch_server

Cli = Callable[..., subprocess.CompletedProcess[str]]
SCHEMA = {
    "schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n\nmodel A {\n  id Int @id\n  name String?\n'
    '  above Int?\n  over A? @relation("under", fields: [above], references: [id])\n  under A[] @relation("under")\n}\n'
}
TABLE = (
    'CREATE TABLE "A" ("id" INTEGER NOT NULL, "name" TEXT, "above" INTEGER, CONSTRAINT "A_pkey" PRIMARY KEY ("id"));'
    'ALTER TABLE "A" ADD CONSTRAINT "A_above_fkey" FOREIGN KEY ("above") REFERENCES "A" ON DELETE SET NULL'
    " ON UPDATE CASCADE;"
)
PROGRAMS = (
    "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN NEW; -- as it is\nEND $$;",
    'CREATE FUNCTION found(int) RETURNS text STABLE BEGIN ATOMIC SELECT name FROM "A" WHERE id = $1; END;',
    "CREATE PROCEDURE nothing(INOUT x int DEFAULT 3) LANGUAGE sql AS 'SELECT x';",
    (
        'CREATE TRIGGER stamped BEFORE UPDATE OF name ON "A" FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name)'
        " EXECUTE FUNCTION stamp();"
    ),
    'CREATE RULE kept AS ON DELETE TO "A" WHERE old.id < 10 DO INSTEAD NOTHING;',
    'ALTER TABLE "A" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;',
    'CREATE POLICY own ON "A" FOR SELECT USING (name = current_user OR EXISTS (SELECT FROM "A" a WHERE a.id = 1));',
    "CREATE DOMAIN short AS varchar(9) DEFAULT 'a' NOT NULL CONSTRAINT filled CHECK (VALUE <> '');",
    'CREATE TYPE point_of AS (x int, "Y" numeric(9, 2));',
    "CREATE TYPE whole AS RANGE (subtype = int4);",
    "CREATE SEQUENCE numbers AS int INCREMENT -5 START -7 CYCLE; CREATE SEQUENCE plain AS int;",
)
MIGRATION = Migration("20260101000000_init", "\n".join((TABLE, *PROGRAMS)))


def deployed(url: str, settings: Settings) -> str:
    with migrating(url, settings) as connection:
        deploy(connection, [MIGRATION])
    return url


@pytest.fixture(params=["18", "15"])
def database(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    """A database that the migration made, on the embedded server and on one of another version."""
    if request.param == "18":
        yield deployed(request.getfixturevalue("fresh_database"), settings)
        return
    with scratch_server(settings, programs=require_15()) as server:
        yield deployed(server.url(), settings)


def found(database: str, settings: Settings) -> dict[str, str]:
    several = differences(Sides(Path("schema.prisma"), SCHEMA, (MIGRATION,), database), settings)
    assert {each.between for each in several} <= {"database and migrations"}
    return {each.concerns: each.told for each in several}


def test_what_was_done_by_hand_is_named(database: str, settings: Settings) -> None:
    assert found(database, settings) == {}
    by_hand = (
        'ALTER TABLE "A" NO FORCE ROW LEVEL SECURITY',
        "CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END $$",
        'DROP POLICY own ON "A"',
        "ALTER DOMAIN short DROP NOT NULL",
        "CREATE FUNCTION mine(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE hers AS (z int)",
        "CREATE TYPE dates AS RANGE (SUBTYPE = date, SUBTYPE_DIFF = daterange_subdiff)",
        "ALTER SEQUENCE numbers NO CYCLE INCREMENT -2",
        "ALTER SEQUENCE plain INCREMENT 100",
        'ALTER TABLE "A" DISABLE TRIGGER ALL; ALTER TABLE "A" ENABLE TRIGGER stamped',
        'ALTER TABLE "A" DISABLE TRIGGER stamped',
    )
    with connect(database, read_only=False) as connection:
        for each in by_hand:
            connection.execute(each.encode())
    told = found(database, settings)
    assert set(told) == {
        'trigger stamped ON public."A"',
        'row security public."A"',
        "function public.stamp()",
        "function public.mine(a integer)",
        'policy own ON public."A"',
        "domain public.short",
        "type public.hers",
        "type public.dates",
        "sequence public.numbers",
        "sequence public.plain",
        'foreign keys of public."A"',
    }
    assert told["function public.mine(a integer)"] == "DROP ROUTINE public.mine(a integer);"
    assert "RETURN NEW; -- as it is" in told["function public.stamp()"]
    assert told["type public.hers"] == "DROP TYPE public.hers;"
    with connect(database, read_only=False) as connection:
        for each in told.values():
            connection.execute(each.encode())
    assert found(database, settings) == {}


MORE = (
    "CREATE EXTENSION citext;"
    'CREATE TYPE span AS RANGE (SUBTYPE = text, COLLATION = "C", MULTIRANGE_TYPE_NAME = spans);'
    "CREATE UNLOGGED TABLE quick (s span, t spans);"
    "CREATE FUNCTION word(a short) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT a || '!'$$;"
    """CREATE TABLE "B" (id int PRIMARY KEY DEFAULT length(word('a')), w short, p point_of);"""
    """CREATE FUNCTION row_of(b "B") RETURNS SETOF "A" LANGUAGE sql AS 'SELECT * FROM "A"';"""
    'CREATE VIEW seen AS SELECT b.id, row_of(b) AS a FROM "B" b;'
    "CREATE FUNCTION all_seen() RETURNS SETOF seen LANGUAGE sql AS 'SELECT * FROM seen';"
    "CREATE TRIGGER instead INSTEAD OF INSERT ON seen FOR EACH ROW EXECUTE FUNCTION stamp();"
    'DROP POLICY own ON "A"; CREATE POLICY other ON "A" USING (true);'
)


def test_a_script_from_one_database_to_another_has_them(
    database: str, settings: Settings, tmp_path: Path, cli: Cli
) -> None:
    (tmp_path / MIGRATION.name).mkdir()
    (tmp_path / MIGRATION.name / "migration.sql").write_text(MIGRATION.script)
    with connect(database, read_only=False) as connection:
        connection.execute(MORE.encode())
        wanted = read_whole(connection, ["public"])
    for start in ("empty", f"migrations:{tmp_path}"):
        result = cli("migrate", "diff", "--from", start, "--to", database, "--script")
        assert result.returncode == 0, result.stderr
        assert 'EXISTS "citext" WITH SCHEMA "public";' in result.stdout
        with shadow_database(settings) as shadow:
            if start != "empty":
                replay(shadow, MIGRATION)
            replay(shadow, Migration("2", result.stdout))
            made = read_whole(shadow, ["public"])
        assert list(program_differences(made.programs, wanted.programs)) == []
        assert [each.name for each in made.database.views] == ["seen"]
    back = cli("migrate", "diff", "--from", database, "--to", "empty", "--script").stdout
    with connect(database, read_only=False) as connection:
        connection.execute(back.encode())
        left = read_whole(connection, ["public"])
        assert (left.programs, left.database.tables) == ({}, ())


def test_those_of_extensions_do_not_count(fresh_database: str, settings: Settings) -> None:
    deployed(fresh_database, settings)
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE EXTENSION vector")
    assert found(fresh_database, settings) == {}
