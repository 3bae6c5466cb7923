"""A twin has no rows: the documents that values of JSON parameters are taken from are read at its source."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pgarchitect.advising import Wanted, advise
from pgarchitect.postgres.connection import connect
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.settings import Settings

CONTAINED = "SELECT id FROM pages WHERE body @> $1"


@pytest.fixture
def pages(fresh_database: str) -> str:
    """A table of documents that are so wide that its statistics hold none of them."""
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE TABLE pages (id int PRIMARY KEY, body jsonb)")
        connection.execute(
            "INSERT INTO pages"
            " SELECT i, jsonb_build_object('topic', i % 40, 'text', jsonb_build_array(repeat('x', 2000)))"
            " FROM generate_series(1, 3000) i"
        )
        connection.execute("ANALYZE pages")
    return fresh_database


def test_the_advisor_asks_for_what_documents_hold(pages: str, settings: Settings) -> None:
    found = advise(pages, (Wanted(CONTAINED, 1.0),), Limits(), settings, lambda _: None)
    (parameter,) = found.statements[0].parameters
    assert '"topic"' in parameter


def test_twin_explain_asks_for_what_documents_hold(
    pages: str, cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    file = tmp_path / "q.sql"
    file.write_text(CONTAINED, encoding="utf-8")
    done = cli("twin", "explain", pages, "--file", str(file), "--format", "json")
    assert done.returncode == 0, done.stderr
    (parameter,) = json.loads(done.stdout)["statements"][0]["parameters"]
    assert '"topic"' in parameter
