"""The mirrors in Python on a server: what SQLAlchemy creates by them is what a migration makes; rows go in and out."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.lowering import lower
from tests.module_database import module_database
from tests.python_mirrors import SOURCES, PythonMirrors, own_schema, python_mirrors, schema_of
from tests.sqlalchemy_lab import PREPARED, differences, engine_of

MOMENT_OF_ZONE = dt.datetime(2026, 2, 3, 4, 5, 6, 789_000, dt.UTC)
MOMENT = MOMENT_OF_ZONE.replace(tzinfo=None)
KEY = UUID("00000000-0000-4000-8000-000000000001")
WRITTEN: Mapping[str, Mapping[str, Any]] = {
    "Texts": {
        **dict.fromkeys(("plain", "text", "varchar", "varchar_n", "citext"), "it's “text”\n"),
        "char": "c",
        "char_n": "abc",
        "bit": "1",
        "bit_n": "10101010",
        "varbit": "10",
        "varbit_n": "1",
        "uuid": KEY,
        # No XML: the server that we carry is built without it.
        "inet": "10.0.0.1",
        "list": ["a", 'b"c', "d,e", ""],
        "chars": [],
    },
    "Numbers": {
        **dict.fromkeys(("int", "integer"), -(2**31)),
        "small": 2**15 - 1,
        "oid": 2**32 - 1,
        "big": 2**63 - 1,
        "bigint": -(2**63),
        **dict.fromkeys(("float", "double", "real"), 0.5),
        "decimal": Decimal("1.000000000000000000000000000001"),
        "decimal_p": Decimal(9_999_999_999),
        "decimal_ps": Decimal("-123456789012345.67891"),
        "money": "$12.50",
        "ints": [1, 2],
        "bigs": [2**40],
        "floats": [0.25],
        "decimals": [Decimal("1.125")],
    },
    "Times": {
        "id": 1,
        **dict.fromkeys(("plain", "timestamp", "timestamp6"), MOMENT),
        **dict.fromkeys(("timestamptz", "tz3"), MOMENT_OF_ZONE),
        "date": MOMENT.date(),
        **dict.fromkeys(("time", "time0"), dt.time(4, 5, 6)),
        **dict.fromkeys(("timetz", "timetz6"), dt.time(4, 5, 6, tzinfo=dt.UTC)),
        "many": [MOMENT, MOMENT],
        "dates": [MOMENT.date()],
    },
    "Others": {
        "id": 1,
        **dict.fromkeys(("yes", "bool"), True),
        "json_": {"a": [1, None, "x", {"b": False}]},
        "jsonb": [],
        "json1": "text",
        **dict.fromkeys(("bytes", "bytea"), b"\x00\xff"),
        "colour": "b l u e",
        "maybe": None,
        "all": ["red", "GREEN"],
        "bools": [True, False],
        "jsons": [{"a": 1}, [2], 3],
        "blobs": [b"", b"\x01"],
    },
    "Unsupporteds": {
        "id": 1,
        "point": "(1,2)",
        "circle": "<(1,2),3>",
        "box": ["(2,2),(1,1)"],
        "vector": "'a' 'b'",
        "range": "[2026-01-01 00:00:00+00,2026-01-02 00:00:00+00)",
        "line": "[(1,2),(3,4)]",
    },
    "Defaults": {
        **dict.fromkeys(("cuid1", "cuid1b", "cuid2", "ulid", "nano", "nano16", "gen"), "x"),
        "uuid7": KEY,
    },
    "ListDefaults": {"id": 1},
}
"""Model → attribute → value, of a row of each model of types.prisma; what is left out has a default."""


DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
READ: Mapping[str, Mapping[str, Any]] = {"Unsupporteds": {"range": Range(DAY, DAY + dt.timedelta(days=1))}}
"""What SQLAlchemy has a type of its own for; the rows of the data layer have texts."""


@pytest.mark.parametrize("name", SOURCES)
def test_create_all_makes_what_a_migration_makes(name: str, fresh_database: str, tmp_path: Path) -> None:
    assert differences(own_schema(name), fresh_database, tmp_path) == ()


def test_an_index_that_is_missing_would_be_seen(fresh_database: str, tmp_path: Path) -> None:
    found = differences(own_schema("types"), fresh_database, tmp_path, without="json_path_ops")
    assert sorted(each.split()[0] for each in found) == ["CREATE", "DROP"]


@pytest.fixture(scope="module")
def types(
    server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[PythonMirrors, sa.Engine]]:
    """The mirrors of types.prisma, and a database that has its tables."""
    schema = own_schema("types")
    script = create_script(lower(schema))
    with (
        module_database(server, "mirrors_types", PREPARED, script) as url,
        python_mirrors(schema, tmp_path_factory.mktemp("types")) as mirrors,
        engine_of(url) as engine,
    ):
        yield mirrors, engine


def table_of(mirrors: PythonMirrors, model: str) -> sa.Table:
    """The table of a model that has the model's name."""
    found: sa.Table = mirrors.tables.metadata.tables[model]
    return found


@pytest.mark.parametrize("model", WRITTEN)
def test_what_is_written_is_read_as_what_the_mirrors_say(model: str, types: tuple[PythonMirrors, sa.Engine]) -> None:
    mirrors, engine = types
    table = table_of(mirrors, model)
    written = getattr(mirrors.writes, f"{model}Create")(**WRITTEN[model])
    with engine.begin() as connection:
        connection.execute(table.insert().values(written.columns()))
        read = {str(name): value for name, value in connection.execute(sa.select(table)).mappings().one().items()}
    for name, value in READ.get(model, {}).items():
        assert read[name] == value
        read[name] = WRITTEN[model][name]
    row = msgspec.convert(read, getattr(mirrors.rows, model), strict=True)
    assert {name: getattr(row, name.rstrip("_")) for name in WRITTEN[model]} == dict(WRITTEN[model])


