"""The page that shows our mirrors beside those of other generators shows what each of them writes."""

import re
from functools import cache
from pathlib import Path

import psycopg
import pytest

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.difference import difference
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.mirrors.drizzle import drizzle_schema
from pgarchitect.schema.mirrors.kysely import kysely_types
from pgarchitect.schema.psl.reading import parse_schema
from tests.prisma_generators import DRIZZLE, KYSELY, PACKAGES, GeneratorRefusedError, generators
from tests.typescript_lab import TypeScriptLab, typescript_lab

PAGE = (Path(__file__).parent.parent / "docs" / "mirrors-typescript.md").read_text(encoding="utf-8")
EXTENSIONS = ["citext", "vector"]


def blocks(heading: str) -> list[str]:
    """The code below a heading of the page."""
    part = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert part is not None, heading
    return [each[1] for each in re.finditer(r"^```\w+\n(.*?)^```$", part[1], re.DOTALL | re.MULTILINE)]


@cache
def schema_text() -> str:
    return blocks("Side by side")[0]


def ours() -> tuple[str, str, DatabaseSchema]:
    """Our mirrors for Drizzle and Kysely, and the database."""
    schema = parse_schema({"schema.prisma": schema_text()})
    database = lower(schema)
    return drizzle_schema(schema, database), kysely_types(schema, database), database


def test_the_page_shows_our_mirrors_as_they_are() -> None:
    of_drizzle, of_kysely, _ = ours()
    assert blocks("Drizzle, by pgarchitect")[0] in of_drizzle
    assert blocks("Kysely, by pgarchitect")[0] in of_kysely


@pytest.fixture
def lab(tmp_path: Path) -> TypeScriptLab:
    made = typescript_lab(tmp_path)
    (tmp_path / "database").mkdir()
    of_drizzle, of_kysely, _ = ours()
    made.write("database/drizzle-schema.ts", of_drizzle)
    made.write("database/kysely.ts", of_kysely)
    return made


@pytest.mark.thorough
def test_the_programs_of_the_page_compile(lab: TypeScriptLab) -> None:
    query, config = blocks("With Drizzle")
    lab.write("with_drizzle.ts", query)
    lab.write("drizzle.config.ts", config)
    lab.write("with_kysely.ts", blocks("With Kysely")[0])
    assert lab.compile() == ""


@pytest.mark.thorough
def test_the_page_shows_the_mirrors_of_others_as_they_are(tmp_path: Path) -> None:
    for name, library in ((DRIZZLE, "Drizzle"), (KYSELY, "Kysely")):
        text = generators().generate(name, schema_text(), tmp_path / "theirs.ts").replace("\t", "  ")
        assert blocks(f"{library}, by {name} {PACKAGES[name]}")[0] in text + "\n"


@pytest.mark.thorough
def test_the_others_file_for_drizzle_makes_another_database(lab: TypeScriptLab, server: EmbeddedServer) -> None:
    generators().generate(DRIZZLE, schema_text(), lab.folder / "theirs.ts")
    assert '"MEMBER"' in lab.compile()
    other = ensure_database(server, "by_another_generator", EXTENSIONS)
    with connect(other, read_only=False) as connection:
        refused = _create(connection, lab.created("theirs.ts"))
        found = read_database_schema(connection, ("public",))
    assert refused == ["function uuid() does not exist", 'invalid input value for enum level: "MEMBER"']
    with connect(ensure_database(server, "by_us", EXTENSIONS), read_only=False) as connection:
        connection.execute(create_script(ours()[2]).encode())
        wanted = read_database_schema(connection, ("public",))
    steps = [statement for step in difference(found, wanted) for statement in step.statements]
    assert "\n".join(steps) + "\n" == blocks(f"Drizzle, by {DRIZZLE} {PACKAGES[DRIZZLE]}")[1]


def _create(connection: Connection, script: str) -> list[str]:
    """What PostgreSQL refuses; it is mended, so that the rest can be compared."""
    refused = []
    for statement in filter(str.strip, re.split(r";\s*(?:\n|\Z)", script)):
        without = statement.replace("DEFAULT uuid() ", "")
        for attempt in (statement, without, without.replace("'MEMBER'", "'member'")):
            try:
                connection.execute(attempt.encode())
            except psycopg.Error as error:
                refused.append(str(error).split("\n")[0])
            else:
                break
    return refused


@pytest.mark.thorough
def test_the_other_generator_for_drizzle_refuses_bytes(tmp_path: Path) -> None:
    schema = schema_text().replace("model Loan {", "model Loan {\n  file Bytes?")
    with pytest.raises(GeneratorRefusedError, match="binary data"):
        generators().generate(DRIZZLE, schema, tmp_path / "theirs.ts")


USES = """import type { Insertable, Selectable } from "kysely";
import type { DB } from "FILE";

export const big: Insertable<DB["loans"]>["id"] = 5n;
export const decimal: Insertable<DB["readers"]>["balance"] = 1.5;
export const list: Selectable<DB["readers"]>["tags"] = null;
export const vector: Selectable<DB["Shelf"]>["feel"] = null;
export const json: Insertable<DB["readers"]>["settings"] = [1];
"""


@pytest.mark.thorough
def test_what_kyselys_types_let_through(lab: TypeScriptLab) -> None:
    generators().generate(KYSELY, schema_text(), lab.folder / "theirs.ts")
    lab.write("ours_used.ts", USES.replace("FILE", "./database/kysely.js"))
    lab.write("theirs_used.ts", USES.replace("FILE", "./theirs.js"))
    refused = re.findall(r"^(\w+)_used\.ts\((\d+),", lab.compile(), re.MULTILINE)
    lines = USES.splitlines()
    named = {(whose, lines[int(line) - 1].split()[2].rstrip(":")) for whose, line in refused}
    assert named == {("ours", "json"), *(("theirs", each) for each in ("big", "decimal", "list", "vector"))}


LOST = """datasource db {
  provider = "postgresql"
  schemas  = ["auth"]
}

generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["multiSchema"]
}

/// Of a model.
model M {
  id     Int      @id
  /// Of a field.
  told   String?
  hidden String?  @ignore
  moods  Mood[]
  at     DateTime @db.Time

  @@schema("auth")
}

enum Mood {
  fine

  @@schema("auth")
}
"""


@pytest.mark.thorough
def test_what_the_others_lose_besides(tmp_path: Path) -> None:
    of_kysely = generators().generate(KYSELY, LOST, tmp_path / "kysely.ts")
    assert "moods: string;" in of_kysely
    assert "at: Timestamp;" in of_kysely
    assert "Of a field." in of_kysely
    assert "Of a model." not in of_kysely
    assert "hidden" not in of_kysely
    of_drizzle = generators().generate(DRIZZLE, LOST, tmp_path / "drizzle.ts")
    assert "at: timestamp('at', { precision: 3 }).notNull()" in of_drizzle
    assert not [each for each in ("auth", "Of a field.", "Of a model.", "hidden") if each in of_drizzle]
