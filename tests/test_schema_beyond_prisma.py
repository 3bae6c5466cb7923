"""What Prisma cannot express comes back as it was: catalog → script → catalog."""

from pathlib import Path

import pytest

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.schema.ddl.quoting import enclosed
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.introspection import read_database_schema

EVERYTHING = Path(__file__).parent / "schemas" / "beyond_prisma.sql"
SCHEMAS = ("public", "other place")


def test_a_database_comes_back_as_it_was(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(EVERYTHING.read_text(encoding="utf-8").encode())
        before = read_database_schema(connection, SCHEMAS)
        script = create_script(before)
        _empty(connection)
        connection.execute(script.encode())
        after = read_database_schema(connection, SCHEMAS)
    for one, other in zip(before.tables, after.tables, strict=True):
        assert one == other
    for seen, again in zip(before.views, after.views, strict=True):
        assert seen == again
    assert before == after
    assert create_script(after) == script


def _empty(connection: Connection) -> None:
    connection.execute('DROP SCHEMA public, "other place" CASCADE')
    connection.execute("CREATE SCHEMA public")
    connection.execute("CREATE DOMAIN short AS text CHECK (length(VALUE) < 9)")  # domains are not ours to bring back


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + 1", "(a + 1)"),
        ("(a + 1)", "(a + 1)"),
        ("(a) || (b)", "((a) || (b))"),
        ("(')' || a)", "(')' || a)"),
        ("('it''s (' || a)", "('it''s (' || a)"),
        ('("odd ) name" + 1)', '("odd ) name" + 1)'),
    ],
)
def test_an_expression_is_enclosed_once(expression: str, expected: str) -> None:
    assert enclosed(expression) == expected
