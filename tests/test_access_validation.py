"""Validation before write: what is let through the server takes unchanged, what is refused is told by name, unsent."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from pgarchitect.access import failures
from pgarchitect.access.validation.json_shapes import shape_check
from pgarchitect.access.validation.values import column_check
from tests.access_lab import EVERYTHING, client, create, opened
from tests.access_nested_lab import listened, world

RULES = """
datasource db {
  provider = "postgresql"
}

enum Mood {
  SAD  @map("so so")
  GLAD
}

model Ruled {
  id     Int      @id @default(autoincrement())
  email  String   @unique @db.VarChar(8)
  /// @minLength 2
  /// @pattern ^[a-z]+$
  name   String?
  /// @min 0
  /// @max 150
  age    Int?
  mood   Mood     @default(GLAD)
  price  Decimal? @db.Decimal(6, 2)
  /// @min 0.5
  share  Float?
  /// @maxLength 2
  tags   String[]
  bits   String?  @db.Bit(3)
  /// @shape {"type": "object", "required": ["vi"], "properties": {"vi": {"type": "string", "minLength": 1}, "n": {"type": "integer"}}, "additionalProperties": false}
  title  Json?
  /// @maxLength 3
  bytes  Bytes?
}
"""  # noqa: E501  # as a person would write it


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(RULES, tmp_path_factory.mktemp("client"), "ruled_client")


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(EVERYTHING, tmp_path_factory.mktemp("client"), "checked_things_client")


@pytest.fixture(params=["threads", "asyncio"])
def db(request: pytest.FixtureRequest, fresh_database: str, ruled: ModuleType) -> Iterator[Any]:
    create(fresh_database, RULES)
    with world(request.param, ruled, fresh_database) as made:
        yield made


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"email": "123456789"}, "email is too long: it has 9 characters, and at most 8 fit."),
    ({"email": None}, "email is None, but the column must have a value."),
    ({"email": 5}, "email takes a text, not int."),
    ({"email": "a\0"}, "email has the character NUL, which PostgreSQL cannot store."),
    ({"email": "\ud800"}, "email has half of a surrogate pair, which UTF-8 cannot write."),
    ({"name": "a"}, "name is too short: it has 1 characters, and must have at least 2."),
    ({"name": "A1"}, "name does not match the pattern ^[a-z]+$."),
    ({"age": -1}, "age is -1, and at least 0 fits."),
    ({"age": 151}, "age is 151, and at most 150 fits."),
    ({"age": 2**31}, "age is 2147483648, and at most 150 fits."),
    ({"age": "5"}, "age takes a whole number, not str."),
    ({"age": 5.5}, "age takes a whole number, not float."),
    ({"id": 2**31}, "id is 2147483648, and at most 2147483647 fits."),
    ({"mood": "SAD"}, "mood is 'SAD', and may be one of so so, GLAD."),
    ({"mood": 1}, "mood takes one of so so, GLAD, and not int."),
    ({"price": Decimal(10000)}, "price is 10000, and at most 4 digits fit before the point."),
    ({"price": Decimal("0.001")}, "price is 0.001, and at most 2 digits fit behind the point."),
    ({"price": Decimal("Infinity")}, "price is Infinity, and at most 4 digits fit before the point."),
    ({"price": "5"}, "price takes a number, not str."),
    ({"share": 0.25}, "share is 0.25, and at least 0.5 fits."),
    ({"tags": ["a", "b", "c"]}, "tags is too long: it has 3 items, and at most 2 fit."),
    ({"tags": "ab"}, "tags takes a list, not str."),
    ({"tags": ["a", 1]}, "tags has an item 2 that takes a text, not int."),
    ({"bits": "10"}, "bits does not match the pattern ^[01]{3}$."),
    ({"title": {"vi": "a", "n": "x"}}, "title does not have its shape: .n must be an integer, not str."),
    ({"title": {"n": 1}}, "title does not have its shape: .vi is missing."),
    ({"title": {"vi": ""}}, "title does not have its shape: .vi is shorter than 1."),
    ({"title": {"vi": "a", "z": 1}}, "title does not have its shape: .z is not known."),
    ({"title": [1]}, "title does not have its shape: it must be an object, not list."),
    ({"title": {"vi": "\0"}}, "title has the character NUL, which PostgreSQL cannot store."),
    ({"title": {"vi": object()}}, "title cannot be written as JSON"),
    ({"bytes": b"abcd"}, "bytes is too long: it has 4 bytes, and at most 3 fit."),
    ({"bytes": "abc"}, "bytes takes bytes, not str."),
]


def test_a_value_that_does_not_fit_is_told_before_anything_is_sent(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = listened(monkeypatch)
    for values, told in REFUSED:
        for call in _writes(db, values):
            with pytest.raises(failures.ValidationFailed) as raised:
                call()
            assert told in str(raised.value)
            assert len(raised.value.problems) == 1
    assert sent == []


def _writes(db: Any, values: dict[str, Any]) -> list[Callable[[], object]]:
    """All ways to write a value."""
    row = {"email": "a", "tags": [], **values}
    fine: dict[str, Any] = {
        "email": "b",
        "tags": [],
        **{name: None for name in values if name not in {"email", "id", "mood", "tags"}},
    }
    return [
        lambda: db.ruled.insert(row),
        lambda: db.ruled.insert_many([row]),
        lambda: db.ruled.insert_many_returning([row, fine] if set(fine) == set(row) else [row]),
        lambda: db.ruled.update(where={"email": "a"}, data=values),
        lambda: db.ruled.update_many(data={name: {"set": value} for name, value in values.items()}),
        lambda: db.ruled.upsert(where={"email": "a"}, create=row, update={}),
        lambda: db.ruled.upsert(where={"email": "a"}, create={"email": "a", "tags": []}, update=values),
        lambda: db.ruled.upsert_many([row], key=["email"], update=["age"]),
    ]


def test_all_that_is_wrong_is_told_at_once(db: Any) -> None:
    rows = [
        {"email": "a", "age": 1, "tags": []},
        {"email": None, "age": -1, "tags": []},
        {"email": "b", "age": "x", "tags": 1},
    ]
    with pytest.raises(failures.ValidationFailed) as raised:
        db.ruled.insert_many(rows)
    assert raised.value.problems == (
        "Row 2: email is None, but the column must have a value.",
        "Row 2: age is -1, and at least 0 fits.",
        "Row 3: age takes a whole number, not str.",
        "Row 3: tags takes a list, not int.",
    )
    assert str(raised.value).endswith("Nothing was written to ruled; correct what is named.")
    with pytest.raises(failures.ValidationFailed) as raised:
        db.ruled.insert_many([{"age": i} for i in range(200, 250)])
    assert len(raised.value.problems) == 51
    assert "And 31 more." in str(raised.value)
    assert raised.value.problems[0] == "email is missing, and has no default."
    with pytest.raises(failures.ValidationFailed, match=r"email is missing.*") as raised:
        db.ruled.insert({"age": 200, "mood": "x"})
    assert len(raised.value.problems) == 3
    assert db.ruled.count() == 0


def test_who_does_not_want_it_leaves_it_out(fresh_database: str, ruled: ModuleType) -> None:
    create(fresh_database, RULES)
    row = {"email": "a", "age": 500, "tags": []}
    with opened(ruled, fresh_database) as db:
        assert db.ruled.insert(row, validate=False).age == 500
        assert db.ruled.insert_many([{**row, "email": "b"}], validate=False) == 1
        with pytest.raises(failures.ValidationFailed):
            db.ruled.insert({**row, "email": "c"})
        with pytest.raises(failures.NotNullViolated):
            db.ruled.insert({"age": 1}, validate=False)
    with world("threads", ruled, fresh_database, validate=False) as db:
        assert db.ruled.insert({**row, "email": "c"}).age == 500
        with db.transaction() as tx:
            assert tx.ruled.update(where={"email": "c"}, data={"age": 600}).age == 600
        with pytest.raises(failures.InvalidValue, match="too long"):
            db.ruled.insert({**row, "email": "123456789"})


class Label(StrEnum):
    SAD = "so so"


def test_what_stands_for_a_value_is_one(fresh_database: str, ruled: ModuleType) -> None:
    create(fresh_database, RULES)
    row = {"email": "a", "mood": Label.SAD, "age": True, "price": 5, "share": 1, "title": {"vi": "x"}, "tags": ("t",)}
    with opened(ruled, fresh_database) as db:
        db.ruled.insert_many([row, {**row, "email": "b"}])
        assert [(each.mood, each.age, each.price) for each in db.ruled.find_many()] == [
            ("so so", 1, Decimal("5.00"))
        ] * 2


# Values at the edge of each type of tests.access_lab.EVERYTHING, on both sides of it.
EDGES: dict[str, list[Any]] = {
    "text": ["", "x" * 1000, "\0", "\ud83d", "é\U0001f600", 5, b"x"],
    "short": ["", "äöüßé", "abcdef", "abcd\0"],
    "fixed": ["abc", "a", "abcd"],
    "key": [UUID(int=5), "00000000-0000-0000-0000-000000000007", "{00000000000000000000000000000008}", "nonsense", 5],
    "flag": [True, False, "x"],
    "small": [2**15 - 1, -(2**15), 2**15, -(2**15) - 1, 1.5, "x"],
    "number": [2**31 - 1, -(2**31), 2**31, -(2**31) - 1, True],
    "big": [2**63 - 1, -(2**63), 2**63, -(2**63) - 1],
    "real": [1.5, 3.4028234e38, 3.5e38, -3.5e38, float("inf"), float("nan"), 7, 10**400, "x"],
    "double": [1e308, -1e308, float("-inf"), 10**400, Decimal("0.5"), "x"],
    "money": [
        *map(Decimal, ("0.0001", "0.00010", "1E+2", "9999999999999999.9999", "NaN", "1E-300")),
        *map(Decimal, ("0.00001", "10000000000000000", "-99999999999999999", "Infinity", "1E+300")),
        10**15,
        10**16,
        -(10**16),
        0.25,
        0.00001,
        "x",
    ],
    "moment": [datetime(2000, 1, 1), datetime(2000, 1, 1, tzinfo=UTC), 5],  # noqa: DTZ001  # without a zone
    "zoned": [datetime(2000, 1, 1, tzinfo=UTC), "x"],
    "day": [date(2000, 1, 1), 5],
    "clock": [time(1, 2), 5],
    "json": [{"a": [1]}, "x", 5, "\0", {"\0": 1}, "\\u0000", "\\\0", {"a": object()}, "\ud800"],
    "plain": [{"a": 1}, "\0", object()],
    "bytes": [b"", bytearray(b"x"), "x"],
    "mood": ["GLAD", "so so", "SAD", "", 5],
    "net": ["10.0.0.1", "\0"],
    "texts": [[], ["a"], ["\0"], "ab", [5], None],
    "counts": [[1], [2**31], ["x"]],
    "moods": [["GLAD"], ["no"]],
    "jsons": [[{"a": 1}], ["\0"]],
}


def test_what_is_let_through_the_server_takes_and_what_is_refused_it_does_not(
    fresh_database: str, things: ModuleType
) -> None:
    """Only what it would change (round, or take a text for) is refused though it would take it."""
    create(fresh_database, EVERYTHING)
    lenient = {("money", repr(each)) for each in (Decimal("0.00001"), Decimal("1E-300"), 0.00001)}
    lenient |= {("plain", repr("\0")), ("flag", repr("x"))}
    with opened(things, fresh_database) as db:
        shape = things.TABLES["thing"]
        for name, values in EDGES.items():
            check = column_check(shape.column(name))
            for value in values:
                fits = not check.one(value)
                row = {name: value, **({} if name == "texts" else {"texts": []})}
                try:
                    made = db.thing.insert(row, validate=False)
                except failures.AccessError:
                    assert not fits, (name, value)
                    continue
                if (name, repr(value)) not in lenient:
                    kept = getattr(made, name)
                    assert fits or kept != value, (name, value, check.one(value))


def test_a_look_at_all_values_never_passes_what_a_look_at_each_refuses(things: ModuleType, ruled: ModuleType) -> None:
    chance = random.Random(7)  # noqa: S311  # no secret
    passed = 0
    for module in (things, ruled):
        for shape in module.TABLES.values():
            for column in shape.columns:
                check = column_check(column)
                pool = [*EDGES.get(column.name, EDGES["text"]), None, "abc", 3, Decimal("1.5"), {"vi": "x"}, ["a"]]
                pool += [each[0][column.name] for each in REFUSED if column.name in each[0]]
                # A UUID as text and a JSON value are looked at when they are converted.
                late = column.kind in {"uuid", "json"}
                fitting = [each for each in pool if not check.one(each)]
                assert fitting
                for _ in range(200):
                    values = chance.choices(chance.choice([pool, fitting]), k=chance.randint(1, 4))
                    if check.fits(values):
                        passed += 1
                        wrong = [each for each in values if check.one(each)]
                        assert not wrong or late, (column.name, wrong)
                assert any(check.fits([each]) for each in fitting)
    assert passed > 2000


SCHEMAS: list[tuple[str, list[Any], list[Any]]] = [
    ('{"type": ["string", "null"]}', ["a", None], [1, [], {}]),
    ('{"type": "integer"}', [1, 1.0, -5], [1.5, True, "1", None]),
    ('{"type": "number", "exclusiveMinimum": 0, "maximum": 2}', [0.1, 2], [0, 2.1, True, "1"]),
    ('{"enum": ["a", 1, null, true]}', ["a", 1, None, True], ["b", 2, False, 0]),
    ('{"const": 1}', [1], [True, 2, "1"]),
    (
        '{"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2}',
        [["a"], ["a", "b"]],
        [[], [1], ["a"] * 3],
    ),
    ('{"anyOf": [{"type": "object", "required": ["a"]}, {"type": "string"}]}', [{"a": 1}, "x"], [{}, 1]),
    ('{"type": "object", "additionalProperties": {"type": "integer"}}', [{}, {"a": 1}], [{"a": "x"}, []]),
    (
        '{"properties": {"a": {"properties": {"b": {"type": "string", "pattern": "^x"}}}}}',
        [{}, {"a": {"b": "xy"}}],
        [{"a": {"b": "y"}}, 1],
    ),
    ("{}", [1, None, {}], []),
]


@pytest.mark.parametrize(("schema", "fitting", "other"), SCHEMAS)
def test_shapes_are_json_schemas(schema: str, fitting: list[Any], other: list[Any]) -> None:
    check = shape_check(schema)
    assert [check(each) for each in fitting] == [""] * len(fitting)
    assert all(check(each) for each in other)
