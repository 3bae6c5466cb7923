"""What COPY streams: the server has the same rows of it as of statements whose values the drivers encode."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import ModuleType
from typing import Any
from uuid import UUID

import msgspec
import pytest

from pgarchitect.access import failures
from pgarchitect.access.columns import BLOCK
from pgarchitect.access.copying import copy_stream
from pgarchitect.access.statement import JSON_NULL
from pgarchitect.access.writing import rows_of
from tests.access_lab import EVERYTHING, client, create
from tests.access_nested_lab import world

SCHEMA = EVERYTHING.replace("@unique ", "").replace("texts  String[]", "texts  String[] @default([])")


class Mood(StrEnum):
    GLAD = "GLAD"


class Key(UUID):
    """As asyncpg's own."""


# Of each type what is at its edges; of some also what only the driver knows how to send.
STREAMED: dict[str, list[Any]] = {
    "text": ["", "é\U0001f600\n\t'\"\\", "x" * 5_000, Mood.GLAD],
    "short": ["a", "äöüßé"],
    "fixed": ["", "a", "äöü"],
    "key": [UUID(int=0), UUID(int=2**128 - 1), str(UUID(int=5)), Key(int=7)],
    "flag": [True, False],
    "small": [-32768, 32767],
    "number": [-(2**31), 2**31 - 1, 0],
    "big": [-(2**63), 2**63 - 1],
    "real": [1.5, -3.4028234e38, float("inf"), 1e-45],
    "double": [0.1, -1e308, 5e-324, float("-inf")],
    "moment": [datetime(1, 1, 2), datetime(1999, 12, 31, 23, 59, 59, 999999), datetime(2020, 1, 1, tzinfo=UTC)],  # noqa: DTZ001  # some without
    "zoned": [datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))],
    "day": [date(1, 1, 2), date(1999, 12, 31), date(9999, 12, 30)],
    "clock": [time(0, 0), time(23, 59, 59, 999999)],
    "json": [{"a": [1, None, "é"], "b": {"c": True}}, [], "\\u0000", 5, False, msgspec.Raw(b'{"a":\n1}')],
    "plain": [{"z": 1, "a": "\0"}, "x\ny", None],
    "bytes": [b"", bytes(range(256))],
    "mood": ["so so", Mood.GLAD],
    "odd": [7],
}
DRIVEN: dict[str, list[Any]] = {
    "number": [True],
    "double": [5],
    "moment": [datetime.max, datetime.min],  # noqa: DTZ901  # without a zone
    "zoned": [datetime.max.replace(tzinfo=UTC)],
    "day": [date.max, date.min],
    "money": [Decimal("1.5"), 1],
    "bytes": [bytearray(b"x")],
    "texts": [["a"], []],
}


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(SCHEMA, tmp_path_factory.mktemp("client"), "copied_things_client")


@pytest.fixture(params=["threads", "asyncio"])
def db(request: pytest.FixtureRequest, fresh_database: str, things: ModuleType) -> Iterator[Any]:
    create(fresh_database, SCHEMA)
    with world(request.param, things, fresh_database) as made:
        yield made


def stored(db: Any) -> list[str]:
    """All rows as the server shows them, in the order in which they were written, and none any more."""
    text = 'DELETE FROM "thing; drop" t RETURNING id, regexp_replace(t::text, $1, $2) r'
    rows = db.query(text, "^.[0-9]+,", "")
    return [each["r"] for each in sorted(rows, key=lambda each: each["id"])]


def messages(things: ModuleType, rows: Sequence[dict[str, Any]]) -> list[bytes] | None:
    stream = copy_stream(rows_of(things.TABLES["thing"], rows))
    return None if stream is None else list(stream)


def test_the_server_has_what_the_driver_would_have_sent(db: Any, things: ModuleType) -> None:
    chance = random.Random(11)  # noqa: S311  # no secret
    for _ in range(60):
        fields = chance.sample(list(STREAMED), chance.randint(1, 8))
        nullable = [each for each in fields if chance.random() < 0.3]
        rows = [
            {
                each: None if each in nullable and chance.random() < 0.4 else chance.choice(STREAMED[each])
                for each in fields
            }
            for _ in range(chance.choice([1, 2, BLOCK, BLOCK + 1, 3 * BLOCK - 1]))
        ]
        assert messages(things, rows) is not None
        assert db.thing.insert_many(rows) == len(rows)
        by_copy = stored(db)
        db.thing.insert_many_returning(rows)
        assert by_copy == stored(db)
        assert len(by_copy) == len(rows)


