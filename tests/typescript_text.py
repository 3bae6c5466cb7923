"""Short schemas as mirrors in TypeScript, and parts of these texts; nothing of it needs Node."""

import re

from pgarchitect.schema.lowering import lower
from pgarchitect.schema.mirrors.drizzle import drizzle_schema
from pgarchitect.schema.mirrors.kysely import kysely_types
from pgarchitect.schema.psl.reading import parse_schema

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
PARTIAL = (
    HEAD + 'generator client {\n  provider = "prisma-client"\n  previewFeatures = ["partialIndexes", "views"]\n}\n'
)
NAMESPACES = 'datasource db {\n  provider = "postgresql"\n  schemas = ["auth", "base data", "public"]\n}\n'
LEVEL = 'enum Level {\n  LOW\n  HIGH @map("high up")\n}\n'


def drizzle(models: str, head: str = HEAD) -> str:
    """The schema file of Drizzle; the schema has a datasource already."""
    schema = parse_schema({"schema.prisma": head + models})
    return drizzle_schema(schema, lower(schema))


def kysely(models: str, head: str = HEAD) -> str:
    """The types of Kysely; the schema has a datasource already."""
    schema = parse_schema({"schema.prisma": head + models})
    return kysely_types(schema, lower(schema))


def joined(code: str) -> str:
    """On one line; how prettier breaks lines is a test of its own, where Node is."""
    return re.sub(r"\n\s*", "", code)


def column(field: str) -> tuple[str, str]:
    """A field as a column of Drizzle and as a property of Kysely."""
    model = f"{LEVEL}model M {{\n  id Int @id\n  it {field}\n}}\n"
    of_drizzle = re.search(r"^ {2}it: (.*?),\n\}\);", drizzle(model), re.DOTALL | re.MULTILINE)
    of_kysely = re.search(r"^ {2}id: number;\n {2}(.*?);\n\}", kysely(model), re.DOTALL | re.MULTILINE)
    assert of_drizzle is not None
    assert of_kysely is not None
    return joined(of_drizzle[1]), joined(of_kysely[1]).removeprefix("it: ")


def part(text: str, constant: str) -> str:
    """The declaration of a constant or type."""
    found = re.search(rf"^export \w+ {constant}\b.*?(?=\n\n|\n\Z)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, text
    return found[0]
