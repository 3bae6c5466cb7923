"""A small table, and what happens to a server and its sessions while a client uses it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import psycopg

from tests.access_lab import client, create

ENTRIES = """
datasource db {
  provider = "postgresql"
}

model Entry {
  id     BigInt @id @default(autoincrement())
  name   String @unique
  points Int    @default(0)
}
"""
SLOW_COMMIT = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON "Entry" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION wait()
"""


def entries(database: str, folder: Any) -> ModuleType:
    """The client of the table, which is made."""
    create(database, ENTRIES)
    return client(ENTRIES, folder, "entries_client")


def ask(database: str, text: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of a statement on a connection of its own."""
    with psycopg.connect(database, autocommit=True) as connection:
        found = connection.execute(text.encode(), values)
        return found.fetchall() if found.description is not None else []


def kill(database: str, state: str = "%", name: str = "pgarchitect") -> int:
    """Terminate the client's sessions of that state, and wait until they are gone; how many there were."""
    told = ask(
        database,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = %s AND state LIKE %s",
        name,
        state,
    )
    assert all(each for (each,) in told)
    return len(told)


def sessions(database: str, state: str = "%") -> int:
    """How many sessions of the client the server has in that state."""
    [(count,)] = ask(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pgarchitect'"
        " AND state LIKE %s",
        state,
    )
    return int(count)


async def until(condition: Callable[[], object], patience_s: float = 10.0) -> None:
    """Let the loop go on until something holds."""
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


async def running(database: str, work: Awaitable[Any], state: str = "active") -> "asyncio.Task[Any]":
    """A task whose statement the server is working on."""
    task: asyncio.Task[Any] = asyncio.ensure_future(work)
    await until(lambda: sessions(database, state))
    return task
