"""The differ and Prisma's own: equal statements where they mean the same, and where ours differs on purpose."""

import re
from collections import Counter

import pytest

from tests.prisma_engine import PrismaEngine, schema
from tests.test_schema_difference import HEAD, script

pytestmark = pytest.mark.thorough

A = "model A {\n  id Int @id\n%s}\n"
TWO = (
    "model A {\n  id Int @id\n  b B @relation(fields: [bid], references: [id]%s)\n  bid %s\n}\n"
    "model B {\n  id %s @id\n  as A[]\n}\n"
)
E = "enum E {\n  a\n%s}\nmodel A {\n  id Int @id\n  e E @default(a)\n  f E[] @default([a])\n  g E?\n}\n"
EQUAL = {
    "columns come": (A % "", A % "  b String\n  c Int?\n  d Int @default(1)\n  e String? @unique\n"),
    "columns and their index go": (A % "  b String\n  c String?\n  @@index([b])\n", A % ""),
    "types that cast": (A % "  b BigInt\n  c Int\n  d Json\n", A % "  b Int\n  c BigInt\n  d String\n"),
    "native types": (
        A % "  b String @db.VarChar(20)\n  c DateTime\n",
        A % "  b String @db.VarChar(9)\n  c DateTime @db.Date\n",
    ),
    "a value comes last": (E % "", E % "  b\n"),
    "a value goes": (E % "  b\n", E % ""),
    "values go and come": (E % "  b\n  c\n", E % "  c\n  d\n"),
    "NOT NULL and defaults": (
        A % "  b Int?\n  c Int\n  d Int @default(1)\n  e Int\n  f Int @default(1)\n",
        A % "  b Int\n  c Int?\n  d Int @default(2)\n  e Int @default(5)\n  f Int?\n",
    ),
    "now and dbgenerated": (
        A % "  b DateTime\n  c String @default(dbgenerated(\"md5('a')\"))\n  d Int[] @default([1])\n",
        A
        % "  b DateTime @default(now())\n  c String @default(dbgenerated(\"md5('b')\"))\n  d Int[] @default([1, 2])\n",
    ),
    "a longer primary key": (A % "  b Int\n", "model A {\n  id Int\n  b Int\n  @@id([id, b])\n}\n"),
    "another name of the primary key": (A % "", 'model A {\n  id Int @id(map: "x")\n}\n'),
    "indexes come, go and get names": (
        A % '  b Int\n  c Int\n  d Int @unique\n  @@index([b])\n  @@index([c], map: "ci")\n',
        A % '  b Int\n  c Int\n  d Int @unique(map: "du")\n  @@index([b, c])\n  @@index([c], map: "ci2")\n',
    ),
    "foreign keys get actions": (TWO % ("", "Int", "Int"), TWO % (", onDelete: Cascade", "Int", "Int")),
    "foreign keys get names": (TWO % ("", "Int", "Int"), TWO % (', map: "x"', "Int", "Int")),
    "a table and its enum go": (
        (
            "enum E {\n  a\n}\nmodel A {\n  id Int @id\n  e E\n"
            "  b B @relation(fields: [bid], references: [id])\n  bid Int\n}\n"
            "model B {\n  id Int @id\n  as A[]\n}\n"
        ),
        "model B {\n  id Int @id\n}\n",
    ),
    "tables, enums and pairs come": (
        "model B {\n  id Int @id\n}\n",
        (
            "enum E {\n  a\n}\nmodel A {\n  id Int @id\n  e E\n  bs B[]\n  @@index([e])\n}\n"
            "model B {\n  id Int @id\n  as A[]\n  e E\n}\n"
        ),
    ),
}
"""Changes for which both write the same statements."""
OURS = {
    "text becomes a number": (
        (A % "  b String\n", A % "  b Int\n"),
        'ALTER TABLE "A" ALTER COLUMN "b" SET DATA TYPE INTEGER USING ("b"::INTEGER);',
    ),
    "text becomes a list": (
        (A % "  b String[]\n  c Int\n", A % "  b String[]\n  c Int[]\n"),
        (
            'ALTER TABLE "A" ALTER COLUMN "c" SET DATA TYPE INTEGER[]'
            ' USING (CASE WHEN "c" IS NULL THEN NULL ELSE ARRAY["c"]::INTEGER[] END)'
        ),
    ),
    "text becomes an enum": (
        ("enum E {\n  a\n}\n" + A % "  e E\n  f String\n", "enum E {\n  a\n}\n" + A % "  e E\n  f E\n"),
        'ALTER TABLE "A" ALTER COLUMN "f" SET DATA TYPE "E" USING ("f"::"E");',
    ),
    "an enum becomes text": (
        ("enum E {\n  a\n}\n" + A % "  e E\n  f E\n", "enum E {\n  a\n}\n" + A % "  e E\n  f String\n"),
        'ALTER TABLE "A" ALTER COLUMN "f" SET DATA TYPE TEXT;',
    ),
    "a value comes between others": (
        ("enum E {\n  a\n  c\n}\n" + A % "  e E\n", "enum E {\n  a\n  b\n  c\n}\n" + A % "  e E\n"),
        "ALTER TYPE \"E\" ADD VALUE 'b' BEFORE 'c';",
    ),
    "a sequence comes, and goes on where the values end": (
        (A % "", "model A {\n  id Int @id @default(autoincrement())\n}\n"),
        'SELECT setval(\'"A_id_seq"\', COALESCE((SELECT MAX("id") FROM "A"), 0) + 1, false);',
    ),
    "a sequence goes (Prisma's statement has no name)": (
        ("model A {\n  id Int @id @default(autoincrement())\n}\n", A % ""),
        'DROP SEQUENCE "A_id_seq";',
    ),
    "SERIAL becomes BIGSERIAL, which is no type of a column (Prisma's statement fails)": (
        (
            "model A {\n  id Int @id @default(autoincrement())\n}\n",
            "model A {\n  id BigInt @id @default(autoincrement())\n}\n",
        ),
        'ALTER TABLE "A" ALTER COLUMN "id" SET DATA TYPE BIGINT;',
    ),
    "a key's type changes: PostgreSQL rebuilds it by itself": (
        (TWO % ("", "Int", "Int"), TWO % ("", "String", "String")),
        'ALTER TABLE "B" ALTER COLUMN "id" SET DATA TYPE TEXT;',
    ),
}
"""Changes for which ours differs on purpose, and what it writes."""


