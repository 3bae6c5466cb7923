"""What the mirrors in TypeScript say of tables: keys, indexes, relations, enums, views, names; the same each time."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pgarchitect.schema.lowering import lower
from pgarchitect.schema.mirrors.drizzle import drizzle_schema
from pgarchitect.schema.mirrors.kysely import kysely_types
from pgarchitect.schema.mirrors.typescript_code import RESERVED
from pgarchitect.schema.psl.reading import read_schema
from tests.typescript_text import LEVEL, NAMESPACES, PARTIAL, drizzle, joined, kysely, part

SCHEMAS = Path(__file__).parent / "schemas"

THING = """model Thing {
  a    Int
  b    Int
  text String
  json Json
  tags String[]
  live Boolean @default(true)
  code String  @unique(map: "code_uq", sort: Desc)
  vec  Unsupported("vector(3)")
  file String  @map("the file")

  @@id([b, a], map: "thing key")
  INDEX
}
"""


@pytest.mark.parametrize(
    ("index", "of_drizzle"),
    [
        ("@@index([a(sort: Desc), b])", 'index("Thing_a_b_idx").on(table.a.desc().nullsFirst(), table.b)'),
        ("@@unique([text, a])", 'uniqueIndex("Thing_text_a_key").on(table.text, table.a)'),
        ('@@index([file], map: "of \\"it\\"")', "index('of \"it\"').on(table.file)"),
        ('@@index([text(ops: raw("text_pattern_ops"))])', '.on(table.text.op("text_pattern_ops"))'),
        ("@@index([text], type: Hash)", 'index("Thing_text_idx").using("hash", table.text)'),
        ("@@index([json(ops: JsonbPathOps)], type: Gin)", '.using("gin", table.json.op("jsonb_path_ops"))'),
        ("@@index([tags], type: Gin)", '.using("gin", table.tags)'),
        ("@@index([a(ops: Int4MinMaxMultiOps)], type: Brin)", '.using("brin", table.a.op("int4_minmax_multi_ops"))'),
        ('@@index([vec(ops: raw("vector_l2_ops"))], type: Gist)', '.using("gist", table.vec.op("vector_l2_ops"))'),
        (
            "@@index([b], where: { live: true, text: { not: null } })",
            '.on(table.b).where(sql`"live" = true AND "text" IS NOT NULL`)',
        ),
        (r"""@@unique([b], where: raw("text <> '`${x}'"))""", r".on(table.b).where(sql`text <> '\`\${x}'`)"),
    ],
)
def test_indexes(index: str, of_drizzle: str) -> None:
    table = joined(part(drizzle(THING.replace("INDEX", index), PARTIAL), "thing"))
    assert of_drizzle in table
    assert 'uniqueIndex("code_uq").on(table.code.desc().nullsFirst())' in table
    assert 'primaryKey({ name: "thing key", columns: [table.b, table.a] })' in table


BLOG = """/// Who writes.
/// Over two lines. */
model User {
  id      Int      @id
  /// Shown to all.
  name    String   @map("full name")
  written Post[]   @relation("written")
  checked Post[]   @relation("checked")
  boss    User?    @relation("boss", fields: [bossId], references: [id], onDelete: SetNull, onUpdate: NoAction)
  bossId  Int?
  staff   User[]   @relation("boss")
  profile Profile?
  tags    Tag[]
}

model Profile {
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id], map: "of whom")
}

model Post {
  blog      Int
  number    Int
  writer    User   @relation("written", fields: [writerId], references: [id], onDelete: Cascade)
  writerId  Int    @map("writer")
  checker   User?  @relation("checked", fields: [checkerId], references: [id])
  checkerId Int?
  before    Post?  @relation("next", fields: [blog, last], references: [blog, number], onDelete: NoAction)
  last      Int?
  after     Post[] @relation("next")

  @@id([blog, number])
  @@map("posts")
}

model Tag {
  name  String @id @db.VarChar(9)
  users User[]
}
"""


def test_foreign_keys_have_their_names_columns_and_actions() -> None:
    text = drizzle(BLOG)
    assert (
        """    foreignKey({
      name: "posts_writer_fkey",
      columns: [table.writerId],
      foreignColumns: [user.id],
    })
      .onDelete("cascade")
      .onUpdate("cascade"),
    foreignKey({
      name: "posts_checkerId_fkey",
      columns: [table.checkerId],
      foreignColumns: [user.id],
    })
      .onDelete("set null")
      .onUpdate("cascade"),
    foreignKey({
      name: "posts_blog_last_fkey",
      columns: [table.blog, table.last],
      foreignColumns: [table.blog, table.number],
    }).onUpdate("cascade"),
