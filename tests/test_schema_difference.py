"""The differ on single changes: what it writes, what it asks about, what it says is lost."""

from dataclasses import replace

import pytest

from pgarchitect.errors import UsageError
from pgarchitect.schema.database_schema import (
    Column,
    ColumnDefault,
    ColumnType,
    Constraint,
    DatabaseSchema,
    DefaultKind,
    EnumType,
    Extension,
    Index,
    IndexColumn,
    PrimaryKey,
    Table,
    TypeKind,
    View,
)
from pgarchitect.schema.difference import (
    Rename,
    RenameKind,
    StepKind,
    Wishes,
    difference,
    migration_script,
    parse_rename,
    possible_renames,
)
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.reading import parse_schema

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
INT = ColumnType(TypeKind.BUILT_IN, "int4")
TEXT = ColumnType(TypeKind.BUILT_IN, "text")


def prisma(text: str) -> DatabaseSchema:
    """The database of a schema.prisma."""
    return lower(parse_schema({"schema.prisma": HEAD + text}))


def script(before: str, after: str, *renames: str) -> str:
    wishes = Wishes(tuple(map(parse_rename, renames)))
    return migration_script(difference(prisma(before), prisma(after), wishes))


USER = "model User {\n  id Int @id\n  mail String @unique\n  age Int?\n}\n"


def test_equal_schemas_need_nothing() -> None:
    assert difference(prisma(USER), prisma(USER)) == ()
    assert script(USER, USER) == "-- This is an empty migration.\n"


def test_a_migration_is_written_as_prisma_writes_it() -> None:
    after = USER.replace("age Int?", "born DateTime @db.Date")
    assert script(USER, after) == (
        "/*\n  Warnings:\n\n"
        '  - The column "age" of "User" is dropped: all that it holds is lost.\n'
        '  - The column "born" is added to "User", required and without a default: it fails if the table has rows.\n'
        "\n*/\n"
        '-- AlterTable\nALTER TABLE "User" DROP COLUMN "age",\nADD COLUMN     "born" DATE NOT NULL;\n'
    )


def test_what_is_lost_is_named() -> None:
    steps = difference(prisma(USER), prisma("model Other {\n  id BigInt @id\n  x Json\n}\n"))
    assert [each.loses for each in steps if each.loses] == ['table "User"']


def test_a_rename_is_asked_about_and_keeps_the_column() -> None:
    after = USER.replace("age Int?", "years Int?")
    found = possible_renames(prisma(USER), prisma(after))
    assert found == (Rename(("public", "User", "age"), ("public", "User", "years")),)
    assert found[0].kind is RenameKind.COLUMN
    assert script(USER, after, "User.age:years") == (
        '-- RenameColumn\nALTER TABLE "User" RENAME COLUMN "age" TO "years";\n'
    )


def test_a_refused_rename_is_not_asked_about_again() -> None:
    before, after = prisma(USER), prisma(USER.replace("age Int?", "years Int?"))
    refused = possible_renames(before, after)
    assert possible_renames(before, after, Wishes(refused=refused)) == ()
    assert possible_renames(before, after, Wishes(refused=(parse_rename("User.age:years"),))) == ()
    assert [each.loses for each in difference(before, after, Wishes(refused=refused))] == ['column "age" of "User"']


def test_an_answered_rename_is_not_asked_about_again() -> None:
    before, after = prisma(USER), prisma(USER.replace("age Int?", "years Int?"))
    assert possible_renames(before, after, Wishes(possible_renames(before, after))) == ()


def test_columns_of_a_renamed_table_are_asked_about_once_it_is() -> None:
    before, after = prisma(USER), prisma(USER.replace("User", "Person").replace("age", "years"))
    first = possible_renames(before, after)
    assert [(each.kind, str(each)) for each in first] == [(RenameKind.TABLE, "public.User:public.Person")]
    second = possible_renames(before, after, Wishes(first))
    assert [str(each) for each in second] == ["public.Person.age:public.Person.years"]
    steps = difference(before, after, Wishes((*first, *second)))
    assert [each.kind for each in steps] == [
        StepKind.RENAME_TABLE,
        StepKind.RENAME_COLUMN,
        StepKind.RENAME_INDEX,
        StepKind.RENAME_CONSTRAINT,
    ]


def test_two_columns_that_could_be_it_are_not_guessed_at() -> None:
    before = prisma("model A {\n  id Int @id\n  x String\n}\n")
    after = prisma("model A {\n  id Int @id\n  left String\n  rest String\n}\n")
    assert possible_renames(before, after) == ()


