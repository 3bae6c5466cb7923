"""Random nested writes do what a model without SQL says, and what Prisma's own client does.

The model judges everything, in both worlds, and needs nothing that is not here. Prisma, which takes Node and fifty
milliseconds a write, judges what both mean alike; the rest is listed where it is asked (``access_prisma_client``).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from pgarchitect.access.failures import AccessError
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.access_lab import client, create
from tests.access_nested_lab import world
from tests.access_nested_model import ORDER, Model
from tests.access_nested_operations import Operation, Pairs, Rows, beginnings, moves, operations
from tests.access_nested_rows import Stored, told
from tests.access_nested_schema import SCHEMA
from tests.access_nested_store import Refused
from tests.access_prisma_client import PrismaRefused, PrismaUnable, prisma_client, sets_absent
from tests.module_database import module_database
from tests.random_examples import examples

QUICK, THOROUGH, PRISMA, MOVES = 300, 800, 600, 150
"""Beginnings, each with one write to three."""
SIZES = [
    pytest.param(QUICK, 0, id="quick"),
    *(pytest.param(THOROUGH, part, id=f"thorough-{part}", marks=pytest.mark.thorough) for part in (1, 2, 3)),
]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(SCHEMA, tmp_path_factory.mktemp("nested"), "random_nested_client")


@pytest.fixture(scope="module")
def databases(server: EmbeddedServer) -> Iterator[tuple[str, str]]:
    """URLs of two databases, one for us and one for Prisma."""
    with ExitStack() as stack:
        urls = [stack.enter_context(module_database(server, f"nested_random_{name}")) for name in ("ours", "prisma")]
        for url in urls:
            create(url, SCHEMA)
        yield urls[0], urls[1]


def by_client(db: Any, operation: Operation) -> str:
    """What comes of a write of the client's: ``done``, ``absent`` where there is no row to change, or an error."""
    table, method, asked = operation
    call = getattr(getattr(db, table), method)
    try:
        made = call(asked["data"]) if method == "insert" else call(**asked)
    except AccessError as error:
        return f"refused: {type(error).__name__}: {error}"
    return "absent" if made is None else "done"


def by_model(model: Model, operation: Operation) -> str:
    try:
        return "done" if model.run(*operation) else "absent"
    except Refused as error:
        return f"refused: {error}"


def words_of(asked: Any) -> Iterator[str]:
    """The operations in a tree."""
    if isinstance(asked, Mapping):
        yield from asked
        for each in asked.values():
            yield from words_of(each)
    elif isinstance(asked, list):
        for each in asked:
            yield from words_of(each)


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", ["threads", "asyncio"])
@pytest.mark.parametrize(("size", "part"), SIZES)
def test_nested_writes_do_what_the_model_says(
    databases: tuple[str, str], module: ModuleType, size: int, part: int, name: str
) -> None:
    outcomes: Counter[str] = Counter()
    words: Counter[str] = Counter()
    with closing(Stored(databases[0])) as stored, world(name, module, databases[0]) as db:

        @examples(size, part)
        @given(beginnings(), st.lists(operations(), min_size=1, max_size=3))
        def prove(beginning: tuple[Rows, Pairs], asked: list[Operation]) -> None:
            stored.fill(*beginning)
            model = Model(*beginning)
            for each in asked:
                expected, found = by_model(model, each), by_client(db, each)
                note(f"{each}\n  model: {expected}\n  client: {found}")
                outcomes[found.partition(":")[0]] += 1
                words.update(set(words_of(each[2])) if found == "done" else ())
                assert found.partition(":")[0] == expected.partition(":")[0]
                assert stored.state() == told(model.rows, model.pairs)

        prove()
    assert outcomes["done"] > size / 3, outcomes
    seldom = {each: words[each] for each in ORDER if words[each] < size // QUICK}
    assert len(seldom) <= (size == QUICK), seldom


@pytest.mark.parametrize("name", ["threads", "asyncio"])
def test_a_row_that_its_own_write_gives_another_key_is_followed(
    databases: tuple[str, str], module: ModuleType, name: str
) -> None:
    outcomes: Counter[str] = Counter()
    with closing(Stored(databases[0])) as stored, world(name, module, databases[0]) as db:

        @examples(MOVES)
        @given(beginnings(), moves())
        def prove(beginning: tuple[Rows, Pairs], asked: Operation) -> None:
            stored.fill(*beginning)
            model = Model(*beginning)
            expected, found = by_model(model, asked), by_client(db, asked)
            note(f"{asked}\n  model: {expected}\n  client: {found}")
            outcomes[found.partition(":")[0]] += 1
            assert found.partition(":")[0] == expected.partition(":")[0]
            assert stored.state() == told(model.rows, model.pairs)

        prove()
    assert outcomes["done"] > MOVES / 5, outcomes


@pytest.mark.thorough
@pytest.mark.timeout(1_800)
def test_nested_writes_do_what_prisma_does(databases: tuple[str, str], module: ModuleType, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    schema = tmp_path / "schema.prisma"
    schema.write_text(SCHEMA, encoding="utf-8")
    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(closing(Stored(url))) for url in databases)
        prisma = stack.enter_context(prisma_client(schema, databases[1]))
        db = stack.enter_context(world("threads", module, databases[0]))

        def by_prisma(operation: Operation) -> str:
            try:
                prisma.run(*operation)
            except PrismaUnable:
                return "unable"
            except PrismaRefused as error:
                return f"refused: {error.code} {error}"
            return "done"

        @examples(PRISMA)
        @given(beginnings(), operations())
        def prove(beginning: tuple[Rows, Pairs], asked: Operation) -> None:
            table, _, given = asked
            if any(sets_absent(table, given.get(each, {}), beginning[0]) for each in ("data", "create", "update")):
                return
            ours.fill(*beginning)
            theirs.fill(*beginning)
            expected = by_prisma(asked)
            outcomes[expected.partition(":")[0]] += 1
            if expected == "unable":
                return
            found = by_client(db, asked)
            note(f"{asked}\n  Prisma: {expected}\n  client: {found}")
            assert found.partition(":")[0].replace("absent", "refused") == expected.partition(":")[0]
            assert ours.state(ids=False) == theirs.state(ids=False)

        prove()
    assert outcomes["done"] > PRISMA / 4, outcomes
