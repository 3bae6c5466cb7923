"""The whole suite runs when it is named: ``make conformance``; ``make test`` has a fast subset of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgarchitect.settings import Settings
from tests.conformance.report import Run


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the suite out of a run that does not name it."""
    named = any("conformance" in argument for argument in config.invocation_params.args)
    return None if named or collection_path.name == "conftest.py" else True


@pytest.fixture(scope="session")
def patient(settings: Settings) -> Settings:
    """The tests' settings, for indexes that take long to build."""
    return settings.model_copy(update={"statement_timeout_ms": 600_000})


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """What this run finds; it is written to the documentation at its end."""
    found = Run()
    yield found
    if found.pairs:
        found.write()
