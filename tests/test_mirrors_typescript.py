"""The mirrors in TypeScript where Node is: they compile, prettier has nothing to change, and queries run over them."""

import pytest

from pgarchitect.schema.mirrors.drizzle import drizzle_schema
from pgarchitect.schema.mirrors.kysely import kysely_types
from tests.typescript_lab import SOURCES, TESTS, TypeScriptLab, migrate, own_schema, typescript_lab

pytestmark = pytest.mark.thorough

LONG_NAMES = {"ddl_names", "oddities"}
"""Their constants alone are longer than a line."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> TypeScriptLab:
    lab = typescript_lab(tmp_path_factory.mktemp("typescript"))
    for name in SOURCES:
        schema, database = own_schema(name)
        lab.write(f"{name}.drizzle.ts", drizzle_schema(schema, database))
        lab.write(f"{name}.kysely.ts", kysely_types(schema, database))
    lab.write("queries.ts", (TESTS / "typescript_queries.ts").read_text(encoding="utf-8"))
    complaints = lab.compile()
    assert complaints == ""
    return lab


def test_prettier_would_change_nothing(compiled: TypeScriptLab) -> None:
    names = [f"{each}.{kind}.ts" for each in SOURCES for kind in ("drizzle", "kysely") if each not in LONG_NAMES]
    assert compiled.unformatted(names) == ""


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
