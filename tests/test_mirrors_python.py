"""The text of the mirrors in Python: every kind of column, default, key, relation, enum and documentation."""

import re

import pytest

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.mirrors.json_schema import json_schema_file
from pgarchitect.schema.mirrors.python_enums import enums_module
from pgarchitect.schema.mirrors.python_rows import rows_module
from pgarchitect.schema.mirrors.python_tables import tables_module
from pgarchitect.schema.mirrors.python_writes import writes_module
from pgarchitect.schema.mirrors.source import MirrorSource, mirror_source
from tests.python_mirrors import schema_of

ENUM = 'enum Mood {\n  good\n  bad @map("B A D")\n\n  @@map("moods")\n}\n'


def source(text: str) -> MirrorSource:
    return mirror_source(schema_of(text))


def model(*fields: str, above: str = "") -> str:
    """A model A with an id and these lines."""
    return f"{above}model A {{\n  id Int @id\n" + "".join(f"  {each}\n" for each in fields) + "}\n"


def flat(text: str) -> str:
    """A text on one line, as if no line had been too long."""
    joined = re.sub(r"\s+", " ", text)
    return re.sub(r",? ([)\]}])", r"\1", re.sub(r"([(\[{]) ", r"\1", joined))


COLUMNS = {
    "String": ("sa.Text, nullable=False", "str", "str"),
    "String?": ("sa.Text", "str | None", "str | None"),
    "String[]": ("pg.ARRAY(sa.Text)", "list[str] | None", "list[str] | None"),
    "String @db.VarChar(9)": ("sa.VARCHAR(9), nullable=False", "str", "VarChar9"),
    "String @db.Char": ("sa.CHAR(1), nullable=False", "str", "Char1"),
    "String @db.Uuid": ("pg.UUID, nullable=False", "UUID", "UUID"),
    "String @db.Xml": ('OtherType("XML"), nullable=False', "str", "str"),
    "String @db.Inet": ("InetText, nullable=False", "str", "str"),
    "String @db.Citext": ("pg.CITEXT, nullable=False", "str", "str"),
    "String @db.Bit(8)": ("pg.BIT(8), nullable=False", "str", "Bit8"),
    "String @db.VarBit": ("pg.BIT(varying=True), nullable=False", "str", "VarBit"),
    "Int": ("sa.Integer, nullable=False", "int", "Int"),
    "Int @db.SmallInt": ("sa.SmallInteger, nullable=False", "int", "SmallInt"),
    "Int @db.Oid": ("pg.OID, nullable=False", "int", "Oid"),
    "BigInt": ("sa.BigInteger, nullable=False", "int", "BigInt"),
    "Float": ("sa.Double, nullable=False", "float", "float"),
    "Float @db.Real": ("sa.REAL, nullable=False", "float", "float"),
    "Decimal": ("sa.Numeric(65, 30), nullable=False", "Decimal", "Numeric65_30"),
    "Decimal @db.Decimal(8, 2)": ("sa.Numeric(8, 2), nullable=False", "Decimal", "Numeric8_2"),
    "Boolean": ("sa.Boolean, nullable=False", "bool", "bool"),
    "DateTime": ("pg.TIMESTAMP(precision=3), nullable=False", "dt.datetime", "dt.datetime"),
    "DateTime @db.Timestamptz": ("pg.TIMESTAMP(timezone=True), nullable=False", "dt.datetime", "dt.datetime"),
    "DateTime @db.Date": ("sa.Date, nullable=False", "dt.date", "dt.date"),
    "DateTime @db.Time(0)": ("pg.TIME(precision=0), nullable=False", "dt.time", "dt.time"),
    "DateTime @db.Timetz": ("pg.TIME(timezone=True), nullable=False", "dt.time", "dt.time"),
    "Json": ("pg.JSONB, nullable=False", "JsonValue", "JsonValue"),
    "Json?": ("pg.JSONB(none_as_null=True)", "JsonValue | None", "JsonValue | None"),
    "Json @db.Json": ("pg.JSON, nullable=False", "JsonValue", "JsonValue"),
    "Bytes": ("pg.BYTEA, nullable=False", "bytes", "bytes"),
    'Unsupported("vector(3)")': ("Vector(3), nullable=False", "list[float]", "list[float]"),
    'Unsupported("halfvec(3)")': ('Vector(3, name="halfvec"), nullable=False', "list[float]", "list[float]"),
    'Unsupported("interval(3)")': ("pg.INTERVAL(precision=3), nullable=False", "dt.timedelta", "dt.timedelta"),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column(kind: str) -> None:
    made = source(model(f'someField {kind} @map("some_column")'))
    table, row, write = COLUMNS[kind]
    assert f'sa.Column("some_column", {table})' in flat(tables_module(made))
    assert f"    some_field: {row}\n" in rows_module(made)
    alias = 'serialization_alias="some_column"'
    optional = "default_factory=left_out, " if write.endswith("None") else ""
    assert f"some_field: {write} = Field({optional}{alias})" in flat(writes_module(made))


def test_an_enum_has_its_labels_wherever_it_is_named() -> None:
    made = source(ENUM + model("mood Mood @default(bad)", "moods Mood[]"))
    assert '    good = "good"\n    bad = "B A D"\n' in enums_module(made)
    assert "class Mood(StrEnum):" in enums_module(made)
    kind = 'pg.ENUM("good", "B A D", name="moods", metadata=metadata)'
    assert f'sa.Column("mood", {kind}, nullable=False, server_default="B A D")' in flat(tables_module(made))
    assert f'sa.Column("moods", pg.ARRAY({kind}))' in flat(tables_module(made))
    assert "    mood: Mood\n    moods: list[Mood] | None\n" in rows_module(made)
    assert "from .enums import Mood\n" in rows_module(made)


DEFAULTS = {
    "Int @default(7)": 'server_default=sa.text("7")',
    'String @default("it\'s")': 'server_default="it\'s"',
    "Boolean @default(true)": 'server_default=sa.text("true")',
    'String @default("a:b")': 'server_default="a:b"',
    "String @default(dbgenerated(\"lower('A'::text)\"))": "server_default=sa.text(\"lower('A'::text)\")",
    "String @default(dbgenerated(\"left(':x', 2)\"))": "server_default=sa.text(\"left('\\\\:x', 2)\")",
    "DateTime @default(now())": 'server_default=sa.text("CURRENT_TIMESTAMP")',
    "DateTime @updatedAt": "default=_now, onupdate=_now",
    "DateTime @updatedAt @db.Timestamptz": "default=_now_with_zone, onupdate=_now_with_zone",
    "DateTime @updatedAt @db.Date": "default=_today, onupdate=_today",
    "DateTime @default(now()) @updatedAt": 'server_default=sa.text("CURRENT_TIMESTAMP"), onupdate=_now',
    "String @default(uuid())": "default=_uuid_text",
    "String @default(uuid()) @db.Uuid": "default=uuid.uuid4",
    "String @default(uuid(7)) @db.Uuid": 'info={"default": "uuid(7)"}',
    "String @default(cuid())": 'info={"default": "cuid()"}',
    "String @default(nanoid(9))": 'info={"default": "nanoid(9)"}',
    "Int[] @default([1, 2])": 'server_default=sa.text("ARRAY[1, 2]::INTEGER[]")',
    "Int @default(autoincrement())": 'server_default=sa.text("nextval(\'\\"A_a_seq\\"\'::regclass)")',
}


@pytest.mark.parametrize("kind", DEFAULTS)
def test_a_default(kind: str) -> None:
    made = source(model(f"a {kind}"))
    [column] = re.findall(r'sa\.Column\( ?"a",.*?\), sa\.', flat(tables_module(made)))
    assert DEFAULTS[kind] in column
    # Who writes a row may leave it out.
    assert re.search(r"\n    a: [^\n]*\n?[^\n]*default_factory=left_out", writes_module(made))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("id Int @id @default(autoincrement())", "autoincrement=True"),
        ("id Int @id", "autoincrement=False"),
        ("id BigInt @id @default(autoincrement())", "sa.BigInteger, nullable=False, autoincrement=True"),
    ],
)
def test_a_lone_whole_number_key_says_who_counts(fields: str, told: str) -> None:
    assert told in flat(tables_module(source(f"model A {{\n  {fields}\n}}\n")))


