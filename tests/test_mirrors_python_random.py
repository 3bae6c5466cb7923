"""Random schemas: the mirrors in Python are modules, and SQLAlchemy creates by them what a migration makes."""

import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa

from pgarchitect.schema.psl.reading import parse_schema
from tests.random_schema import random_schema
from tests.sqlalchemy_lab import differences

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("seed", range(20))
def test_create_all_makes_what_a_migration_makes(seed: int, fresh_database: str, tmp_path: Path) -> None:
    schema = parse_schema({"schema.prisma": random_schema(seed, plain=True)})
    with warnings.catch_warnings():
        # Tables that refer to each other have no order; SQLAlchemy adds their foreign keys in the end, and says so.
        warnings.filterwarnings("ignore", "Cannot correctly sort tables", sa.exc.SAWarning)
        assert differences(schema, fresh_database, tmp_path) == ()