"""
        in text
    )
    assert 'foreignColumns: [table.id],\n    }).onDelete("set null"),' in part(text, "user")
    assert 'name: "of whom",' in part(text, "profile")


def test_relations_have_both_ends_and_a_name_where_there_are_several() -> None:
    text = drizzle(BLOG)
    assert (
        part(text, "userRelations")
        == """export const userRelations = relations(user, ({ one, many }) => ({
  written: many(post, { relationName: "written" }),
  checked: many(post, { relationName: "checked" }),
  boss: one(user, {
    fields: [user.bossId],
    references: [user.id],
    relationName: "boss",
  }),
  staff: many(user, { relationName: "boss" }),
  profile: one(profile),
  tags: many(tagToUserPairs, { relationName: "TagToUser_B" }),
}));"""
    )
    assert joined(part(text, "postRelations")).endswith(
        "before: one(post, {fields: [post.blog, post.last],references: [post.blog, post.number],"
        'relationName: "next",}),'
        'after: many(post, { relationName: "next" }),}));'
    )


def test_a_many_to_many_relation_has_a_table_with_two_ends() -> None:
    text = drizzle(BLOG)
    pairs = joined(part(text, "tagToUserPairs"))
    assert pairs.startswith('export const tagToUserPairs = pgTable("_TagToUser",')
    assert '{A: varchar("A", { length: 9 }).notNull(),B: integer("B").notNull(),},' in pairs
    assert 'primaryKey({ name: "_TagToUser_AB_pkey", columns: [table.A, table.B] })' in pairs
    assert 'index("_TagToUser_B_index").on(table.B)' in pairs
    ends = joined(part(text, "tagToUserPairsRelations"))
    assert 'a: one(tag, {fields: [tagToUserPairs.A],references: [tag.name],relationName: "TagToUser_A",})' in ends
    assert "export interface TagToUserPairs {\n  A: string;\n  B: number;\n}" in kysely(BLOG)


def test_documentation_becomes_comments_that_end_where_they_should() -> None:
    of_tables = "/**\n * Who writes.\n * Over two lines. *\\/\n */\nexport "
    assert of_tables + "const user = pgTable(" in drizzle(BLOG)
    assert "    /** Shown to all. */\n    name: text(" in drizzle(BLOG)
    assert of_tables + "interface User {" in kysely(BLOG)
    assert '  /** Shown to all. */\n  "full name": string;' in kysely(BLOG)


MAPPED = """model User {
  id    Int    @id @map("user id")
  level Level?

  @@map("users")
  @@schema("auth")
}

model Group {
  id Int @id

  @@schema("base data")
}

model Plain {
  id Int @id

  @@schema("public")
}

enum Level {
  low

  @@map("the levels")
  @@schema("base data")
}
"""


def test_names_of_the_database_and_its_namespaces() -> None:
    text = drizzle(MAPPED, NAMESPACES)
    assert 'export const authSchema = pgSchema("auth");' in text
    assert 'export const baseDataSchema = pgSchema("base data");' in text
    assert 'export const level = baseDataSchema.enum("the levels", ["low"]);' in text
    assert (
        part(text, "user")
        == """export const user = authSchema.table("users", {
  id: integer("user id").primaryKey(),
  level: level("level"),
});"""
    )
    assert 'export const plain = pgTable("Plain", {' in text
    of_kysely = kysely(MAPPED, NAMESPACES)
    assert '  "user id": number;\n  level: Level | null;' in of_kysely
    assert (
        part(of_kysely, "DB")
        == """export interface DB {
  "auth.users": User;
  "base data.Group": Group;
  Plain: Plain;
}"""
    )


def test_enums_are_laid_out_by_their_length() -> None:
    long = "\n".join(f"  a_rather_long_label_{each}" for each in range(4))
    assert part(drizzle(LEVEL), "level") == 'export const level = pgEnum("Level", ["LOW", "high up"]);'
    assert part(kysely("/// How far.\n" + LEVEL), "Level") == 'export type Level = "LOW" | "high up";'
    assert "/** How far. */\nexport type Level" in kysely("/// How far.\n" + LEVEL)
    assert '[\n  "a_rather_long_label_0",\n' in part(drizzle(f"enum Long {{\n{long}\n}}\n"), "long")
    assert '=\n  | "a_rather_long_label_0"\n' in part(kysely(f"enum Long {{\n{long}\n}}\n"), "Long")


def test_views_are_read_only() -> None:
    view = """view Sales {
  day   DateTime @unique @db.Date
  total Decimal?

  @@map("daily sales")
}
"""
    assert (
        part(drizzle(view, PARTIAL), "sales")
        == """export const sales = pgView("daily sales", {
  day: date("day", { mode: "date" }).notNull(),
  total: numeric("total", { precision: 65, scale: 30 }),
}).existing();"""
    )
    assert (
        part(kysely(view, PARTIAL), "Sales")
        == """export interface Sales {
  day: ColumnType<Date, never, never>;
  total: ColumnType<string | null, never, never>;
}"""
    )


def test_what_prismas_client_ignores_is_a_column_all_the_same() -> None:
    model = "model M {\n  id Int @id\n  secret String? @ignore\n}\n"
    assert 'secret: text("secret"),' in drizzle(model)
    assert "secret: string | null;" in kysely(model)
    model = "model M {\n  id Int?\n  @@ignore\n}\n"
    assert 'pgTable("M", {' in drizzle(model)
    assert "M: M;" in kysely(model)


NAMES = [*sorted({each.capitalize() for each in RESERVED} - {"Default"}), "Sql", "PgTable", "Text", "Index", "Table"]


def test_constants_are_called_like_nothing_that_has_a_name_already() -> None:
    models = "".join(f"model {each} {{\n  id Int @id\n  class Int\n}}\n" for each in NAMES)
    text = drizzle(models + "model Default {\n  id String @id @default(nanoid())\n}\nmodel Nanoid {\n  id Int @id\n}\n")
    declared = re.findall(r"^(?:export )?(?:const|function) (\w+)\b", text, re.MULTILINE)
    imported = re.findall(r"^ {2}(\w+),$", text.partition("} from")[0], re.MULTILINE)
    assert len(declared) == len(NAMES) + 4
    assert len({*declared, *imported}) == len(declared) + len(imported)
    assert not RESERVED & {*declared}
    assert "export const class_ = pgTable(" in text
    assert '  class: integer("class").notNull(),' in text
    assert "export const nanoid_ = pgTable(" in text


def test_relations_of_one_model_do_not_take_the_name_of_another() -> None:
    text = drizzle("""model User {
  id    Int             @id
  links UserRelations[]
}

