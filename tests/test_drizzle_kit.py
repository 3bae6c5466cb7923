"""drizzle-kit beside the schema file of Drizzle: it finds our database, it makes our database, and where it errs.

Where it errs is listed statement by statement: what is not listed fails the test, and what is listed and does not
happen fails it as well. Whatever drizzle-kit would run is run, and must leave the catalog as it was.
"""

import re
from contextlib import suppress

import psycopg
import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference import difference
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.mirrors.drizzle import drizzle_schema
from tests.drizzle_kit import Perceived, perceived, statements, unexplained
from tests.typescript_lab import SOURCES, TypeScriptLab, migrate, own_schema, prepare, typescript_lab

pytestmark = pytest.mark.thorough

UNREADABLE = {
    "ddl_defaults": 'ALTER TABLE "Lists" ALTER COLUMN "jsons" DROP DEFAULT',
    "types": 'ALTER TABLE "ListDefaults" ALTER COLUMN "jsons" DROP DEFAULT',
    "ddl_namespaces": 'ALTER TABLE "base data"."_CustomerToItem" DROP CONSTRAINT "_CustomerToItem_AB_pkey"',
    "oddities": 'DROP TABLE "a ""quoted"" table"',
}
"""What drizzle-kit cannot read without ending is taken away, so that it has to bring back exactly that."""
MISQUOTED = {
    "ddl_types": {'""char""': '"char"'},
    "oddities": {
        '"a "quoted" table"': '"a ""quoted"" table"',
        '"the "id""': '"the ""id"""',
        '"an "index""': '"an ""index"""',
    },
}
"""Names in quotes that drizzle-kit puts into quotes."""
KNOWN = {
    "commerce": (
        Perceived(("""ALTER TABLE "order" ALTER COLUMN "number" SET DEFAULT concat('O-', nextval('order_number'))""",)),
        Perceived(('DROP SEQUENCE "public"."order_number"',)),
    ),
    "ddl_defaults": (Perceived(('ALTER TABLE "Made" ALTER COLUMN "sum" SET DEFAULT 1 + 1',)),),
    "ddl_namespaces": (
        Perceived(
            ('ALTER TABLE "base data"."_CustomerToItem" ADD CONSTRAINT "_CustomerToItem_AB_pkey" PRIMARY KEY("A","B")',)
        ),
    ),
    "ddl_types": (Perceived(('ALTER TABLE "Foreign" ALTER COLUMN "code" SET DATA TYPE "undefined".""char""',)),),
    "oddities": (
        Perceived(
            (
                """CREATE TABLE "a "quoted" table" (
\t"the "id"" integer PRIMARY KEY NOT NULL,
\t"it's" text DEFAULT 'it''s' NOT NULL,
\t"back\\slash" text DEFAULT '\\' NOT NULL
)""",
                'CREATE INDEX "an "index"" ON "a "quoted" table" USING btree ("it\'s")',
            )
        ),
    ),
    "types": (Perceived(('ALTER TABLE "Defaults" ALTER COLUMN "genSql" SET DEFAULT md5(random()::text)',)),),
}
"""Statements of ``push`` beyond the rules: expressions that a catalog prints otherwise, and what was taken away."""
MADE_OTHERWISE = {
    "commerce": (
        'ALTER TABLE "warehouse" RENAME CONSTRAINT "warehouse_pkey" TO "warehouse_key";',
        """ALTER TABLE "order_event" ALTER COLUMN "data" SET DEFAULT '{"source": "shop"}';""",
    ),
    "ddl_defaults": ('ALTER TABLE "Literals" ALTER COLUMN "float" SET DEFAULT 1.50;',),
    "ddl_indexes": (
        'DROP INDEX "patterns";',
        'ALTER TABLE "Sorted" RENAME CONSTRAINT "Sorted_pkey" TO "key of sorted";',
        'CREATE INDEX "patterns" ON "Sorted"("a" text_pattern_ops DESC);',
    ),
}
"""From what ``generate`` makes of the schema file to what a migration makes of the schema."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> TypeScriptLab:
    made = typescript_lab(tmp_path_factory.mktemp("kit"))
    for name in SOURCES:
        made.write(f"{name}.ts", drizzle_schema(*own_schema(name)))
    return made


@pytest.mark.parametrize("name", SOURCES)
def test_push_finds_our_database_and_leaves_it_as_it_is(name: str, lab: TypeScriptLab, fresh_database: str) -> None:
    database = migrate(name, fresh_database)
    migrated = _read(fresh_database, database)
    _run_each(fresh_database, [UNREADABLE[name]] if name in UNREADABLE else [])
    found = statements(lab.push(f"{name}.ts", fresh_database, database.schemas))
    expected = [each for each in perceived(database) if not _taken_away(each, name)]
    assert unexplained(found, [*expected, *KNOWN.get(name, ())]) == ()
    _run_each(fresh_database, [_mended(name, each) for each in found])
    assert _steps(_read(fresh_database, database), migrated) == ()


@pytest.mark.parametrize("name", SOURCES)
def test_generate_makes_our_database(
    name: str, lab: TypeScriptLab, server: EmbeddedServer, fresh_database: str
) -> None:
    database = migrate(name, fresh_database)
    other = ensure_database(server, f"{name}_of_drizzle", [each.name for each in database.extensions])
    prepare(name, other)
    with connect(other, read_only=False) as connection:
        for each in _keys_last(lab.created(f"{name}.ts")):
            connection.execute(_mended(name, each).encode())
    steps = _steps(_read(other, database), _read(fresh_database, database))
    assert steps == MADE_OTHERWISE.get(name, ())


def test_push_finds_an_index_too_many(lab: TypeScriptLab, fresh_database: str) -> None:
    database = migrate("prisma6", fresh_database)
    table = database.tables[0]
    _run_each(fresh_database, [f'CREATE INDEX surplus ON "{table.name}" ("{table.columns[0].name}")'])
    found = statements(lab.push("prisma6.ts", fresh_database, database.schemas))
    assert unexplained(found, perceived(database)) == ('DROP INDEX "surplus"',)


def _read(url: str, database: DatabaseSchema) -> DatabaseSchema:
    with connect(url) as connection:
        return read_database_schema(connection, database.schemas)


def _run_each(url: str, scripts: list[str]) -> None:
    """Each on its own; PostgreSQL refuses some of what drizzle-kit writes."""
    with connect(url, read_only=False) as connection:
        for each in scripts:
            with suppress(psycopg.Error):
                connection.execute(each.encode())


def _steps(before: DatabaseSchema, after: DatabaseSchema) -> tuple[str, ...]:
    return tuple(statement for step in difference(before, after) for statement in step.statements)


def _mended(name: str, statement: str) -> str:
    for wrong, right in MISQUOTED.get(name, {}).items():
        statement = statement.replace(wrong, right)
    return statement


def _taken_away(each: Perceived, name: str) -> bool:
    """A key that is not there cannot be dropped, too."""
    return UNREADABLE.get(name) == each.statements[0]


def _keys_last(script: str) -> list[str]:
    """The statements with foreign keys behind: drizzle-kit adds them before the unique indexes on which they stand."""
    found = [each for each in re.split(r";\s*(?:\n|\Z)", script) if each.strip()]
    keys = [each for each in found if each.startswith("ALTER TABLE") and " FOREIGN KEY (" in each]
    return [*(each for each in found if each not in keys), *keys]
