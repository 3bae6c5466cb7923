"""schema.prisma is read: what it means, and what is wrong with it, told with its line."""

from pathlib import Path

import pytest

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.psl.prisma_schema import (
    Arity,
    EnumRef,
    FunctionDefault,
    ListDefault,
    LiteralDefault,
    LiteralKind,
    ManyToMany,
    NativeType,
    PrismaSchema,
    ReferentialAction,
    Scalar,
    SortOrder,
    Unsupported,
)
from pgarchitect.schema.psl.reading import parse_schema, read_schema

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
SCHEMAS = Path(__file__).parent / "schemas"


def read(text: str) -> PrismaSchema:
    return parse_schema({"schema.prisma": HEAD + text})


def errors(text: str) -> str:
    with pytest.raises(SchemaInvalid) as raised:
        read(text)
    return str(raised.value)


def test_fields_have_their_types_names_and_defaults() -> None:
    schema = read(
        """
        enum Role { USER @map("user")
          ADMIN
          @@map("roles")
        }
        /// People.
        model User {
          id     BigInt   @id @default(autoincrement()) @map("user_id")
          name   String?  @db.VarChar(20) /// called so
          role   Role     @default(ADMIN)
          tags   String[] @default(["a", "b\\"c"])
          amount Decimal  @default(1.50) @db.Decimal(12, 2)
          seen   DateTime @updatedAt
          text   Unsupported("tsvector")?
          other  String   @default(dbgenerated("gen()"))
          @@map("users")
        }
        """.replace("enum Role { USER", "enum Role {\n USER")
    )
    [user] = schema.models
    fields = {each.name: each for each in user.fields}
    assert (user.table, user.documentation) == ("users", "People.")
    assert fields["id"].column == "user_id"
    assert fields["id"].default == FunctionDefault("autoincrement")
    assert fields["name"].native_type == NativeType("VarChar", ("20",))
    assert (fields["name"].arity, fields["name"].documentation) == (Arity.OPTIONAL, "called so")
    assert fields["role"].type == EnumRef("Role")
    assert fields["role"].default == LiteralDefault(LiteralKind.ENUM, "ADMIN")
    texts = [LiteralDefault(LiteralKind.STRING, "a"), LiteralDefault(LiteralKind.STRING, 'b"c')]
    assert fields["tags"].default == ListDefault(tuple(texts))
    assert fields["amount"].default == LiteralDefault(LiteralKind.NUMBER, "1.50")
    assert (fields["seen"].type, fields["seen"].updated_at) == (Scalar.DATE_TIME, True)
    assert fields["text"].type == Unsupported("tsvector")
    assert fields["other"].default == FunctionDefault("dbgenerated", ("gen()",))
    assert [(each.name, each.label) for each in schema.enums[0].values] == [("USER", "user"), ("ADMIN", "ADMIN")]


def test_relations_are_resolved_at_both_ends() -> None:
    schema = read(
        """
        model User {
          id Int @id
          posts Post[] @relation("written")
          liked Post[]
          boss User? @relation("boss", fields: [bossId], references: [id], onDelete: SetNull, map: "b")
          bossId Int?
          staff User[] @relation("boss")
        }
        model Post {
          id Int @id
          author User @relation("written", fields: [authorId], references: [id], onDelete: Cascade)
          authorId Int
          fans User[]
        }
        """
    )
    user, post = schema.model("User"), schema.model("Post")
    assert user is not None
    assert post is not None
    found = {(field.name, other.name, opposite.name) for field, other, opposite in schema.related(user)}
    assert found == {
        ("posts", "Post", "author"),
        ("liked", "Post", "fans"),
        ("boss", "User", "staff"),
        ("staff", "User", "boss"),
    }
    author = post.field("author")
    assert author is not None
    assert author.relation is not None
    assert author.relation.on_delete is ReferentialAction.CASCADE
    assert schema.many_to_many == (ManyToMany("PostToUser", "Post", "fans", "User", "liked"),)


def test_indexes_have_their_options() -> None:
    schema = read(
        """
        generator c {
          provider = "prisma-client"
          previewFeatures = ["partialIndexes"]
        }
        model A {
          a Int
          b Json
          c String @unique(map: "only_c")
          @@id([a, c], map: "key")
          @@index([a(sort: Desc), c], map: "i", where: { c: { not: null }, a: 1 })
          @@index([b(ops: JsonbPathOps)], type: Gin)
          @@index([c(ops: raw("x_ops"))], type: Brin, where: raw("a > 0"))
        }
        """
    )
    [model] = schema.models
    assert model.primary_key is not None
    assert (model.primary_key.map, model.primary_key.on_field) == ("key", False)
    unique, first, second, third = model.indexes
    assert (unique.unique, unique.map, unique.on_field) == (True, "only_c", True)
    assert (first.fields[0].sort, first.where) == (SortOrder.DESC, '"c" IS NOT NULL AND "a" = 1')
    assert second.method == "Gin"
    assert second.fields[0].operator_class is not None
    assert second.fields[0].operator_class.name == "JsonbPathOps"
    assert third.fields[0].operator_class is not None
    assert third.fields[0].operator_class.raw
    assert third.where == "a > 0"


def test_an_error_is_told_with_its_line_and_a_mark_below_it() -> None:
    told = errors("model A {\n  id Int @id\n  name Strin\n}\n")
    assert told.splitlines() == [
        'error: Type "Strin" is neither a built-in type, nor refers to another model, composite type, or enum.',
        "  -->  schema.prisma:6:8",
        "   | ",
        " 5 |   id Int @id",
        " 6 |   name Strin",
        "   |        ^^^^^",
        "   | ",
        "",
        "Validation Error Count: 1",
    ]


