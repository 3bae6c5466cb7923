"""Which rows a partial index may leave out: what a statement writes, and what follows from it for the planner, too."""

from collections.abc import Iterator

import psycopg
import pytest

from pgarchitect.candidates.index_definition import IndexDefinition
from pgarchitect.candidates.index_variants import could_use, why
from pgarchitect.candidates.shape import table_uses
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.workload.syntax import parse
from tests.advise_lab import load
from tests.vocabulary import catalog_of, variants_of


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    url = ensure_database(server, "partial_tests")
    load(url)
    yield url
    with connect(server.url(), read_only=False) as connection:
        connection.execute("DROP DATABASE partial_tests WITH (FORCE)")


def partial(database: str, text: str) -> dict[str, IndexDefinition]:
    found = variants_of(database, text)
    return {str(each).removeprefix("public.events "): each for each in found if each.where}


ASKED = """
status <> 'done' => (status) WHERE status <> 'done'
status = 'open' => (status) WHERE status <> 'done'
status = 'open' => (status) WHERE status = 'open'
status IN ('open', 'held') => (status) WHERE status IN ('open', 'held')
status = 'open' AND owner = 5 => (owner) WHERE status = 'open'
status = 'open' AND owner = 5 => (owner) WHERE status <> 'done'
status = 'open' AND owner = $1 AND price > 5 => (owner, price) WHERE status = 'open'
status = 'open' AND kind = 'k1' AND owner = 5 => (owner) WHERE kind = 'k1' AND status = 'open'
status <> 'done' AND owner = 5 => (owner) INCLUDE (id, status) WHERE status <> 'done'
gone = $1 => (gone) WHERE gone IS NOT NULL
gone > '2026-03-05' AND owner = 5 => (owner, gone) WHERE gone IS NOT NULL
gone IS NOT NULL => (gone) WHERE gone IS NOT NULL
gone IS NOT NULL AND status = 'open' => (status) WHERE gone IS NOT NULL
at < gone AND owner = 5 => (owner) WHERE at < gone
"""


@pytest.mark.parametrize("line", ASKED.strip().splitlines())
def test_rows_that_are_never_asked_for_are_left_out_and_the_planner_knows_it(database: str, line: str) -> None:
    condition, _, wanted = line.partition(" => ")
    text = f"SELECT id FROM events WHERE {condition}"
    definition = partial(database, text)[wanted]
    assert could_use(table_uses(parse(text), catalog_of(database, text)), definition)
    with psycopg.connect(database) as connection:
        connection.execute(definition.candidate("missing_index", "", (), ()).trial_sql.encode())
        connection.execute("SET LOCAL enable_seqscan = off")
        explained = text.replace("gone = $1", "gone = '2026-03-05'").replace("$1", "5")
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {explained}".encode()))
        connection.rollback()
    assert "Index" in plan


NOT_ASKED = """
status = $1 AND owner = 5 => WHERE status
status = 'done' AND owner = 5 => WHERE status
status <> 'open' AND owner = 5 => WHERE status
owner = 5 AND price = 7 => WHERE
gone IS NULL AND owner = 5 => WHERE
note = 'x' AND owner = 5 => WHERE note
status = 'open' AND owner = 5 => (status, owner) WHERE status = 'open'
lower(status) = 'open' => WHERE status
NOT (status = 'done' AND owner = 5) => WHERE
"""


@pytest.mark.parametrize("line", NOT_ASKED.strip().splitlines())
def test_where_hardly_any_row_is_left_out_or_nobody_knows_there_is_none(database: str, line: str) -> None:
    condition, _, sign = line.partition(" => ")
    assert not [each for each in partial(database, f"SELECT id FROM events WHERE {condition}") if sign in each]


def test_an_index_without_the_usual_rows_serves_statements_with_other_constants(database: str) -> None:
    text = "SELECT id FROM events WHERE status = 'open'"
    definition = partial(database, text)["(status) WHERE status <> 'done'"]
    pair = partial(database, f"{text} AND kind = 'k1' AND owner = 5")["(owner) WHERE kind = 'k1' AND status = 'open'"]
    served = {
        "status = 'held'": (True, False),
        "status <> 'done' AND price > 3": (True, False),
        "status = 'done'": (False, False),
        "status = $1": (False, False),
        "price = 3": (False, False),
        "owner = 7 AND price = 3 AND gone = $1 AND status = 'open' AND kind = 'k1'": (True, True),
    }
    for condition, wanted in served.items():
        other = f"SELECT id FROM events WHERE {condition}"
        uses = table_uses(parse(other), catalog_of(database, other))
        assert (could_use(uses, definition), could_use(uses, pair)) == wanted, condition


def test_what_a_partial_index_does_is_said(database: str) -> None:
    text = "SELECT id, price FROM events WHERE status <> 'done'"
    uses = table_uses(parse(text), catalog_of(database, text))
    found = partial(database, text)
    assert (
        why(uses, found["(status) WHERE status <> 'done'"]) == "asks for few of the rows; only where status <> 'done'"
    )
    covering = why(uses, found["(status) INCLUDE (id, price) WHERE status <> 'done'"])
    assert covering == "reads no more of the table than the index holds; only where status <> 'done'"
