"""Reads of the same tick as one statement: with the results, the errors and the cancellations of single ones."""

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from pgarchitect.access import failures
from pgarchitect.access.aio import coalescing
from tests.access_lab import EVERYTHING, client, create, edfinance_text
from tests.access_live import ask, sessions, until

Work = Callable[[Any], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(edfinance_text(), tmp_path_factory.mktemp("client"), "school_client")


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(EVERYTHING, tmp_path_factory.mktemp("client"), "things_client")


@pytest.fixture
def users(fresh_database: str, school: ModuleType) -> str:
    create(fresh_database, edfinance_text())
    with school.Database(fresh_database) as db:
        db.user.insert_many([{"email": f"u{i}@x", "password_hash": "h", "name": {"n": i}} for i in range(1, 51)])
        db.course.insert_many([{"slug": f"s{i}", "title": {}, "category": "c"} for i in range(3)])
        db.enrolment.insert_many([{"user_id": i, "course_id": 1} for i in range(1, 9)])
    return fresh_database


def used(module: ModuleType, database: str, work: Work, *, coalesce: bool = True) -> None:
    async def go() -> None:
        async with module.AsyncDatabase(database, coalesce=coalesce) as db:
            ask(database, "SELECT pg_stat_statements_reset()")
            await work(db)
            assert db.pool.free == db.pool.size

    asyncio.run(go())


def statements(database: str) -> list[tuple[int, bool]]:
    """Calls of each read that the client has sent, and whether it reads many keys."""
    found = ask(
        database,
        "SELECT calls, query LIKE '%%unnest%%' FROM pg_stat_statements WHERE query LIKE 'SELECT t.%%' AND dbid ="
        " (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 2",
    )
    return [(int(calls), bool(many)) for calls, many in found]


def test_reads_of_one_tick_are_one_statement_and_find_what_single_ones_find(users: str, school: ModuleType) -> None:
    async def work(db: Any) -> None:
        single = [await db.user.find_unique({"id": i}) for i in (3, 99, 3, 50)]
        found = await asyncio.gather(*(db.user.find_unique({"id": i}) for i in (3, 99, 3, 50)))
        assert found == single
        assert found[1] is None
        assert found[0] is not found[2]
        assert found[0].name is not found[2].name
        assert statements(users) == [(4, False), (1, True)]

    used(school, users, work)


def test_each_table_and_key_has_its_own(users: str, school: ModuleType) -> None:
    async def work(db: Any) -> None:
        found = await asyncio.gather(
            *(db.user.get({"id": i}) for i in (1, 2)),
            *(db.user.get({"email": f"u{i}@x"}) for i in (3, 4)),
            *(db.enrolment.find_unique({"user_id": i, "course_id": 1}) for i in (5, 6, 9)),
            *(db.course.get({"id": i}) for i in (1, 2)),
            db.user.get({"id": 7}, include={"wallet": True}),
        )
        assert [each.id for each in found[:4]] == [1, 2, 3, 4]
        assert [each and each.user_id for each in found[4:7]] == [5, 6, None]
        assert [each.slug for each in found[7:9]] == ["s0", "s1"]
        assert found[9].wallet is None
        assert [many for _, many in statements(users)].count(True) == 4

    used(school, users, work)


def test_who_asks_for_nonsense_is_told_alone(users: str, school: ModuleType) -> None:
    async def work(db: Any) -> None:
        keys: list[Any] = [1, "x", 2, 2**70, None, 3]
        told = await asyncio.gather(*(db.user.find_unique({"id": key}) for key in keys), return_exceptions=True)
        assert [getattr(each, "id", type(each)) for each in told] == [
            1,
            failures.InvalidValue,
            2,
            failures.InvalidValue,
            type(None),
            3,
        ]
        told = await asyncio.gather(*(db.user.get({"id": i}) for i in (1, 999)), return_exceptions=True)
        assert isinstance(told[1], failures.NotFound)

    used(school, users, work)


def test_one_that_leaves_leaves_the_others_and_the_last_one_ends_the_statement(users: str, school: ModuleType) -> None:
    async def work(db: Any) -> None:
        tasks = [asyncio.create_task(db.user.get({"id": i})) for i in range(1, 6)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert [getattr(each, "id", None) for each in told] == [1, 2, None, 4, 5]
        async with db.transaction() as tx:
            await tx.execute("LOCK TABLE users")
            tasks = [asyncio.create_task(db.user.get({"id": i})) for i in range(1, 6)]
            await until(lambda: sessions(users, "active"))
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await until(lambda: not sessions(users, "active"))
        for turns in range(30):
            tasks = [asyncio.create_task(db.user.get({"id": i})) for i in (1, 2)]
            for _ in range(turns):
                await asyncio.sleep(0)
            tasks[0].cancel()
            told = await asyncio.gather(*tasks, return_exceptions=True)
            assert getattr(told[1], "id", told[1]) == 2
        await until(lambda: db.pool.free == db.pool.size)

    used(school, users, work)


def test_errors_of_the_server_reach_every_caller(users: str, school: ModuleType) -> None:
    async def work(db: Any) -> None:
        ask(users, "ALTER TABLE users RENAME TO others")
        told = await asyncio.gather(*(db.user.get({"id": i}) for i in (1, 2, 3)), return_exceptions=True)
        assert [type(each) for each in told] == [failures.StatementFailed] * 3
        assert len({id(each) for each in told}) == 3
        assert {getattr(each, "sqlstate", each) for each in told} == {"42P01"}
        ask(users, "ALTER TABLE others RENAME TO users")
        await db.pool.close()
        told = await asyncio.gather(*(db.user.get({"id": i}) for i in (1, 2, 3)), return_exceptions=True)
        assert [type(each) for each in told] == [failures.PoolClosed] * 3
        await db.pool.open()

    used(school, users, work)


def test_a_transaction_reads_its_own_rows_one_by_one(users: str, school: ModuleType) -> None:
    async def work(db: Any) -> None:
        async with db.transaction() as tx:
            made = await tx.user.insert({"email": "n@x", "password_hash": "", "name": {}})
            assert (await tx.user.get({"id": made.id})).email == "n@x"
            assert await asyncio.gather(*(db.user.find_unique({"id": made.id}) for _ in range(3))) == [None] * 3
        assert (1, False) in statements(users)

    used(school, users, work)


def test_more_than_one_statement_holds_are_several(
    users: str, school: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coalescing, "MOST", 20)

    async def work(db: Any) -> None:
        found = await asyncio.gather(*(db.user.get({"id": i}) for i in range(1, 51)))
        assert [each.id for each in found] == list(range(1, 51))
        assert statements(users) == [(3, True)]

    used(school, users, work)


def test_keys_of_other_types_are_matched_by_the_server(
    fresh_database: str, things: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> None:
    create(fresh_database, EVERYTHING)

    async def work(db: Any) -> None:
        keys = [UUID(int=i) for i in (1, 2)]
        await db.thing.insert_many([{"key": each, "texts": []} for each in keys])
        found = await asyncio.gather(
            *(db.thing.get({"key": each}) for each in [*keys, str(keys[0])]), db.thing.find_unique({"key": None})
        )
        assert [each and each.key for each in found] == [*keys, keys[0], None]

    used(things, fresh_database, work)
    text = """
    datasource db {
      provider = "postgresql"
    }
    enum Kind {
      A
      B
    }
    model Odd {
      code  String  @db.Char(4)
      kind  Kind
      price Decimal
      at    DateTime @db.Timestamptz(6)
      @@id([code, kind, price, at])
    }
    """
    odd = client(text, tmp_path_factory.mktemp("client"), "odd_client")
    create(fresh_database, text)

    async def compound(db: Any) -> None:
        moment = (await db.query("SELECT now() AS at"))[0]["at"]
        key = {"code": "ab", "kind": "B", "price": Decimal("1.50"), "at": moment}
        await db.odd.insert(key)
        other = {**key, "price": Decimal("1.5")}
        found = await asyncio.gather(*(db.odd.find_unique(each) for each in (key, other, {**key, "kind": "A"})))
        assert [each is not None for each in found] == [True, True, False]

    used(odd, fresh_database, compound)


@pytest.mark.parametrize("usual", [True, False])
def test_a_call_says_otherwise_than_the_database(users: str, school: ModuleType, usual: bool) -> None:
    async def work(db: Any) -> None:
        found = await asyncio.gather(
            *(db.user.get({"id": i}, coalesce=not usual) for i in (1, 2, 3)),
            *(db.user.find_unique({"id": i}, coalesce=True) for i in (4, 99)),
            *(db.user.get({"id": i}, coalesce=False) for i in (5, 6)),
            *(db.user.get({"id": i}, coalesce=None) for i in (7, 8)),
        )
        assert [each and each.id for each in found] == [1, 2, 3, 4, None, 5, 6, 7, 8]
        assert statements(users) == [(5 if usual else 4, False), (1, True)]
        with_wallets = [db.user.get({"id": i}, include={"wallet": True}, coalesce=True) for i in (1, 2)]
        assert [each.wallet for each in await asyncio.gather(*with_wallets)] == [None, None]
        async with db.transaction() as tx:
            assert (await tx.user.get({"id": 1}, coalesce=True)).id == 1

    used(school, users, work, coalesce=usual)


def test_a_key_that_the_database_has_twice_mixes_nobody_up(users: str, school: ModuleType) -> None:
    ask(users, "DROP INDEX users_email_key")
    ask(users, "UPDATE users SET email = 'u2@x' WHERE id = 9")

    async def work(db: Any) -> None:
        found = await asyncio.gather(*(db.user.find_unique({"email": f"u{i}@x"}) for i in (1, 2, 9, 3)))
        assert [each and each.email for each in found] == ["u1@x", "u2@x", None, "u3@x"]

    used(school, users, work)


def test_many_callers_that_ask_again_and_again_get_their_own_rows(users: str, school: ModuleType) -> None:
    async def work(db: Any) -> None:
        async def ask_on(number: int) -> None:
            for turn in range(40):
                key = (number * 7 + turn) % 60
                found = await db.user.find_unique({"id": key})
                assert (found and found.id) == (key if 0 < key <= 50 else None)

        await asyncio.gather(*map(ask_on, range(20)))
        sent = sum(calls for calls, _ in statements(users))
        assert sent < 20 * 40 / 4

    used(school, users, work)


def test_threads_have_no_ticks(users: str, school: ModuleType) -> None:
    with pytest.raises(failures.InvalidCondition, match="AsyncDatabase"):
        school.Database(users, coalesce=True)
    with school.Database(users) as db:
        assert db.user.get({"id": 1}, coalesce=False).id == 1
        with pytest.raises(failures.InvalidCondition, match="AsyncDatabase"):
            db.user.find_unique({"id": 1}, coalesce=True)
