"""NOTIFY reaches who listens: in order, at commit, after a broken connection, and never without bound."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from benchmarks.access_notify import pushes
from pgarchitect.access import failures
from pgarchitect.access.aio.database import Database as AsyncDatabase
from pgarchitect.access.notes import Gap, Note, Overflow
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.sync.database import Database
from tests.access_live import ask, kill, until
from tests.embedded_lab import wait_for

HOSTILE = ['a"; DROP TABLE x; --', "Käse", "select", "A b", "'", "$1", "x" * 63, "%s", "\\"]
NAME = "pgarchitect listen"
Notes = list[Note | Gap]


@asynccontextmanager
async def opened(database: str, **options: Any) -> AsyncIterator[AsyncDatabase[Any]]:
    async with AsyncDatabase[Any](database, PoolOptions(**options)) as db:
        yield db


def go(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def listeners(database: str) -> int:
    [(count,)] = ask(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
        NAME,
    )
    return int(count)


async def taken(notes: Any, count: int) -> Notes:
    found = []
    for _ in range(count):
        item = await notes.get(timeout=10)
        assert item is not None
        found.append(item)
    return found


def payloads(notes: Notes) -> list[str]:
    return [each.payload if isinstance(each, Note) else "gap" for each in notes]


def test_notes_come_in_order_to_all_who_listen(fresh_database: str) -> None:
    async def work() -> None:
        async with opened(fresh_database) as db, db.listen("a") as one, db.listen("a", "b") as two:
            for number in range(5):
                await db.notify("a", str(number))
            await db.notify("b", "é😀")
            await db.notify("c", "nobody")
            assert payloads(await taken(one, 5)) == list("01234")
            assert payloads(await taken(two, 6)) == [*"01234", "é😀"]
            assert await one.get(timeout=0.05) is None
            assert listeners(fresh_database) == 1

    go(work)
    wait_for(lambda: not listeners(fresh_database))


def test_a_loop_begins_to_listen_and_leaving_it_ends_that(fresh_database: str) -> None:
    async def work() -> None:
        async with opened(fresh_database) as db:

            async def first() -> Note | Gap:
                async for note in db.listen("a"):
                    return note
                raise AssertionError

            reading = asyncio.create_task(first())
            await until(
                lambda: ask(
                    fresh_database, "SELECT FROM pg_stat_activity WHERE query = 'LISTEN \"a\"' AND state = 'idle'"
                )
            )
            await db.notify("a", "x")
            note = await reading
            assert isinstance(note, Note)
            assert (note.channel, note.payload) == ("a", "x")
            assert note.pid > 0
            await until(lambda: not listeners(fresh_database))

    go(work)


def test_a_transaction_tells_when_it_is_committed(fresh_database: str) -> None:
    async def work() -> None:
        async with opened(fresh_database) as db, db.listen("a") as notes:
            with pytest.raises(ZeroDivisionError):  # noqa: PT012  # all of it is the point
                async with db.transaction() as tx:
                    await tx.notify("a", "taken back")
                    raise ZeroDivisionError
            async with db.transaction() as tx:
                await tx.notify("a", "in it")
                await db.notify("a", "first")
                assert payloads(await taken(notes, 1)) == ["first"]
            assert payloads(await taken(notes, 1)) == ["in it"]

    go(work)


@pytest.mark.parametrize("channel", HOSTILE)
def test_names_of_channels_are_names(fresh_database: str, channel: str) -> None:
    async def work() -> None:
        async with opened(fresh_database) as db, db.listen(channel) as notes:
            await db.notify(channel, channel)
            [note] = await taken(notes, 1)
            assert isinstance(note, Note)
            assert (note.channel, note.payload) == (channel, channel)

    go(work)


@pytest.mark.parametrize("channel", ["", "x" * 64, "é" * 32, "a\0b", "\ud800"])
def test_names_that_the_server_would_cut_or_refuse_are_refused(fresh_database: str, channel: str) -> None:
    async def work() -> None:
        async with opened(fresh_database) as db:
            with pytest.raises(failures.InvalidCondition, match="63 bytes"):
                db.listen(channel)
            with pytest.raises(failures.InvalidCondition, match="63 bytes"):
                await db.notify(channel)
            with pytest.raises(failures.InvalidValue):
                await db.notify("a", "x" * 8_000)
            with pytest.raises(failures.InvalidValue):
                await db.notify("a", "\0")

    go(work)


def test_what_makes_no_sense_is_refused(fresh_database: str) -> None:
    with Database[Any](fresh_database) as db:
        for channels, words in (
            ((), {}),
            (("a",), {"overflow": "x"}),
            (("a",), {"limit": -1}),
            (("a",), {"limit": "1"}),
        ):
            with pytest.raises(failures.InvalidCondition):
                db.listen(*channels, **words)


def test_a_broken_connection_comes_back_and_tells_of_the_gap(fresh_database: str) -> None:
    async def work() -> None:
        async with opened(fresh_database) as db, db.listen("a") as one, db.listen("b") as two:
            await db.notify("a", "before")
            assert payloads(await taken(one, 1)) == ["before"]
            for _ in range(3):
                assert kill(fresh_database, name=NAME) == 1
                assert await taken(one, 1) == [Gap(reconnected=True, dropped=0)]
                assert await taken(two, 1) == [Gap(reconnected=True, dropped=0)]
                await db.notify("a", "after")
                assert payloads(await taken(one, 1)) == ["after"]

    go(work)


def test_a_slow_listener_is_bounded_and_the_policy_has_a_name(fresh_database: str) -> None:
    async def work() -> None:
        async with (
            opened(fresh_database) as db,
            db.listen("a", limit=3) as oldest,
            db.listen("a", limit=3, overflow="drop_newest") as newest,
            db.listen("a", limit=3, overflow=Overflow.FAIL) as failing,
            db.listen("a", limit=0) as unbounded,
        ):
            for number in range(8):
                await db.notify("a", str(number))
            assert payloads(await taken(unbounded, 8)) == list("01234567")
            assert await taken(oldest, 1) == [Gap(reconnected=False, dropped=5)]
            assert payloads(await taken(oldest, 3)) == list("567")
            assert await taken(newest, 1) == [Gap(reconnected=False, dropped=5)]
            assert payloads(await taken(newest, 3)) == list("012")
            with pytest.raises(failures.ListenerTooSlow, match="More than 3 notes"):
                await failing.get()

    go(work)


def test_who_cannot_begin_is_told_and_a_pooler_is_no_way(fresh_database: str) -> None:
    async def work() -> None:
        db = AsyncDatabase[Any]("postgresql://x@127.0.0.1:1/x", PoolOptions(min_size=0))
        with pytest.raises(failures.ServerUnreachable):
            async with db.listen("a"):
                pass
        async with opened(fresh_database, pooler=True) as db:
            with pytest.raises(failures.NoDirectConnection):
                db.listen("a")
        async with (
            opened(fresh_database, pooler=True, direct_dsn=fresh_database) as db,
            db.listen("a") as notes,
        ):
            await db.notify("a")
            assert payloads(await taken(notes, 1)) == [""]

    go(work)


def test_a_caller_that_leaves_while_it_begins_or_waits_leaves_nothing(fresh_database: str) -> None:
    async def work() -> None:
        async with opened(fresh_database) as db:
            for turns in range(40):
                task = asyncio.ensure_future(db.listen("a").__aenter__())
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                [told] = await asyncio.gather(task, return_exceptions=True)
                if not isinstance(told, BaseException):
                    await told.__aexit__()
            await until(lambda: not listeners(fresh_database))

    go(work)


def test_closing_the_database_ends_the_loops(fresh_database: str) -> None:
    async def work() -> None:
        async with opened(fresh_database) as db:

            async def read() -> Notes:
                return [each async for each in db.listen("a")]

            reading = asyncio.create_task(read())
            await until(lambda: listeners(fresh_database))
            await db.notify("a", "x")
            await asyncio.sleep(0.1)
        assert payloads(await reading) in (["x"], [])

    go(work)


def test_threads_listen_too(fresh_database: str) -> None:
    with Database[Any](fresh_database) as db:
        with db.listen("a", limit=2) as notes:
            assert notes.get(timeout=0.01) is None
            with db.transaction() as tx:
                tx.notify("a", "1")
            first = notes.get()
            assert isinstance(first, Note)
            assert first.payload == "1"
            assert kill(fresh_database, name=NAME) == 1
            assert notes.get(timeout=10) == Gap(reconnected=True, dropped=0)
        found: Notes = []
        reading = threading.Thread(target=lambda: found.extend(db.listen("a")))
        reading.start()
        wait_for(
            lambda: ask(fresh_database, "SELECT FROM pg_stat_activity WHERE query = 'LISTEN \"a\"' AND state = 'idle'")
        )
        db.notify("a", "2")
        wait_for(lambda: found)
    reading.join(timeout=10)
    assert not reading.is_alive()
    assert payloads(found) == ["2"]
    assert [each.name for each in threading.enumerate() if "listen" in each.name] == []
    wait_for(lambda: not listeners(fresh_database))


def test_a_note_is_pushed_to_a_websocket(fresh_database: str) -> None:
    times = asyncio.run(pushes(fresh_database, notes=20))
    assert len(times.bare) == len(times.ours) == 20
    assert min(times.bare + times.ours) > 0
