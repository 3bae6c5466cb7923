"""Validators of writes: good values pass, bad ones are refused before the database sees them; JSON Schema agrees."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from pgarchitect.schema.mirrors.json_schema import json_schema_file
from pgarchitect.schema.mirrors.source import mirror_source
from tests.python_mirrors import python_mirrors, schema_of


def named(value: object) -> str:
    """As repr says it, but for an address in it: every process must give a test the same name."""
    return type(value).__name__ if type(value) is object else repr(value)


SCHEMA = """
enum Mood {
  good
  bad  @map("B A D")
}

model All {
  id      Int      @id @default(autoincrement())
  small   Int?     @db.SmallInt
  whole   Int?
  big     BigInt?
  oid     Int?     @db.Oid
  float   Float?
  money   Decimal? @db.Decimal(6, 2)
  flag    Boolean?
  text    String?
  short   String?  @db.VarChar(3)
  letter  String?  @db.Char(2)
  bits    String?  @db.Bit(4)
  someBits String? @map("some_bits") @db.VarBit(4)
  key     String?  @db.Uuid
  at      DateTime?
  day     DateTime? @db.Date
  hour    DateTime? @db.Time
  data    Json?
  blob    Bytes?
  mood    Mood?
  moods   Mood[]
  words   String[] @db.VarChar(3)
  /// @min 1
  /// @max 5
  stars   Int?
  /// @minLength 2
  /// @maxLength 4
  /// @pattern ^[a-z]+$
  code    String?  @db.VarChar(9)
  /// @minLength 1
  /// @maxLength 2
  tags    String[]
  /// @shape {"type": "object", "additionalProperties": false, "required": ["kind"],
  ///   "properties": {"kind": {"enum": ["a", "b"]}, "size": {"type": ["integer", "null"]},
  ///     "points": {"type": "array", "minItems": 1, "items": {"type": "number", "exclusiveMinimum": 0}}}}
  shaped  Json?
  /// @shape {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "object",
  ///   "additionalProperties": {"type": "integer"}}]}
  either  Json?
}

model Needed {
  id      Int      @id
  name    String
  shown   Boolean
  mood    Mood     @default(bad)
  made    DateTime @default(now())
  touched DateTime @updatedAt
  note    String?
  hidden  String?  @ignore
  secret  Int      @default(1) @ignore
}
"""
GOOD: dict[str, list[Any]] = {
    "small": [0, -(2**15), 2**15 - 1, None],
    "whole": [2**31 - 1, -(2**31)],
    "big": [2**63 - 1, -(2**63)],
    "oid": [0, 2**32 - 1],
    "float": [1, 0.5, -1e300],
    "money": [Decimal("9999.99"), 1, "0.01", "-9999.99"],
    "flag": [True, False],
    "text": ["", "x" * 1000, "it's"],
    "short": ["", "äöü"],
    "letter": ["a", "ab"],
    "bits": ["1010"],
    "some_bits": ["", "1", "0101"],
    "key": [UUID(int=1), "00000000-0000-4000-8000-000000000001"],
    "at": [dt.datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05Z"],  # noqa: DTZ001  # a timestamp has no zone
    "day": [dt.date(2026, 1, 2), "2026-01-02"],
    "hour": [dt.time(1, 2), "01:02:03"],
    "data": [{}, [1, "a", None, {"b": [True]}], "x", 1, None],
    "blob": [b"", b"\x00\xff"],
    "mood": ["good", "B A D"],
    "moods": [[], ["good", "B A D"], None],
    "words": [[], ["abc", ""]],
    "stars": [1, 5],
    "code": ["ab", "abcd"],
    "tags": [["a"], ["a", "b"]],
    "shaped": [{"kind": "a"}, {"kind": "b", "size": None, "points": [0.5, 1]}],
    "either": ["abc", {"n": 1}, {}],
}
BAD: dict[str, list[Any]] = {
    "small": [2**15, "x", 0.5],
    "whole": [2**31, -(2**31) - 1],
    "big": [2**63],
    "oid": [-1, 2**32],
    "float": ["x"],
    "money": [Decimal(10000), Decimal("0.001"), "x", 10000, "10000", "0.001"],
    "flag": ["perhaps", 2],
    "text": [1, b"\xff"],
    "short": ["abcd"],
    "letter": ["abc"],
    "bits": ["101", "10101", "10a0"],
    "some_bits": ["01010", "2"],
    "key": ["x"],
    "at": ["yesterday"],
    "day": ["2026-02-30"],
    "hour": ["25:00"],
    "data": [object(), {1: 2}],
    "blob": [1],
    "mood": ["bad", "GOOD"],
    "moods": ["good", [None], ["bad"]],
    "words": [["abcd"], "abc", [1]],
    "stars": [0, 6],
    "code": ["a", "abcde", "AB"],
    "tags": [[], ["a", "b", "c"]],
    "shaped": [
        {},
        {"kind": "c"},
        {"kind": "a", "more": 1},
        {"kind": "a", "points": []},
        {"kind": "a", "points": [0]},
        1,
    ],
    "either": ["abcd", {"n": "x"}, 1],
}


@pytest.fixture(scope="module")
def writes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module of validators."""
    with python_mirrors(schema_of(SCHEMA), tmp_path_factory.mktemp("writes")) as mirrors:
        yield mirrors.writes


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_a_good_value_passes(name: str, value: object, writes: Any) -> None:  # noqa: ANN401  # made at run time
    for kind in (writes.AllCreate, writes.AllUpdate):
        written = kind(**{name: value})
        assert written.model_fields_set == {name}
        assert len(written.columns()) == 1


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values], ids=named
)
def test_a_bad_value_is_refused_and_named(name: str, value: object, writes: Any) -> None:  # noqa: ANN401  # likewise
    for kind in (writes.AllCreate, writes.AllUpdate):
        with pytest.raises(ValidationError) as refused:
            kind(**{name: value})
        assert {each["loc"][0] for each in refused.value.errors()} == {name}


