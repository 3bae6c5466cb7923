"""GIN indexes of the twin are as large as real ones, by a sample of their elements."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.settings import Settings
from pgarchitect.twin import sampling
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.twin.unseen import by_frequency
from tests.advise_lab import load

INDEXES = (
    "tags",
    "body",
    "(to_tsvector('simple', note))",
    "note gin_trgm_ops",
    "(lower(email)) gin_trgm_ops",
    "doc jsonb_path_ops",
    "doc",
    "(doc -> 'page')",
)


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    url = ensure_database(server, "element_tests")
    load(url)
    yield url
    with connect(server.url(), read_only=False) as connection:
        connection.execute("DROP DATABASE element_tests WITH (FORCE)")


def test_sizes_are_those_of_real_indexes(database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "TIMEOUT_MS", 30_000)  # on a busy machine fewer rows would be looked at
    wanted = [f"CREATE INDEX size_{number} ON events USING gin ({keys})" for number, keys in enumerate(INDEXES)]
    wanted.append("CREATE INDEX size_part ON events USING gin (doc jsonb_path_ops) WHERE status = 'held'")
    with PlannerTwin.of(database, settings) as twin:
        told = {made.name: made.size_bytes for made in map(twin.try_index, wanted)}
        assert twin.warnings == ()
    with psycopg.connect(database, autocommit=True) as connection:
        for ddl in wanted:
            connection.execute(ddl.encode())
        real: dict[str, int] = dict(
            connection.execute("SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relname ~ '^size_'")
        )
        for name in real:
            connection.execute(f"DROP INDEX {name}".encode())
    off = {name: told[name] / real[name] - 1 for name in told}
    assert max(map(abs, off.values())) < 0.12, off
    assert float(np.median(list(map(abs, off.values())))) < 0.05, off


def test_without_samples_the_size_is_a_guess_and_that_is_told(database: str, settings: Settings) -> None:
    none = settings.model_copy(update={"twin_sample_pages": 0})
    with PlannerTwin.of(database, none) as twin:
        twin.try_index("CREATE INDEX ON events USING gin (doc)")
        assert any("without a look at its rows" in warning for warning in twin.warnings)


SHARES = (0.5, 0.15, 0.03)


@pytest.mark.parametrize("share", SHARES)
def test_the_number_of_equally_frequent_things_is_found(share: float) -> None:
    chance = np.random.default_rng(7)
    for population in (np.full(50_000, 1), np.full(5_000, 100)):
        assert sum(counted(chance.binomial(population, share), share).values()) == pytest.approx(
            len(population), rel=0.1
        )


def test_some_things_occur_often_and_many_once() -> None:
    chance = np.random.default_rng(7)
    population = np.concatenate([np.full(40_000, 1), chance.poisson(4.4, 9_000)])
    found = counted(chance.binomial(population, 0.15), 0.15)
    assert sum(found.values()) == pytest.approx(49_000, rel=0.15)
    assert sum(times * number for times, number in found.items()) == pytest.approx(float(population.sum()), rel=0.05)


def test_a_whole_count_is_no_guess() -> None:
    assert by_frequency({1: 4.0, 7: 2.0}, 1.0) == {1: 4.0, 7: 2.0}
    assert by_frequency({}, 0.1) == {}


def counted(seen: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]", share: float) -> dict[int, float]:
    times, numbers = np.unique(seen[seen > 0], return_counts=True)
    return by_frequency(dict(zip(times.tolist(), numbers.astype(float).tolist(), strict=True)), share)
