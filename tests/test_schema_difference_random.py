"""Random schemas are created, read back and changed into each other: the server has the last word."""

from collections.abc import Iterator

import psycopg
import pytest

from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference import Rename, Wishes, difference, migration_script
from tests.random_databases import random_database
from tests.random_examples import SEED
from tests.schema_lab import SchemaLab, between, schema_lab, survivors
from tests.schema_mutations import mutated

QUICK = 25
MANY = 500
SHARE = 100


@pytest.fixture
def lab(fresh_database: str) -> Iterator[SchemaLab]:
    with schema_lab(fresh_database) as found:
        yield found


def pair(seed: int, version: int) -> tuple[DatabaseSchema, DatabaseSchema, tuple[Rename, ...]]:
    """Two schemas: unrelated ones, or one and a mutation of it."""
    seed += SEED * 2_000_000
    first = random_database(seed, version)
    if seed % 2:
        return first, random_database(seed + 1_000_000, version), ()
    second, renames = mutated(first, seed, version)
    return first, second, renames


def assert_turned(lab: SchemaLab, seed: int) -> bool:
    """A schema is created and read back as itself; the difference turns it into another, and rows that stay are kept.

    Returns:
        Whether its rows let it; those that do not fit were warned of.
    """
    first, second, renames = pair(seed, lab.version)
    lab.create(first)
    before = lab.read()
    own = between(lab.spelled(first), before)
    assert not own, f"seed {seed}: {migration_script(own)}"
    lab.fill(first)
    wanted = lab.spelled(second)
    rows = lab.rows(before)
    steps = difference(before, wanted, Wishes(renames))
    script = migration_script(steps)
    try:
        lab.run(script)
    except (psycopg.errors.DataError, psycopg.errors.IntegrityError) as error:
        if not any(each.warnings for each in steps):
            pytest.fail(f"seed {seed}: {error}\n{script}")
        lab.create(first)
        lab.run(script)
        rows = {}
    except psycopg.Error as error:
        pytest.fail(f"seed {seed}: {error}\n{script}")
    after = lab.read()
    rest = between(after, wanted)
    assert not rest, f"seed {seed}: {script}\nleft: {migration_script(rest)}"
    kept = lab.rows(after)
    for table, column, value in survivors(before, after, rows, renames):
        assert kept[table][column] == value, f"seed {seed}: {table} {column}\n{script}"
    return bool(rows)


def test_random_schemas_come_back_as_themselves_and_turn_into_others(lab: SchemaLab) -> None:
    with_rows = sum(assert_turned(lab, seed) for seed in range(QUICK))
    assert with_rows > QUICK / 2


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(QUICK, MANY + QUICK, SHARE))
def test_many_random_schemas_come_back_as_themselves_and_turn_into_others(lab: SchemaLab, first: int) -> None:
    with_rows = sum(assert_turned(lab, seed) for seed in range(first, first + SHARE))
    assert with_rows > SHARE / 2