model UserRelations {
  id     Int  @id
  userId Int
  user   User @relation(fields: [userId], references: [id])
}
""")
    assert re.findall(r"^export const (\w+)", text, re.MULTILINE) == [
        "user",
        "userRelations",
        "userRelations_",
        "userRelationsRelations",
    ]


def test_tables_that_refer_to_each_other_help_typescript_with_a_type() -> None:
    text = drizzle("""model Team {
  id      Int    @id
  leader  Person @relation("leads", fields: [leaderId], references: [id])
  leaderId Int
  members Person[] @relation("plays")
}

model Person {
  id     Int   @id
  team   Team  @relation("plays", fields: [teamId], references: [id])
  teamId Int
  leads  Team[] @relation("leads")
  boss   Person? @relation("boss", fields: [bossId], references: [id])
  bossId Int?
  staff  Person[] @relation("boss")
  cups   Cup[]
}

model Cup {
  id       Int    @id
  ownerId  Int
  owner    Person @relation(fields: [ownerId], references: [id])
  before   Cup?   @relation("next", fields: [beforeId], references: [id])
  beforeId Int?
  after    Cup[]  @relation("next")
}
""")
    typed = "(table): PgTableExtraConfigValue[] => ["
    assert typed in part(text, "team")
    assert typed in part(text, "person")
    assert typed not in part(text, "cup")
    assert "  type PgTableExtraConfigValue,\n" in text
    assert "PgTableExtraConfigValue" not in drizzle(BLOG)


def test_types_are_called_like_nothing_that_has_a_name_already() -> None:
    names = ["DB", "Generated", "ColumnType", "Date", "Interval", "string", "object", "Uint8Array"]
    models = "".join(f"model {each} {{\n  id BigInt @id\n  at DateTime @default(now())\n}}\n" for each in names)
    models += 'model M {\n  id Int @id\n  it Unsupported("interval")\n}\n'
    declared = re.findall(r"^export \w+ (\w+)", kysely(models), re.MULTILINE)
    assert sorted(declared) == sorted([*(f"{each}_" for each in names), "M", "DB", "Interval"])


@pytest.mark.parametrize("name", ["commerce.prisma", "oddities.prisma", "tenancy"])
def test_the_same_schema_gives_the_same_text_in_every_process(name: str) -> None:
    script = (
        "from pathlib import Path; from tests.test_mirrors_typescript_tables import texts; "
        f"print(texts(Path({str(SCHEMAS / name)!r})))"
    )
    here = texts(SCHEMAS / name)
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            encoding="utf-8",
            cwd=SCHEMAS.parent.parent,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        )
        assert there.stdout == here + "\n"


def texts(path: Path) -> str:
    schema = read_schema(path)
    return drizzle_schema(schema, lower(schema)) + kysely_types(schema, lower(schema))


def test_the_order_in_which_models_are_written_changes_the_order_and_nothing_else() -> None:
    blocks = re.split(r"(?<=^\})\n\n", BLOG, flags=re.MULTILINE)
    for mirror in (drizzle, kysely):
        forth, back = mirror("\n\n".join(blocks)), mirror("\n\n".join(reversed(blocks)))
        assert forth != back
        assert sorted(forth.splitlines()) == sorted(back.splitlines())


@pytest.mark.parametrize("mirror", [drizzle, kysely])
def test_nothing_is_imported_that_is_not_used(mirror: object) -> None:
    assert callable(mirror)
    text = mirror("model M {\n  id Int @id\n}\n")
    names = re.findall(r"^import (?:type )?\{(.*?)\}", text, re.DOTALL | re.MULTILINE)
    for name in re.findall(r"\w+", " ".join(names)):
        assert re.search(rf"\b{name}[(<]", text) is not None, name
