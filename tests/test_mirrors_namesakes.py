"""Names that mirrors have for something else, and names with quotes: what is generated is right all the same."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from pgarchitect.schema.client.module import client_module
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.lowering import lower
from tests.python_mirrors import python_mirrors, schema_of, write_package

IMPORTED = ("Annotated", "Any", "BaseModel", "ClassVar", "Field", "Literal", "Never", "Struct", "UUID", "Written")
NAMES = (
    "".join(f"enum {each} {{\n  A\n}}\n" for each in IMPORTED)
    + r"""
enum Mood {
  GLAD  @map("gl\"ad")
  SAD   @map("s\\ad")
  @@map("mo\"od")
}
model List {
  id      Int       @id @default(autoincrement())
  texts   String[]  @default(["a,b", "c\"d", "e\\f", "g'h", "", "NULL"])
  numbers Int[]
  moods   Mood[]    @default([GLAD, SAD])
  field   Field     @default(A)
  any     Any?
  uuid    UUID?
  struct  Struct?
  literal Literal?
  @@map("list")
}
model Join {
  id    Int  @id
  table Int? @map("ta\\Nble \"\"\"")
  @@map("a\\N{x} \"\"\"")
}
model User {
  id     Int  @id
  /// @shape {"type": "object", "properties": {"a-b": {"type": "object", "properties": {"x": {"type": "string"}}},
  ///   "ab": {"type": "object", "properties": {"y²": {"type": "string"}}}}, "required": ["ab"]}
  create Json
  ab     Int
  C      Int
  abC    Int  @unique
  @@unique([ab, C])
}
model UserById {
  id Int @id
}
model UserCreateWithoutPosts {
  id Int @id
}
model AsyncUser {
  id Int @id
}
"""
)


def names_of(text: str) -> list[str]:
    """What a module has: all that it imports, and all that it defines."""
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom):
            found += [each.asname or each.name for each in node.names]
        elif isinstance(node, ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.append(node.targets[0].id)
    return found


def test_no_module_has_a_name_twice(tmp_path: Path) -> None:
    schema = schema_of(NAMES)
    write_package(schema, tmp_path / "package")
    modules = {each.name: each.read_text(encoding="utf-8") for each in (tmp_path / "package").glob("*.py")}
    for module, text in {**modules, "client.py": client_module(schema)}.items():
        found = names_of(text)
        assert sorted({each for each in found if found.count(each) > 1}) == [], module


def test_what_is_written_keeps_its_names_apart(tmp_path: Path) -> None:
    with python_mirrors(schema_of(NAMES), tmp_path) as made:
        assert made.enums.Field_.A == "A"
        written = made.writes.ListCreate(moods=['gl"ad'], field="A")
        assert written.columns() == {"moods": [made.enums.Mood.GLAD], "field": made.enums.Field_.A}
        assert made.writes.UserCreate(id=1, create={"ab": {"y²": "x"}}, ab=1, c=2, ab_c=3).id == 1
        assert made.rows.Join.__columns__ == ("id", 'ta\\Nble """')


def test_the_client_reads_and_writes_under_such_names(fresh_database: str, tmp_path: Path) -> None:
    schema = schema_of(NAMES)
    (tmp_path / "namesakes_client.py").write_text(client_module(schema), encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    try:
        module = importlib.import_module("namesakes_client")
    finally:
        sys.path.remove(str(tmp_path))
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute(create_script(lower(schema)).encode())
    with module.Database(fresh_database) as db:
        assert db.list.insert({"numbers": [1]}).moods == ['gl"ad', "s\\ad"]
        assert [each.id for each in db.list.find_many(where={"moods": {"has": "s\\ad"}, "field": "A"})] == [1]
        assert db.join.insert({"id": 1, "table": 2}).table == 2
        assert db.async_user.insert({"id": 1}) == module.AsyncUserRow(id=1)


@pytest.mark.thorough
def test_type_checkers_find_nothing(tmp_path: Path) -> None:
    schema = schema_of(NAMES)
    write_package(schema, tmp_path / "package")
    (tmp_path / "package" / "client.py").write_text(client_module(schema), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "package"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
