"""Random operations of the client on random data of every type, for hypothesis."""

import string
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from pgarchitect.access.fields import Field

SCHEMA = """
datasource db {
  provider = "postgresql"
}

enum Mood {
  SAD  @map("so so")
  GLAD

  @@map("mood of the day")
}

model Owner {
  id     Int     @id
  name   String  @unique
  things Thing[]
}

model Label {
  id     Int     @id
  text   String
  things Thing[]
}

model Thing {
  id      BigInt    @id
  text    String?
  short   String?   @db.VarChar(5)
  fixed   String?   @db.Char(3)
  key     String?   @unique @db.Uuid
  flag    Boolean?
  small   Int?      @db.SmallInt
  number  Int?
  big     BigInt?
  real    Float?    @db.Real
  double  Float?
  money   Decimal?  @db.Decimal(20, 4)
  moment  DateTime?
  zoned   DateTime? @db.Timestamptz(6)
  day     DateTime? @db.Date
  clock   DateTime? @db.Time(6)
  json    Json?
  plain   Json?     @db.Json
  bytes   Bytes?
  mood    Mood?
  net     String?   @db.Inet
  bits    String?   @db.VarBit(9)
  texts   String[]
  counts  Int[]
  moods   Mood[]
  jsons   Json[]
  moneys  Decimal[]
  days    DateTime[] @db.Date
  odd     Int?      @map("odd \\"name\\" % -- ;")
  ownerId Int?
  owner   Owner?    @relation(fields: [ownerId], references: [id])
  labels  Label[]

  @@map("thing; drop")
}
"""
PAIRS = '"_LabelToThing"'
"""The table between labels and things: A is the label."""

Strategy = st.SearchStrategy[Any]
IDS = st.integers(1, 6)
TEXTS = st.one_of(
    st.sampled_from(["", "a", "A", "ab ", "%", "_", "\\", "/", "é\U0001f600", "'\"", "NULL", "ß", "İ"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6),
)
KEYS = st.sampled_from([UUID(int=0), UUID(int=2**128 - 1), UUID(int=5)])
DAYS = st.dates(date(1, 1, 2), date(9999, 12, 30))
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))  # noqa: DTZ001  # zones are drawn
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=11))])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
DECIMALS = st.one_of(
    st.decimals(Decimal(-(10**15)), Decimal(10**15), places=4),
    st.sampled_from([Decimal("NaN"), Decimal(0), Decimal("9999999999999999.9999")]),
)
MOODS = st.sampled_from(["so so", "GLAD"])
VALUES: dict[str, Strategy] = {
    "text": TEXTS,
    "short": st.text(string.ascii_letters + " é", max_size=5),
    "fixed": st.text("ab ", max_size=3),
    "key": KEYS,
    "flag": st.booleans(),
    "small": st.integers(-(2**15), 2**15 - 1),
    "number": st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 3),
    "big": st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
    "real": st.floats(width=32) | st.sampled_from([0.5, 1.0]),
    "double": st.floats() | st.sampled_from([0.1, 1.0]),
    "money": DECIMALS,
    "moment": st.one_of(MOMENTS, st.datetimes(datetime(2000, 1, 1), timezones=ZONES)),  # noqa: DTZ001  # likewise
    "zoned": st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES),  # noqa: DTZ001  # likewise
    "day": DAYS,
    "clock": st.times(),
    "json": JSON.filter(lambda value: value is not None),
    "plain": JSON.filter(lambda value: value is not None),
    "bytes": st.binary(max_size=5),
    "mood": MOODS,
    "net": st.sampled_from(["10.0.0.0/8", "10.1.2.3/32", "::1/128", "fe80::/10"]),
    "bits": st.text("01", max_size=9),
    "odd": st.integers(-3, 3),
    "owner_id": st.integers(1, 2),
}
LISTS: dict[str, Strategy] = {
    "texts": TEXTS,
    "counts": VALUES["number"],
    "moods": MOODS,
    "jsons": VALUES["json"],
    "moneys": DECIMALS,
    "days": DAYS,
}
NUMBERS = ["small", "number", "big", "real", "double", "money", "odd"]
ORDERED = [*NUMBERS, "text", "short", "moment", "zoned", "day", "clock", "bytes", "mood", "key", "net"]
WORDED = {"text", "short", "fixed"}
SUMMED = ["small", "number", "big", "money", "odd"]
WRONG: dict[str, Any] = {
    "number": 2**40,
    "short": "123456",
    "mood": "nope",
    "bits": "012",
    "owner_id": 99,
    "big": 2**70,
}
"""Values that the database refuses."""

