"""What Prisma has no words for: made from nothing, taken down, and kept by a schema that does not mention it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference import Wishes, difference, migration_script
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.pulling import pulled
from pgarchitect.schema.spelling import spelled
from tests.schema_lab import SchemaLab, between, schema_lab
from tests.test_schema_beyond_prisma import EVERYTHING, SCHEMAS

NOTHING = DatabaseSchema(("public",))


@pytest.fixture
def lab(fresh_database: str) -> Iterator[SchemaLab]:
    with schema_lab(fresh_database) as found:
        found.run(EVERYTHING.read_text(encoding="utf-8"))
        yield found


def read(lab: SchemaLab) -> DatabaseSchema:
    return read_database_schema(lab.connection, SCHEMAS)


def test_it_is_equal_to_itself_and_to_its_own_spelling(lab: SchemaLab) -> None:
    found = read(lab)
    assert difference(found, found) == ()
    lab.run('DROP SCHEMA public, "other place" CASCADE; CREATE SCHEMA public')
    lab.run("CREATE DOMAIN short AS text CHECK (length(VALUE) < 9)")
    assert between(found, spelled(found, lab.connection)) == ()


def test_it_is_made_from_nothing_and_taken_down_again(lab: SchemaLab) -> None:
    wanted = read(lab)
    lab.run(migration_script(difference(wanted, replace(NOTHING, extensions=wanted.extensions))))
    left = read(lab)
    assert (left.tables, left.views, left.enums, left.sequences) == ((), (), (), ())
    lab.run(migration_script(difference(left, wanted)))
    rest = between(read(lab), wanted)
    assert not rest, migration_script(rest)


def test_a_schema_that_was_pulled_changes_nothing(lab: SchemaLab) -> None:
    # A pulled schema says CHAR of any length wrongly, and of a numeric key's sequence too much.
    lab.run('DROP SCHEMA "other place" CASCADE; DROP TABLE counted CASCADE; ALTER TABLE plain DROP any_length')
    found = read_database_schema(lab.connection)
    after = lower(parse_schema(pulled(found, {"schema.prisma": ""})))
    steps = difference(found, spelled(after, lab.connection), Wishes(keep_inexpressible=True))
    assert not steps, migration_script(steps)
