"""The mirrors in TypeScript where Node is: they compile, prettier has nothing to change, and queries run over them."""

import re
from contextlib import suppress
from pathlib import Path

import pytest

from pgarchitect.errors import SchemaInvalid
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.mirrors.drizzle import drizzle_schema
from pgarchitect.schema.mirrors.kysely import kysely_types
from pgarchitect.schema.psl.reading import parse_schema
from tests.random_schema import random_schema
from tests.typescript_lab import SOURCES, TESTS, TypeScriptLab, migrate, own_schema, typescript_lab

pytestmark = pytest.mark.thorough

MADE = {
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "uuid7": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "cuid": r"c[0-9a-z]{24}",
    "cuid2": r"[a-z][0-9a-z]{23}",
    "ulid": r"[0-9A-HJKMNP-TV-Z]{26}",
    "nanoid": r"[\w-]{21}",
    "nanoid9": r"[\w-]{9}",
}
"""What Prisma's client makes of each function."""
LONG_NAMES = {"ddl_names", "oddities"}
"""Their constants alone are longer than a line."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> TypeScriptLab:
    lab = typescript_lab(tmp_path_factory.mktemp("typescript"))
    for name in SOURCES:
        schema, database = own_schema(name)
        lab.write(f"{name}.drizzle.ts", drizzle_schema(schema, database))
        lab.write(f"{name}.kysely.ts", kysely_types(schema, database))
    for script in ("queries", "values"):
        lab.write(f"{script}.ts", (TESTS / f"typescript_{script}.ts").read_text(encoding="utf-8"))
    complaints = lab.compile()
    assert complaints == ""
    return lab


def test_prettier_would_change_nothing(compiled: TypeScriptLab) -> None:
    names = [f"{each}.{kind}.ts" for each in SOURCES for kind in ("drizzle", "kysely") if each not in LONG_NAMES]
    assert compiled.unformatted(names) == ""


def test_mirrors_of_schemas_by_chance_compile_and_are_laid_out(tmp_path: Path) -> None:
    lab, names = typescript_lab(tmp_path), []
    for seed in range(40):
        with suppress(SchemaInvalid):  # some are wrong on purpose
            schema = parse_schema({"schema.prisma": random_schema(seed)})
            texts = {"drizzle": drizzle_schema(schema, lower(schema)), "kysely": kysely_types(schema, lower(schema))}
            for kind, text in texts.items():
                lab.write(f"{seed}.{kind}.ts", text)
                names += [] if _has_long_names(text) else [f"{seed}.{kind}.ts"]
    assert len(names) > 40
    assert lab.compile() == ""
    assert lab.unformatted(names) == ""


def _has_long_names(text: str) -> bool:
    """A constant that leaves no room for what it is, as in LONG_NAMES."""
    return any(len(line) > 80 for line in text.splitlines() if line.startswith("export const "))


def test_queries_run(compiled: TypeScriptLab, fresh_database: str) -> None:
    schema = own_schema("edfinance")[0]
    migrate("edfinance", fresh_database)
    assert compiled.run("queries.js", fresh_database) == {
        "price": "12.30",
        "role": "STUDENT",
        "created": True,
        "name": {"en": "S"},
        "referrer": "m@example.org",
        "wallet": None,
        "points": 7,
        "touched": True,
        "relations": sum(len(each.relations) for each in schema.models),
    }


def test_values_that_nobody_gives_are_filled_in(compiled: TypeScriptLab, fresh_database: str) -> None:
    migrate("ddl_defaults", fresh_database)
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("""ALTER TABLE "Made" ALTER COLUMN "unknown" SET DEFAULT 'known'""")
    found = compiled.run("values.js", fresh_database)
    assert isinstance(found, dict)
    first, second = found["made"]
    for name, pattern in MADE.items():
        assert re.fullmatch(pattern, first[name]), name
        assert first[name] != second[name], name
    assert first["uuid7"][:13] <= second["uuid7"][:13]  # the time, in milliseconds
    assert (first["unknown"], first["sum"], first["words"]) == ("known", 2, ["a", "b"])
    assert found["literal"]["at"] == "2024-02-29T12:30:00.500Z"
    assert found["literal"]["atZone"] == "1999-12-31T18:29:59.000Z"
    assert found["literal"]["int"] == -7
    assert found["literal"]["big"] == "9007199254740993n"
    assert found["literal"]["json"] == {"a": [1, "it's"]}
    assert found["literal"]["role"] == "ADMIN"
    assert found["list"]["strings"] == ["a", "it's, well"]
    assert found["list"]["roles"] == ["ADMIN", "a guest"]
    assert (found["bytes"], found["at"]) == ([0, 255], "1970-01-02T00:00:00.000Z")