def test_a_number_that_is_no_key_has_a_sequence_of_its_own() -> None:
    text = flat(tables_module(source(model("a Int @default(autoincrement())"))))
    for moment, sql in (
        ("before_create", 'CREATE SEQUENCE "A_a_seq" AS INTEGER'),
        ("after_create", 'ALTER SEQUENCE "A_a_seq" OWNED BY "A"."a"'),
    ):
        assert f"event.listen(a, \"{moment}\", _running(sa.text('{sql}')))" in text


def test_keys_and_relations_have_the_names_that_the_database_has() -> None:
    made = source(
        'model A {\n  x Int\n  y Int\n  bs B[]\n\n  @@id([x, y], map: "key")\n}\n'
        "model B {\n  id Int @id\n  x Int?\n  y Int?\n"
        "  a A? @relation(fields: [x, y], references: [x, y], onDelete: Cascade, onUpdate: NoAction)\n}\n"
    )
    text = flat(tables_module(made))
    assert 'sa.PrimaryKeyConstraint("x", "y", name="key")' in text
    assert (
        'sa.ForeignKeyConstraint(["x", "y"], ["A.x", "A.y"], name="B_x_y_fkey", ondelete="CASCADE",'
        ' onupdate="NO ACTION")'
    ) in text


def test_a_relation_to_an_own_unique_column_waits_for_its_index() -> None:
    made = source(
        "model A {\n  id Int @id\n  code Int @unique\n  up Int?\n  top Int?\n"
        '  a A? @relation("u", fields: [up], references: [code])\n  as A[] @relation("u")\n'
        '  b A? @relation("t", fields: [top], references: [id])\n  bs A[] @relation("t")\n}\n'
    )
    text = flat(tables_module(made))
    assert 'name="A_up_fkey", ondelete="SET NULL", onupdate="CASCADE", use_alter=True)' in text
    assert 'name="A_top_fkey", ondelete="SET NULL", onupdate="CASCADE")' in text


