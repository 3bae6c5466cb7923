"""drizzle-kit errs without us: each rule of ``drizzle_kit.py`` by a table of SQL and the same by hand in Drizzle.

Once drizzle-kit is mended a test here fails; then the rule goes, and ``docs/mirrors-typescript.md`` loses a line.
"""

from dataclasses import dataclass

import pytest

from pgarchitect.postgres.connection import connect
from tests.drizzle_kit import statements
from tests.typescript_lab import TESTS, TypeScriptLab, typescript_lab

pytestmark = pytest.mark.thorough

SQL = (TESTS / "drizzle_kit_errors.sql").read_text(encoding="utf-8")
FORTH = (
    'ALTER TABLE "forth" DROP CONSTRAINT "forth_key"',
    'ALTER TABLE "forth" ADD CONSTRAINT "forth_key" PRIMARY KEY("a","b")',
)
BACK = (
    'ALTER TABLE "back" DROP CONSTRAINT "back_key"',
    'ALTER TABLE "back" ADD CONSTRAINT "back_key" PRIMARY KEY("b","a")',
)
REFERS = (
    'ALTER TABLE "refers" DROP CONSTRAINT "refers_key"',
    (
        'ALTER TABLE "refers" ADD CONSTRAINT "refers_key" FOREIGN KEY ("y","x") '
        'REFERENCES "public"."back"("b","a") ON DELETE no action ON UPDATE no action'
    ),
)
ALWAYS = {
    'CREATE UNIQUE INDEX "referred_key" ON "referred" USING btree ("a")',
    """ALTER TABLE "list" ALTER COLUMN "a" SET DEFAULT '{"x"}'""",
    'ALTER TABLE "moods" ALTER COLUMN "a" SET DATA TYPE "public"."Mood"[] USING "a"::"public"."Mood"[]',
    'DROP SEQUENCE "other"."T_id_seq"',
    'ALTER TABLE "sum" ALTER COLUMN "a" SET DEFAULT 1 + 1',
    'ALTER TABLE "big" ALTER COLUMN "a" SET DEFAULT 5',
    """ALTER TABLE "apostrophe" ALTER COLUMN "it's" SET DATA TYPE "undefined"."smallserial\"""",
    """ALTER TABLE "apostrophe" ALTER COLUMN "it's" DROP DEFAULT""",
    'ALTER TABLE "letter" ALTER COLUMN "a" SET DATA TYPE "undefined".""char""',
}


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> TypeScriptLab:
    made = typescript_lab(tmp_path_factory.mktemp("errors"))
    made.write("errors.ts", (TESTS / "drizzle_kit_errors.ts").read_text(encoding="utf-8"))
    return made


def _create(url: str, script: str) -> None:
    with connect(url, read_only=False) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")
        connection.execute(script.encode())


def test_push_sees_changes_that_are_none(lab: TypeScriptLab, fresh_database: str) -> None:
    _create(fresh_database, SQL)
    found = set(statements(lab.push("errors.ts", fresh_database, ("public", "other"))))
    orders = [set(each) for each in (FORTH, BACK, REFERS) if set(each) <= found]
    assert orders, "the columns of keys are read in no order: of two opposite ones it cannot have both right"
    assert found - set().union(*orders) == ALWAYS


def test_generate_writes_what_postgresql_refuses_or_what_was_not_meant(lab: TypeScriptLab) -> None:
    script = lab.created("errors.ts")
    assert '"a" ""char""' in script
    assert script.index('REFERENCES "public"."referred"("a")') < script.index('CREATE UNIQUE INDEX "referred_key"')
    assert 'CREATE INDEX "sorted_index" ON "sorted" USING btree ("a" text_pattern_ops);' in script


@dataclass(frozen=True, slots=True)
class Unreadable:
    """SQL and the same in Drizzle, in which one word, instead of ``{}``, decides whether drizzle-kit can read it."""

    script: str
    schema: str
    wrong: str
    right: str
    namespace: str = "public"


UNREADABLE = {
    "default of a list of JSON": Unreadable(
        "CREATE TABLE t (a jsonb[] DEFAULT {})",
        'export const t = d.pgTable("t", { a: d.jsonb("a").array() });',
        wrong="ARRAY['{}']::jsonb[]",
        right="NULL",
    ),
    "quotes in a name": Unreadable(
        'CREATE TABLE "{}" (id int)',
        'export const t = d.pgTable(`{}`, { id: d.integer("id") });',
        wrong='a""b',
        right="ab",
    ),
    "an apostrophe in a name": Unreadable(
        'CREATE TABLE "{}" (id int)',
        'export const t = d.pgTable(`{}`, { id: d.integer("id") });',
        wrong="it's",
        right="it",
    ),
    "key of two columns in a schema whose name needs quotes": Unreadable(
        'CREATE SCHEMA "{}"; CREATE TABLE "{}".t (a int, b int, CONSTRAINT k PRIMARY KEY (a, b))',
        """export const t = d.pgSchema("{}").table("t", { a: d.integer("a"), b: d.integer("b") }, (t) => [
             d.primaryKey({ name: "k", columns: [t.a, t.b] })
           ]);""",
        wrong="of two",
        right="of_two",
        namespace="{}",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE.values(), ids=UNREADABLE)
def test_push_ends_without_a_word_at_what_it_cannot_read(
    case: Unreadable, lab: TypeScriptLab, fresh_database: str
) -> None:
    def push(word: str) -> str:
        with connect(fresh_database, read_only=False) as connection:
            connection.execute("DROP SCHEMA IF EXISTS public, of_two CASCADE; CREATE SCHEMA public")
            connection.execute(case.script.replace("{}", word).encode())
        schema = case.schema.replace("{}", word.replace('""', '"'))
        lab.write("t.ts", f'import * as d from "drizzle-orm/pg-core";\n{schema}\n')
        return lab.push("t.ts", fresh_database, (case.namespace.replace("{}", word),))

    statements(push(case.right))  # fails where it found nothing to say
    printed = push(case.wrong)
    assert "Pulling schema" in printed
    assert not [each for each in ("No changes detected", "current statements", "applied") if each in printed]
