"""Analytics: SELECTs of SQLAlchemy Core on the data layer's own connections give what SQLAlchemy's engine gives."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from pgarchitect.access import analytics, failures
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.access_lab import EVERYTHING, client, create, opened
from tests.access_paths_lab import by_engine, tables
from tests.module_database import module_database

SHOP = """
datasource db {
  provider = "postgresql"
}

enum Rank {
  LOW
  HIGH @map("very high")

  @@map("rank of people")
}

model Person {
  id    Int     @id @default(autoincrement())
  name  String
  rank  Rank
  ranks Rank[]
  tags  String[]
  extra Json
  score Decimal @db.Decimal(12, 3)
  born  DateTime? @db.Date
  seen  DateTime @db.Timestamptz(6)
  noted DateTime
  orders Order[]

  @@map("people")
}

model Order {
  id       Int     @id @default(autoincrement())
  personId Int     @map("person_id")
  amount   Decimal @db.Decimal(12, 2)
  at       DateTime @db.Timestamptz(6)
  person   Person  @relation(fields: [personId], references: [id])

  @@map("orders")
}
"""
NAMES = ["ann", "Bo", "çağri", "d'e%_\\", "", "\U0001f600"]


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ModuleType]]:
    """URL of a small shop, and its client."""
    module = client(SHOP, tmp_path_factory.mktemp("shop"), "shop_client")
    with module_database(server, "analytics_shop") as url:
        create(url, SHOP)
        with opened(module, url) as db:
            db.person.insert_many(
                [
                    {
                        "name": name,
                        "rank": "very high" if number % 2 else "LOW",
                        "ranks": ["LOW", "very high"][: number % 3],
                        "tags": [name, "x"],
                        "extra": {"n": number, "deep": {"list": [1, None, name]}},
                        "score": Decimal(number) / 8,
                        "born": date(1990 + number, 1, 1) if number else None,
                        "seen": datetime(2026, 1, 1 + number, tzinfo=UTC),
                        "noted": datetime(2026, 1, 1 + number),  # noqa: DTZ001  # as stored
                    }
                    for number, name in enumerate(NAMES)
                ]
            )
            db.order.insert_many(
                [
                    {"person_id": 1 + n % 4, "amount": Decimal(n), "at": datetime(2026, 2, 1 + n, tzinfo=UTC)}
                    for n in range(20)
                ]
            )
        yield url, module


@pytest.fixture(scope="module")
def t(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return tables(SHOP, tmp_path_factory.mktemp("shop"), "shop_tables")


def running_total(t: Any) -> Any:
    o = t.orders.c
    total = sa.func.sum(o.amount).over(partition_by=o.person_id, order_by=o.id, rows=(None, 0))
    rank = sa.func.rank().over(order_by=o.amount.desc())
    share = sa.func.round(o.amount / sa.func.sum(o.amount).over(), 4)
    return sa.select(o.id, total.label("total"), rank.label("rank"), share.label("share")).order_by(o.id)


def with_parts(t: Any) -> Any:
    o, p = t.orders.c, t.people.c
    sums = sa.select(o.person_id, sa.func.sum(o.amount).label("total")).group_by(o.person_id).cte("sums")
    deep = sa.select(sa.literal(1).label("n")).cte("deep", recursive=True)
    deep = deep.union_all(sa.select(deep.c.n + 1).where(deep.c.n < 5))
    joined = t.people.outerjoin(sums, sums.c.person_id == p.id)
    return (
        sa.select(p.name, sums.c.total, sa.select(sa.func.sum(deep.c.n)).scalar_subquery().label("deep"))
        .select_from(joined)
        .order_by(p.id)
    )


def last_two(t: Any) -> Any:
    o, p = t.orders.c, t.people.c
    newest = sa.select(o.id, o.amount).where(o.person_id == p.id).order_by(o.id.desc()).limit(2).lateral("newest")
    joined = t.people.outerjoin(newest, sa.true())
    return sa.select(p.id, newest.c.id.label("order"), newest.c.amount).select_from(joined).order_by(p.id, newest.c.id)


def days(t: Any) -> Any:
    o = t.orders.c
    series = (
        sa.func.generate_series(
            sa.cast(datetime(2026, 2, 1, tzinfo=UTC), pg.TIMESTAMP(timezone=True)),
            sa.cast(datetime(2026, 2, 9, tzinfo=UTC), pg.TIMESTAMP(timezone=True)),
            timedelta(days=2),
        )
        .table_valued("day")
        .render_derived()
    )
    day = sa.type_coerce(series.c.day, pg.TIMESTAMP(timezone=True))
    return (
        sa.select(day.label("day"), sa.func.count(o.id))
        .select_from(series.outerjoin(t.orders, sa.and_(o.at >= day, o.at < day + timedelta(days=2))))
        .group_by(day)
        .order_by(day)
    )


STATEMENTS: dict[str, Callable[[Any], Any]] = {
    "all columns": lambda t: sa.select(t.people).order_by(t.people.c.id),
    "window": running_total,
    "cte": with_parts,
    "lateral": last_two,
    "series": days,
    "in": lambda t: sa.select(t.people.c.id).where(t.people.c.name.in_(NAMES[:3])).order_by(t.people.c.id),
    "in nothing": lambda t: sa.select(t.people.c.id).where(t.people.c.name.in_([])),
    "not in": lambda t: sa.select(t.people.c.id).where(t.people.c.id.not_in([1, 2])).order_by(t.people.c.id),
    "in ranks": lambda t: sa.select(sa.func.count()).where(t.people.c.rank.in_(["LOW", "very high"])),
    "in pairs": lambda t: sa.select(t.people.c.id).where(
        sa.tuple_(t.people.c.id, t.people.c.name).in_([(1, "ann"), (2, "no")])
    ),
    "json path": lambda t: sa.select(
        t.people.c.extra["n"].as_integer(),
        t.people.c.extra["deep"]["list"],
        t.people.c.extra[("deep", "list", "2")].astext,
    ).order_by(t.people.c.id),
    "json contains": lambda t: sa.select(t.people.c.id).where(t.people.c.extra.contains({"n": 3})),
    "json key": lambda t: sa.select(t.people.c.id).where(t.people.c.extra.has_key("n")).order_by(t.people.c.id),
    "json made": lambda t: sa.select(
        sa.func.jsonb_build_object("id", t.people.c.id, "name", t.people.c.name, type_=pg.JSONB)
    ).order_by(t.people.c.id),
    "json aggregated": lambda t: sa.select(sa.func.jsonb_agg(t.people.c.name, type_=pg.JSONB)),
    "array": lambda t: sa.select(t.people.c.id).where(t.people.c.tags.contains(["x"])).order_by(t.people.c.id),
    "array overlap": lambda t: sa.select(t.people.c.id).where(t.people.c.tags.overlap(["ann", "Bo"])),
    "array any": lambda t: sa.select(t.people.c.id).where(sa.literal("ann") == sa.any_(t.people.c.tags)),
    "array aggregated": lambda t: sa.select(sa.func.array_agg(pg.aggregate_order_by(t.people.c.rank, t.people.c.id))),
    "array of ranks": lambda t: sa.select(t.people.c.id).where(t.people.c.ranks.contains(["very high"])),
    "rank": lambda t: sa.select(t.people.c.rank, sa.func.count()).group_by(t.people.c.rank).order_by(sa.text("2, 1")),
    "numeric": lambda t: sa.select(t.people.c.id).where(t.people.c.score > Decimal("0.1")).order_by(t.people.c.id),
    "numeric as float": lambda t: sa.select(sa.cast(t.people.c.score, sa.Float)).order_by(t.people.c.id),
    "interval": lambda t: sa.select(t.people.c.seen + timedelta(hours=36), t.people.c.seen - sa.func.min(
        t.people.c.seen
    ).over()).order_by(t.people.c.id),
    "interval literal": lambda _: sa.select(sa.cast(timedelta(days=40, seconds=1, microseconds=2), pg.INTERVAL)),
    "moment without a zone": lambda t: sa.select(t.people.c.id).where(
        t.people.c.noted >= datetime(2026, 1, 3)  # noqa: DTZ001  # as stored
    ).order_by(t.people.c.id),
    "like": lambda t: sa.select(t.people.c.id).where(t.people.c.name.contains("%_\\", autoescape=True)),
    "ilike": lambda t: sa.select(t.people.c.id).where(t.people.c.name.ilike("ANN")),
    "union": lambda t: sa.union_all(
        sa.select(t.people.c.id, t.people.c.ranks), sa.select(t.people.c.id + 100, t.people.c.ranks)
    ).order_by(sa.text("1")),
    "grouping sets": lambda t: sa.select(t.people.c.rank, sa.func.sum(t.people.c.score))
    .group_by(sa.func.grouping_sets(sa.tuple_(t.people.c.rank), sa.tuple_()))
    .order_by(sa.func.sum(t.people.c.score)),
    "filter": lambda t: sa.select(
        sa.func.count().filter(t.people.c.rank == "LOW"),
        sa.type_coerce(sa.func.percentile_cont(0.5).within_group(t.people.c.score), sa.Float()),
    ).select_from(t.people),
    "case": lambda t: sa.select(
        sa.case((t.people.c.score > 0, "some"), else_="none"), sa.extract("year", t.people.c.born)
    ).order_by(t.people.c.id),
    "literals": lambda _: sa.select(
        sa.literal(True), sa.literal(2**40), sa.literal(1.5), sa.literal("é"), sa.literal(None),
        sa.literal(b"\x00\xff"),
        sa.literal(date(2026, 1, 2)), sa.literal(time(1, 2, 3)), sa.literal(Decimal("1.50")), sa.literal(UUID(int=7)),
    ),
    "null": lambda _: sa.select(sa.null(), sa.cast(None, sa.Integer)),
    "text": lambda _: sa.text("SELECT CAST(:a AS int) + 1 AS b, CAST(:c AS text) AS d").bindparams(a=4, c=":x"),
    "text with columns": lambda _: sa.text('SELECT 1.50 AS "n", now() - now() AS d').columns(
        sa.column("n", sa.Numeric(asdecimal=False)), sa.column("d", sa.Interval)
    ),
    "network": lambda _: sa.select(
        sa.cast("10.0.0.0/8", pg.INET), sa.cast("::1", pg.INET), sa.cast("10.0.0.0/8", pg.CIDR)
    ),
    "range": lambda _: sa.select(
        sa.literal(pg.Range(1, 5), pg.INT4RANGE), sa.literal(pg.Range(empty=True), pg.INT4RANGE),
        sa.literal(pg.Range(None, date(2026, 1, 1)), pg.DATERANGE),
        sa.literal([pg.Range(1, 2), pg.Range(7, 8)], pg.INT8MULTIRANGE),
    ),
    "text search": lambda _: sa.select(sa.func.to_tsvector("english", sa.literal("running cats"))).where(
        sa.func.to_tsvector("english", "running cats").bool_op("@@")(sa.func.to_tsquery("english", "cat"))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_gives_what_sqlalchemys_own_engine_gives(shop: tuple[str, ModuleType], t: Any, name: str) -> None:
    url, module = shop
    make = STATEMENTS[name]
    expected = by_engine(url, make(t))

    async def fetched() -> list[Any]:
        async with module.AsyncDatabase(url) as db:
            found: list[Any] = await db.analytics.fetch(make(t))
            return found

    with opened(module, url) as db:
        assert [repr(each) for each in db.analytics.fetch(make(t))] == [repr(each) for each in expected]
    assert [same(each) for each in asyncio.run(fetched())] == [same(each) for each in expected]
    assert expected or name == "in nothing"


def same(row: tuple[Any, ...]) -> list[str]:
    """Values as text, whose types only differ by a subclass (asyncpg has a UUID of its own)."""
    return [str(each) for each in row]


def test_every_type_of_a_generated_table_is_read_and_compared(
    fresh_database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    module, made = client(EVERYTHING, tmp_path, "typed_things"), tables(EVERYTHING, tmp_path, "things_tables")
    create(fresh_database, EVERYTHING)
    [thing] = made.metadata.tables.values()
    row = {
        "text": "é", "short": "ab", "fixed": "abc", "key": UUID(int=5), "flag": True, "small": -1, "number": 2,
        "big": 2**60, "real": 0.5, "double": 0.1, "money": Decimal("1.2500"),
        "moment": datetime(2026, 1, 1), "zoned": datetime(2026, 1, 1, tzinfo=UTC),  # noqa: DTZ001  # as stored
        "day": date(2026, 1, 1), "clock": time(1, 2, 3, 4), "json": {"a": [1]}, "plain": {"b": 2}, "bytes": b"\x00",
        "mood": "so so", "net": "10.0.0.0/8", "texts": ["a"], "counts": [1, 2], "moods": ["so so", "GLAD"],
        "jsons": [{"a": 1}, [2]], "odd": 3,
    }  # fmt: skip
    with opened(module, fresh_database) as db:
        db.thing.insert_many([row, dict.fromkeys(row)])
        assert db.analytics.fetch(sa.select(thing)) == by_engine(fresh_database, sa.select(thing))
        for name, value in row.items():
            if name in {"json", "plain", "jsons", "real"}:
                continue
            column = next(each for each in thing.c if each.name == name or each.name.startswith(f"{name} "))
            for test in (column == value, column.in_([value])):
                assert db.analytics.value(sa.select(sa.func.count()).where(test)) == 1, name


class Pair(msgspec.Struct, frozen=True):
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Other:
    name: str
    id: int = 0


class Named(NamedTuple):
    id: int
    name: str


class Keywords(msgspec.Struct, kw_only=True):
    name: str
    id: int


def test_rows_are_made_into_what_the_caller_has(shop: tuple[str, ModuleType], t: Any) -> None:
    url, module = shop
    people = sa.select(t.people.c.id, t.people.c.name).where(t.people.c.id == 1)
    with opened(module, url) as db:
        made = db.analytics
        assert made.fetch(people) == [(1, "ann")]
        assert made.fetch(people, Pair) == [Pair(1, "ann")]
        assert made.fetch(people, Other) == [Other("ann", 1)]
        assert made.fetch(people, Named) == [Named(1, "ann")]
        assert made.fetch(people, Keywords) == [Keywords(id=1, name="ann")]
        assert made.fetch(people, dict) == [{"id": 1, "name": "ann"}]
        assert made.fetch(sa.select(t.people.c.name).where(t.people.c.id == 1), Other) == [Other("ann")]
        assert made.value(sa.select(sa.func.count()).select_from(t.people)) == len(NAMES)
        assert made.value(people.where(sa.false())) is None


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda made, t: made.fetch(sa.select(t.people.c.id), Pair), "no column 'name'"),
        (lambda made, t: made.fetch(sa.select(t.people), Pair), "no field 'rank'"),
        (lambda made, t: made.fetch(sa.select(t.people.c.id, t.people.c.name.label("id")), Pair), "the name 'id'"),
        (lambda made, _: made.fetch(sa.text("SELECT 1 AS id"), Pair), "does not say which columns"),
        (lambda made, t: made.fetch(sa.delete(t.people)), "Analytics read"),
        (lambda made, _: made.fetch("SELECT 1"), "Analytics read"),
        (lambda made, _: made.fetch(sa.select(sa.bindparam("x", type_=sa.Integer))), "value is required"),
        (lambda made, t: list(made.stream(sa.select(t.people), batch=0)), "batch is 0"),
        (lambda made, t: made.fetch(sa.select(t.people).where(t.people.c.rank == "nope")), "nope"),
        (lambda made, t: made.fetch(sa.select(t.people.c.id).where(t.people.c.id == "many")), "does not exist"),
        (
            lambda made, t: made.fetch(sa.select(t.people).where(t.people.c.id == sa.literal("x", sa.Integer))),
            "Invalid",
        ),
        (lambda made, _: made.fetch(sa.select(sa.literal_column("nonsense"))), "nonsense"),
    ],
)
def test_what_does_not_fit_is_told(shop: tuple[str, ModuleType], t: Any, ask: Any, told: str) -> None:
    url, module = shop
    with opened(module, url) as db:
        with pytest.raises(failures.AccessError, match=told):
            ask(db.analytics, t)
        assert db.analytics.value(sa.select(sa.literal(1))) == 1


def test_a_structure_is_compiled_once(shop: tuple[str, ModuleType], t: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url, module = shop
    compiled: list[Any] = []
    once = analytics.Analysis.__init__

    def counted(self: Any, text: Any) -> None:
        compiled.append(text)
        once(self, text)

    monkeypatch.setattr(analytics.Analysis, "__init__", counted)
    with opened(module, url) as db:
        for number in (1, 2, 3):
            aged = sa.select(t.people.c.id.label("aged_once")).where(t.people.c.id == number)
            assert db.analytics.fetch(aged) == [(number,)]
        for several in ([1], [1, 2], [3, 1, 2]):
            among = sa.select(t.people.c.id.label("among_once")).where(t.people.c.id.in_(several))
            assert {each[0] for each in db.analytics.fetch(among)} == set(several)
        assert db.analytics.sent(aged).parameters == (3,)
    assert len(compiled) == 2


def test_a_stream_gives_all_rows_and_gives_its_connection_back(shop: tuple[str, ModuleType], t: Any) -> None:
    url, module = shop
    orders = sa.select(t.orders.c.id).order_by(t.orders.c.id)

    async def streamed() -> list[int]:
        async with module.AsyncDatabase(url) as db:
            found = [row[0] async for row in db.analytics.stream(orders, batch=3)]
            rows = db.analytics.stream(orders, batch=3)
            assert (await anext(rows))[0] == 1
            await rows.aclose()
            assert db.pool.free == db.pool.size
            async with db.transaction() as tx:
                assert [row[0] async for row in tx.analytics.stream(orders)] == found
            return found

    with opened(module, url, max_size=1) as db:
        assert [row[0] for row in db.analytics.stream(orders, batch=3)] == list(range(1, 21))
        assert [row.id for row in db.analytics.stream(orders.add_columns(sa.literal("").label("name")), Pair, batch=20)]
        rows = db.analytics.stream(orders, batch=3)
        assert next(rows) == (1,)
        rows.close()
        assert db.pool.free == db.pool.size == 1
        with db.transaction() as tx:
            for row in tx.analytics.stream(orders, batch=7):
                tx.order.update(where={"id": row[0]}, data={"amount": {"increment": 1}})
        assert db.analytics.value(sa.select(sa.func.sum(t.orders.c.amount))) == sum(range(20)) + 20
        with db.transaction() as tx:
            tx.order.update_many(data={"amount": {"decrement": 1}})
    assert asyncio.run(streamed()) == list(range(1, 21))


def test_a_plan_is_text_or_json_and_leaves_nothing_behind(shop: tuple[str, ModuleType], t: Any) -> None:
    url, module = shop
    people = sa.select(t.people.c.id).where(t.people.c.name.in_(["ann", "Bo"]))
    with opened(module, url) as db:
        assert "Seq Scan on people" in db.analytics.explain(people)
        assert "actual time" in db.analytics.explain(people, analyze=True)
        assert db.analytics.plan(people)["Plan"]["Node Type"] == "Seq Scan"
        assert db.analytics.plan(people, analyze=True)["Plan"]["Actual Rows"] == 2
        written = sa.insert(t.orders).values(person_id=1, amount=1, at=sa.func.now()).returning(t.orders.c.id).cte()
        db.analytics.explain(sa.select(written.c.id), analyze=True)
        with db.transaction() as tx:
            tx.order.insert({"person_id": 1, "amount": 1, "at": datetime.now(UTC)})
            tx.analytics.explain(sa.select(written.c.id), analyze=True)
            assert tx.order.count() == 21
            tx.order.delete_many(where={"id": {"gt": 20}})
        assert db.order.count() == 20

    async def planned() -> str:
        async with module.AsyncDatabase(url) as db:
            assert (await db.analytics.plan(people))["Plan"]["Node Type"] == "Seq Scan"
            return str(await db.analytics.explain(people, analyze=True))

    assert "actual time" in asyncio.run(planned())


def test_analytics_see_what_their_transaction_wrote(shop: tuple[str, ModuleType], t: Any) -> None:
    url, module = shop
    number = sa.select(sa.func.count()).select_from(t.orders)
    with opened(module, url) as db:
        with pytest.raises(failures.ForeignKeyViolated), db.transaction() as tx:  # noqa: PT012  # all of it
            tx.order.delete_many(where={"id": 1})
            assert tx.analytics.value(number) == 19
            tx.person.delete_many()
        assert db.analytics.value(number) == 20


def test_types_of_rows_are_those_of_the_columns(tmp_path: Path) -> None:
    client(SHOP, tmp_path, "typed_shop")
    tables(SHOP, tmp_path, "typed_tables")
    (tmp_path / "use.py").write_text(
        "import sqlalchemy as sa\n"
        "from dataclasses import dataclass\n"
        "from typed_shop import AsyncDatabase, Database\n"
        "from typed_tables import people\n"
        "@dataclass\n"
        "class One:\n"
        "    id: int\n"
        "def f(db: Database) -> None:\n"
        "    reveal_type(db.analytics.fetch(sa.select(people.c.id, people.c.name)))\n"
        "    reveal_type(db.analytics.fetch(sa.select(people.c.id), One))\n"
        "    reveal_type(db.analytics.fetch(sa.text('SELECT 1')))\n"
        "    for row in db.analytics.stream(sa.select(people.c.score)):\n"
        "        reveal_type(row)\n"
        "    db.analytics.fetch('SELECT 1')\n"
        "async def g(db: AsyncDatabase) -> None:\n"
        "    reveal_type(await db.analytics.fetch(sa.select(people.c.born)))\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "use.py"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    revealed = [line.partition('is "')[2].rstrip('"') for line in told.splitlines() if "Revealed" in line]
    assert revealed == [
        "list[tuple[int, str]]",
        "list[use.One]",
        "list[tuple[Any, ...]]",
        "tuple[decimal.Decimal]",
        "list[tuple[datetime.date | None]]",
    ]
    assert [int(line.split(":")[1]) for line in told.splitlines() if ": error:" in line] == [14]