def test_an_enum_that_no_column_has_is_created_too() -> None:
    assert 'pg.ENUM("good", "B A D", name="moods", metadata=metadata)' in flat(tables_module(source(ENUM + model())))


def test_pairs_are_a_table_without_a_model() -> None:
    made = source("model A {\n  id Int @id\n  bs B[]\n}\nmodel B {\n  id Int @id\n  as A[]\n}\n")
    text = flat(tables_module(made))
    assert 'a_to_b = AToBTable("_AToB", metadata, sa.Column("A", sa.Integer, nullable=False' in text
    assert 'sa.PrimaryKeyConstraint("A", "B", name="_AToB_AB_pkey")' in text
    assert "AToB" not in rows_module(made)


def test_a_name_with_a_dot_is_referred_to_by_the_columns_themselves() -> None:
    made = source(
        'model A {\n  id Int @id\n  bs B[]\n\n  @@map("a.b")\n}\n'
        "model B {\n  id Int @id\n  a Int\n  to A @relation(fields: [a], references: [id])\n}\n"
    )
    text = flat(tables_module(made))
    assert 'b.append_constraint(sa.ForeignKeyConstraint([b.c["a"]], [a_b.c["id"]], name="B_a_fkey"' in text


INDEXES = {
    "@@index([b])": 'sa.Index("A_b_idx", "b")',
    "@@unique([b, c])": 'sa.Index("A_b_c_key", "b", "c", unique=True)',
    '@@index([b(sort: Desc)], map: "i")': 'sa.Index("i", sa.text(\'"b" DESC\'))',
    "@@index([b], type: Hash)": 'sa.Index("A_b_idx", "b", postgresql_using="hash")',
    "@@index([d(ops: JsonbPathOps)], type: Gin)": (
        'sa.Index("A_d_idx", sa.text(\'"d" jsonb_path_ops\'), postgresql_using="gin")'
    ),
}


@pytest.mark.parametrize("attribute", INDEXES)
def test_an_index(attribute: str) -> None:
    made = source(model("b Int", "c Int", "d Json", attribute))
    assert INDEXES[attribute] in flat(tables_module(made))


def test_a_view_is_no_table_to_create() -> None:
    on = 'generator client {\n  provider = "prisma-client"\n  previewFeatures = ["views"]\n}\n'
    view = 'view Sums {\n  day DateTime @unique @db.Date\n  total Decimal?\n\n  @@map("sums")\n}\n'
    made = source(on + model() + view)
    text = tables_module(made)
    assert 'sums = SumsTable(\n    "sums",\n    view_metadata,\n    sa.Column("day", sa.Date, nullable=False),' in text
    assert "view_metadata = sa.MetaData()\n" in text
    assert "view_metadata" not in tables_module(source(model()))
    assert "class Sums(\n" in rows_module(made) or "class Sums(Struct" in rows_module(made)
    assert "SumsCreate" not in writes_module(made)


