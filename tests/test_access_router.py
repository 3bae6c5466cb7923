"""The router: flags, the choice of a path, shadows that find what differs, figures for Prometheus."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from pgarchitect.access import conditions, failures, router_flags
from pgarchitect.access.aio.service import DatabaseService as AsyncService
from pgarchitect.access.comparison import difference
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.router import Call as Asked
from pgarchitect.access.router import Choice, Route, Way, asker, bucket
from pgarchitect.access.router_figures import Figures
from pgarchitect.access.router_flags import Flags, percentage
from pgarchitect.access.shadowing import Outcome
from pgarchitect.access.sync.alchemy_table import AlchemyTable
from pgarchitect.access.sync.service import DatabaseService
from pgarchitect.postgres.embedded import EmbeddedServer
from tests.access_lab import client, create
from tests.module_database import module_database
from tests.random_operations import SCHEMA

ROWS = [
    {"id": number, "number": number % 3, "text": f"t{number}", "texts": ["x"], "owner_id": 1 + number % 2}
    for number in range(1, 8)
]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(SCHEMA, tmp_path_factory.mktemp("router"), "router_client")


@pytest.fixture(scope="module")
def url(server: EmbeddedServer, module: ModuleType) -> Iterator[str]:
    with module_database(server, "router") as made:
        create(made, SCHEMA)
        with module.Database(made, PoolOptions()) as db:
            db.owner.insert_many([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
            db.thing.insert_many(ROWS)
        yield made


@pytest.fixture
def service(url: str, module: ModuleType) -> Iterator[tuple[DatabaseService[Any], Any]]:
    made = DatabaseService(module.Database(url, PoolOptions(max_size=3)))
    with made as db:
        yield made, db


@pytest.mark.parametrize(
    ("said", "percent"),
    [("true", 100), ("False", 0), ("25", 25), ("12.5%", 12.5), (True, 100), (0, 0), (" 100 ", 100)],
)
def test_a_flag_is_true_false_or_a_percentage(said: object, percent: float) -> None:
    assert percentage(said, "x") == percent


@pytest.mark.parametrize("said", ["yes", "", "-1", "101", "nan", "1e400", None])
def test_a_flag_that_says_something_else_is_refused(said: object, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(failures.InvalidRoute, match="percentage from 0 to 100"):
        percentage(said, "x")
    if said:
        monkeypatch.setenv("PGARCHITECT_FAST_PATH", str(said))
        with pytest.raises(failures.InvalidRoute, match="PGARCHITECT_FAST_PATH"):
            Flags()


def test_the_method_goes_before_the_file_and_the_file_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(router_flags, "READ_AGAIN", 0.0)
    file = tmp_path / "route.toml"
    monkeypatch.setenv("PGARCHITECT_ROUTE_FILE", str(file))
    monkeypatch.setenv("PGARCHITECT_FAST_PATH", "70")
    flags = Flags()
    assert flags.route == Route(70, 0)
    monkeypatch.setenv("PGARCHITECT_SHADOW", "5")
    assert flags.route == Route(70, 5)
    file.write_text("fast_path = false\n")
    assert flags.route == Route(0, 5)
    file.write_text("fast_path = 30\nshadow = 1\n")
    assert flags.route == Route(30, 1)
    flags.set(fast=True, shadow=None)
    assert flags.route == Route(100, 1)
    for wrong in ("fast_path = [", 'fast_path = "often"', "slow_path = 1", b"\xff"):
        file.write_bytes(wrong if isinstance(wrong, bytes) else wrong.encode())
        assert flags.route == Route(100, 1)
    assert "stay as they were" in caplog.text
    file.unlink()
    flags.set(fast=None, shadow=2)
    assert flags.route == Route(70, 2)
    with pytest.raises(failures.InvalidRoute):
        flags.set(fast=None, shadow=200)


def test_file_and_environment_are_looked_at_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 0.5, 0.9, 1.0, 1.0])
    monkeypatch.setattr(router_flags, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    flags = Flags()
    monkeypatch.setenv("PGARCHITECT_FAST_PATH", "false")
    assert [flags.route.fast for _ in range(3)] == [100, 100, 0]


def test_an_asker_and_a_question_always_take_the_same_path_and_a_greater_percentage_only_adds() -> None:
    choice, names = Choice(), [f"user-{number}" for number in range(2_000)]
    before: set[str] = set()
    for percent in (1.0, 10.0, 50.0, 90.0):
        fast = set()
        for name in names:
            with asker(name):
                ways = {choice.way(Route(percent), Asked("t", each), by_question=True) for each in ("count", "get")}
            assert len(ways) == 1
            fast |= {name} if ways == {Way.FAST} else set()
        assert abs(len(fast) / 20 - percent) < 3
        assert before <= fast
        before = fast
    questions = [Asked("t", "find_many", (), {"where": {"id": number}}) for number in range(2_000)]
    chosen = [choice.way(Route(30), each, by_question=True) for each in questions]
    assert chosen == [Choice().way(Route(30), each, by_question=True) for each in questions]
    assert abs(chosen.count(Way.FAST) / 20 - 30) < 3
    turns = [choice.way(Route(30), questions[0], by_question=False) for _ in range(1_000)]
    assert abs(turns.count(Way.FAST) - 300) <= 3
    assert abs(sum(choice.is_shadowed(Route(100, 5)) for _ in range(1_000)) - 50) <= 2


def test_a_name_has_the_same_place_in_every_process() -> None:
    command = [sys.executable, "-c", "from pgarchitect.access.router import bucket; print(bucket('user-7'))"]
    told = [
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        for seed in ("1", "2")
    ]
    assert {float(each.stdout) for each in told} == {bucket("user-7")}


def operations(db: Any) -> list[Any]:
    """What each operation gives, of a database that is as before at the end."""
    return [*reads(db), *writes(db)]


def reads(db: Any) -> list[Any]:
    """What each read gives."""
    return [
        db.thing.find_unique({"id": 1}),
        db.thing.get({"id": 2}, include={"owner": True}),
        db.thing.find_first(where={"number": 0}, order_by={"id": "asc"}),
        db.thing.find_many(where={"owner": {"name": "a"}}, order_by={"id": "desc"}, take=2),
        list(db.thing.stream(batch=2)),
        db.thing.count(where={"number": {"gt": 0}}),
        db.thing.aggregate(sum=["number"]),
        db.thing.group_by(["number"], sum=["id"], order_by={"number": "asc"}),
    ]


def writes(db: Any) -> list[Any]:
    """What each write gives, of a database that is as before at the end."""
    row = {"id": 50, "number": 5, "texts": ["a"]}
    return [
        db.thing.insert(row),
        db.thing.update(where={"id": 50}, data={"number": {"increment": 1}}),
        db.thing.upsert(where={"id": 50}, create=row, update={"number": {"decrement": 1}}),
        db.thing.upsert_many([row], key=["id"], update=["number"]),
        db.thing.update_many(where={"id": 50}, data={"text": "new"}),
        db.thing.insert_many([row], skip_duplicates=True),
        db.thing.delete(where={"id": 50}),
        db.thing.insert_many([row]),
        db.thing.insert_many_returning([{**row, "id": 51}]),
        db.thing.delete_many(where={"id": {"gte": 50}}),
    ]


def test_all_operations_take_the_path_that_the_flag_says(service: tuple[DatabaseService[Any], Any]) -> None:
    made, db = service
    results = {}
    for fast in (True, False):
        made.route(fast=fast)
        results[fast] = operations(db)
        with db.transaction() as tx:
            assert tx.thing.count() == 7
    assert results[True] == results[False]
    counted = {each.way: each for each in made.paths if not each.shadow}
    assert counted[Way.FAST].operations == counted[Way.SQLALCHEMY].operations
    assert counted[Way.FAST].operations["thing.insert_many"] == 2
    assert set(counted[Way.SQLALCHEMY].quantiles) == {0.5, 0.95, 0.99}


SQL = 'SELECT id, json FROM "thing; drop" WHERE id < $1::int8 ORDER BY id'


@pytest.mark.parametrize("fast", [True, False])
def test_sql_of_your_own_takes_either_path_and_is_counted(
    service: tuple[DatabaseService[Any], Any], fast: bool
) -> None:
    made, db = service
    made.route(fast=fast)
    assert [each["id"] for each in db.query(SQL, 3)] == [1, 2]
    assert db.query_as(lambda *values: values[0], SQL, 3) == [1, 2]
    assert db.execute('UPDATE "thing; drop" SET text = text WHERE id < $1::int8', 3) == 2
    with pytest.raises(failures.StatementFailed):
        db.query("SELECT nope")
    counted = {each.way: each for each in made.paths if not each.shadow}
    way = Way.FAST if fast else Way.SQLALCHEMY
    assert counted[way].operations == {"database.query": 2, "database.query_as": 1, "database.execute": 1}
    assert counted[way].errors == {"StatementFailed": 1}
    assert counted[way.other].count == 0
    assert db.explain(SQL, [3])[0]["Plan"]
    assert {each.way: each for each in made.paths if not each.shadow}[Way.FAST].operations["database.explain"] == 1


VALUES = """SELECT '{"a": [1, null]}'::jsonb AS jb, '[1]'::json AS js, '{"{}"}'::jsonb[] AS jbs,
  '10.0.0.0/8'::inet AS net,
  1.50::numeric AS money, '{1,2}'::int8[] AS counts, '2024-01-02 03:04:05'::timestamp AS moment, 'x'::"char" AS letter,
  '2024-01-02 03:04:05+02'::timestamptz AS zoned, '1 day 2 hours'::interval AS span, '12:00'::time AS clock,
  '00000000-0000-0000-0000-000000000005'::uuid AS key, '\\x00ff'::bytea AS bytes, int4range(1, 5) AS numbers,
  1::oid AS oid, null::int4 AS nothing, $1::text AS given"""


def test_sql_of_your_own_gives_the_same_values_on_both_paths(service: tuple[DatabaseService[Any], Any]) -> None:
    made, db = service
    found: list[list[tuple[type, object]]] = []
    for fast in (True, False):
        made.route(fast=fast)
        [mapped] = db.query(VALUES, "é")
        [listed] = db.query_as(lambda *values: values, VALUES, "é")
        found += [[(type(each), each) for each in values] for values in (mapped.values(), listed)]
    assert found == [found[0]] * 4
    assert len(found[0]) == 17


def test_sql_of_your_own_takes_the_path_of_who_asks_and_is_not_shadowed(
    service: tuple[DatabaseService[Any], Any],
) -> None:
    made, db = service
    made.route(fast=50, shadow=100)
    names = [f"user-{number}" for number in range(8)]
    for name in names:
        with made.asker(name):
            assert db.execute("SELECT 1") == 1
    made.settled()
    counts = {each.way: each.count for each in made.paths if not each.shadow}
    assert counts[Way.FAST] == sum(bucket(name) < 50 for name in names)
    assert sum(counts.values()) == 8
    assert sum(each.count for each in made.paths if each.shadow) == 0


@pytest.mark.parametrize("fast", [True, False])
def test_a_transaction_of_either_path_has_all_that_runs_sql(
    service: tuple[DatabaseService[Any], Any], fast: bool
) -> None:
    made, db = service
    made.route(fast=fast)
    with db.listen("told") as notes:
        with db.transaction() as tx:
            assert tx.query_as(lambda *values: values[0], SQL, 3) == [1, 2]
            tx.notify("told", "committed")
            assert notes.get(timeout=0) is None
        told = notes.get(timeout=10)
        assert told is not None
        assert told.payload == "committed"


def test_operations_are_shared_out_by_percentage(service: tuple[DatabaseService[Any], Any]) -> None:
    made, db = service
    made.route(fast=50)
    for name in ("a", "b", "c", "d"):
        with made.asker(name):
            assert [db.thing.count() for _ in range(3)] == [7] * 3
    counts = {each.way: each.count for each in made.paths if not each.shadow}
    assert counts[Way.FAST] == 3 * sum(bucket(name) < 50 for name in ("a", "b", "c", "d"))
    assert sum(counts.values()) == 12


@pytest.mark.parametrize("fast", [True, False])
def test_a_transaction_is_one_of_either_path(service: tuple[DatabaseService[Any], Any], fast: bool) -> None:
    made, db = service
    made.route(fast=fast)
    with pytest.raises(failures.UniqueViolated), db.transaction() as tx:  # noqa: PT012  # all of it is the point
        tx.thing.insert({"id": 60, "texts": []})
        assert tx.query('SELECT count(*) AS n FROM "thing; drop"') == [{"n": 8}]
        tx.thing.insert({"id": 1, "texts": []})
    assert db.thing.count() == 7
    with db.transaction() as tx:
        tx.execute('DELETE FROM "thing; drop" WHERE id = $1::int8', 7)
        with pytest.raises(failures.UniqueViolated), tx.savepoint() as part:  # noqa: PT012  # as above
            part.thing.insert({"id": 60, "texts": []})
            part.thing.insert({"id": 1, "texts": []})
        tx.thing.insert(ROWS[6])
    assert db.thing.count() == 7
    with pytest.raises(failures.AccessError, match="over"):
        tx.thing.count()
    assert db.in_transaction(lambda inside: inside.thing.count()) == 7
    with pytest.raises(failures.ReadOnlyRefused, match="read-only"), db.transaction(read_only=True) as tx:
        tx.thing.delete_many()


@pytest.mark.parametrize("fast", [True, False])
def test_sql_of_ones_own_and_notes_go_with_a_transaction_of_either_path(
    service: tuple[DatabaseService[Any], Any], module: ModuleType, fast: bool
) -> None:
    made, db = service
    made.route(fast=fast)
    with db.listen("routed") as notes:
        with db.transaction() as tx:
            assert not [each for each in dir(module.Transaction) if not hasattr(tx, each)]
            tx.thing.insert({"id": 70, "texts": []})
            [row] = tx.query_as(module.Thing, 'SELECT * FROM "thing; drop" WHERE id = $1::int8', 70)
            assert row.id == 70
            assert tx.query_as(lambda *each: each, "SELECT $1::int4, 2", 1) == [(1, 2)]
            tx.notify("routed", "told")
            assert tx.thing.delete(where={"id": 70}) == row
        assert notes.get(timeout=5).payload == "told"


WRONG: list[tuple[Callable[[Any], object], type[Exception]]] = [
    (lambda db: db.thing.find_many(where={"nope": 1}), failures.UnknownField),
    (lambda db: db.thing.find_many(order_by={"id": "up"}), failures.InvalidCondition),
    (lambda db: db.thing.find_many(where={"number": {"like": 1}}), failures.InvalidCondition),
    (lambda db: db.thing.find_many(where={"labels": {"id": 1}}), failures.InvalidCondition),
    (lambda db: db.thing.find_unique({"number": 1}), failures.InvalidCondition),
    (lambda db: db.thing.find_many(where={"text": ["a"]}), failures.InvalidCondition),
    (lambda db: db.thing.insert([{"text": "a"}]), failures.InvalidCondition),
    (lambda db: db.thing.insert_many({"text": "a"}), failures.InvalidCondition),
    (lambda db: db.thing.get({"id": 99}), failures.NotFound),
    (lambda db: db.thing.aggregate(sum=["text"]), failures.InvalidCondition),
    (lambda db: db.thing.group_by([]), failures.InvalidCondition),
    (lambda db: db.thing.insert({"id": 1, "texts": []}), failures.UniqueViolated),
    (lambda db: db.thing.insert({"id": 70, "owner_id": 9}), failures.ForeignKeyViolated),
    (lambda db: db.thing.insert({"text": "no id"}), failures.ValidationFailed),
    (lambda db: db.thing.insert({"text": "no id"}, validate=False), failures.NotNullViolated),
    (lambda db: db.thing.insert({"id": 70, "short": "too long"}), failures.ValidationFailed),
    (lambda db: db.thing.insert({"id": 70, "short": "too long"}, validate=False), failures.InvalidValue),
    (lambda db: db.thing.insert({"id": 70, "key": "no uuid"}), failures.ValidationFailed),
    (lambda db: db.thing.insert({"id": 70, "key": "no uuid"}, validate=False), failures.InvalidValue),
    (lambda db: db.thing.insert({"id": 70, "json": object()}), failures.ValidationFailed),
    (lambda db: db.thing.insert({"id": 70, "json": object()}, validate=False), failures.InvalidValue),
    (lambda db: db.thing.insert_many([{"id": 71}, {"id": 72, "text": "x"}]), failures.InvalidValue),
    (lambda db: db.thing.insert_many([{"id": 71}, {"id": 1}]), failures.UniqueViolated),
    (lambda db: db.thing.upsert_many([{"id": 1}], key=["number"], update=[]), failures.InvalidCondition),
    (lambda db: db.thing.update(where={"id": 1}, data={"text": {"increment": 1}}), failures.InvalidCondition),
    (lambda db: db.thing.update(where={"id": 1}, data={"number": "many"}), failures.ValidationFailed),
    (lambda db: db.thing.update(where={"id": 1}, data={"number": "many"}, validate=False), failures.InvalidValue),
]


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize(("call", "kind"), WRONG)
def test_what_goes_wrong_is_of_the_same_type_on_both_paths(
    service: tuple[DatabaseService[Any], Any], call: Callable[[Any], object], kind: type[Exception], fast: bool
) -> None:
    made, db = service
    made.route(fast=fast)
    with pytest.raises(kind):
        call(db)
    [figures] = [each for each in made.paths if each.count]
    assert figures.errors == {kind.__name__: 1}
    made.route(fast=True)
    assert db.thing.count() == 7


def test_shadows_of_equal_paths_are_equal(service: tuple[DatabaseService[Any], Any]) -> None:
    made, db = service
    for fast in (True, False):
        made.route(fast=fast, shadow=100)
        reads(db)
        made.settled()  # a read that is run again three times while others write is told as a difference
        writes(db)
        db.thing.find_many(take=2)
        db.thing.find_many(include={"owner": True})
        made.settled()
    outcomes = made.shadows.outcomes
    assert made.differences == []
    assert outcomes[Outcome.EQUAL] >= 6
    assert {each for each, count in outcomes.items() if count} <= {Outcome.EQUAL, Outcome.MOVED, Outcome.SKIPPED}


@pytest.mark.parametrize("fast", [True, False])
def test_a_planted_difference_is_found(
    service: tuple[DatabaseService[Any], Any], monkeypatch: pytest.MonkeyPatch, fast: bool
) -> None:
    made, db = service
    made.route(fast=fast, shadow=100)
    monkeypatch.setitem(conditions._COMPARISONS, "lt", "<=")
    found = db.thing.find_many(where={"id": {"lt": 3}}, order_by={"id": "asc"})
    assert [each.id for each in found] == ([1, 2, 3] if fast else [1, 2])
    made.settled()
    [difference] = made.differences
    assert difference.operation == "thing.find_many"
    assert "{'lt': 3}" in difference.arguments
    assert difference.what == "3 rows and 2"
    assert difference.fast.startswith("3 rows: [Thing(id=1")
    assert difference.sqlalchemy.startswith("2 rows: [Thing(id=1")
    assert "<= $1::int8" in difference.statements[0]
    assert made.shadows.outcomes[Outcome.DIFFERENT] == 1


def test_a_planted_value_is_found(service: tuple[DatabaseService[Any], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made, db = service
    made.route(shadow=100)
    right = AlchemyTable._read

    def wrong(self: Any, wanted: Any) -> Any:
        rows = right(self, wanted)
        return [type(each)(each.id, "planted", *list(values(each))[2:]) for each in rows]

    monkeypatch.setattr(AlchemyTable, "_read", wrong)
    db.thing.find_many(where={"id": 1}, order_by={"id": "asc"})
    made.settled()
    db.thing.find_many(where={"id": 2})
    made.settled()
    assert [each.what for each in made.differences] == ["row 1: text differs"] * 2


def values(row: Any) -> Iterator[Any]:
    return (getattr(row, name) for name in row.__struct_fields__)


def test_a_shadow_that_fails_or_hangs_is_only_counted(
    service: tuple[DatabaseService[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, db = service
    made.route(shadow=100)
    errors = [failures.StatementTimedOut(), ZeroDivisionError(), failures.ConnectionLost()]

    def broken(self: Any, **_: Any) -> int:
        raise errors.pop()

    monkeypatch.setattr(AlchemyTable, "count", broken)
    for _ in range(3):
        assert db.thing.count() == 7
        made.settled()
    assert made.shadows.errors == {"StatementTimedOut": 1, "ZeroDivisionError": 1, "ConnectionLost": 1}
    assert made.shadows.outcomes[Outcome.TIMED_OUT] == 1
    assert made.shadows.outcomes[Outcome.FAILED] == 2
    assert made.differences == []
    assert {each.shadow: each.errors for each in made.paths if each.errors}.keys() == {True}


def test_what_somebody_wrote_in_between_is_no_difference(
    service: tuple[DatabaseService[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, db = service
    made.route(shadow=100)
    once = [1]
    right = AlchemyTable.count
    monkeypatch.setattr(AlchemyTable, "count", lambda self, **asked: right(self, **asked) + (once.pop() if once else 0))
    db.thing.count()
    made.settled()
    assert made.shadows.outcomes[Outcome.MOVED] == 1
    assert made.differences == []


def test_the_flag_takes_effect_while_the_service_runs(
    url: str, module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router_flags, "READ_AGAIN", 0.0)
    file = tmp_path / "route.toml"
    monkeypatch.setenv("PGARCHITECT_ROUTE_FILE", str(file))
    made = DatabaseService(module.Database(url, PoolOptions()))
    with made as db:
        db.thing.count()
        file.write_text("fast_path = false")
        db.thing.count()
        db.thing.count()
    assert {each.way: each.count for each in made.paths if not each.shadow} == {Way.FAST: 1, Way.SQLALCHEMY: 2}


def test_the_figures_are_metrics_of_prometheus(service: tuple[DatabaseService[Any], Any]) -> None:
    made, db = service
    registry = CollectorRegistry()
    registry.register(made.collector())
    made.route(fast=False, shadow=100)
    db.thing.count()
    made.settled()
    with pytest.raises(failures.UnknownField):
        db.thing.count(where={"nope": 1})
    told = generate_latest(registry).decode()
    for line in (
        'pgarchitect_operations_total{operation="thing.count",path="sqlalchemy",role="caller"} 2.0',
        'pgarchitect_operations_total{operation="thing.count",path="fast",role="shadow"} 1.0',
        'pgarchitect_operation_errors_total{error="UnknownField",path="sqlalchemy",role="caller"} 1.0',
        'pgarchitect_operation_seconds_count{path="sqlalchemy",role="caller"} 2.0',
        'pgarchitect_shadow_reads_total{outcome="equal"} 1.0',
        'pgarchitect_shadow_reads_total{outcome="different"} 0.0',
        "# TYPE pgarchitect_operation_seconds summary",
    ):
        assert line in told
    for quantile in ("0.5", "0.95", "0.99"):
        assert f'pgarchitect_operation_seconds{{path="sqlalchemy",quantile="{quantile}",role="caller"}}' in told


@pytest.mark.parametrize(
    ("operation", "asked", "differs"),
    [
        ("count", {"select": {"text": True}, "take": 2}, False),
        ("count", {"select": {"text": True}, "take": 2, "order_by": {"id": "asc"}}, True),
        ("count", {"select": {"text": True}}, True),
        ("count", {"take": 2}, True),
        ("find_first_or_raise", {}, False),
        ("find_first_or_raise", {"order_by": {"id": "asc"}}, True),
    ],
)
def test_what_no_order_decides_is_no_difference(
    module: ModuleType, operation: str, asked: dict[str, Any], differs: bool
) -> None:
    found = difference(Asked("thing", operation, (), asked), module.TABLES["thing"], {"text": 1}, {"text": 2})
    assert (found is not None) is differs


def test_quantiles_are_those_of_the_latest_durations() -> None:
    figures = Figures()
    for number in range(1, 5_001):
        figures.add(Way.FAST, "t.count", float(number), None, shadow=False)
    found = figures.of_paths()[0]
    assert found.count == 5_000
    latest = range(5_001 - 2_048, 5_001)
    assert found.quantiles == {each: latest[-(-int(each * 100) * 2_048 // 100) - 1] for each in (0.5, 0.95, 0.99)}


def test_the_other_world_is_routed_shadowed_and_stopped_in_time(
    url: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgarchitect.access.aio.routing.SHADOW_TIMEOUT", 0.2)

    async def work() -> None:
        service = AsyncService(module.AsyncDatabase(url, PoolOptions()))
        async with service as db:
            service.route(fast=True, shadow=100)
            await db.thing.find_many(where={"id": {"gt": 3}}, order_by={"id": "asc"})
            await service.settled()
            assert service.shadows.outcomes[Outcome.EQUAL] == 1
            with monkeypatch.context() as planted:
                planted.setitem(conditions._COMPARISONS, "gt", ">=")
                assert len(await db.thing.find_many(where={"id": {"gt": 3}}, order_by={"id": "asc"})) == 5
                await service.settled()
            assert [each.what for each in service.differences] == ["5 rows and 4"]
            for _ in range(10):
                await db.thing.count()
            assert service.shadows.outcomes[Outcome.SKIPPED] >= 1
            await service.settled()
            await sleeping(service, db, planted=monkeypatch)
            service.route(fast=False)
            assert len([row async for row in db.thing.stream(batch=2)]) == 7
            with pytest.raises(failures.UniqueViolated):  # noqa: PT012  # all of it is the point
                async with db.transaction() as tx:
                    await tx.query("SELECT 1 AS one")
                    await tx.thing.insert({"id": 80, "texts": []})
                    await tx.thing.insert({"id": 1, "texts": []})
            assert await db.thing.count() == 7

    async def sleeping(service: Any, db: Any, planted: pytest.MonkeyPatch) -> None:
        async def slow(self: Any, **_: Any) -> int:
            await asyncio.sleep(60)
            return 7

        with planted.context() as patched:
            patched.setattr("pgarchitect.access.aio.alchemy_table.AlchemyTable.count", slow)
            assert await db.thing.count() == 7
            await service.settled()
        assert service.shadows.outcomes[Outcome.TIMED_OUT] == 1

    asyncio.run(work())


def test_a_service_keeps_the_types_of_the_client(tmp_path: Path) -> None:
    client(SCHEMA, tmp_path, "routed_client")
    (tmp_path / "use.py").write_text(
        "from pgarchitect.access.aio.service import DatabaseService as AsyncService\n"
        "from pgarchitect.access.sync.service import DatabaseService\n"
        "from routed_client import AsyncDatabase, Database\n"
        "with DatabaseService(Database('')) as db:\n"
        "    reveal_type(db.thing.find_many())\n"
        "async def f() -> None:\n"
        "    async with AsyncService(AsyncDatabase('')) as db:\n"
        "        reveal_type(await db.owner.find_unique({'id': 1}))\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "use.py"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    revealed = [line.partition('is "')[2].rstrip('"') for line in told.splitlines()]
    assert revealed == ["list[routed_client.Thing]", "routed_client.Owner | None"]


@pytest.mark.parametrize("fast", [True, False])
def test_a_write_takes_relations_on_either_path(service: tuple[DatabaseService[Any], Any], fast: bool) -> None:
    made, db = service
    made.route(fast=fast)
    try:
        row = db.owner.insert(
            {"id": 80, "name": "c", "things": {"create": [{"id": 80, "texts": []}, {"id": 81, "texts": []}]}},
            include={"things": True},
        )
        assert sorted(each.id for each in row.things) == [80, 81]
        with pytest.raises(failures.RelatedNotFound):
            db.owner.update(where={"id": 80}, data={"name": "d", "things": {"connect": {"id": 99}}})
        assert db.owner.get({"id": 80}).name == "c"
        with pytest.raises(failures.ValidationFailed, match=r"short"):
            db.owner.update(where={"id": 80}, data={"things": {"create": {"id": 82, "short": "too long for it"}}})
        [figures] = [each for each in made.paths if each.count]
        assert figures.errors == {"RelatedNotFound": 1, "ValidationFailed": 1}
    finally:
        made.route(fast=True)
        db.thing.delete_many(where={"id": {"gte": 80}})
        db.owner.delete_many(where={"id": 80})


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda tx: tx.thing.insert({"id": 1, "texts": []}), failures.UniqueViolated),
        (
            lambda tx: tx.owner.update(where={"id": 1}, data={"things": {"connect": {"id": 99}}}),
            failures.RelatedNotFound,
        ),
    ],
)
def test_an_error_that_is_caught_ends_a_transaction_of_either_path(
    service: tuple[DatabaseService[Any], Any], call: Callable[[Any], object], kind: type[Exception], fast: bool
) -> None:
    made, db = service
    made.route(fast=fast)
    with pytest.raises(failures.TransactionBroken), db.transaction() as tx:  # noqa: PT012  # all of it is the point
        tx.owner.insert({"id": 85, "name": "lost"})
        with pytest.raises(kind):
            call(tx)
    made.route(fast=True)
    assert db.owner.count(where={"id": 85}) == 0
