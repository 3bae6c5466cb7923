"""Statements that are sent by the driver's protocol itself: what they do when tables change, nobody answers or the
driver is another one is what its own calls do."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest

from pgarchitect.access import failures
from pgarchitect.access.aio import connection, direct
from pgarchitect.access.options import PoolOptions
from tests.access_lab import client, create
from tests.access_live import ENTRIES, ask, until

Work = Callable[[Any], Awaitable[None]]
CHANGE = 'ALTER TABLE "Entry" ALTER points TYPE bigint'


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(ENTRIES, tmp_path_factory.mktemp("client"), "direct_client")


@pytest.fixture
def database(fresh_database: str) -> str:
    create(fresh_database, ENTRIES)
    ask(fresh_database, "INSERT INTO \"Entry\" (name) VALUES ('a')")
    return fresh_database


def used(module: ModuleType, database: str, work: Work, **options: Any) -> None:
    async def go() -> None:
        async with module.AsyncDatabase(database, PoolOptions(max_size=1, **options)) as db:
            assert (await db.entry.get({"name": "a"})).points == 0
            await work(db)
            await until(lambda: db.pool.free == db.pool.size)

    asyncio.run(go())


def test_the_driver_that_is_installed_is_known() -> None:
    assert direct.is_known()


@pytest.mark.parametrize("known", [True, False])
def test_a_table_that_changes_is_read_on(
    database: str, entries: ModuleType, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(direct, "_KNOWN", known)

    async def work(db: Any) -> None:
        ask(database, CHANGE)
        assert (await db.entry.get({"name": "a"})).points == 0
        assert [each.points for each in await db.entry.find_many()] == [0]

    used(entries, database, work)


@pytest.mark.parametrize("known", [True, False])
def test_a_transaction_is_told_that_a_table_changed_and_the_next_one_reads_on(
    database: str, entries: ModuleType, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(direct, "_KNOWN", known)

    async def work(db: Any) -> None:
        ask(database, CHANGE)
        with pytest.raises(failures.StatementFailed, match="Cached statement plan") as raised:
            async with db.transaction() as tx:
                await tx.entry.get({"name": "a"})
        assert raised.value.sqlstate == "0A000"
        async with db.transaction() as tx:
            assert (await tx.entry.get({"name": "a"})).points == 0

    used(entries, database, work)


def test_nobody_waits_for_a_server_that_does_not_answer(
    database: str, entries: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER", 0.2)

    async def work(db: Any) -> None:
        pid = (await db.query("SELECT pg_backend_pid() AS pid"))[0]["pid"]
        task = asyncio.current_task()
        assert task is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(failures.StatementTimedOut, match="not known"):
                await db.entry.get({"name": "a"})
            assert not task.cancelling()
            assert (await db.query("SELECT pg_backend_pid() AS pid"))[0]["pid"] != pid
        finally:
            os.kill(pid, signal.SIGCONT)

    used(entries, database, work, statement_timeout=0.2)


def test_who_leaves_while_the_server_does_not_answer_is_no_timeout(
    database: str, entries: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER", 0.4)

    async def work(db: Any) -> None:
        pid = (await db.query("SELECT pg_backend_pid() AS pid"))[0]["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(TimeoutError) as raised:
                async with asyncio.timeout(0.05):
                    await db.entry.get({"name": "a"})
            assert not isinstance(raised.value, failures.AccessError)
        finally:
            os.kill(pid, signal.SIGCONT)

    used(entries, database, work, statement_timeout=0.2)


def test_each_statement_has_its_own_time(database: str, entries: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER", 0.0)

    async def work(db: Any) -> None:
        for _ in range(6):  # together longer than one may take
            assert await db.query("SELECT pg_sleep(0.2) AS slept")

    used(entries, database, work, statement_timeout=0.6)


def test_more_texts_than_stay_prepared(database: str, entries: ModuleType) -> None:
    async def work(db: Any) -> None:
        for _ in range(3):
            for number in range(5):
                assert await db.query(f"SELECT {number} AS n") == [{"n": number}]
        kept = await db.query("SELECT count(*) AS n FROM pg_prepared_statements")
        assert kept[0]["n"] <= 4

    used(entries, database, work, statement_cache=2)
