"""Random nested writes do what a model without SQL says, and what Prisma does."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from pgarchitect.access.failures import AccessError
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.access_lab import client, create
from tests.access_nested_lab import world
from tests.access_nested_model import Model, Refused
from tests.access_nested_operations import Operation, Pairs, Rows, beginnings, operations
from tests.access_nested_rows import Stored, told
from tests.access_nested_schema import SCHEMA
from tests.module_database import module_database

QUICK, THOROUGH = 150, 3_000
SIZES = [pytest.param(QUICK, id="quick"), pytest.param(THOROUGH, id="thorough", marks=pytest.mark.thorough)]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(SCHEMA, tmp_path_factory.mktemp("nested"), "random_nested_client")


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    with module_database(server, "nested_random") as url:
        create(url, SCHEMA)
        yield url


def done(db: Any, operation: Operation) -> bool:
    """Whether the client does it; False: there is no row to change."""
    table, method, asked = operation
    call = getattr(getattr(db, table), method)
    return (call(asked["data"]) if method == "insert" else call(**asked)) is not None


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", ["threads", "asyncio"])
@pytest.mark.parametrize("size", SIZES)
def test_nested_writes_do_what_the_model_says(database: str, module: ModuleType, size: int, name: str) -> None:
    count: Counter[str] = Counter()
    with closing(Stored(database)) as stored, world(name, module, database) as db:

        @settings(max_examples=size, deadline=None, suppress_health_check=list(HealthCheck), derandomize=size == QUICK)
        @given(beginnings(), st.lists(operations(), min_size=1, max_size=4))
        def prove(beginning: tuple[Rows, Pairs], asked: list[Operation]) -> None:
            stored.fill(*beginning)
            model = Model(*beginning)
            for each in asked:
                note(repr(each))
                outcome = compare(db, model, each)
                note(f"  {outcome}")
                count[outcome] += 1
                assert stored.state() == told(model.rows, model.pairs), each

        prove()
    print(count)


def compare(db: Any, model: Model, operation: Operation) -> str:
    """Do it in both; what came of it, which must be the same."""
    try:
        expected = "done" if model.run(*operation) else "absent"
    except Refused as error:
        expected = f"refused {error}"
    try:
        found = "done" if done(db, operation) else "absent"
    except AccessError as error:
        found = f"refused {type(error).__name__}: {error}"
    assert found.split()[0] == expected.split()[0], (operation, found, expected)
    return found.split()[0]