def test_what_has_no_default_is_required_of_a_new_row_alone(writes: Any) -> None:  # noqa: ANN401  # likewise
    with pytest.raises(ValidationError) as refused:
        writes.NeededCreate()
    assert [each["loc"] for each in refused.value.errors()] == [("id",), ("name",), ("shown",)]
    assert {each["type"] for each in refused.value.errors()} == {"missing"}
    assert writes.NeededUpdate().columns() == {}
    made = writes.NeededCreate(id=1, name="n", shown=True)
    assert made.columns() == {"id": 1, "name": "n", "shown": True}


def test_null_is_refused_where_the_column_refuses_it(writes: Any) -> None:  # noqa: ANN401  # likewise
    assert writes.NeededUpdate(note=None).columns() == {"note": None}
    for name in ("id", "name", "shown", "mood", "made", "touched"):
        with pytest.raises(ValidationError):
            writes.NeededUpdate(**{name: None})


def test_nothing_unknown_and_nothing_hidden_is_written(writes: Any) -> None:  # noqa: ANN401  # likewise
    for name in ("nam", "hidden", "secret", "someBits", "some_bits"):
        with pytest.raises(ValidationError, match="Extra inputs"):
            writes.NeededUpdate(**{name: "x"})
    made = writes.NeededUpdate(name="n")
    with pytest.raises(ValidationError, match="frozen"):
        made.name = "m"


def test_columns_have_the_databases_names_and_enums_its_labels(writes: Any) -> None:  # noqa: ANN401  # likewise
    assert writes.AllUpdate(some_bits="1", mood="B A D").columns() == {"some_bits": "1", "mood": "B A D"}


def test_what_goes_through_json_comes_back(writes: Any) -> None:  # noqa: ANN401  # likewise
    made = writes.AllUpdate(blob=b"\x00\xff", money="1.50", at="2026-01-02T03:04:05", mood="good", data={"a": None})
    again = writes.AllUpdate.model_validate_json(made.model_dump_json(exclude_unset=True))
    assert again == made
    assert again.columns() == made.columns()


_OF_PYTHON_ONLY = {("data", 0), ("data", 1), ("text", 1), ("day", 0), ("hour", 0), ("at", 0), ("key", 0)}
"""Bad values that JSON cannot have, or that a JSON Schema knows by ``format``, which validators need not check."""


def test_the_json_schema_takes_and_refuses_the_same() -> None:
    document = json.loads(json_schema_file(mirror_source(schema_of(SCHEMA))))
    Draft202012Validator.check_schema(document)
    validator = Draft202012Validator({**document, "$ref": "#/$defs/AllUpdate"})
    fields = {"some_bits": "someBits"}
    for name, values in GOOD.items():
        for value in values:
            if isinstance(value, str | int | float | list | dict | None):
                assert validator.is_valid({fields.get(name, name): value}), (name, value)
    for name, values in BAD.items():
        for number, value in enumerate(values):
            if isinstance(value, str | int | float | list | dict) and (name, number) not in _OF_PYTHON_ONLY:
                assert not validator.is_valid({fields.get(name, name): value}), (name, value)
    needed = Draft202012Validator({**document, "$ref": "#/$defs/NeededCreate"})
    assert needed.is_valid({"id": 1, "name": "n", "shown": True})
    for missing in ({"id": 1, "name": "n"}, {"id": 1, "name": "n", "shown": True, "hidden": "x"}):
        assert not needed.is_valid(missing)