def test_documentation_becomes_docstrings_and_what_is_ignored_is_not_shown() -> None:
    made = source(
        model('/// The name,\n  /// as "written".\n  name String', "secret String @ignore", above="/// A thing \\o/.\n")
        + "model Gone {\n  id Int @id\n\n  @@ignore\n}\n"
    )
    rows, tables, writes = rows_module(made), tables_module(made), writes_module(made)
    assert '    """A thing \\\\o/."""\n' in rows
    assert '    name: str\n    """The name,\n    as "written".\n    """\n' in rows
    assert "doc='The name,\\nas \"written\".'" in tables
    assert '\n"""A thing \\\\o/."""\n' in tables
    # The database has them, clients do not.
    assert "secret" not in rows + writes
    assert "Gone" not in rows + writes
    assert 'sa.Column("secret", sa.Text, nullable=False)' in tables
    assert 'gone = GoneTable(\n    "Gone",' in tables


def test_names_that_mean_something_in_python_get_an_underscore() -> None:
    made = source(
        "enum Kind {\n  class\n  title\n}\n"
        + model(
            "class String", "copy String", "dt DateTime", "int Int", "self String", "columns Int", "model_config Int"
        )
    )
    rows, writes = rows_module(made), writes_module(made)
    assert '    class_ = "class"\n    title_ = "title"\n' in enums_module(made)
    for name in ("class_: str", "dt_: dt.datetime", "int: builtins.int"):
        assert f"    {name}\n" in rows
    for name in ("class_: str", "copy_: str", "columns_: Int", "model_config_: Int"):
        assert f"    {name} = Field(serialization_alias=" in writes


def test_what_the_documentation_demands_is_checked_and_no_docstring() -> None:
    made = source(
        model(
            "/// In percent.\n  /// @min 1\n  /// @max 99.5\n  share Decimal @db.Decimal(5, 2)",
            "/// @minLength 2\n  /// @pattern ^[a-z]+$\n  code String @db.VarChar(9)",
            "/// @maxLength 3\n  tags String[]",
            '/// @shape {"type": "object", "properties": {"a": {"type": "integer", "minimum": 0}}, "required": ["a"]}\n'
            "  data Json",
        )
    )
    text = flat(writes_module(made))
    assert (
        'AShare = Annotated[Decimal, Field(ge=Decimal("1"), le=Decimal("99.5"), max_digits=5, decimal_places=2)]'
        in text
    )
    assert 'ACode = Annotated[str, Field(min_length=2, max_length=9, pattern="^[a-z]+$")]' in text
    assert "ATagsList = Annotated[list[str], Field(max_length=3)]" in text
    assert 'AData = TypedDict("AData", {"a": Annotated[int, Field(ge=0)]})' in text
    assert "data: AData" in text
    assert "@min" not in rows_module(made) + writes_module(made) + tables_module(made)
    assert "In percent." in rows_module(made)
    schema = json_schema_file(made)
    assert '"minimum": 1' in schema
    assert '"pattern": "^[a-z]+$"' in schema


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("@min many", "@min takes a number"),
        ("@maxLength -1", "@maxLength takes a count"),
        ("@pattern (", "regular expression behind @pattern"),
        ("@shape [1]", "@shape takes a JSON Schema, an object"),
        ("@shape {", "JSON Schema behind @shape cannot be read"),
        ('@shape {"type": "thing"}', "has a type `thing`"),
        ('@shape {"not": {}}', "says not"),
    ],
)
def test_a_demand_that_cannot_be_read_is_told(line: str, sentence: str) -> None:
    with pytest.raises(SchemaInvalid, match=re.escape(sentence)):
        writes_module(source(model(f"/// {line}\n  data Json")))


def test_the_head_changes_with_the_meaning_alone() -> None:
    plain, laid, other = source(model("a Int")), source("// c\n" + model("a    Int")), source(model("/// d\n  a Int"))
    assert plain.digest == laid.digest != other.digest
    assert tables_module(plain) == tables_module(laid)
    assert tables_module(plain).startswith(
        "# Generated by pgarchitect from schema.prisma, do not edit.\n# Source: " + plain.digest
    )


def test_nothing_makes_modules_that_hold_nothing() -> None:
    made = source("")
    assert "metadata = sa.MetaData()" in tables_module(made)
    assert "class" not in rows_module(made).replace("struct for each", "")
    assert "Create" not in writes_module(made)
    assert enums_module(made).count("\n") == 3
