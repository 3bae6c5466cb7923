"""The harness itself: Prisma's engine answers, on texts and on a real database."""

from pathlib import Path

import pytest

from pgarchitect.postgres.connection import connect
from tests.prisma_engine import DATABASE, PrismaEngine, PrismaError, is_empty, migrations, schema

pytestmark = pytest.mark.thorough

SOURCE = 'datasource db {\n  provider = "postgresql"\n}\n\n'
ONE = SOURCE + "model A {\n  id   Int    @id\n  name String @unique\n}\n"


def test_it_writes_a_script_without_a_database(prisma: PrismaEngine) -> None:
    script = prisma.create_script(ONE)
    assert '-- CreateTable\nCREATE TABLE "A" (\n    "id" INTEGER NOT NULL,' in script


def test_it_names_what_is_wrong(prisma: PrismaEngine) -> None:
    prisma.validate(ONE)
    with pytest.raises(PrismaError, match='Type "Intt" is neither a built-in type') as refused:
        prisma.validate(ONE.replace("Int ", "Intt"))
    assert refused.value.code == "P1012"


def test_it_formats(prisma: PrismaEngine) -> None:
    assert prisma.formatted("model A {\nid Int @id\n}") == "model A {\n  id Int @id\n}\n"


def test_it_describes(prisma: PrismaEngine) -> None:
    assert [each["name"] for each in prisma.dmmf(ONE)["datamodel"]["models"]] == ["A"]


def test_it_migrates_a_database(prisma: PrismaEngine, fresh_database: str, tmp_path: Path) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")
    folder = tmp_path / "migrations"
    assert "CREATE TABLE" in prisma.create_migration(fresh_database, folder, "first", ONE)
    (name,) = prisma.apply_migrations(fresh_database, folder)
    assert name.endswith("_first")
    assert prisma.apply_migrations(fresh_database, folder) == []
    assert prisma.dev_diagnostic(fresh_database, folder) == ""
    assert prisma.diagnose_history(fresh_database, folder)["history"] is None
    assert is_empty(prisma.diff(migrations(folder), schema(ONE), fresh_database))
    assert prisma.in_sync(fresh_database, ONE)
    assert not prisma.in_sync(fresh_database, ONE.replace("name", "title"))
    assert "DROP" in prisma.diff(DATABASE, schema(SOURCE), fresh_database)
    assert "model A" in prisma.introspect(fresh_database, SOURCE)


def test_it_sends_a_script_whole(prisma: PrismaEngine, fresh_database: str, tmp_path: Path) -> None:
    made = tmp_path / "20260101000000_function"
    made.mkdir()
    (made / "migration.sql").write_text("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$BEGIN; RETURN 1; END$$;")
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")
        with pytest.raises(PrismaError, match="syntax error") as refused:
            prisma.apply_migrations(fresh_database, tmp_path)
        assert refused.value.code is None or refused.value.code.startswith("P")
        prisma.resolve(fresh_database, tmp_path, made.name, applied=False)
        (made / "migration.sql").write_text(
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN 1; END$$;"
        )
        assert prisma.apply_migrations(fresh_database, tmp_path) == [made.name]
        assert connection.execute("SELECT f()").fetchone() == (1,)
