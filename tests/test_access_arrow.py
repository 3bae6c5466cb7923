"""Rows as Arrow and Polars: what find_many finds, with the types of the columns."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings

from pgarchitect.access import failures
from pgarchitect.access.adbc import Fetch
from pgarchitect.access.bulk import Bulk
from pgarchitect.access.options import PoolOptions
from tests.access_lab import EVERYTHING, client, create, opened
from tests.access_live import ask, running, until
from tests.test_access_client import VALUES
from tests.test_access_injection import FEW, TEXTS

NAIVE = datetime(2024, 2, 29, 12, 30, 1, 123000)  # noqa: DTZ001  # as it is stored
FULL: dict[str, Any] = {
    "text": "é\U0001f600'\"\\",
    "short": "abc",
    "fixed": "ab",
    "key": UUID(int=7),
    "flag": True,
    "small": -5,
    "number": 2**31 - 1,
    "big": -(2**63),
    "real": 0.5,
    "double": 0.1,
    "money": Decimal("-1234.5600"),
    "moment": NAIVE,
    "zoned": NAIVE.replace(tzinfo=UTC),
    "day": date(1999, 12, 31),
    "clock": time(23, 59, 59, 999999),
    "json": {"a": [1, None, "é"]},
    "plain": [1, {"b": 2}],
    "bytes": b"\x00\xff'",
    "mood": "so so",
    "net": "10.0.0.0/8",
    "texts": ["a", 'q"\\', "NULL", "é"],
    "counts": [1, -2],
    "moods": ["GLAD", "so so"],
    "jsons": [{"a": 1}, [2], "x"],
    "odd": 9,
}
TYPES: dict[str, str] = {
    "id": "int64",
    "text": "string",
    "short": "string",
    "fixed": "string",
    "key": "extension<arrow.uuid>",
    "flag": "bool",
    "small": "int16",
    "number": "int32",
    "big": "int64",
    "real": "float",
    "double": "double",
    "money": "decimal128(20, 4)",
    "moment": "timestamp[us]",
    "zoned": "timestamp[us, tz=UTC]",
    "day": "date32[day]",
    "clock": "time64[us]",
    "json": "string",
    "plain": "string",
    "bytes": "binary",
    "mood": "dictionary<values=string, indices=int32, ordered=0>",
    "net": "string",
    "texts": "list<item: string>",
    "counts": "list<item: int32>",
    "moods": "list<item: string>",
    "jsons": "list<item: string>",
    "odd": "int32",
}


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(EVERYTHING, tmp_path_factory.mktemp("client"), "things_client")


@pytest.fixture
def db(fresh_database: str, things: ModuleType) -> Iterator[Any]:
    create(fresh_database, EVERYTHING)
    with opened(things, fresh_database) as made:
        yield made


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of Arrow as find_many has them: JSON is text there."""
    made = [dict(row) for row in rows]
    for row in made:
        for name in ("json", "plain"):
            row[name] = None if row[name] is None else json.loads(row[name])
        row["jsons"] = None if row["jsons"] is None else [json.loads(each) for each in row["jsons"]]
    return made


def shown(rows: list[Any]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in row.__struct_fields__} for row in rows]


def test_every_type_comes_as_find_many_has_it(db: Any) -> None:
    db.thing.insert_many_returning([FULL])
    db.thing.insert({"texts": []})
    for field, values in VALUES.items():
        for value in values:
            if value != float("inf") or field != "double":
                db.thing.insert({field: value if field != "key" else UUID(int=hash(value) % 2**64 + 100)})
    expected = shown(db.thing.find_many(order_by={"id": "asc"}))
    read = db.thing.to_arrow(order_by={"id": "asc"})
    assert {field.name: str(field.type) for field in read.schema} == TYPES
    assert plain(read.to_pylist()) == expected
    with db.transaction() as tx:
        inside = tx.thing.to_arrow(order_by={"id": "asc"})
        assert inside.schema.equals(read.schema)
        assert plain(inside.to_pylist()) == expected


def test_of_no_rows_the_types_are_the_same(db: Any) -> None:
    assert {field.name: str(field.type) for field in db.thing.to_arrow().schema} == TYPES
    with db.transaction() as tx:
        assert {field.name: str(field.type) for field in tx.thing.to_arrow().schema} == TYPES
    assert db.thing.to_polars().shape == (0, len(TYPES))


