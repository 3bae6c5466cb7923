"""What the mirrors in TypeScript say of a column: each type, each default."""

import re

import pytest

from tests.typescript_text import column, drizzle

BIG = "bigint | number | string"


@pytest.mark.parametrize(
    ("field", "of_drizzle", "of_kysely"),
    [
        ("String", 'text("it").notNull()', "string"),
        ("String?", 'text("it")', "string | null"),
        ("String[]", 'text("it").array()', "string[] | null"),
        ("String @db.VarChar(40)", 'varchar("it", { length: 40 }).notNull()', "string"),
        ("String @db.VarChar", 'varchar("it").notNull()', "string"),
        ("String @db.Char", 'char("it", { length: 1 }).notNull()', "string"),
        ("String[] @db.Char(2)", 'char("it", { length: 2 }).array()', "string[] | null"),
        ("String @db.Uuid", 'uuid("it").notNull()', "string"),
        ("String @db.Citext", 'citext("it").notNull()', "string"),
        ("String @db.Inet", 'inet("it").notNull()', "string"),
        ("String @db.Xml", 'xml("it").notNull()', "string"),
        ("String @db.Bit(8)", 'bit("it", { dimensions: 8 }).notNull()', "string"),
        ("String @db.VarBit(64)", 'bitVarying64("it").notNull()', "string"),
        ("Boolean", 'boolean("it").notNull()', "boolean"),
        ("Int", 'integer("it").notNull()', "number"),
        ("Int @db.SmallInt", 'smallint("it").notNull()', "number"),
        ("Int @db.Oid", 'oid("it").notNull()', "number"),
        ("BigInt", 'bigint("it", { mode: "bigint" }).notNull()', f"ColumnType<string, {BIG}, {BIG}>"),
        ("Float", 'doublePrecision("it").notNull()', "number"),
        ("Float @db.Real", 'real("it").notNull()', "number"),
        (
            "Decimal",
            'numeric("it", { precision: 65, scale: 30 }).notNull()',
            "ColumnType<string, number | string, number | string>",
        ),
        (
            "Decimal[] @db.Decimal(12, 2)",
            'numeric("it", { precision: 12, scale: 2 }).array()',
            "ColumnType<number[] | null,(number | string)[] | null,(number | string)[] | null>",
        ),
        ("Decimal @db.Money", 'money("it").notNull()', "ColumnType<string, number | string, number | string>"),
        (
            "DateTime",
            'timestamp("it", { precision: 3, mode: "date" }).notNull()',
            "ColumnType<Date, Date | string, Date | string>",
        ),
        (
            "DateTime? @db.Timestamptz(6)",
            'timestamp("it", { precision: 6, withTimezone: true, mode: "date" })',
            "ColumnType<Date | null, Date | string | null, Date | string | null>",
        ),
        (
            "DateTime @db.Date",
            'date("it", { mode: "date" }).notNull()',
            "ColumnType<Date, Date | string, Date | string>",
        ),
        ("DateTime @db.Time(0)", 'time("it", { precision: 0 }).notNull()', "string"),
        ("DateTime @db.Timetz(6)", 'time("it", { precision: 6, withTimezone: true }).notNull()', "string"),
        ("Json", 'jsonb("it").notNull()', "ColumnType<unknown, string, string>"),
        ("Json? @db.Json", 'json("it")', "ColumnType<unknown, string | null, string | null>"),
        ("Bytes", 'bytea("it").notNull()', "Uint8Array"),
        ("Bytes[]", 'bytea("it").array()', "Uint8Array[] | null"),
        ("Level", 'level("it").notNull()', "Level"),
        (
            "Level[]",
            'level("it").array()',
            "ColumnType<string | null,Level[] | string | null,Level[] | string | null>",
        ),
        ('Unsupported("vector(3)")', 'vector("it", { dimensions: 3 }).notNull()', "string"),
        ('Unsupported("halfvec(3)")?', 'halfvec("it", { dimensions: 3 })', "string | null"),
        ('Unsupported("sparsevec(3)")', 'sparsevec("it", { dimensions: 3 }).notNull()', "string"),
        ('Unsupported("vector")', 'vector_("it").notNull()', "string"),
        ('Unsupported("point")', 'point("it").notNull()', "ColumnType<{ x: number; y: number }, string, string>"),
        ('Unsupported("tsvector")?', 'tsvector("it")', "string | null"),
        (
            'Unsupported("interval day to second(3)")',
            'intervalDayToSecond3("it").notNull()',
            "ColumnType<Interval, string, string>",
        ),
        ('Int @map("another name")', 'integer("another name").notNull()', '"another name": number'),
    ],
)
def test_types(field: str, of_drizzle: str, of_kysely: str) -> None:
    assert column(field) == (of_drizzle, of_kysely)