Operation = tuple[str, str, tuple[Any, ...], dict[str, Any]]
"""Table, name of the method, its arguments."""


def value_of(name: str) -> Strategy:
    """A value of a field, perhaps None."""
    if name in LISTS:
        return st.lists(LISTS[name], max_size=3)
    return st.integers(0, 4).flatmap(lambda number: VALUES[name] if number else st.none())


@st.composite
def rows(draw: st.DrawFn, least: int = 0) -> dict[str, Any]:
    """A row to write: some of the fields."""
    names = draw(st.lists(st.sampled_from([*VALUES, *LISTS]), min_size=least, max_size=6, unique=True))
    row = {name: draw(value_of(name)) for name in names}
    if draw(st.integers(0, 19)) == 7:
        name = draw(st.sampled_from(sorted(WRONG)))
        row[name] = WRONG[name]
    return row


@st.composite
def same_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows that have the same fields."""
    names = draw(st.lists(st.sampled_from([*VALUES, *LISTS]), max_size=5, unique=True))
    numbers = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    return [{"id": number, **{name: draw(value_of(name)) for name in names}} for number in numbers]


@st.composite
def conditions(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    """What ``where`` may be, of things."""
    kinds = (
        ["all", "all", "field", "field", "list", "id", "and", "or", "not", "owner", "labels"]
        if depth
        else ["all", "field", "list", "id"]
    )
    kind = draw(st.sampled_from(kinds))
    if kind == "all":
        return {}
    if kind == "id":
        return {"id": draw(IDS | st.fixed_dictionaries({"in": st.lists(IDS, max_size=3)}))}
    if kind == "field":
        name = draw(st.sampled_from(sorted(VALUES)))
        return {name: draw(field_test(name))}
    if kind == "list":
        name = draw(st.sampled_from(sorted(LISTS)))
        return {name: draw(list_test(name))}
    below = conditions(depth - 1)
    if kind == "owner":
        return {"owner": draw(st.none() | st.sampled_from([{"is": None}, {"is_not": None}, {"name": "o1"}]))}
    if kind == "labels":
        word = draw(st.sampled_from(["some", "every", "none"]))
        return {"labels": {word: draw(st.sampled_from([{}, {"text": "l1"}, {"things": {"some": {"flag": True}}}]))}}
    if kind == "not":
        return {"NOT": draw(below)}
    return {kind.upper(): draw(st.lists(below, max_size=2))}


@st.composite
def field_test(draw: st.DrawFn, name: str) -> object:
    """What may be asked of a field."""
    value = VALUES[name]
    choices: list[Strategy] = [st.none(), value, st.fixed_dictionaries({"not": st.none() | value})]
    if name in {"json", "plain"}:
        choices = [st.none(), st.fixed_dictionaries({"equals": value})]
        choices += [st.fixed_dictionaries({word: value}) for word in ("json_contains", "json_contained_by")]
        choices += [st.fixed_dictionaries({"has_key": TEXTS})]
        choices += [
            st.fixed_dictionaries({word: st.lists(TEXTS, max_size=2)}) for word in ("has_any_key", "has_all_keys")
        ]
        return draw(st.one_of(choices))
    choices += [st.fixed_dictionaries({word: st.lists(value, max_size=3)}) for word in ("in", "not_in")]
    if name in ORDERED:
        choices += [st.fixed_dictionaries({word: value}) for word in ("lt", "lte", "gt", "gte")]
        like = [each for each in ORDERED if each == name or {each, name} <= set(NUMBERS) or {each, name} <= WORDED]
        field = st.sampled_from(like).map(Field)
        choices += [st.fixed_dictionaries({word: field}) for word in ("equals", "not", "lt", "lte", "gt", "gte")]
    if name in WORDED:
        words = st.sampled_from(["a", "ab & !b", "a | b", "(", ""])
        choices += [st.fixed_dictionaries({word: words}) for word in ("search", "websearch")]
        mode = {"mode": st.sampled_from(["default", "insensitive"])}
        choices += [st.fixed_dictionaries({word: TEXTS, **mode}) for word in ("contains", "starts_with", "ends_with")]
        choices += [
            st.fixed_dictionaries({"equals": TEXTS, **mode}),
            st.fixed_dictionaries({"in": st.lists(TEXTS), **mode}),
        ]
    return draw(st.one_of(choices))


@st.composite
def list_test(draw: st.DrawFn, name: str) -> object:
    """What may be asked of a list."""
    several = st.lists(LISTS[name], max_size=3)
    choices: list[Strategy] = [
        several,
        st.fixed_dictionaries({"is_empty": st.booleans()}),
        st.fixed_dictionaries({"has": LISTS[name]}),
        st.fixed_dictionaries({"has_every": several}),
        st.fixed_dictionaries({"has_some": several}),
        st.fixed_dictionaries({"not": several}),
    ]
    return draw(st.one_of(choices))


@st.composite
def orders(draw: st.DrawFn) -> list[dict[str, Any]]:
    """An order in which no two things are equal."""
    direction = st.sampled_from(["asc", "desc"])
    key = direction | st.fixed_dictionaries({"sort": direction, "nulls": st.sampled_from(["first", "last"])})
    made = [{name: draw(key)} for name in draw(st.lists(st.sampled_from(ORDERED), max_size=2, unique=True))]
    return [*made, {"id": draw(direction)}]


@st.composite
def find_many(draw: st.DrawFn) -> Operation:
    """A read of many things."""
    asked: dict[str, Any] = {"where": draw(conditions()), "order_by": draw(orders())}
    if draw(st.booleans()):
        asked["take"] = draw(st.sampled_from([0, 1, 2, -1, -2]))
    if draw(st.booleans()):
        asked["skip"] = draw(st.integers(0, 2))
    extra = draw(st.sampled_from(["", "cursor", "distinct", "select", "include", "include"]))
    if extra == "cursor":
        asked["cursor"] = draw(st.fixed_dictionaries({"id": IDS}) | st.fixed_dictionaries({"key": KEYS}))
    elif extra == "distinct":
        asked["distinct"] = draw(
            st.lists(st.sampled_from(["flag", "small", "mood"]), min_size=1, max_size=2, unique=True)
        )
    elif extra == "select":
        names = draw(st.lists(st.sampled_from([*VALUES, *LISTS, "id"]), min_size=1, max_size=4, unique=True))
        asked["select"] = names
    elif extra == "include":
        label = {"order_by": {"id": draw(st.sampled_from(["asc", "desc"]))}, "take": draw(st.sampled_from([1, 2, -1]))}
        asked["include"] = draw(st.sampled_from([{"owner": True}, {"labels": label}, {"owner": True, "labels": label}]))
        if draw(st.booleans()):
            asked["include"] = {**asked["include"], "_count": True}
    return ("thing", "find_many", (), asked)


@st.composite
def owners(draw: st.DrawFn) -> Operation:
    """A read of owners with their things, and the things' labels."""
    things: dict[str, Any] = {"where": draw(conditions(0)), "order_by": draw(orders()), "skip": draw(st.integers(0, 1))}
    things["include"] = {"labels": {"order_by": {"id": "asc"}}}
    if draw(st.booleans()):
        things["take"] = draw(st.sampled_from([1, 2, -1, -2]))
    extra = draw(st.sampled_from(["", "cursor", "distinct"]))
    if extra == "cursor":
        things["cursor"] = {"id": draw(IDS)}
    elif extra == "distinct":
        things["distinct"] = draw(
            st.lists(st.sampled_from(["flag", "small", "mood", "moods"]), min_size=1, max_size=2, unique=True)
        )
    if draw(st.booleans()):
        things["include"]["_count"] = {"labels": draw(st.just(True) | st.just({"where": {"text": "l1"}}))}
    include = {"things": things, "_count": {"things": draw(st.fixed_dictionaries({"where": conditions(1)}))}}
    return ("owner", "find_many", (), {"order_by": {"id": "asc"}, "include": include})


