"""Fixtures: one embedded server for the whole run on a temporary home, a database of its own for every test."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg import sql

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, destroy, embedded_server, ensure_database
from pgarchitect.settings import Settings
from tests.embedded_lab import open_folder
from tests.memory_disk import memory_disk
from tests.prisma_engine import PrismaEngine, prisma_engine

EDFINANCE_SCALE = 0.05
THOROUGH = frozenset(
    {
        "test_access_arrow",
        "test_access_client",
        "test_access_injection",
        "test_access_nested_types",
        "test_access_reliability",
        "test_advise_methods",
        "test_advise_sandbox",
        "test_advise_writes",
        "test_audit_errors",
        "test_audit_interrupt",
        "test_audit_safety_memory",
        "test_audit_screening",
        "test_checking",
        "test_cli_cleanup",
        "test_cli_migrate",
        "test_cli_schema",
        "test_doctor_command",
        "test_edfinance_workload",
        "test_evidence_screening",
        "test_mirrors_python_server",
        "test_proving_repair",
        "test_psl_fuzz",
        "test_sandbox_life",
        "test_sandbox_sample",
        "test_sandbox_source",
        "test_safety_server",
        "test_schema_difference_server",
        "test_schema_drift",
        "test_schema_pull",
        "test_shadow",
        "test_twin_migration",
        "test_twin_robust_death",
        "test_twin_robust_source",
        "test_twin_robust_versions",
        "test_twin_sample",
    }
)
"""Modules that take more than half of all time: `make test` leaves them to `make test-thorough`; CI runs both."""

_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Temporary files go into memory; the processes of pytest-xdist inherit that.

    And Ctrl-C is heard, which a shell has ignored by what it starts in the background: tests interrupt themselves.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if (folder := memory_disk()) is not None:
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is thorough."""
    for item in items:
        if item.path.stem in THOROUGH:
            item.add_marker(pytest.mark.thorough)


@pytest.fixture(scope="session", autouse=True)
def temporary_home() -> Iterator[Path]:
    """A home of our own, and no setting of the person who runs the tests.

    Not pytest's tmp_path: as root the server runs as another account, which must be able to walk down to it.
    """
    for name in [name for name in os.environ if name.startswith("PGARCHITECT_")]:
        del os.environ[name]
    with open_folder() as folder:
        os.environ["PGARCHITECT_DATA_DIR"] = str(folder / "home")
        yield folder / "home"


@pytest.fixture(scope="session")
def settings(temporary_home: Path) -> Settings:
    """Settings whose embedded server is the one of the tests."""
    return Settings(data_dir=temporary_home)


@pytest.fixture(scope="session")
def server(settings: Settings) -> Iterator[EmbeddedServer]:
    """The running embedded server, shared by all tests; gone with its data when they are done."""
    with embedded_server(settings) as running:
        yield running
    destroy(settings)


@pytest.fixture(scope="session")
def prisma() -> Iterator[PrismaEngine]:
    """Prisma's own engine; skips the test where there is no Node."""
    with prisma_engine() as engine:
        yield engine


@pytest.fixture
def fresh_database(server: EmbeddedServer) -> Iterator[str]:
    """URL of a new database that holds nothing but pg_stat_statements."""
    name = f"test_{next(_numbers)}"
    yield ensure_database(server, name, ["pg_stat_statements"])
    _drop(server, name)


@pytest.fixture(scope="session")
def edfinance_template(server: EmbeddedServer) -> str:
    """Name of the database that holds the sample application; cloned, never written."""
    from examples.edfinance import generate  # noqa: PLC0415  # only the tests that need it pay for it

    name = "edfinance_template"
    generate.load(ensure_database(server, name, ["pg_stat_statements"]), EDFINANCE_SCALE)
    return name


@pytest.fixture
def edfinance(server: EmbeddedServer, edfinance_template: str) -> Iterator[str]:
    """URL of a database of this test's own that holds the sample application at small scale."""
    name = f"test_{next(_numbers)}"
    clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(edfinance_template))
    with connect(server.url(), read_only=False) as connection:
        connection.execute(clone)
    yield server.url(name)
    _drop(server, name)


def _drop(server: EmbeddedServer, name: str) -> None:
    with connect(server.url(), read_only=False) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def cli(settings: Settings) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``pgarchitect`` with the given arguments as a process of its own, on the home of the tests.

    ``cli("audit", dsn, stdin="y\\n", env={"NO_COLOR": "1"})``; the result has returncode, stdout and stderr.
    """

    def run(
        *arguments: str,
        stdin: str = "",
        env: dict[str, str] | None = None,
        timeout: float = 120.0,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pgarchitect", *arguments],
            input=stdin,
            env={**os.environ, "PGARCHITECT_DATA_DIR": str(settings.data_dir), "COLUMNS": "120", **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def lab(temporary_home: Path) -> Iterator[Settings]:
    """Settings of a second home, for tests that stop, kill and break its server."""
    with open_folder() as folder:
        settings = Settings(data_dir=folder / "home")
        with embedded_server(settings):
            pass
        yield settings
        destroy(settings, force=True)