def test_several_errors_are_told_in_one_pass() -> None:
    told = errors(
        "model A {\n  id Int @id @nope\n  x 5\n  y Nothing\n}\n\nnonsense {\n}\nmodel B {\n  z Int @id @id\n}\n"
    )
    shown = [line.removeprefix("error: ")[:50] for line in told.splitlines() if line.startswith("error")]
    assert shown == [
        "Error validating: This block is invalid. It does n",
        'Type "5" is neither a built-in type, nor refers to',
        'Type "Nothing" is neither a built-in type, nor ref',
        'Attribute not known: "@nope".',
        'Attribute "@id" can only be defined once.',
        'Attribute "@id" can only be defined once.',
    ]
    assert told.endswith("Validation Error Count: 6")


def test_an_error_at_several_lines_shows_them_all() -> None:
    told = errors("model A {\n  a Int\n}\n")
    assert told.splitlines()[1:] == [
        "  -->  schema.prisma:4:1",
        "   | ",
        " 3 | }",
        " 4 | model A {",
        "   | ^^^^^^^^^",
        " 5 |   a Int",
        " 6 | }",
        "   | ",
        "",
        "Validation Error Count: 1",
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("id Int @id\n  id String", 'Field "id" is already defined'),
        ("id Int @id\n  b B", "Type"),
        ("id Int? @id", "must be required"),
        ("id Int @id @db.VarChar(5)", "not compatible with declared field type Int"),
        ("id String @id @db.Bit(0)", "out of range"),
        ("id String @id @db.Uuid(4)", "takes 0 arguments"),
        ("id Int @id @default(now())", "cannot be used on fields of type `Int`"),
        ("id Int @id @default(nope())", "`nope` is not known"),
        ('id Int @id @default("x")', "Expected a Int value"),
        ("id Int @id\n  t String @updatedAt", "must be of type DateTime"),
        ("id Int @id\n  @@index([nope])", "refers to the unknown fields: nope"),
        ("id Int @id\n  @@index([id], type: Quick)", "Unknown index type"),
        ("id Int @id\n  @@index([id], nope: 1)", "No such argument"),
        ("id Int @id\n  @@unique([])", "cannot be empty"),
        ("id Int @id\n  @@id([id])", "at most one id criteria"),
        ('id Int @id\n  x Int @map("id")', "already defined"),
        ('id Int @id\n  @@map("a")\n  @@map("b")', "can only be defined once"),
        ("id Int @id\n  o A?\n  x Int", "missing an opposite relation field"),
        ("id Int @id\n  @@fulltext([id])", "not supported"),
        ("id: Int @id", "don't require a `:`"),
        ("id Int! @id", "required by default"),
    ],
)
def test_what_is_wrong_is_refused(body: str, told: str) -> None:
    assert told in errors(f"model A {{\n  {body}\n}}\n")


RELATED = "model A {{\n id Int @id\n {a}\n}}\nmodel B {{\n id Int @id\n {b}\n}}\n"


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ("bs B[]", "a A", "must specify the `fields` argument"),
        ("b B?", "a A? @relation(fields: [aId], references: [id])\n aId Int?", "must use unique fields"),
        ("bs B[]", "a A @relation(fields: [aId], references: [id])\n aId Int?", "must be optional as well"),
        ("bs B[]", "a A @relation(fields: [aId], references: [id])\n aId String", "is not matching the type"),
        ("bs B[]\n x Int", "a A @relation(fields: [aId], references: [x])\n aId Int", "must refer to a unique"),
        ("bs B[]", "a A @relation(fields: [aId, id], references: [id])\n aId Int", "same number of fields"),
        ("bs B[]\n more B[]", "a A @relation(fields: [aId], references: [id])\n aId Int", "Ambiguous relation"),
        ("b B", "a A @relation(fields: [aId], references: [id])\n aId Int @unique", "is required. This is not valid"),
    ],
)
def test_what_is_wrong_between_two_models_is_refused(a: str, b: str, told: str) -> None:
    assert told in errors(RELATED.format(a=a, b=b))


VIEW = """
generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
URL}

view Sale {
  region String @id
  year   Int
  total  Int

  @@index([year])
}
"""


def test_a_view_has_keys_in_schemas_of_prisma_6_alone() -> None:
    former = parse_schema({"schema.prisma": VIEW.replace("URL", '  url = env("DATABASE_URL")\n')})
    key = former.models[0].primary_key
    assert key is not None
    assert [each.field for each in key.fields] == ["region"]
    with pytest.raises(SchemaInvalid, match="Views cannot have primary keys"):
        parse_schema({"schema.prisma": VIEW.replace("URL", "")})


def test_a_folder_is_one_schema() -> None:
    schema = read_schema(SCHEMAS / "tenancy")
    assert len(schema.models) > 10
    assert len({each.span.file for each in schema.models}) > 2


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SchemaInvalid, match=r"holds no file \*\.prisma"):
        read_schema(tmp_path)
    (tmp_path / "a.prisma").write_bytes(b"model \xff")
    with pytest.raises(SchemaInvalid, match="not UTF-8"):
        read_schema(tmp_path)
    with pytest.raises(SchemaInvalid, match="cannot be read"):
        read_schema(tmp_path / "none.prisma")


def test_every_schema_of_ours_is_valid_and_together_they_have_sixty_models() -> None:
    paths = [each for each in sorted(SCHEMAS.iterdir()) if each.is_dir() or each.suffix == ".prisma"]
    assert sum(len(read_schema(each).models) for each in paths) >= 60
