"""Prisma itself, asked: our SQL is its SQL, and a database that we made is in sync for it."""

from pathlib import Path

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.reading import parse_schema, read_schema
from tests.prisma_engine import PrismaEngine, PrismaError
from tests.prisma_golden import SCHEMAS, golden_schemas
from tests.random_examples import SEED
from tests.random_schema import random_schema

pytestmark = pytest.mark.thorough

BY_CHANCE = 300


def test_chance_finds_no_difference(prisma: PrismaEngine) -> None:
    compared = 0
    for seed in range(SEED * BY_CHANCE, (SEED + 1) * BY_CHANCE):
        text = random_schema(seed)
        try:
            theirs = prisma.create_script(text)
        except PrismaError:
            continue  # chance gave two things one name
        assert create_script(lower(parse_schema({"schema.prisma": text}))) == theirs, seed
        compared += 1
    assert compared > BY_CHANCE / 2


@pytest.mark.parametrize("path", golden_schemas(), ids=lambda path: path.stem)
def test_what_we_keep_of_prisma_is_what_it_prints(path: Path, prisma: PrismaEngine) -> None:
    text = path.read_text(encoding="utf-8")
    assert prisma.create_script(text) == path.with_suffix(".sql").read_text(encoding="utf-8")
    assert prisma.formatted(text) == text


@pytest.mark.parametrize("name", ["ddl_names", "ddl_namespaces", "ddl_relation_mode", "ddl_relations"])
def test_prisma_finds_a_database_of_ours_in_sync(name: str, prisma: PrismaEngine, fresh_database: str) -> None:
    # Not so the others: Prisma cannot read back all literals, types and operator classes that its own script makes.
    path = SCHEMAS / f"{name}.prisma"
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")
        connection.execute(create_script(lower(read_schema(path))))
    assert prisma.in_sync(fresh_database, path.read_text(encoding="utf-8"))
