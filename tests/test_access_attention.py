"""Whether a loop looks for answers or sleeps: as it was quicker, and never for long in vain."""

import asyncio
import gc
import weakref
from types import ModuleType
from typing import Any

import pytest

from pgarchitect.access import failures
from pgarchitect.access.aio import attention
from pgarchitect.access.aio.attention import COLD, KEPT, LASTING, TRIAL, Attention
from pgarchitect.access.options import PoolOptions
from tests.access_lab import client, create
from tests.access_live import ENTRIES

MOMENT = 0.0001
TRIED = COLD + TRIAL


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(attention, "_now", made)
    return made


def ask(clock: Clock, watched: Attention, times: int, seconds: float) -> None:
    for _ in range(times):
        clock.now += 0.0001
        sent = watched.sent(MOMENT)
        clock.now += seconds
        watched.answered(sent)


@pytest.mark.parametrize(("asleep", "looking", "looks"), [(50, 30, True), (50, 49, False), (50, 70, False)])
def test_what_was_quicker_is_done_until_both_are_tried_again(
    clock: Clock, asleep: int, looking: int, looks: bool
) -> None:
    async def go() -> None:
        watched = Attention(asyncio.get_running_loop())
        for _ in range(2):
            told = []
            for times, microseconds in ((TRIED, asleep), (TRIED, looking), (KEPT - 1, 30), (1, 30)):
                told.append(watched.looks)
                ask(clock, watched, times, microseconds / 1e6)
            assert told == [False, True, looks, looks]
        assert watched.waiting == 0

    asyncio.run(go())


def test_it_is_tried_anew_after_a_pause(clock: Clock) -> None:
    async def go() -> None:
        watched = Attention(asyncio.get_running_loop())
        told = []
        for pause, times, seconds in ((0.0, TRIED, 0.00005), (0.0, TRIED, 0.00003), (LASTING, 1, 0.0), (0.0, 1, 0.0)):
            clock.now += pause
            ask(clock, watched, times, seconds)
            told.append(watched.looks)
        assert told == [True, True, False, False]

    asyncio.run(go())


def test_it_never_looks_for_answers_that_take_long(clock: Clock) -> None:
    async def go() -> None:
        watched = Attention(asyncio.get_running_loop())
        for _ in range(2 * KEPT):
            ask(clock, watched, 1, 0.002)
            assert not watched.looks

    asyncio.run(go())


def test_statements_side_by_side_take_what_each_adds(clock: Clock) -> None:
    async def go() -> None:
        watched = Attention(asyncio.get_running_loop())
        told = []
        for apart in (0.00002, 0.00001):
            for _ in range(TRIED // 8):
                sent = [watched.sent(MOMENT) for _ in range(8)]
                for each in sent:
                    clock.now += apart
                    watched.answered(each)
            told.append(watched.looks)
        assert told == [True, True]

    asyncio.run(go())


def test_it_gives_up_after_a_moment() -> None:
    async def go() -> None:
        watched = Attention(asyncio.get_running_loop())
        watched.looks = True
        late = watched.sent(MOMENT)
        assert watched.waiting == 1
        await asyncio.sleep(0.01)
        assert watched.waiting == 0
        prompt = watched.sent(MOMENT)
        watched.answered(late)
        assert watched.waiting == 1
        watched.answered(prompt)
        assert watched.waiting == 0

    asyncio.run(go())


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(ENTRIES, tmp_path_factory.mktemp("client"), "attention_client")


@pytest.mark.parametrize("looks", [True, False])
def test_whatever_becomes_of_a_statement_it_is_waited_for_no_more(
    fresh_database: str, entries: ModuleType, looks: bool
) -> None:
    create(fresh_database, ENTRIES)

    async def work(db: Any) -> None:
        watched = attention.attention(asyncio.get_running_loop())
        watched.looks = looks
        for number in range(30):
            await db.entry.insert({"name": str(number)})
            with pytest.raises(failures.UniqueViolated):
                await db.entry.insert({"name": str(number)})
            assert (await db.entry.get({"name": str(number)})).name == str(number)
            tasks = [asyncio.create_task(db.entry.get({"name": str(number)})) for _ in range(3)]
            await asyncio.sleep(0)
            tasks[number % 3].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert watched.waiting == 0

    async def go() -> None:
        async with entries.AsyncDatabase(fresh_database, PoolOptions(max_size=2, busy_poll=MOMENT)) as db:
            await work(db)

    asyncio.run(go())


def test_without_a_moment_it_sleeps(fresh_database: str, entries: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    create(fresh_database, ENTRIES)
    asked: list[float] = []

    def sent(_: Attention, moment: float) -> float:
        asked.append(moment)
        return 0.0

    monkeypatch.setattr(Attention, "sent", sent)

    async def go(seconds: float) -> None:
        async with entries.AsyncDatabase(fresh_database, PoolOptions(busy_poll=seconds)) as db:
            for _ in range(3):
                assert await db.entry.count() == 0

    asyncio.run(go(0.0))
    assert asked == []
    asyncio.run(go(MOMENT))
    assert asked == [MOMENT, MOMENT]


def test_a_loop_that_is_over_is_let_go(fresh_database: str, entries: ModuleType) -> None:
    create(fresh_database, ENTRIES)

    async def go() -> "weakref.ref[asyncio.AbstractEventLoop]":
        async with entries.AsyncDatabase(fresh_database, PoolOptions(busy_poll=MOMENT)) as db:
            assert [await db.entry.count() for _ in range(3)] == [0, 0, 0]
        return weakref.ref(asyncio.get_running_loop())

    loop = asyncio.run(go())
    gc.collect()
    assert loop() is None