def test_renamed_values_and_enums_are_asked_about() -> None:
    text = "enum Mood {\n  calm\n  glad\n}\nmodel A {\n  id Int @id\n  m Mood @default(glad)\n}\n"
    values = text.replace("glad", "happy")
    assert [str(each) for each in possible_renames(prisma(text), prisma(values))] == [
        "public.Mood.glad:public.Mood.happy"
    ]
    assert script(text, values, "Mood.glad:happy") == (
        "-- RenameEnum\nALTER TYPE \"Mood\" RENAME VALUE 'glad' TO 'happy';\n"
    )
    enums = text.replace("Mood", "Temper")
    assert script(text, enums, "Mood:Temper") == '-- RenameEnum\nALTER TYPE "Mood" RENAME TO "Temper";\n'
    assert not any(each.loses for each in difference(prisma(text), prisma(enums)))


def test_swapped_names_go_by_a_passing_one() -> None:
    before = "model A {\n  id Int @id\n  x String\n  y Int\n}\n"
    after = "model A {\n  id Int @id\n  y String\n  x Int\n}\n"
    assert script(before, after, "A.x:y", "A.y:x").splitlines()[1::3] == [
        'ALTER TABLE "A" RENAME COLUMN "x" TO "x_old";',
        'ALTER TABLE "A" RENAME COLUMN "y" TO "x";',
        'ALTER TABLE "A" RENAME COLUMN "x_old" TO "y";',
    ]