@st.composite
def counts(draw: st.DrawFn) -> Operation:
    """The number of things, of a part of them, or of values."""
    asked: dict[str, Any] = {"where": draw(conditions(2))}
    for name, kind in {
        "order_by": orders(),
        "take": st.sampled_from([0, 1, 2, -1, -2]),
        "skip": st.integers(0, 2),
        "cursor": st.fixed_dictionaries({"id": IDS}),
        "distinct": st.lists(st.sampled_from(["flag", "small", "mood"]), min_size=1, max_size=2, unique=True),
    }.items():
        if draw(st.integers(0, 3)) == 0:
            asked[name] = draw(kind)
    if draw(st.booleans()) and (("order_by" in asked) or not set(asked) & {"take", "skip", "distinct"}):
        fields = st.sampled_from(["_all", *VALUES, *LISTS])
        asked["select"] = dict.fromkeys(draw(st.lists(fields, min_size=1, max_size=3)), True)
    return ("thing", "count", (), asked)


def _where(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.fixed_dictionaries({"id": IDS}) | st.fixed_dictionaries({"key": KEYS}))
    return {**draw(conditions()), **key} if draw(st.integers(0, 2)) == 0 else key


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """What an update sets."""
    row = draw(rows(1))
    if draw(st.booleans()):
        name = draw(st.sampled_from(NUMBERS))
        word = draw(st.sampled_from(["increment", "decrement", "multiply", "divide", "set"]))
        row[name] = {word: draw(st.integers(0, 3))}
    if draw(st.integers(0, 3)) == 1:
        name = draw(st.sampled_from(sorted(LISTS)))
        row[name] = {"push": draw(LISTS[name])}
    return row