def test_none_is_null_where_there_may_be_one_and_else_a_document(fresh_database: str, tmp_path: Path) -> None:
    schema = schema_of("model Papers {\n  id Int @id\n  maybe Json?\n  always Json\n}\n")
    with python_mirrors(schema, tmp_path) as mirrors, engine_of(fresh_database) as engine:
        mirrors.tables.metadata.create_all(engine)
        written = mirrors.writes.PapersCreate(id=1, maybe=None, always=None)
        with engine.begin() as connection:
            connection.execute(mirrors.tables.papers.insert().values(written.columns()))
            texts = connection.execute(sa.text('SELECT maybe::text, always::text FROM "Papers"')).one()
    assert tuple(texts) == (None, "null")


EXTENDED = """model Things {
  id    Int @id
  place Unsupported("vector(3)")?
  half  Unsupported("halfvec(2)")?
  pairs Unsupported("hstore")?
  span  Unsupported("interval")?
  days  Unsupported("daterange")?
  net   String? @db.Inet
}
"""


def test_types_of_extensions_and_of_sqlalchemy(fresh_database: str, tmp_path: Path) -> None:
    week = dt.timedelta(days=7)
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE EXTENSION vector; CREATE EXTENSION hstore")
    with python_mirrors(schema_of(EXTENDED), tmp_path) as mirrors, engine_of(fresh_database) as engine:
        mirrors.tables.metadata.create_all(engine)
        things = mirrors.tables.things
        first = mirrors.writes.ThingsCreate(
            id=1, place=[1, 2.5, -3], half=[0.5, 1], pairs="a=>1", span=week, days="[2026-01-01,2026-01-02)", net="::1"
        )
        second = mirrors.writes.ThingsCreate(id=2, net="10.1.0.0/16")
        with engine.begin() as connection:
            connection.execute(things.insert(), [first.columns()])
            connection.execute(things.insert().values(second.columns()))
            rows = connection.execute(sa.select(things).order_by(things.c.id)).all()
            day = connection.execute(sa.select(things.c.id).where(things.c.days.contains(dt.date(2026, 1, 1)))).all()
    days = Range(dt.date(2026, 1, 1), dt.date(2026, 1, 2))
    assert tuple(rows[0]) == (1, [1.0, 2.5, -3.0], [0.5, 1.0], {"a": "1"}, week, days, "::1")
    assert tuple(rows[1]) == (2, None, None, None, None, None, "10.1.0.0/16")
    assert [row.id for row in day] == [1]


def test_an_update_writes_what_was_given_and_nothing_else(types: tuple[PythonMirrors, sa.Engine]) -> None:
    mirrors, engine = types
    table = table_of(mirrors, "Indexes")
    given = {"inet": "10.0.0.1", "json": {}, "at": MOMENT, "uuid": KEY, "price": 1, "file": b"", "f": 1, "code": "c"}
    first = mirrors.writes.IndexesCreate(a=1, b=2, text="t", json_=given.pop("json"), **given)
    change = mirrors.writes.IndexesUpdate(text="other", tags=None)
    assert change.columns() == {"text": "other", "tags": None}
    with engine.begin() as connection:
        connection.execute(table.insert().values(first.columns()))
        connection.execute(table.update().where(table.c.a == 1).values(change.columns()))
        read = connection.execute(sa.select(table)).mappings().one()
    assert (read["text"], read["tags"], read["b"], read["live"]) == ("other", None, 2, True)


def test_what_clients_make_is_made(types: tuple[PythonMirrors, sa.Engine]) -> None:
    mirrors, engine = types
    table = table_of(mirrors, "Defaults")
    given = dict.fromkeys(("cuid1", "cuid1b", "cuid2", "ulid", "nano", "nano16", "gen"), "x")
    with engine.begin() as connection:
        statement = table.insert().values(**given, uuid7=KEY).returning(table)
        made = connection.execute(statement).mappings().one()
        touched = made["touched"]
        connection.execute(table.update().where(table.c.id == made["id"]).values(text="new"))
        again = connection.execute(sa.select(table).where(table.c.id == made["id"])).mappings().one()
    assert UUID(made["uuid"]).version == 4
    assert made["uuid4"].version == 4
    assert isinstance(made["auto"], int)
    assert (made["text"], again["text"]) == ('it\'s "quoted"\\ \n with a tab\tand é € 😀', "new")
    assert again["touched"] >= touched
    assert table.c.nano16.info == {"default": "nanoid(16)"}


def test_create_all_can_be_taken_back(fresh_database: str, tmp_path: Path) -> None:
    """The enums are part of it: they come and go with all tables, and stay when one table goes."""
    with python_mirrors(own_schema("edfinance"), tmp_path) as mirrors, engine_of(fresh_database) as engine:
        metadata = mirrors.tables.metadata
        metadata.create_all(engine)
        metadata.create_all(engine)
        enums = sa.text("SELECT count(*) FROM pg_type WHERE typtype = 'e'")
        with engine.begin() as connection:
            assert connection.execute(enums).scalar() == len(own_schema("edfinance").enums)
            leaf = next(each for each in reversed(metadata.sorted_tables) if any(map(_is_enum, each.c)))
            leaf.drop(connection)
            assert connection.execute(enums).scalar() == len(own_schema("edfinance").enums)
        metadata.drop_all(engine)
        with engine.begin() as connection:
            assert connection.execute(enums).scalar() == 0


def _is_enum(column: "sa.Column[Any]") -> bool:
    return isinstance(column.type, sa.Enum)
