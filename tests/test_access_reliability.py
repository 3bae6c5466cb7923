"""The client when servers restart, sessions are killed, pools are empty and callers leave: nothing is lost, doubled or
leaked, and every error says what happened."""

import asyncio
import os
import re
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pgarchitect.access import failures
from pgarchitect.access.aio import connection
from pgarchitect.access.options import PoolOptions
from pgarchitect.settings import Settings
from tests.access_lab import client, create, opened
from tests.access_live import ENTRIES, SLOW_COMMIT, ask, kill, running, sessions, until
from tests.embedded_lab import wait_for
from tests.scratch_server import ScratchServer, scratch_server


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(ENTRIES, tmp_path_factory.mktemp("client"), "entries_client")


@pytest.fixture
def database(fresh_database: str) -> str:
    create(fresh_database, ENTRIES)
    return fresh_database


@pytest.fixture(scope="module")
def scratch(settings: Settings) -> Iterator[ScratchServer]:
    with scratch_server(settings) as running:
        create(running.url(), ENTRIES)
        yield running


def used(
    module: ModuleType, database: str, work: Callable[[Any], Awaitable[None]], *, loop: str = "asyncio", **options: Any
) -> None:
    """Run something with the asynchronous database; afterwards no connection is left."""

    async def go() -> None:
        async with module.AsyncDatabase(database, PoolOptions(**options)) as db:
            await work(db)
            await until(lambda: db.pool.free == db.pool.size)
        assert db.pool.size == 0

    asyncio.run(go())
    wait_for(lambda: not sessions(database))