@pytest.mark.parametrize(
    ("field", "calls", "of_kysely"),
    [
        ('String @default("it\'s")', '.notNull().default("it\'s")', "Generated<string>"),
        (r'String @default("back\\slash")', r'.notNull().default("back\\slash")', "Generated<string>"),
        ('String? @default("")', '.default("")', "Generated<string | null>"),
        ("Boolean @default(true)", ".notNull().default(true)", "Generated<boolean>"),
        ("Int @default(7)", ".notNull().default(7)", "Generated<number>"),
        ("Int @default(-7)", ".notNull().default(sql`'-7'`)", "Generated<number>"),
        ("Float @default(0.00000015)", ".notNull().default(sql`0.00000015`)", "Generated<number>"),
        ("Float @default(0.0)", ".notNull().default(0)", "Generated<number>"),
        ("Float @default(1.50)", ".notNull().default(1.5)", "Generated<number>"),
        (
            "BigInt @default(9007199254740993)",
            ".notNull().default(sql`'9007199254740993'`)",
            f"ColumnType<string,{BIG} | undefined,{BIG}>",
        ),
        (
            "Decimal @default(12.30)",
            '.notNull().default("12.30")',
            "ColumnType<string, number | string | undefined, number | string>",
        ),
        (
            "DateTime @default(now())",
            ".notNull().default(sql`CURRENT_TIMESTAMP`)",
            "ColumnType<Date, Date | string | undefined, Date | string>",
        ),
        ("BigInt @default(5)", ".notNull().default(sql`5`)", f"ColumnType<string,{BIG} | undefined,{BIG}>"),
        (
            "String @default(dbgenerated(\"'a'::text\"))",
            ".notNull().default(sql`'a'`)",
            "Generated<string>",
        ),
        (
            "String @default(dbgenerated(\"'a'::varchar\"))",
            ".notNull().default(sql`'a'::varchar`)",
            "Generated<string>",
        ),
        ("Level @default(HIGH)", '.notNull().default("high up")', "Generated<Level>"),
        (
            'String[] @default(["a", "b, c"])',
            ".array().default(sql`ARRAY['a', 'b, c']::TEXT[]`)",
            "Generated<string[] | null>",
        ),
        ("Int[] @default([])", ".array().default(sql`ARRAY[]::INTEGER[]`)", "Generated<number[] | null>"),
        (
            'String @default(dbgenerated("gen_random_uuid()")) @db.Uuid',
            ".notNull().default(sql`gen_random_uuid()`)",
            "Generated<string>",
        ),
        (
            r"""String @default(dbgenerated("concat('`', '${x}', E'\\\\')"))""",
            r".notNull().default(sql`concat('\`', '\${x}', E'\\\\')`)",
            "Generated<string>",
        ),
        ("String @default(dbgenerated())", ".notNull().$defaultFn(() => sql`DEFAULT`)", "Generated<string>"),
        ('Bytes @default("aGVsbG8=")', r".notNull().default(sql`'\\x68656c6c6f'`)", "Generated<Uint8Array>"),
        ("String @default(uuid())", ".notNull().$defaultFn(() => crypto.randomUUID())", "string"),
        ("String @default(nanoid(9))", ".notNull().$defaultFn(() => nanoid(9))", "string"),
        (
            "DateTime @updatedAt",
            ".notNull().$onUpdate(() => new Date())",
            "ColumnType<Date, Date | string, Date | string>",
        ),
        (
            "DateTime @updatedAt @db.Time(3)",
            ".notNull().$onUpdate(() => new Date().toISOString().slice(11, 23))",
            "string",
        ),
    ],
)
def test_defaults(field: str, calls: str, of_kysely: str) -> None:
    """Behind the builder, which the types' own test knows."""
    found, of_database = column(field)
    assert re.sub(r'^\w+\("it"(?:, \{.*?\})?\)', "", found) == calls
    assert of_database == of_kysely


