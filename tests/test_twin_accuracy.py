"""A fast part of the conformance suite: the database of features, one index of each kind."""

from collections.abc import Iterator
from typing import Final

import pytest

from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.settings import Settings
from tests.conformance.comparison import Built, Pair
from tests.conformance.laboratory import compare, create_reader
from tests.conformance.sample import features
from tests.module_database import module_database

INDEXES: Final = (
    "x_status_created",
    "x_referrer",
    "x_city_zip",
    "x_zip",
    "x_plan",
    "x_tens",
    "x_not_active",
    "x_name_hash",
    "x_place",
    "x_place_sp",
    "x_brin_multi",
    "x_kind_created",
    "x_par_v",
    "x_mv_status",
    "X Quoted",
    "x_rls",
    "x_rls_tags",
    "x_big_small",
    "x_gin_tags",
    "x_cosine",
)
REPEATED: Final = frozenset({"X Quoted"})
"""Its columns depend on each other, and no statistics say so: it is thought larger than it is."""

Found = tuple[list[Pair], list[Built]]


@pytest.fixture(scope="module")
def found(server: EmbeddedServer, settings: Settings) -> Iterator[Found]:
    """What source and twin say."""
    wanted = features(vectors=True)
    create_reader(server.url())
    with module_database(server, "accuracy") as url:
        wanted.load(url)
        yield compare(wanted, url, settings, INDEXES)


def test_plans_without_a_new_index_are_exact_to_the_cent(found: Found) -> None:
    base = [pair for pair in found[0] if pair.index is None]
    assert len(base) > 80
    assert [pair.statement for pair in base if pair.source.shape != pair.twin.shape] == []
    assert [(pair.statement, pair.source.cost, pair.twin.cost) for pair in base if pair.error] == []


@pytest.mark.parametrize("index", INDEXES)
def test_a_new_index_is_planned_as_on_the_source(found: Found, index: str) -> None:
    pairs = [pair for pair in found[0] if pair.index == index]
    assert [pair.statement for pair in pairs if pair.used[0] != pair.used[1]] == []
    assert [pair.statement for pair in pairs if pair.source.shape != pair.twin.shape] == []
    assert max(pair.error for pair in pairs) <= 0.02
    if index != "x_big_small":  # no statement of the sample is better off with it
        assert any(pair.used[0] for pair in pairs)


@pytest.mark.parametrize("index", [name for name in INDEXES if name not in REPEATED])
def test_a_new_index_is_as_large_as_on_the_source(found: Found, index: str) -> None:
    (built,) = [each for each in found[1] if each.index == index]
    assert abs(built.twin - built.source) <= max(0.05 * built.source, 2 * 8192)