def test_an_idle_session_that_was_killed_is_replaced(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        assert kill(database) == 3
        await asyncio.sleep(0.05)
        await asyncio.gather(*(db.entry.insert({"name": str(number)}) for number in range(10)))
        assert await db.entry.count() == 10

    used(entries, database, work, min_size=3)


def test_an_idle_session_that_was_killed_is_replaced_for_threads(database: str, entries: ModuleType) -> None:
    with opened(entries, database, min_size=3) as db:
        assert kill(database) == 3
        for number in range(10):
            db.entry.insert({"name": str(number)})
        assert db.entry.count() == 10
        assert db.pool.size == db.pool.free


def test_a_session_that_is_killed_while_its_statement_runs_says_that_the_outcome_is_unknown(
    database: str, entries: ModuleType
) -> None:
    async def work(db: Any) -> None:
        task = await running(database, db.execute("SELECT pg_sleep(60)"))
        assert kill(database, "active") == 1
        with pytest.raises(failures.ConnectionLost, match="not known") as raised:
            await task
        assert not raised.value.is_outcome_known
        assert raised.value.sqlstate == "57P01"
        assert await db.entry.count() == 0

    used(entries, database, work)


def test_a_thread_whose_session_is_killed_is_told(database: str, entries: ModuleType) -> None:
    with opened(entries, database, max_size=1) as db:
        killer = threading.Thread(target=lambda: wait_for(lambda: kill(database, "active")))
        killer.start()
        with pytest.raises(failures.ConnectionLost, match="not known"):
            db.execute("SELECT pg_sleep(60)")
        killer.join()
        assert db.entry.count() == 0
        with pytest.raises(failures.TransactionLost), db.transaction() as tx:  # noqa: PT012  # all of it is the point
            tx.entry.insert({"name": "a"})
            kill(database)
            tx.entry.insert({"name": "b"})
        assert db.entry.count() == 0


SLOW_ROW = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON "Entry" FOR EACH ROW WHEN (NEW.points = 1) EXECUTE FUNCTION wait()
"""
MANY = [{"name": f"{number}{'x' * 2_000}", "points": int(number == 100)} for number in range(2_000)]
"""More than buffers hold: when the server waits for the hundredth row, most of it is still to be sent."""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_session_that_is_killed_in_the_middle_of_a_copy_is_told(
    database: str, entries: ModuleType, loop: str
) -> None:
    ask(database, SLOW_ROW)

    async def work(db: Any) -> None:
        task = await running(database, db.entry.insert_many(MANY))
        assert kill(database, "active") == 1
        with pytest.raises(failures.ConnectionLost, match="not known"):
            await task
        assert await db.entry.count() == 0
        task = await running(database, db.entry.insert_many(MANY))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not sessions(database, "active"))
        assert await db.entry.count() == 0

    used(entries, database, work, loop=loop, max_size=1)


def test_a_thread_whose_session_is_killed_in_the_middle_of_a_copy_is_told(database: str, entries: ModuleType) -> None:
    ask(database, SLOW_ROW)
    with opened(entries, database, max_size=1) as db:
        killer = threading.Thread(target=lambda: wait_for(lambda: kill(database, "active")))
        killer.start()
        with pytest.raises(failures.ConnectionLost, match="not known"):
            db.entry.insert_many(MANY)
        killer.join()
        assert db.entry.count() == 0


def test_a_transaction_whose_session_is_killed_wrote_nothing_and_is_run_again(
    database: str, entries: ModuleType
) -> None:
    async def work(db: Any) -> None:
        runs = []

        async def twice(tx: Any) -> None:
            runs.append(1)
            await tx.entry.insert({"name": "a"})
            if len(runs) == 1:
                assert kill(database, "idle in transaction") == 1
            await tx.entry.insert({"name": "b"})

        with pytest.raises(failures.TransactionLost, match="run it again") as raised:
            async with db.transaction() as tx:
                await twice(tx)
        assert raised.value.is_outcome_known
        assert await db.entry.count() == 0
        runs.clear()
        await db.in_transaction(twice)
        assert len(runs) == 2
        assert await db.entry.count() == 2

    used(entries, database, work)


def test_a_commit_that_is_killed_has_an_unknown_outcome_and_is_not_run_again(
    database: str, entries: ModuleType
) -> None:
    ask(database, SLOW_COMMIT)

    async def work(db: Any) -> None:
        runs = []

        async def once(tx: Any) -> None:
            runs.append(1)
            await tx.entry.insert({"name": "a"})

        task = await running(database, db.in_transaction(once))
        await until(lambda: ask(database, "SELECT FROM pg_stat_activity WHERE state = 'active' AND query = 'COMMIT'"))
        assert kill(database, "active") == 1
        with pytest.raises(failures.ConnectionLost) as raised:
            await task
        assert not raised.value.is_outcome_known
        assert runs == [1]

    used(entries, database, work)


def test_a_transaction_that_an_error_ended_is_not_taken_for_committed(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        await db.entry.insert({"name": "a"})
        with pytest.raises(failures.TransactionBroken):  # noqa: PT012  # all of it is the point
            async with db.transaction() as tx:
                await tx.entry.insert({"name": "b"})
                with pytest.raises(failures.UniqueViolated):
                    await tx.entry.insert({"name": "a"})
        with pytest.raises(failures.TransactionBroken):  # noqa: PT012  # all of it is the point
            async with db.transaction() as tx:
                with pytest.raises(failures.UniqueViolated):
                    await tx.entry.insert({"name": "a"})
                await tx.entry.insert({"name": "c"})
        assert await db.entry.count() == 1

    used(entries, database, work)
    with opened(entries, database) as db:
        with pytest.raises(failures.TransactionBroken), db.transaction() as tx:  # noqa: PT012  # as above
            tx.entry.insert({"name": "b"})
            with pytest.raises(failures.UniqueViolated):
                tx.entry.insert({"name": "a"})
        assert db.entry.count() == 1


@pytest.mark.parametrize("world", ["asyncio", "threads"])
def test_a_restart_of_the_server_loses_and_doubles_nothing(
    scratch: ScratchServer, entries: ModuleType, world: str
) -> None:
    ask(scratch.url(), 'TRUNCATE "Entry"')
    outcomes: dict[str, list[str]] = {"written": [], "not written": [], "unknown": []}

    def note(name: str, error: failures.AccessError | None) -> None:
        if error is None:
            outcomes["written"].append(name)
        else:
            assert isinstance(error, failures.ConnectionLost), error
            outcomes["not written" if error.is_outcome_known else "unknown"].append(name)

    if world == "asyncio":
        asyncio.run(_writes(entries, scratch, note))
    else:
        _writes_of_threads(entries, scratch, note)
    names = [name for (name,) in ask(scratch.url(), 'SELECT name FROM "Entry"')]
    assert len(names) == len(set(names))
    assert set(names) >= set(outcomes["written"])
    assert not set(names) & set(outcomes["not written"])
    assert not set(names) - set(outcomes["written"]) - set(outcomes["unknown"])
    assert outcomes["not written"]
    assert "after" in outcomes["written"]


Noting = Callable[[str, failures.AccessError | None], None]


async def _writes(entries: ModuleType, scratch: ScratchServer, note: Noting) -> None:
    over = asyncio.Event()

    async def write(writer: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            name = f"{writer}-{number}"
            try:
                if number % 2:
                    await db.entry.insert({"name": name})
                else:
                    async with db.transaction() as tx:
                        await tx.entry.insert({"name": name})
                note(name, None)
            except failures.AccessError as error:
                note(name, error)
                await asyncio.sleep(0.01)

    async with entries.AsyncDatabase(scratch.url(), PoolOptions(max_size=4)) as db:
        writers = [asyncio.create_task(write(number)) for number in range(8)]
        await until(lambda: ask(scratch.url(), 'SELECT FROM "Entry" LIMIT 1'))
        await asyncio.to_thread(scratch.restart)
        await asyncio.sleep(0.2)
        over.set()
        await asyncio.gather(*writers)
        await db.entry.insert({"name": "after"})
        note("after", None)
        assert db.pool.size == db.pool.free <= 4


def _writes_of_threads(entries: ModuleType, scratch: ScratchServer, note: Noting) -> None:
    over = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            name = f"{writer}-{number}"
            try:
                if number % 2:
                    db.entry.insert({"name": name})
                else:
                    with db.transaction() as tx:
                        tx.entry.insert({"name": name})
                note(name, None)
            except failures.AccessError as error:
                note(name, error)
                over.wait(0.01)

    with opened(entries, scratch.url(), max_size=4) as db:
        writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        for each in writers:
            each.start()
        wait_for(lambda: ask(scratch.url(), 'SELECT FROM "Entry" LIMIT 1'))
        scratch.restart()
        over.wait(0.2)
        over.set()
        for each in writers:
            each.join()
        db.entry.insert({"name": "after"})
        note("after", None)
        assert db.pool.size == db.pool.free <= 4


def test_a_server_that_is_not_there_is_told_by_name(entries: ModuleType) -> None:
    async def go() -> None:
        async with entries.AsyncDatabase("postgresql://x@127.0.0.1:1/x"):
            pass

    with pytest.raises(failures.ServerUnreachable, match="nothing was sent"):
        asyncio.run(go())
    with (
        pytest.raises(failures.ServerUnreachable, match="nothing was sent"),
        opened(entries, "postgresql://x@127.0.0.1:1/x"),
    ):
        pass


def test_an_exhausted_pool_says_what_to_do_after_a_bounded_wait(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        async with db.transaction(), db.transaction():
            with pytest.raises(failures.PoolExhausted, match="raise the pool's size"):
                await db.entry.count()
            waiting = [asyncio.create_task(db.entry.count()) for _ in range(4)]
            await asyncio.sleep(0)
            assert db.pool.waiting == 3
            told = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(each) for each in told] == [failures.PoolExhausted] * 4
        assert await db.entry.count() == 0

    used(entries, database, work, max_size=2, timeout=0.1, max_waiting=3)
    with (
        opened(entries, database, max_size=1, timeout=0.1) as db,
        db.transaction(),
        pytest.raises(failures.PoolExhausted, match="raise the pool's size"),
    ):
        db.entry.count()


def test_a_statement_of_a_caller_that_left_is_ended_on_the_server(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        task = await running(database, db.execute("SELECT pg_sleep(60)"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not sessions(database, "active"))
        assert await db.entry.count() == 0
        assert db.pool.size == 1

    used(entries, database, work, max_size=1)


async def _two(db: Any, name: str) -> None:
    async with db.transaction() as tx:
        await tx.entry.insert({"name": name})
        async with tx.savepoint() as part:
            await part.entry.insert({"name": f"{name}+"})


CANCELLED: dict[str, Callable[[Any, str], Awaitable[Any]]] = {
    "read": lambda db, _: db.entry.find_many(),
    "key": lambda db, name: db.entry.find_unique({"name": name}),
    "write": lambda db, name: db.entry.insert({"name": name}),
    "copy": lambda db, name: db.entry.insert_many([{"name": name}, {"name": f"{name}+"}]),
    "messages": lambda db, name: db.entry.insert_many(
        [{"name": name}, *({"name": f"{name}-{number}"} for number in range(500)), {"name": f"{name}+"}]
    ),
    "transaction": _two,
}


@pytest.mark.parametrize("operation", CANCELLED)
def test_a_caller_may_leave_at_any_point(database: str, entries: ModuleType, operation: str) -> None:
    """Cancelled after each number of turns of the loop; others go on, on as many connections as before."""

    async def work(db: Any) -> None:
        for turns in [*range(25), *range(25, 100, 5)]:
            task = asyncio.ensure_future(CANCELLED[operation](db, str(turns)))
            others = [asyncio.create_task(db.entry.count()) for _ in range(3)]
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            told = await asyncio.gather(task, *others, return_exceptions=True)
            assert not [each for each in told[1:] if isinstance(each, BaseException)], told
            assert not isinstance(told[0], Exception), told
            if turns % 10 == 0:
                kill(database, "idle")  # so connections are opened anew in some turns
        await until(lambda: db.pool.free == db.pool.size)
        assert not sessions(database, "idle in%")
        names = {each.name for each in await db.entry.find_many() if "-" not in each.name}
        assert await db.entry.count() == len(names) + (250 * len(names) if operation == "messages" else 0)
        if operation in {"copy", "messages", "transaction"}:
            assert names == {f"{each.rstrip('+')}{end}" for each in names for end in ("", "+")}
        await db.entry.insert({"name": "after"})
        assert ask(database, "SELECT FROM \"Entry\" WHERE name = 'after'")

    used(entries, database, work, max_size=2)


def test_a_thousand_callers_at_once(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        async def one(number: int) -> int:
            made = await db.entry.insert({"name": str(number)})
            await db.entry.update(where={"id": made.id}, data={"points": {"increment": number}})
            return int((await db.entry.get({"name": str(number)})).points)

        assert await asyncio.gather(*map(one, range(1_000))) == list(range(1_000))
        assert db.pool.size <= 8
        assert sessions(database) <= 8
        assert ask(database, 'SELECT count(*), sum(points) FROM "Entry"') == [(1_000, 499_500)]

    used(entries, database, work, max_size=8)


def test_a_thousand_threads_wait_their_turn(database: str, entries: ModuleType) -> None:
    with opened(entries, database, max_size=4, timeout=60) as db:
        threads = [
            threading.Thread(target=lambda number=number: db.entry.insert({"name": str(number)}))
            for number in range(1_000)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert db.entry.count() == 1_000
        assert db.pool.size <= 4


def test_threads_at_work_while_the_pool_is_closed_leave_nothing_open(database: str, entries: ModuleType) -> None:
    def work(db: Any, ended: list[Exception]) -> None:
        try:
            while True:
                db.entry.count()
        except failures.AccessError as error:
            ended.append(error)

    for size in (2, 8):
        ended: list[Exception] = []
        with opened(entries, database, max_size=size) as db:
            threads = [threading.Thread(target=work, args=(db, ended)) for _ in range(8)]
            for each in threads:
                each.start()
            wait_for(lambda: db.pool.size == size)  # noqa: B023  # called at once
        for each in threads:
            each.join()
        assert len(ended) == len(threads)
        assert (db.pool.size, db.pool.free, db.pool.waiting) == (0, 0, 0)
        wait_for(lambda: not sessions(database))


def test_connections_are_replaced_when_their_time_is_up(database: str, entries: ModuleType) -> None:
    async def pid(db: Any) -> int:
        [row] = await db.query("SELECT pg_backend_pid() AS pid")
        return int(row["pid"])

    async def work(db: Any) -> None:
        first = await pid(db)
        assert await pid(db) == first
        await asyncio.sleep(0.3)
        assert await pid(db) != first
        await until(lambda: sessions(database) == 1)

    used(entries, database, work, max_lifetime=0.25)
    with opened(entries, database, max_lifetime=0.0) as db:
        pids = {db.query("SELECT pg_backend_pid() AS pid")[0]["pid"] for _ in range(3)}
        assert len(pids) == 3
        wait_for(lambda: sessions(database) == 0)


def test_a_statement_that_takes_too_long_is_ended_by_the_server(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        with pytest.raises(failures.StatementTimedOut, match="time-out"):
            await db.execute("SELECT pg_sleep(60)")
        assert await db.entry.count() == 0

    used(entries, database, work, statement_timeout=0.1, max_size=1)


def test_a_server_that_does_not_answer_is_given_up(
    database: str, entries: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER", 0.3)

    async def work(db: Any) -> None:
        [row] = await db.query("SELECT pg_backend_pid() AS pid")
        os.kill(row["pid"], signal.SIGSTOP)
        try:
            with pytest.raises(failures.StatementTimedOut, match="not known"):
                await db.entry.insert({"name": "a"})
            assert await db.entry.count() == 0
            assert (await db.query("SELECT pg_backend_pid() AS pid"))[0]["pid"] != row["pid"]
        finally:
            os.kill(row["pid"], signal.SIGCONT)

    used(entries, database, work, statement_timeout=0.3, max_size=1)


def test_a_transaction_that_idles_for_too_long_is_ended_by_the_server(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        with pytest.raises(failures.TransactionLost):  # noqa: PT012  # all of it is the point
            async with db.transaction() as tx:
                await tx.entry.insert({"name": "a"})
                await until(lambda: not sessions(database, "idle in transaction"))
                await tx.entry.insert({"name": "b"})
        assert await db.entry.count() == 0

    used(entries, database, work, idle_in_transaction_timeout=0.2)


def test_who_may_not_is_told_by_name(database: str, entries: ModuleType) -> None:
    ask(database, "DROP ROLE IF EXISTS guest")
    ask(database, "CREATE ROLE guest LOGIN")
    ask(database, 'GRANT SELECT ON "Entry" TO guest')
    as_guest = database.replace("//postgres@", "//guest@").replace("//pgarchitect@", "//guest@")
    assert as_guest != database
    try:
        with opened(entries, as_guest) as db:
            assert db.entry.count() == 0
            with pytest.raises(failures.AccessDenied, match="grant"):
                db.entry.insert({"name": "a"})
        ask(database, f"ALTER DATABASE {database.rpartition('/')[2].partition('?')[0]} CONNECTION LIMIT 0")
        for world in ("threads", "asyncio"):
            with pytest.raises(failures.TooManyConnections, match="nothing was sent"):
                _open(entries, as_guest, world)
            with pytest.raises(failures.AccessDenied):
                _open(entries, as_guest.replace("//guest@", "//nobody@"), world)
            with pytest.raises(failures.ServerUnreachable, match="does not exist"):
                _open(entries, database.replace("/test_", "/no_test_"), world)
    finally:
        ask(database, "DROP OWNED BY guest; DROP ROLE guest")


def _open(module: ModuleType, database: str, world: str) -> None:
    async def go() -> None:
        async with module.AsyncDatabase(database):
            pass

    if world == "asyncio":
        asyncio.run(go())
    else:
        with module.Database(database):
            pass


def test_a_server_that_only_reads_says_so(database: str, entries: ModuleType) -> None:
    ask(
        database,
        f"ALTER DATABASE {database.rpartition('/')[2].partition('?')[0]} SET default_transaction_read_only = on",
    )

    async def work(db: Any) -> None:
        with pytest.raises(failures.ReadOnlyRefused, match="primary"):
            await db.entry.insert({"name": "a"})
        with pytest.raises(failures.ReadOnlyRefused):
            await db.entry.insert_many([{"name": "a"}])
        assert await db.entry.count() == 0

    used(entries, database, work)


@pytest.mark.parametrize("world", ["asyncio", "threads"])
def test_a_column_that_changes_under_prepared_statements(database: str, entries: ModuleType, world: str) -> None:
    async def work(db: Any) -> None:
        await db.entry.insert({"name": "a"})
        assert (await db.entry.get({"name": "a"})).points == 0
        ask(database, 'ALTER TABLE "Entry" ALTER points TYPE bigint')
        assert (await db.entry.get({"name": "a"})).points == 0

    if world == "asyncio":
        used(entries, database, work, max_size=1)
        return
    with opened(entries, database, max_size=1) as db:
        db.entry.insert({"name": "a"})
        assert db.entry.get({"name": "a"}).points == 0
        ask(database, 'ALTER TABLE "Entry" ALTER points TYPE bigint')
        assert db.entry.get({"name": "a"}).points == 0


def test_a_slow_reader_of_a_stream_holds_no_connection(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        await db.entry.insert_many([{"name": str(number)} for number in range(10)])
        seen = 0
        async for _ in db.entry.stream(batch=3):
            seen += 1
            assert db.pool.free == db.pool.size
            assert not sessions(database, "active")
        assert seen == 10

    used(entries, database, work, max_size=1)


def test_a_database_that_is_closed_leaves_nobody_waiting(database: str, entries: ModuleType) -> None:
    async def go() -> None:
        async with entries.AsyncDatabase(database, PoolOptions(max_size=1)) as db:
            busy = await running(database, db.execute("SELECT pg_sleep(60)"))
            waiting = asyncio.create_task(db.entry.count())
            opening = asyncio.create_task(db.entry.count())
            await asyncio.sleep(0)
        told = await asyncio.gather(busy, waiting, opening, return_exceptions=True)
        assert [type(each) for each in told] == [
            failures.StatementCancelled,
            failures.PoolClosed,
            failures.PoolClosed,
        ]
        assert db.pool.size == 0

    asyncio.run(go())
    wait_for(lambda: not sessions(database))


def test_every_error_of_the_data_layer_stands_on_its_page() -> None:
    kinds = {
        name for name, each in vars(failures).items() if isinstance(each, type) and each.__module__ == failures.__name__
    }
    page = (Path(__file__).parent.parent / "docs" / "data-layer-reliability.md").read_text(encoding="utf-8")
    told = {
        name for row in re.findall(r"^\| (`\w+`.*?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert told == kinds - {"AccessError"}
