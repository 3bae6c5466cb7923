"""The mirrors in TypeScript where Node is: they compile, they run, and drizzle-kit finds the same database."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.schema.database_schema import DatabaseSchema, Extension
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.mirrors.drizzle import drizzle_schema
from pgarchitect.schema.mirrors.kysely import kysely_types
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import read_schema
from tests.typescript_lab import TypeScriptLab, typescript_lab

pytestmark = pytest.mark.thorough

TESTS = Path(__file__).parent
SOURCES = {
    "edfinance": TESTS.parent / "examples" / "edfinance" / "schema.prisma",
    **{each.stem: each for each in sorted((TESTS / "schemas").glob("*.prisma"))},
    "tenancy": TESTS / "schemas" / "tenancy",
}
LONG_NAMES = {"ddl_names", "oddities"}
"""Their constants alone are longer than a line."""
PERCEIVED = (
    (
        r'ALTER TABLE (?P<table>\S+) DROP CONSTRAINT "(?P<name>[^"]+)";\s*(?:--> statement-breakpoint\s*)?'
        r'ALTER TABLE (?P=table) ADD CONSTRAINT "(?P=name)" (?:PRIMARY KEY|FOREIGN KEY) ?\([^;]*;'
    ),
    r'CREATE UNIQUE INDEX "Project_code_key" ON "Project" [^;]*;',
    r'DROP SEQUENCE "(?:app|auth|billing)"\."\w+_id_seq";',
    r'ALTER TABLE "NativeLists" ALTER COLUMN "moods" SET DATA TYPE [^;]*;',
    r'ALTER TABLE "Foreign" ALTER COLUMN "code" SET DATA TYPE [^;]*;',
)
"""What drizzle-kit 0.31 takes for a difference and is none; docs/mirrors-typescript.md says why."""


def _schema(name: str) -> tuple[PrismaSchema, DatabaseSchema]:
    schema = read_schema(SOURCES[name])
    return schema, lower(schema)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> TypeScriptLab:
    lab = typescript_lab(tmp_path_factory.mktemp("typescript"))
    for name in SOURCES:
        schema, database = _schema(name)
        lab.write(f"{name}.drizzle.ts", drizzle_schema(schema, database))
        lab.write(f"{name}.kysely.ts", kysely_types(schema, database))
    lab.write("queries.ts", (TESTS / "typescript_queries.ts").read_text(encoding="utf-8"))
    complaints = lab.compile()
    assert complaints == ""
    return lab


def _create(url: str, database: DatabaseSchema) -> None:
    with connect(url, read_only=False) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")
        connection.execute(create_script(database).encode())


def test_prettier_would_change_nothing(compiled: TypeScriptLab) -> None:
    names = [f"{each}.{kind}.ts" for each in SOURCES for kind in ("drizzle", "kysely") if each not in LONG_NAMES]
    assert compiled.unformatted(names) == ""


def test_queries_run(compiled: TypeScriptLab, fresh_database: str) -> None:
    schema, database = _schema("edfinance")
    _create(fresh_database, database)
    assert compiled.run("queries.js", fresh_database) == {
        "price": "12.30",
        "role": "STUDENT",
        "created": True,
        "name": {"en": "S"},
        "referrer": "m@example.org",
        "wallet": None,
        "points": 7,
        "touched": True,
        "relations": sum(len(each.relations) for each in schema.models),
    }


@pytest.mark.parametrize("name", ["edfinance", "ddl_indexes", "ddl_types", "relations", "tenancy", "prisma6"])
def test_drizzle_kit_finds_the_same_database(name: str, compiled: TypeScriptLab, fresh_database: str) -> None:
    _, database = _schema(name)
    _create(fresh_database, database)
    printed = compiled.push(f"{name}.drizzle.ts", fresh_database, database.schemas)
    assert _left(printed) == ""


def test_drizzle_kit_finds_a_column_too_many(compiled: TypeScriptLab, fresh_database: str) -> None:
    _, database = _schema("prisma6")
    _create(fresh_database, replace(database, extensions=(Extension("citext"),)))
    table = database.tables[0]
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(f'CREATE INDEX surplus ON "{table.name}" ("{table.columns[0].name}")'.encode())
    assert 'DROP INDEX "surplus"' in _left(compiled.push("prisma6.drizzle.ts", fresh_database, database.schemas))


def _left(printed: str) -> str:
    """The statements that drizzle-kit would run, without those that are known to do nothing."""
    assert "No changes detected" in printed or "current statements" in printed, printed
    found = re.search(r"current statements:(.*?)(?:\n\s*error: |\[✓\] Changes applied|\Z)", printed, re.DOTALL)
    statements = found[1] if found else ""
    for each in PERCEIVED:
        statements = re.sub(each, "", statements)
    return re.sub(r"\x1b\[[\d;]*[a-zA-Z]", "", statements).strip()
