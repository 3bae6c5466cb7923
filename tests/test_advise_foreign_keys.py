"""``pgarchitect advise`` where a DELETE has the server search tables that refer to what goes."""

import psycopg
import pytest

from pgarchitect.advising import Wanted, advise
from pgarchitect.evidence.foreign_key_lookups import read_foreign_keys, searched_by
from pgarchitect.postgres.connection import connect
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.settings import Settings
from pgarchitect.workload.syntax import parse

SCHEMA = """
CREATE TABLE guests (id int PRIMARY KEY, code int UNIQUE, name text);
CREATE SCHEMA "The Bar";
CREATE TABLE visits (id int PRIMARY KEY, guest int REFERENCES guests ON DELETE CASCADE, note text);
CREATE TABLE "The Bar"."Bills" (id int PRIMARY KEY, "Guest Code" int REFERENCES guests (code), total int);
INSERT INTO guests SELECT i, i, 'guest ' || i FROM generate_series(1, 4000) i;
INSERT INTO visits SELECT i, i * 7919 % 4000 + 1, md5(i::text) FROM generate_series(1, 40000) i;
INSERT INTO "The Bar"."Bills" SELECT i, i * 31 % 4000 + 1, i FROM generate_series(1, 20000) i;
VACUUM ANALYZE
"""


@pytest.fixture
def house(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        for statement in SCHEMA.split(";\n"):
            connection.execute(statement.encode())
    return fresh_database


def advised(url: str, settings: Settings, text: str) -> Advice:
    return advise(url, [Wanted(text, 1.0, 1.0)], Limits(), settings, lambda _: None)


def test_a_delete_gets_indexes_on_the_foreign_keys_that_refer_to_its_rows(house: str, settings: Settings) -> None:
    found = advised(house, settings, "DELETE FROM guests WHERE id = $1")
    assert [each.ddl.partition(" ON ")[2] for each in found.indexes] == [
        '"The Bar"."Bills" ("Guest Code");',
        "public.visits (guest);",
    ]
    assert found.cost_after < 0.1 * found.cost_before
    assert found.indexes[1].reason.endswith("its foreign key has public.visits searched by guest.")


def test_a_key_that_nobody_changes_is_searched_for_nowhere(house: str, settings: Settings) -> None:
    assert advised(house, settings, "UPDATE guests SET name = 'x' WHERE id = 7").indexes == ()
    found = advised(house, settings, "UPDATE guests SET code = 5000 WHERE id = 7")
    assert [each.ddl.partition(" ON ")[2] for each in found.indexes] == ['"The Bar"."Bills" ("Guest Code");']


@pytest.mark.parametrize(
    ("text", "referring"),
    [
        ("DELETE FROM public.guests", ["visits", "Bills"]),
        ("DELETE FROM elsewhere.guests", []),
        ("DELETE FROM visits WHERE guest = 3", []),
        ("WITH gone AS (DELETE FROM guests RETURNING id) SELECT * FROM gone", ["visits", "Bills"]),
        ("SELECT * FROM guests", []),
        ("INSERT INTO visits VALUES (1, 2, '')", []),
    ],
)
def test_which_tables_are_searched(house: str, text: str, referring: list[str]) -> None:
    with connect(house) as connection:
        foreign_keys = read_foreign_keys(connection)
    assert [each.referring[1] for each in searched_by(parse(text), foreign_keys)] == referring