@st.composite
def figures(draw: st.DrawFn) -> Operation:
    """Figures of things."""
    asked: dict[str, Any] = {"where": draw(conditions()), "sum": draw(st.lists(st.sampled_from(SUMMED), unique=True))}
    asked["avg"] = draw(st.lists(st.sampled_from(SUMMED), max_size=1))
    asked["min"] = draw(st.lists(st.sampled_from([name for name in ORDERED if name != "key"]), max_size=2, unique=True))
    asked["max"] = asked["min"]
    asked["count"] = draw(st.booleans()) or not (asked["sum"] or asked["avg"] or asked["min"])
    if draw(st.booleans()):
        return ("thing", "aggregate", (), asked)
    by = draw(
        st.lists(
            st.sampled_from(["flag", "small", "mood", "net", "owner_id", "moods"]), min_size=1, max_size=2, unique=True
        )
    )
    if draw(st.booleans()):
        asked |= {"count": True, "having": {"count": {"gte": draw(st.integers(0, 2))}}}
    if draw(st.booleans()):
        name = draw(st.sampled_from([name for name in ORDERED if name != "key"]))
        asked["having"] = {f"{draw(st.sampled_from(['min', 'max']))}_{name}": draw(field_test(name))}
    return ("thing", "group_by", (by,), asked)


