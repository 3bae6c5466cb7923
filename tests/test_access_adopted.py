"""A connection of psycopg that somebody has already, used by a generated client: it stays what it is."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pgarchitect.access.aio import connection as asynchronous
from pgarchitect.access.failures import ConnectionLost, ServerUnreachable, TransactionLost, UniqueViolated
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.sync import connection as threads
from pgarchitect.access.sync.adopted import Spelling, adopted
from tests.access_lab import client, create

NOTES = """
datasource db {
  provider = "postgresql"
}

model Note {
  id   Int    @id
  text String
  more Json   @default("{}")
}
"""
Raw = psycopg.Connection[dict[str, Any]]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(NOTES, tmp_path_factory.mktemp("client"), "notes_client")


@pytest.fixture
def raw(fresh_database: str) -> Iterator[Raw]:
    """Rows as dictionaries, which the data layer must not be misled by."""
    create(fresh_database, NOTES)
    with psycopg.connect(fresh_database, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def database(module: ModuleType, raw: Raw, spelled: Spelling | None = None) -> Any:
    return module.Database("", PoolOptions(max_size=1), connect=lambda: adopted(raw, spelled))


def test_a_pool_opens_connections_as_it_is_told(raw: Raw, notes: ModuleType, fresh_database: str) -> None:
    """In both worlds."""
    opened = []

    def open_one() -> threads.Connection:
        opened.append("threads")
        return threads.connect(fresh_database, PoolOptions())

    async def await_one() -> asynchronous.Connection:
        opened.append("asyncio")
        return await asynchronous.connect(fresh_database, PoolOptions())

    async def count() -> int:
        async with notes.AsyncDatabase("", PoolOptions(min_size=2), connect=await_one) as db:
            return int(await db.note.count())

    with notes.Database("", PoolOptions(min_size=2), connect=open_one) as db:
        assert db.note.count() == 0
    assert asyncio.run(count()) == 0
    assert opened == ["threads", "threads", "asyncio", "asyncio"]


def test_session_and_conversions_stay_as_they_were(raw: Raw, notes: ModuleType) -> None:
    raw.execute("SET application_name = 'mine'; SELECT pg_advisory_lock(42)")
    with database(notes, raw) as db:
        db.note.insert({"id": 1, "text": "a", "more": {"n": [1, 2.5]}})
        db.note.insert_many([{"id": 2, "text": "b", "more": {"copied": True}}])
        assert [each.more for each in db.note.find_many(order_by={"id": "asc"})] == [{"n": [1, 2.5]}, {"copied": True}]
        own = "SELECT current_setting('application_name') AS name, count(*) AS locks FROM pg_locks WHERE objid = 42"
        assert db.query(own) == [{"name": "mine", "locks": 1}]
        assert raw.execute(own).fetchone() == {"name": "mine", "locks": 1}
        assert raw.execute("SELECT %s AS more", (Jsonb({"a": 1}),)).fetchone() == {"more": {"a": 1}}


def test_every_statement_is_sent_as_it_is_spelled(raw: Raw, notes: ModuleType) -> None:
    sent = []

    def spelled(statement: str) -> str:
        sent.append(statement)
        return f"{statement} /* mine */"

    with database(notes, raw, spelled) as db:
        with db.transaction() as tx, tx.savepoint() as inner:
            inner.note.insert_many([{"id": 1, "text": "a"}])
            told = "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()"
            assert inner.query(told) == [{"query": f"{told} /* mine */"}]
        with pytest.raises(UniqueViolated), db.transaction() as tx:
            tx.note.insert({"id": 1, "text": "again"})
    words = [each.split()[0] for each in sent]
    assert words == ["BEGIN", "SAVEPOINT", "COPY", "SELECT", "RELEASE", "COMMIT", "BEGIN", "INSERT", "ROLLBACK"]


def test_what_the_server_says_unasked_is_no_reason_to_close_it(
    raw: Raw, notes: ModuleType, fresh_database: str
) -> None:
    raw.execute("LISTEN feed")
    with database(notes, raw) as db, psycopg.connect(fresh_database, autocommit=True) as other:
        assert db.note.count() == 0
        other.execute("NOTIFY feed")
        assert db.note.count() == 0
        assert [note.channel for note in raw.notifies(timeout=5, stop_after=1)] == ["feed"]


def test_one_that_breaks_is_not_replaced(raw: Raw, notes: ModuleType, fresh_database: str) -> None:
    with database(notes, raw) as db, psycopg.connect(fresh_database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (raw.info.backend_pid,))
        with pytest.raises(ConnectionLost, match="administrator") as raised:
            db.note.count()
        assert not raised.value.is_outcome_known
        for _ in range(2):
            with pytest.raises(ServerUnreachable, match="the connection is closed"):
                db.note.count()


def test_one_that_breaks_within_a_savepoint_says_why(raw: Raw, notes: ModuleType, fresh_database: str) -> None:
    def broken(db: Any, other: psycopg.Connection[Any]) -> None:
        with db.transaction() as tx, tx.savepoint() as inner:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", (raw.info.backend_pid,))
            inner.note.count()

    with database(notes, raw) as db, psycopg.connect(fresh_database, autocommit=True) as other:
        with pytest.raises(TransactionLost, match="administrator"):
            broken(db, other)
        assert raw.closed


def test_one_that_its_owner_left_in_a_transaction_is_not_written_to(raw: Raw, notes: ModuleType) -> None:
    with database(notes, raw) as db:
        raw.execute("BEGIN")
        with pytest.raises(ServerUnreachable):
            db.note.insert({"id": 1, "text": "a"})
        assert raw.closed


def test_it_is_closed_with_its_database(raw: Raw, notes: ModuleType) -> None:
    with database(notes, raw):
        pass
    assert raw.closed
    with pytest.raises(ServerUnreachable), database(notes, raw):
        pass


def test_a_client_for_threads_alone_has_nothing_of_asyncio(tmp_path: Path, cli: Any) -> None:
    schema, file = tmp_path / "schema.prisma", tmp_path / "client.py"
    schema.write_text(NOTES, encoding="utf-8")
    for only, wanted in (
        ("threads", {"Database"}),
        ("asyncio", {"AsyncDatabase"}),
        ("", {"Database", "AsyncDatabase"}),
    ):
        file.unlink(missing_ok=True)
        words = ["schema", "client", str(file), "--schema", str(schema), *(["--only", only] if only else [])]
        assert cli(*words).returncode == 0
        text = file.read_text(encoding="utf-8")
        assert {name for name in ("Database", "AsyncDatabase") if f"\nclass {name}(" in text} == wanted
        assert ("access.aio" in text) is ("AsyncDatabase" in wanted)
        assert ("access.sync" in text) is ("Database" in wanted)
        assert cli(*words, "--check").returncode == 0
        compile(text, str(file), "exec")
