"""The client through PgBouncer in transaction mode: with few server connections for many clients, nothing mixes."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pgarchitect.access import failures
from pgarchitect.access.options import PoolOptions
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.settings import Settings
from tests.access_lab import EVERYTHING, client, create, opened
from tests.access_live import ENTRIES, ask
from tests.embedded_lab import open_folder, wait_for
from tests.scratch_server import ScratchServer, free_port, scratch_server

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
WITHOUT = PoolOptions(pooler=True, prepared=False, max_size=8)
WITH = PoolOptions(pooler=True, max_size=8)


def version() -> tuple[int, ...]:
    if PROGRAM is None:
        pytest.skip("PgBouncer is not installed (Debian package pgbouncer)")
    told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", told)
    assert found is not None
    return tuple(map(int, found.groups()))


@pytest.fixture(scope="module")
def scratch(settings: Settings) -> Iterator[ScratchServer]:
    version()
    with scratch_server(settings) as running:
        create(running.url(), ENTRIES)
        ask(running.url(), "CREATE DATABASE everything")
        create(running.url("everything"), EVERYTHING)
        yield running


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(ENTRIES, tmp_path_factory.mktemp("client"), "entries_client")


@contextmanager
def pgbouncer(scratch: ScratchServer, settings: Settings, **values: object) -> Iterator[str]:
    """URL of a running PgBouncer in transaction mode in front of a server."""
    assert PROGRAM is not None
    account, port = ServerAccount.of(settings), free_port()
    with open_folder() as folder:
        account.own(folder)
        path = folder / "pgbouncer.ini"
        told = {
            "listen_addr": "127.0.0.1",
            "listen_port": port,
            "auth_type": "any",
            "pool_mode": "transaction",
            "default_pool_size": 2,
            "max_client_conn": 200,
            "unix_socket_dir": "",
            "logfile": folder / "log",
            **values,
        }
        database = f"* = host=127.0.0.1 port={scratch.port} user=postgres"
        lines = [f"{name} = {value}" for name, value in told.items()]
        path.write_text("\n".join(["[databases]", database, "[pgbouncer]", *lines, ""]), encoding="utf-8")
        process = account.spawn([PROGRAM, path], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            wait_for(lambda: "process up" in _log(folder / "log"))
            yield f"postgresql://postgres@127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(timeout=10)


def _log(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("prepared", [False, True])
def test_many_clients_share_few_sessions_and_nothing_mixes(
    scratch: ScratchServer, settings: Settings, entries: ModuleType, prepared: bool
) -> None:
    if prepared and version() < (1, 21):
        pytest.skip("PgBouncer keeps prepared statements apart from 1.21 on")
    more: dict[str, object] = {"max_prepared_statements": 100} if prepared else {}
    ask(scratch.url(), 'TRUNCATE "Entry"')
    with pgbouncer(scratch, settings, **more) as url:
        asyncio.run(_mixed(entries, f"{url}postgres", WITH if prepared else WITHOUT))
        asyncio.run(_mixed(entries, f"{url}postgres", WITH if prepared else WITHOUT, coalesce=True))
        options = WITH if prepared else WITHOUT
        with entries.Database(f"{url}postgres", options) as db:
            with db.transaction() as tx:
                made = tx.entry.insert({"name": "threads"})
                tx.entry.update(where={"id": made.id}, data={"points": 7})
            with pytest.raises(failures.UniqueViolated), db.transaction() as tx:
                tx.entry.insert({"name": "threads"})
            assert db.entry.get({"name": "threads"}).points == 7
            assert db.entry.insert_many([{"name": f"c{i}"} for i in range(5)]) == 5
    [(count, least, most)] = ask(
        scratch.url(), "SELECT count(*), min(points), max(points) FROM \"Entry\" WHERE name LIKE '%%-%%'"
    )
    assert (count, least, most) == (320, 2, 2)
    [(sessions,)] = ask(scratch.url(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgarchitect'")
    assert sessions <= 2


async def _mixed(entries: ModuleType, url: str, options: PoolOptions, **more: Any) -> None:
    """Clients that read, write, and write in transactions, each its own rows."""

    async def one(db: Any, client: int) -> None:
        for number in range(10):
            name = f"{client}-{number}{more.get('coalesce', '')}"
            await db.entry.insert({"name": name})
            for _ in range(2):
                async with db.transaction() as tx:
                    found = await tx.entry.get({"name": name})
                    await tx.entry.update(where={"id": found.id}, data={"points": found.points + 1})
            assert (await db.entry.get({"name": name})).name == name
            assert await db.entry.count(where={"name": {"in": [name]}}) == 1

    async with (
        entries.AsyncDatabase(url, options, **more) as first,
        entries.AsyncDatabase(url, options, **more) as second,
    ):
        await asyncio.gather(*(one(db, client) for client, db in enumerate([first, second] * 8)))


def test_prismas_word_for_it_is_understood_and_every_type_passes(
    scratch: ScratchServer, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    things = client(EVERYTHING, tmp_path_factory.mktemp("client"), "things_client")
    row = {"texts": ["a"], "counts": [1], "moods": ["GLAD"], "mood": "so so", "json": {"a": 1}, "net": "10.0.0.0/8"}

    async def go(url: str) -> Any:
        async with things.AsyncDatabase(url) as db:
            await db.thing.insert_many_returning([row] * 3)
            return await db.thing.insert(row)

    with pgbouncer(scratch, settings) as url:
        made = asyncio.run(go(f"{url}everything?pgbouncer=true"))
        with things.Database(f"{url}everything?pgbouncer=true") as db:
            assert db.thing.get({"id": made.id}) == made
            with pytest.raises(failures.NoDirectConnection):
                db.listen("a")


def test_what_the_pooler_refuses_is_told(scratch: ScratchServer, settings: Settings, entries: ModuleType) -> None:
    with pgbouncer(scratch, settings, query_wait_timeout=1, default_pool_size=1) as url:
        for world in ("threads", "asyncio"):
            with pytest.raises(failures.ServerUnreachable, match="nothing was sent"):
                _open(entries, f"{url}no_such_database", world)
        with pytest.raises(failures.ServerUnreachable, match="startup parameter"):
            _open(entries, f"{url}postgres", "asyncio", PoolOptions())
        with opened(entries, f"{url}postgres", pooler=True, prepared=False) as db, db.transaction() as tx:
            tx.entry.count()
            with pytest.raises(failures.ConnectionLost, match="uery_wait_timeout"):
                db.entry.count()


def test_a_caller_that_leaves_ends_its_statement_through_the_pooler(
    scratch: ScratchServer, settings: Settings, entries: ModuleType
) -> None:
    busy = (
        "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%%pg_sleep%%' AND pid <> pg_backend_pid()"
    )

    async def go(url: str) -> None:
        async with entries.AsyncDatabase(url, WITHOUT) as db:
            task = asyncio.create_task(db.execute("SELECT pg_sleep(60)"))
            while not ask(scratch.url(), busy):
                await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            while ask(scratch.url(), busy):
                await asyncio.sleep(0.01)
            assert await db.entry.count() >= 0
        options = PoolOptions(pooler=True, prepared=False, statement_timeout=0.2)
        async with entries.AsyncDatabase(url, options) as db:
            with pytest.raises(failures.StatementTimedOut):
                await db.execute("SELECT pg_sleep(60)")
            while ask(scratch.url(), busy):
                await asyncio.sleep(0.01)

    with pgbouncer(scratch, settings) as url:
        asyncio.run(asyncio.wait_for(go(f"{url}postgres"), 30))


def _open(module: ModuleType, url: str, world: str, options: PoolOptions = WITHOUT) -> None:
    async def go() -> None:
        async with module.AsyncDatabase(url, options) as db:
            await db.entry.count()

    if world == "asyncio":
        asyncio.run(go())
    else:
        with module.Database(url, options) as db:
            db.entry.count()