def test_conditions_order_pages_and_fields_hold(db: Any) -> None:
    db.thing.insert_many([{**FULL, "key": UUID(int=i), "number": i, "text": f"t{i % 3}"} for i in range(10)])
    cases: tuple[dict[str, Any], ...] = (
        {"where": {"number": {"gte": 3, "lt": 9}, "key": {"in": [UUID(int=i) for i in range(8)]}}},
        {"where": {"zoned": FULL["zoned"], "moment": {"lte": NAIVE}, "money": FULL["money"], "mood": "so so"}},
        {"where": {"texts": {"has": 'q"\\'}, "json": {"json_contains": {"a": [1]}}, "bytes": FULL["bytes"]}},
        {"where": {"moods": {"has_every": ["GLAD"]}, "jsons": {"equals": FULL["jsons"]}, "net": FULL["net"]}},
        {"where": {"text": {"starts_with": "T1", "mode": "insensitive"}, "flag": True, "double": 0.1}},
        {"where": {"json": {"has_any_key": ["a", "'"]}, "day": {"not": date(2000, 1, 1)}, "clock": FULL["clock"]}},
        {"where": {"number": {"in": []}}},
        {"order_by": {"number": "desc"}, "take": 4, "skip": 2},
        {"order_by": {"id": "asc"}, "take": -3},
        {"cursor": {"key": UUID(int=4)}, "order_by": {"id": "asc"}, "take": 3},
        {"distinct": ["text"], "order_by": {"text": "asc"}},
    )
    for given_ in cases:
        words = {"order_by": {"id": "asc"}, **given_}
        found = db.thing.find_many(**words)
        assert plain(db.thing.to_arrow(**words).to_pylist()) == shown(found), words
        with db.transaction() as tx:
            assert plain(tx.thing.to_arrow(**words).to_pylist()) == shown(found), words
    table = db.thing.to_arrow(select=["odd", "text"], take=1)
    assert table.column_names == ["odd", "text"]


def test_polars_has_them_too(db: Any) -> None:
    db.thing.insert_many_returning([FULL, {**FULL, "key": UUID(int=8), "money": Decimal("0.0001")}])
    frame = db.thing.to_polars(order_by={"id": "asc"})
    assert frame["key"].to_list() == [str(UUID(int=7)), str(UUID(int=8))]
    assert frame["money"].to_list() == [Decimal("-1234.5600"), Decimal("0.0001")]
    assert frame["zoned"].to_list() == [FULL["zoned"]] * 2
    assert frame["texts"].to_list() == [FULL["texts"]] * 2
    assert frame["mood"].to_list() == ["so so"] * 2


def test_asyncio_goes_on_meanwhile_and_a_caller_that_leaves_ends_it(fresh_database: str, things: ModuleType) -> None:
    create(fresh_database, EVERYTHING)
    busy = "SELECT FROM pg_stat_activity WHERE application_name = 'pgarchitect bulk' AND state = 'active'"

    async def go() -> None:
        async with things.AsyncDatabase(fresh_database) as db:
            await db.thing.insert_many([{"number": i, "texts": []} for i in range(10)])
            table = await db.thing.to_arrow(where={"number": {"lt": 5}})
            assert len(table) == 5
            async with db.transaction() as tx:
                await tx.thing.insert({"number": 99})
                assert len(await tx.thing.to_arrow()) == 11
                assert len(await db.thing.to_arrow()) == 10
                await tx.execute('LOCK TABLE "thing; drop"')
                task = asyncio.create_task(db.thing.to_arrow())
                await until(lambda: ask(fresh_database, busy))
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await until(lambda: not ask(fresh_database, busy))
            assert (await db.thing.to_polars()).height == 11
            for turns in range(10):
                task = asyncio.create_task(db.thing.to_arrow())
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            await until(lambda: not ask(fresh_database, busy.replace(" AND state = 'active'", "")))

    asyncio.run(go())


def test_errors_are_typed(db: Any, fresh_database: str, things: ModuleType) -> None:
    with pytest.raises(failures.UnknownField):
        db.thing.to_arrow(where={"nope": 1})
    with pytest.raises(failures.InvalidValue):
        db.thing.to_arrow(where={"number": "x'; DROP TABLE canary; --"})
    with pytest.raises(failures.InvalidValue):
        db.thing.to_arrow(where={"text": "a\0b"})
    ask(fresh_database, """INSERT INTO "thing; drop" (money) VALUES ('NaN')""")
    with pytest.raises(failures.InvalidValue, match="no room"):
        db.thing.to_arrow()
    assert len(db.thing.to_arrow(select=["id"])) == 1
    ask(fresh_database, 'ALTER TABLE "thing; drop" RENAME TO other')
    with pytest.raises(failures.StatementFailed, match="schema check"):
        db.thing.to_arrow()
    with pytest.raises(failures.ServerUnreachable, match="nothing was sent"):
        Fetch(Bulk("postgresql://x@127.0.0.1:1/x", PoolOptions()), things.TABLES, _plan(things)).run()


def _plan(things: ModuleType) -> Any:
    from pgarchitect.access.reading import Wanted, plan  # noqa: PLC0415  # of this test only

    return plan(things.TABLES, things.TABLES["thing"], Wanted())


