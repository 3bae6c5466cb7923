"""Fast path and SQLAlchemy: random operations on random data of every type give equal results and equal databases."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from types import ModuleType
from typing import Any

import psycopg
import pytest
from hypothesis import event, given, note

from pgarchitect.access.aio.alchemy_database import AlchemyDatabase as AsyncAlchemyDatabase
from pgarchitect.access.comparison import comparable
from pgarchitect.access.failures import AccessError
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.sync.alchemy_database import AlchemyDatabase
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.access_lab import client, create, opened
from tests.module_database import module_database
from tests.random_examples import examples
from tests.random_operations import OPERATIONS, PAIRS, SCHEMA, Operation

QUICK, THOROUGH = 40, 750
"""Sequences of five to twelve operations."""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(SCHEMA, tmp_path_factory.mktemp("paths"), "paths_client")


@pytest.fixture(scope="module")
def databases(server: EmbeddedServer) -> Iterator[tuple[str, str]]:
    """URLs of two databases, one for each path."""
    with ExitStack() as stack:
        names = ("paths_fast", "paths_other")
        urls = [stack.enter_context(module_database(server, name)) for name in names]
        for url in urls:
            create(url, SCHEMA)
        yield urls[0], urls[1]


class Watched:
    """A database from outside.

    Args:
        url: where it is.
    """

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("""INSERT INTO "Owner" VALUES (1, 'o1'), (2, 'o2') ON CONFLICT DO NOTHING""")
        labels = """INSERT INTO "Label" VALUES (1, 'l1'), (2, 'l2'), (3, 'l1') ON CONFLICT DO NOTHING"""
        self._connection.execute(labels)

    def empty(self) -> None:
        """Without things."""
        self._connection.execute('DELETE FROM "thing; drop"')

    def state(self) -> list[Any]:
        """All that it holds, as text."""
        things = self._connection.execute(
            'SELECT to_jsonb(t)::text, t.plain::text FROM "thing; drop" t ORDER BY id'
        ).fetchall()
        return [*things, *self._connection.execute(f"SELECT * FROM {PAIRS} ORDER BY 1, 2".encode()).fetchall()]

    def close(self) -> None:
        """Leave it."""
        self._connection.close()


@pytest.fixture
def watched(databases: tuple[str, str]) -> Iterator[tuple[Watched, Watched]]:
    """The same two from outside."""
    with closing(Watched(databases[0])) as first, closing(Watched(databases[1])) as second:
        yield first, second


def emptied(watched: tuple[Watched, Watched]) -> None:
    for each in watched:
        each.empty()


def outcome(result: Any) -> Any:
    """A result, or the type of an error, in a form that can be compared."""
    if isinstance(result, AccessError):
        return type(result).__name__
    made = comparable(result)
    return sorted(made, key=repr) if isinstance(made, list) and result and isinstance(result[0], dict) else made


def run(database: Any, tables: dict[str, Any], operation: Operation) -> Any:
    name, method, arguments, asked = operation
    try:
        return getattr(tables[name] if name else database, method)(*arguments, **asked)
    except AccessError as error:
        return error


def compare(fast: Any, other: Any, operation: Operation) -> None:
    note(f"{operation}")
    note(f"  fast: {fast!r}\n  other: {other!r}")
    event(f"{operation[1]}: {type(fast).__name__ if isinstance(fast, AccessError) else 'done'}")
    assert outcome(fast) == outcome(other), operation


SIZES = [pytest.param(QUICK, id="quick"), pytest.param(THOROUGH, id="thorough", marks=pytest.mark.thorough)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", SIZES)
def test_both_paths_do_the_same_for_threads(
    databases: tuple[str, str], watched: tuple[Watched, Watched], module: ModuleType, size: int
) -> None:
    done: Counter[str] = Counter()
    options = PoolOptions(max_size=1)
    with opened(module, databases[0], max_size=1) as db, opened(module, databases[1], max_size=1) as raw:
        alchemy = AlchemyDatabase(databases[1], options, module.TABLES)

        @examples(size)
        @given(OPERATIONS)
        def prove(operations: list[Operation]) -> None:
            emptied(watched)
            for each in operations:
                done[each[1]] += 1
                compare(run(db, vars(db), each), run(raw, dict(alchemy.alchemy_tables), each), each)
            assert watched[0].state() == watched[1].state()

        try:
            prove()
        finally:
            alchemy.close()
    assert done.total() >= size * 5
    assert size == QUICK or len(done) == 17


@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", SIZES)
def test_both_paths_do_the_same_for_asyncio(
    databases: tuple[str, str], watched: tuple[Watched, Watched], module: ModuleType, size: int
) -> None:
    with asyncio.Runner() as runner:
        options = PoolOptions(max_size=1)
        db, raw = (module.AsyncDatabase(url, options) for url in databases)
        runner.run(db.__aenter__())
        runner.run(raw.__aenter__())
        alchemy = AsyncAlchemyDatabase(databases[1], options, module.TABLES)

        async def awaited(database: Any, tables: dict[str, Any], operation: Operation) -> Any:
            try:
                return await run(database, tables, operation)
            except AccessError as error:
                return error

        @examples(size)
        @given(OPERATIONS)
        def prove(operations: list[Operation]) -> None:
            emptied(watched)
            for each in operations:
                fast = runner.run(awaited(db, vars(db), each))
                compare(fast, runner.run(awaited(raw, dict(alchemy.alchemy_tables), each)), each)
            assert watched[0].state() == watched[1].state()

        try:
            prove()
        finally:
            for close in (alchemy.close(), raw.__aexit__(), db.__aexit__()):
                runner.run(close)


def test_floats_of_four_bytes_and_labels_are_the_same_on_both_paths(
    databases: tuple[str, str], module: ModuleType
) -> None:
    with opened(module, databases[1], max_size=1) as db:
        alchemy = AlchemyDatabase(databases[1], PoolOptions(max_size=1), module.TABLES)
        with closing(alchemy):
            for each in (db.thing, alchemy.alchemy_tables["thing"]):
                each.delete_many()
                # Where ``create`` leaves out the key of ``where``, the client's own statements run on both paths.
                made = each.upsert(where={"id": 3}, create={"id": 7, "real": 77692528.0, "mood": "GLAD"}, update={})
                assert made.real == each.get({"id": 7}).real == 77692528.0
                assert made.mood == "GLAD"
