"""Which existing indexes a new one makes superfluous."""

import psycopg
import pytest

from pgarchitect.candidates.extended_index import extends
from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey
from tests.vocabulary import catalog_of

SCHEMA = "CREATE TABLE t (id int PRIMARY KEY, a int, b int, c text, d text)"
A, B = IndexKey("a"), IndexKey("b")


@pytest.mark.parametrize(
    ("existing", "keys", "rest", "expected"),
    [
        ("ON t (a)", (A, B), {}, True),
        ("ON t (a)", (A,), {"included": ("b",)}, True),
        ("ON t (a) INCLUDE (b)", (A, B), {}, True),
        ("ON t (a DESC)", (A, B), {}, True),  # read backward
        ("ON t (a, b)", (A, IndexKey("b"), IndexKey("c")), {}, True),
        ("ON t (lower(c))", (IndexKey("(LOWER(c))"), A), {}, True),
        ("ON t (a) WHERE b > 0", (A,), {"included": ("c",), "where": "b > 0"}, True),
        ("ON t (a)", (B, A), {}, False),
        ("ON t (a, b)", (A,), {"included": ("b", "c")}, False),
        ("ON t (a, b DESC)", (A, B, IndexKey("c")), {}, False),
        ("ON t (a NULLS FIRST)", (A, B), {}, False),
        ("ON t (a) INCLUDE (d)", (A, B), {}, False),
        ("ON t (a) WHERE b > 0", (A, B), {}, False),
        ("ON t (a)", (A, B), {"where": "b > 0"}, False),
        ("ON t USING hash (a)", (A, B), {}, False),
        ("ON t (c text_pattern_ops)", (IndexKey("c"), A), {}, False),
        ("ON t (c)", (IndexKey("c", operator_class="text_pattern_ops"), A), {}, False),
    ],
)
def test_what_it_begins_with(
    fresh_database: str, existing: str, keys: tuple[IndexKey, ...], rest: dict[str, str], *, expected: bool
) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute(f"CREATE INDEX existing {existing}".encode())
    (table,) = catalog_of(fresh_database, "SELECT FROM t").tables
    (index,) = [each for each in table.indexes if each.name == "existing"]
    assert extends(IndexDefinition(table, keys, **rest), index) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more",
    [
        "CREATE UNIQUE INDEX existing ON t (a)",
        "ALTER TABLE t ADD CONSTRAINT existing UNIQUE (a)",
        "CREATE INDEX existing ON t (a); ALTER TABLE t CLUSTER ON existing",
    ],
)
def test_what_is_needed_for_more_than_plans_stays(fresh_database: str, more: str) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        for statement in (SCHEMA, *more.split("; ")):
            connection.execute(statement.encode())
    (table,) = catalog_of(fresh_database, "SELECT FROM t").tables
    assert not any(extends(IndexDefinition(table, (A, B)), index) for index in table.indexes)
