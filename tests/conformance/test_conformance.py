"""Twins against their sources: three databases, each on the server that we carry and on a system's PostgreSQL 15."""

from collections.abc import Iterator
from typing import Final

import psycopg
import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.settings import Settings
from tests.conformance.laboratory import compare, create_reader
from tests.conformance.report import COST_MAX, COST_P90, SHAPES, Figures, Run
from tests.conformance.sample import Sample, edfinance, features, tpch
from tests.scratch_server import require_15, scratch_server

SCALE: Final = 0.2
SAMPLES: Final = ("tpch", "edfinance", "features")


def sample(name: str, *, vectors: bool) -> Sample:
    """One of the three."""
    return {"tpch": tpch(), "edfinance": edfinance(SCALE), "features": features(vectors=vectors)}[name]


@pytest.fixture(scope="module")
def fifteen(settings: Settings, run: Run) -> Iterator[str]:
    """URL of the system's PostgreSQL 15."""
    try:
        programs = require_15()
    except pytest.skip.Exception as error:
        run.skipped.append(f"{error}; sources of 15 were not compared.")
        raise
    with scratch_server(settings, "autovacuum = off", programs=programs) as server:
        yield server.url()


def loaded(url: str, wanted: Sample) -> str:
    """URL of a new database that holds a sample."""
    create_reader(url)
    with connect(url, read_only=False) as connection:
        connection.execute(f"CREATE DATABASE {wanted.name} TEMPLATE template0".encode())
    made = url.replace("/postgres?", f"/{wanted.name}?")
    wanted.load(made)
    return made


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_twin_of_18(name: str, server: EmbeddedServer, patient: Settings, run: Run) -> None:
    wanted = sample(name, vectors=True)
    check(wanted, loaded(server.url(), wanted), "PostgreSQL 18, twin of the same version", patient, run)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_twin_of_15(name: str, fifteen: str, patient: Settings, run: Run) -> None:
    wanted = sample(name, vectors=False)
    url = loaded(fifteen, wanted)
    with psycopg.connect(url) as connection:
        assert connection.info.server_version // 10_000 == 15
    check(wanted, url, "PostgreSQL 15, twin of the same version", patient, run)


def check(wanted: Sample, url: str, version: str, settings: Settings, run: Run) -> None:
    """Compare, add to the report, and hold what is met to stay met."""
    pairs, built = compare(wanted, url, settings)
    run.add(version, pairs, built)
    found = Figures.of(pairs)
    assert found.exact == found.base
    assert found.agreed == found.tried
    assert found.shaped >= SHAPES * found.tried
    assert found.error_at(0.9) <= COST_P90
    assert found.error_at(1) <= COST_MAX