def test_wide_rows_are_left_to_the_driver(db: Any, things: ModuleType) -> None:
    rows = [{field: values[number % len(values)] for field, values in STREAMED.items()} for number in range(2 * BLOCK)]
    assert messages(things, rows) is None
    assert db.thing.insert_many(rows) == len(rows)
    by_copy = stored(db)
    db.thing.insert_many_returning(rows)
    assert by_copy == stored(db)


@pytest.mark.parametrize("field", DRIVEN)
def test_what_only_the_driver_knows_is_left_to_it(db: Any, things: ModuleType, field: str) -> None:
    for value in DRIVEN[field]:
        rows = [{field: each} for each in (*STREAMED.get(field, [])[:1], value)]
        assert messages(things, rows) is None, value
        try:
            written = db.thing.insert_many(rows)
        except failures.InvalidValue:
            written = 0  # drivers differ in what they send
        assert len(stored(db)) == written


def test_infinity_is_what_the_driver_takes_for_it(db: Any, things: ModuleType) -> None:
    db.thing.insert_many([{"day": date(2026, 1, 1)}, {"day": date.max}])
    is_asyncio = not isinstance(db, things.Database)
    assert stored(db)[1].count("infinity") == is_asyncio


def test_messages_are_of_bounded_length(db: Any, things: ModuleType) -> None:
    rows = [{"text": "x" * (3 << 20), "bytes": b"y" * 10}, *[{"text": "z", "bytes": b""}] * BLOCK]
    sent = messages(things, rows)
    assert sent is not None
    assert len(sent) > 4
    assert max(map(len, sent)) <= 1 << 20
    assert db.thing.insert_many(rows) == BLOCK + 1
    assert (
        db.query('SELECT sum(length(text)) + sum(length(bytes)) n FROM "thing; drop"')[0]["n"] == (3 << 20) + 10 + BLOCK
    )


def test_of_json_each_value_is_looked_at_where_a_look_at_many_does_not_tell(db: Any) -> None:
    rows: list[dict[str, Any]] = [{"json": {"n": number}, "plain": "\\u0000"} for number in range(2 * BLOCK)]
    rows[BLOCK + 1]["json"] = JSON_NULL
    rows[BLOCK + 2]["json"] = None
    rows[3]["json"] = "\\u0000"
    assert db.thing.insert_many(rows) == len(rows)
    assert db.thing.count(where={"json": None}) == 1
    rows[BLOCK + 7]["json"] = {"a": ["\0"]}
    rows[5]["json"] = object()
    with pytest.raises(failures.ValidationFailed) as raised:
        db.thing.insert_many(rows)
    assert [each.partition(" json ")[0] for each in raised.value.problems] == ["Row 6:", f"Row {BLOCK + 8}:"]
    assert len(stored(db)) == len(rows)


def test_what_the_server_refuses_in_the_middle_is_told_and_nothing_is_written(db: Any) -> None:
    rows = [{"id": number, "text": "x" * 1_000} for number in range(10 * BLOCK)]
    rows[3 * BLOCK] = rows[0]
    with pytest.raises(failures.UniqueViolated):
        db.thing.insert_many(rows)
    with pytest.raises(failures.UniqueViolated), db.transaction() as tx:
        tx.thing.insert_many(rows)
    assert db.thing.count() == 0


def test_values_that_nobody_looked_at_are_told_by_type(db: Any) -> None:
    rows = [{"text": "a", "number": 1}] * BLOCK
    for wrong in ({"text": "\ud800"}, {"text": "\0"}, {"number": 2**31}, {"number": "x"}):
        with pytest.raises(failures.InvalidValue):
            db.thing.insert_many([*rows, {**rows[0], **wrong}], validate=False)
        assert db.thing.count() == 0
