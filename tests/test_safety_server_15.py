"""The same measures on PostgreSQL 15, where it is installed."""

from collections.abc import Iterator

import pytest

from pgarchitect.schema.safety.rule import Example, Rule
from pgarchitect.settings import Settings
from tests.safety_measure import prepare
from tests.scratch_server import require_15, scratch_server
from tests.test_safety_server import (
    MEASURED,
    REWRITTEN,
    TYPES,
    check_measure,
    check_rewrite,
    check_type_change,
    furnish,
    label,
    scene_of,
)

pytestmark = pytest.mark.thorough
VERSION = 15


@pytest.fixture(scope="module")
def place(settings: Settings) -> Iterator[str]:
    """URL of a database, of a server with a second access method and a second tablespace."""
    lines = ("allow_in_place_tablespaces = on", "autovacuum = off")
    with scratch_server(settings, *lines, programs=require_15()) as server:
        furnish(server.url())
        yield server.url()


@pytest.fixture(scope="module")
def untouched(place: str) -> str:
    """Another database with the tables of the scene, for what leaves nothing behind."""
    return scene_of(place)


@pytest.mark.parametrize(("rule", "example"), [each for each in MEASURED if each[1].since <= VERSION], ids=label)
def test_a_statement_takes_what_is_told(untouched: str, rule: Rule, example: Example) -> None:
    check_measure(untouched, example)


@pytest.mark.parametrize(("rule", "example"), [each for each in REWRITTEN if each[1].since <= VERSION], ids=label)
def test_its_rewrite_runs_and_hurts_nobody(place: str, rule: Rule, example: Example) -> None:
    prepare(place)
    check_rewrite(place, rule, example)


@pytest.mark.parametrize(("before", "after"), TYPES)
def test_a_type_change_rewrites_where_it_is_told(untouched: str, before: str, after: str) -> None:
    check_type_change(untouched, before, after)