@pytest.mark.parametrize(
    ("field", "default"),
    [
        ('DateTime @default("2024-02-29T12:30:00.5Z")', "'2024-02-29 12:30:00.5'"),
        ('DateTime @default("2024-02-29T12:30:00+05:30")', "'2024-02-29 12:30:00'"),
        ('DateTime @default("2024-02-29T12:30:00.120+05:30") @db.Timestamptz', "'2024-02-29 07:00:00.12+00'"),
        ('DateTime @default("2024-02-29T23:30:00-05:00") @db.Date', "'2024-02-29'"),
        ('DateTime @default("2024-02-29T12:30:00.000Z") @db.Time', "'12:30:00'"),
        ('DateTime @default("2024-02-29T12:30:00+05:30") @db.Timetz', "'12:30:00+05:30'"),
        ('DateTime @default("2024-02-29T12:30:00Z") @db.Timetz', "'12:30:00+00'"),
        (
            'Json @default("{\\"b\\": [1, 2], \\"aa\\": \\"it\'s\\", \\"a\\": 0}")',
            """'{"a":0,"b":[1,2],"aa":"it''s"}'::jsonb""",
        ),
        ('Json @default("{\\"b\\": 1, \\"a\\": 0}") @db.Json', """'{"b":1,"a":0}'::json"""),
    ],
)
def test_constants_are_spelled_as_a_catalog_prints_them(field: str, default: str) -> None:
    assert column(field)[0].endswith(f".notNull().default(sql`{default}`)")


@pytest.mark.parametrize(
    ("field", "builder"),
    [
        ("Int @default(autoincrement())", 'serial("it")'),
        ("Int @default(autoincrement()) @db.SmallInt", 'smallserial("it")'),
        ("BigInt @default(autoincrement())", 'bigserial("it", { mode: "bigint" })'),
    ],
)
def test_serials(field: str, builder: str) -> None:
    assert column(field)[0] == f"{builder}.notNull()"


@pytest.mark.parametrize("made", ["uuid(7)", "cuid()", "cuid(2)", "ulid()", "nanoid()"])
def test_what_the_client_makes_brings_its_function_along_and_no_other(made: str) -> None:
    text = drizzle(f"model M {{\n  id String @id @default({made})\n}}\n")
    called = re.findall(r"\$defaultFn\(\(\) => (\w+)\(", text)
    defined = re.findall(r"^function (\w+)\(", text, re.MULTILINE)
    assert set(called) <= set(defined)
    assert set(defined) <= {*called, "randomText"}
    assert ("function randomText" in text) == ("randomText(" in text.replace("function randomText", ""))


def test_a_column_that_is_made_of_others_is_generated_and_read_only() -> None:
    field = """String? @default(dbgenerated("(id || '!'::text)"))"""
    assert column(field) == (
        """text("it").generatedAlwaysAs(sql`(id || '!'::text)`)""",
        "ColumnType<string | null, never, never>",
    )