def clauses(sql: str) -> Counter[str]:
    """The statements of a script, those of ALTER TABLE clause by clause, without comments, warnings and layout."""
    plain = re.sub(r"/\*.*?\*/", "", sql, flags=re.DOTALL)
    lines = (" ".join(each.split()) for each in plain.replace(",\n", "\n").splitlines())
    # Whichever clause comes first stands behind the table's name, and the last has the semicolon.
    return Counter(
        re.sub(r'^ALTER TABLE "\w+" (?=ALTER COLUMN|ADD COLUMN|DROP COLUMN)', "", each).rstrip(";")
        for each in lines
        if each and not each.startswith("-- ")
    )


def theirs(prisma: PrismaEngine, before: str, after: str) -> str:
    return prisma.diff(schema(HEAD + before), schema(HEAD + after))


@pytest.mark.parametrize("change", EQUAL)
def test_prisma_writes_the_same(prisma: PrismaEngine, change: str) -> None:
    before, after = EQUAL[change]
    assert clauses(script(before, after)) == clauses(theirs(prisma, before, after))


@pytest.mark.parametrize("change", OURS)
def test_ours_differs_on_purpose(prisma: PrismaEngine, change: str) -> None:
    (before, after), statement = OURS[change]
    ours = script(before, after)
    assert statement in ours
    assert statement not in theirs(prisma, before, after)
    assert "DROP COLUMN" not in ours