def test_a_statement_that_takes_too_long_is_ended(fresh_database: str, things: ModuleType) -> None:
    create(fresh_database, EVERYTHING)

    async def go() -> None:
        async with things.AsyncDatabase(fresh_database, PoolOptions(statement_timeout=0.3)) as db:
            lock = await running(fresh_database, _locked(db), "idle in transaction")
            with pytest.raises(failures.StatementTimedOut):
                await db.thing.to_arrow()
            lock.cancel()
            await asyncio.gather(lock, return_exceptions=True)

    async def _locked(db: Any) -> None:
        async with db.transaction() as tx:
            await tx.execute('LOCK TABLE "thing; drop"')
            await asyncio.sleep(30)

    asyncio.run(go())


def test_numbers_without_a_precision_take_as_many_digits_as_they_need(
    fresh_database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = """
    datasource db {
      provider = "postgresql"
    }
    model Sum {
      id    Int     @id @default(autoincrement())
      wide  Decimal?
      any   Decimal? @db.Decimal
      zoned DateTime? @db.Timetz
      keys  String[] @db.Uuid
      sums  Decimal[] @db.Decimal(10, 2)
    }
    """
    create(fresh_database, text)
    ask(fresh_database, 'ALTER TABLE "Sum" ALTER "any" TYPE numeric')
    module = client(text, tmp_path_factory.mktemp("client"), "sums_client")
    with opened(module, fresh_database) as db:
        keys = [UUID(int=1), UUID(int=2)]
        db.sum.insert({"wide": Decimal("1.5"), "any": Decimal("12345.678"), "keys": keys, "sums": [Decimal("1.25")]})
        db.sum.insert({"wide": Decimal("1e20"), "any": Decimal("1e30"), "keys": []})
        for reader in (db.sum.to_arrow, *_inside(db)):
            table = reader(order_by={"id": "asc"}, select=["wide", "any", "keys", "sums"])
            assert str(table.schema.field("wide").type) == "decimal256(65, 30)"
            assert str(table.schema.field("any").type) == "decimal128(34, 3)"
            assert str(table.schema.field("sums").type) == "list<item: decimal128(10, 2)>"
            assert table.column("wide").to_pylist() == [Decimal("1.5"), Decimal("1e20")]
            assert table.column("any").to_pylist() == [Decimal("12345.678"), Decimal("1e30")]
            assert table.column("keys").to_pylist() == [keys, []]
            assert table.column("sums").to_pylist()[0] == [Decimal("1.25")]
        frame = db.sum.to_polars(order_by={"id": "asc"})
        assert frame["wide"].to_list() == [Decimal("1.5"), Decimal("1e20")]
        assert frame["keys"].to_list() == [[str(each) for each in keys], []]
        ask(fresh_database, """UPDATE "Sum" SET wide = 12345678901234567890123456789.0123456789""")
        with pytest.raises(failures.InvalidValue, match="digits"):
            db.sum.to_polars()


def _inside(db: Any) -> list[Any]:
    def reader(**words: Any) -> Any:
        with db.transaction() as tx:
            return tx.sum.to_arrow(**words)

    return [reader]


def test_no_value_becomes_another_statement(db: Any, fresh_database: str) -> None:
    """Here values are in the statement's text, as literals."""
    ask(fresh_database, "CREATE TABLE canary AS SELECT 1 AS one")
    for conforming in ("on", "off"):
        name = fresh_database.rpartition("/")[2].partition("?")[0]
        ask(fresh_database, f"ALTER DATABASE {name} SET standard_conforming_strings = {conforming}")

        @settings(FEW, max_examples=20)
        @given(TEXTS)
        def check(value: str) -> None:
            if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
                return
            made = db.thing.insert({"text": value, "texts": [value], "json": {"v": value}})
            every: list[dict[str, Any]] = [
                {"text": value},
                {"text": {"in": [value, "x"]}},
                {"text": {"contains": value}},
                {"texts": {"has": value}},
                {"texts": {"equals": [value]}},
                {"json": {"json_contains": {"v": value}}},
                {"json": {"has_any_key": ["v", value]}},
            ]
            found = db.thing.to_arrow(where={"id": made.id, "AND": every}, select=["text", "texts"]).to_pylist()
            assert found == [{"text": value, "texts": [value]}]
            assert len(db.thing.to_arrow(where={"id": made.id, "text": {"not": value}})) == 0

        check()
    assert ask(fresh_database, "SELECT one FROM canary") == [(1,)]


def test_without_the_packages_there_is_a_sentence(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(failures.ExtraMissing, match=r"pgarchitect\[arrow\]"):
        db.thing.to_polars()
    for name in ("adbc_driver_postgresql", "pgarchitect.access.adbc"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(failures.ExtraMissing, match=r"pgarchitect\[arrow\]"):
        db.thing.to_arrow()
    monkeypatch.delitem(sys.modules, "pgarchitect.access.arrow", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(failures.ExtraMissing, match=r"pgarchitect\[arrow\]"), db.transaction() as tx:
        tx.thing.to_arrow()


def test_only_who_asks_for_it_loads_it() -> None:
    code = "import sys, pgarchitect.access.aio.database as d; print('pyarrow' in sys.modules, 'polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == (
        "False False\n"
    )