@st.composite
def writes(draw: st.DrawFn) -> Operation:
    """A write of one thing or of many."""
    row = draw(rows())
    choices: dict[str, Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]] = {
        "insert": lambda: (({"id": draw(IDS), **row},), {}),
        "insert_many": lambda: ((draw(same_rows()),), {"skip_duplicates": draw(st.booleans())}),
        "insert_many_returning": lambda: ((draw(same_rows()),), {"skip_duplicates": draw(st.booleans())}),
        "upsert": lambda: ((), _upsert(draw, row)),
        "upsert_many": lambda: _upsert_many(draw),
        "update": lambda: ((), {"where": _where(draw), "data": draw(changes())}),
        "update_many": lambda: ((), {"where": draw(conditions()), "data": draw(changes())}),
        "update_many_returning": lambda: ((), {"where": draw(conditions()), "data": draw(changes())}),
        "delete": lambda: ((), {"where": _where(draw)}),
        "delete_many": lambda: ((), {"where": {"AND": [draw(conditions()), {"id": draw(IDS)}]}}),
    }
    name = draw(st.sampled_from(["insert", "insert_many", *choices]))
    given, asked = choices[name]()
    return ("thing", name, given, asked)


def _upsert(draw: st.DrawFn, row: dict[str, Any]) -> dict[str, Any]:
    number = draw(IDS)
    create = {"id": draw(st.sampled_from([number, number, number, 7])), **row} if draw(st.integers(0, 7)) else row
    where = {**draw(conditions()), "id": number} if draw(st.integers(0, 3)) == 0 else {"id": number}
    return {"where": where, "create": create, "update": draw(changes())}


def _upsert_many(draw: st.DrawFn) -> tuple[tuple[Any, ...], dict[str, Any]]:
    several = draw(same_rows())
    names = [name for name in several[0] if name != "id"]
    update = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    return (several,), {"key": ["id"], "update": update}


@st.composite
def reads(draw: st.DrawFn) -> Operation:
    """A read of one thing or of many."""
    kind = draw(st.sampled_from(["many", "many", "many", "unique", "first", "count", "figures", "owners"]))
    if kind == "unique":
        return ("thing", "find_unique", (_where(draw),), draw(st.sampled_from([{}, {"include": {"owner": True}}])))
    if kind == "first":
        return ("thing", "find_first", (), {"where": draw(conditions()), "order_by": draw(orders())})
    return draw({"many": find_many(), "figures": figures(), "owners": owners(), "count": counts()}[kind])


@st.composite
def links(draw: st.DrawFn) -> Operation:
    """A label of a thing, which has no operation yet: SQL."""
    label, number = draw(st.integers(1, 3)), draw(IDS)
    text = f'INSERT INTO {PAIRS} SELECT $1::int4, "id" FROM "thing; drop" WHERE "id" = $2::int8 ON CONFLICT DO NOTHING'
    return ("", "execute", (text, label, number), {})


@st.composite
def beginnings(draw: st.DrawFn) -> list[Operation]:
    """Some things, each with values in many fields, so that what follows finds something."""
    made: list[Operation] = []
    for number in range(1, draw(st.integers(2, 4))):
        names = draw(st.lists(st.sampled_from([*VALUES, *LISTS]), min_size=12, max_size=24, unique=True))
        made.append(("thing", "insert", ({"id": number, **{name: draw(value_of(name)) for name in names}},), {}))
    return made


@st.composite
def sequences(draw: st.DrawFn) -> list[Operation]:
    """Operations in turn."""
    one = st.one_of(writes(), writes(), links(), reads(), reads(), reads())
    return [*draw(beginnings()), *draw(st.lists(one, min_size=5, max_size=10))]


OPERATIONS: st.SearchStrategy[list[Operation]] = sequences()
"""Operations in turn: on one database they tell what the other path must give on another."""