def test_a_table_moves_to_another_schema() -> None:
    before = DatabaseSchema(("public", "auth"), tables=(Table("public", "A", (Column("id", INT, nullable=False),)),))
    after = DatabaseSchema(("public", "auth"), tables=(replace(before.tables[0], schema="auth"),))
    renames = possible_renames(before, after)
    assert [str(each) for each in renames] == ["public.A:auth.A"]
    assert migration_script(difference(before, after, Wishes(renames))) == (
        '-- RenameTable\nALTER TABLE "A" SET SCHEMA "auth";\n'
    )


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("users:people", ("users",), ("people",)),
        ("users.mail:email", ("users", "mail"), ("email",)),
        ("app.users.mail:app.users.email", ("app", "users", "mail"), ("app", "users", "email")),
        ('"a.b"."c:d":"e ""f"""', ("a.b", "c:d"), ('e "f"',)),
    ],
)
def test_renames_are_read_and_written(text: str, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    assert parse_rename(text) == Rename(old, new)
    assert parse_rename(str(Rename(old, new))) == Rename(old, new)


@pytest.mark.parametrize("text", ["", "a", "a:", ":b", "a:b:c", "a.b.c.d:e", "a:b.c", "a..b:c"])
def test_what_is_no_rename_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--rename"):
        parse_rename(text)


@pytest.mark.parametrize("text", ["User.nothing:x", "User.mail:age_", "Nobody:User"])
def test_a_rename_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be done"):
        script(USER, USER, text)


def test_an_added_value_keeps_its_place_and_is_committed_if_it_is_used() -> None:
    text = "enum E {\n  a\n  c\n}\nmodel A {\n  id Int @id\n  e E @default(a)\n}\n"
    assert script(text, text.replace("  c", "  b\n  c")) == (
        "-- AlterEnum\nALTER TYPE \"E\" ADD VALUE 'b' BEFORE 'c';\n"
    )
    after = text.replace("  c", "  b\n  c").replace("default(a)", "default(b)")
    steps = difference(prisma(text), prisma(after))
    assert steps[0].statements == ("BEGIN;", "ALTER TYPE \"E\" ADD VALUE IF NOT EXISTS 'b' BEFORE 'c';", "COMMIT;")
    assert [each.transactional for each in steps] == [False, True]


def test_text_becomes_an_enum_by_a_cast() -> None:
    before = 'enum E {\n  a\n}\nmodel A {\n  id Int @id\n  e String @default("a")\n}\n'
    after = before.replace('String @default("a")', "E @default(a)")
    steps = difference(prisma(before), prisma(after))
    assert 'ALTER COLUMN "e" SET DATA TYPE "E" USING ("e"::"E")' in steps[0].statements[0]
    assert not steps[0].loses


def test_indexes_and_keys_of_other_names_are_renamed() -> None:
    after = USER.replace("@id", '@id(map: "key")').replace("@unique", '@unique(map: "mail")')
    assert [each.kind for each in difference(prisma(USER), prisma(after))] == [
        StepKind.RENAME_INDEX,
        StepKind.RENAME_CONSTRAINT,
    ]


def test_indexes_are_created_concurrently_on_request() -> None:
    after = prisma(USER.replace("}", "  @@index([age])\n}"))
    (step,) = difference(prisma(USER), after, Wishes(concurrently=True))
    assert step.statements == ('CREATE INDEX CONCURRENTLY "User_age_idx" ON "User"("age");',)
    assert not step.transactional


def test_indexes_of_a_partitioned_table_are_not() -> None:
    one, other = (prisma(each) for each in (USER, USER.replace("}", "  @@index([age])\n}")))
    before, after = (
        replace(each, tables=(replace(each.tables[0], partition_key="RANGE (id)"),)) for each in (one, other)
    )
    for old, new in ((before, after), (after, before)):
        (step,) = difference(old, new, Wishes(concurrently=True))
        assert "CONCURRENTLY" not in step.statements[0]
        assert step.transactional


INEXPRESSIBLE = DatabaseSchema(
    ("public",),
    extensions=(Extension("citext"),),
    tables=(
        Table(
            "public",
            "User",
            (
                Column("id", INT, nullable=False),
                Column("mail", TEXT, nullable=False, collation='pg_catalog."C"'),
                Column("age", INT, nullable=True, comment="in years"),
            ),
            PrimaryKey("User_pkey", ("id",)),
            (
                Index("User_mail_key", (IndexColumn("mail"),), unique=True, where="(age > 3)"),
                Index("lower", (IndexColumn("", "lower(mail)"),)),
                Index("old", (IndexColumn("age"),), where="(age > 8)"),
            ),
            constraints=(Constraint("positive", "CHECK ((age > 0))"),),
            row_security=True,
        ),
    ),
    views=(View("public", "seen", (), 'SELECT age FROM "User"'), View("public", "sum", (), "SELECT 1 AS one")),
)


def test_what_the_schema_cannot_say_is_kept() -> None:
    assert difference(INEXPRESSIBLE, prisma(USER), Wishes(keep_inexpressible=True)) == ()
    assert len(difference(INEXPRESSIBLE, prisma(USER))) > 5


def test_what_stands_on_a_column_goes_with_it() -> None:
    after = prisma(USER.replace("  age Int?\n", ""))
    steps = difference(INEXPRESSIBLE, after, Wishes(keep_inexpressible=True))
    assert [(each.kind, each.statements[0]) for each in steps if each.kind is not StepKind.ALTER_TABLE] == [
        (StepKind.DROP_VIEW, 'DROP VIEW "seen";'),
        (StepKind.DROP_CONSTRAINT, 'ALTER TABLE "User" DROP CONSTRAINT "positive";'),
        (StepKind.DROP_INDEX, 'DROP INDEX "User_mail_key";'),
        (StepKind.DROP_INDEX, 'DROP INDEX "old";'),
        (StepKind.CREATE_INDEX, 'CREATE UNIQUE INDEX "User_mail_key" ON "User"("mail");'),
    ]


def test_defaults_follow_enums_that_are_rebuilt() -> None:
    labels = EnumType("public", "E", ("a", "b"))
    default = ColumnDefault(DefaultKind.LITERAL, "'a'")
    column = Column("e", ColumnType(TypeKind.ENUM, "E", "public"), nullable=False, default=default)
    before = DatabaseSchema(("public",), enums=(labels,), tables=(Table("public", "A", (column,)),))
    after = replace(before, enums=(replace(labels, labels=("b", "a")),))
    (step,) = difference(before, after)
    assert step.statements[-2] == 'ALTER TABLE "A" ALTER COLUMN "e" SET DEFAULT \'a\';'
    assert not step.warnings


def test_the_order_of_an_enums_values_is_the_databases_as_prisma_leaves_it() -> None:
    """Prisma adds a value as the last one, wherever the schema has it, and sees no difference afterwards."""

    def enum(*labels: str) -> DatabaseSchema:
        return prisma(
            "enum E {\n" + "".join(f"  {each}\n" for each in labels) + "}\nmodel T {\n  id Int @id\n  e  E\n}\n"
        )

    added_by_prisma, wishes = enum("a", "c", "b"), Wishes(keep_inexpressible=True)
    assert difference(added_by_prisma, enum("a", "b", "c"), wishes) == ()
    [step] = difference(added_by_prisma, enum("a", "b", "x", "c"), wishes)
    assert step.statements == ("ALTER TYPE \"E\" ADD VALUE 'x' BEFORE 'c';",)
    [step, *_] = difference(added_by_prisma, enum("b", "a"), wishes)
    assert "CREATE TYPE \"E_new\" AS ENUM ('b', 'a');" in step.statements
    assert difference(added_by_prisma, enum("a", "b", "c")) != (), "between two databases it is a difference"
