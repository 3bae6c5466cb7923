"""The client of the memory's own tables: it says what the schema says, and the schema what the migrations make."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from pgarchitect.memory.client import TABLES
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.memory.preparation import migrations
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.schema.agreement import Sides, differences
from pgarchitect.schema.client.module import World, client_module
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.psl.reading import read_schema
from pgarchitect.settings import Settings

MEMORY = Path(str(files("pgarchitect.memory")))
SCHEMA = MEMORY / "schema.prisma"
TEXT = SCHEMA.read_text(encoding="utf-8")
COLUMNS = """
SELECT a.attname::text, a.atttypid::regtype::text, a.attnotnull
FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
_WITHOUT_EXTRAS = """
import sys
for name in ("asyncpg", "sqlalchemy", "prometheus_client", "pyarrow", "polars"):
    sys.modules[name] = None
from pgarchitect.access.failures import ExtraMissing
from pgarchitect.memory.client import Database
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.postgres.connection import connect
with connect(sys.argv[1], read_only=False) as connection:
    log = OptimizationLog(connection)
    log.prepare()
    print(log.entries(), log.latest_snapshot("shop"))
    for missing in (lambda: Database("").listen("feed"), lambda: Database("").analytics):
        try:
            missing()
        except ExtraMissing as error:
            print(error)
"""
_LOADED = """
import sys
from typer.testing import CliRunner
from pgarchitect.cli.main import app
assert CliRunner().invoke(app, ["audit", "--help"]).exit_code == 0
print(*sorted(each for each in sys.modules if each == "pgarchitect.memory.optimization_log"
              or each in ("msgspec", "pgarchitect.memory.client", "pgarchitect.access.sync.database")))
"""


@pytest.fixture
def home(fresh_database: str) -> Iterator[Connection]:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE EXTENSION vector")
        OptimizationLog(connection).prepare()
        yield connection


@pytest.fixture
def sides(home: Connection, fresh_database: str) -> Sides:
    """The schema, the memory's migrations, and a database that they made."""
    made = tuple(Migration(f"{number:04}_{name}", script) for number, name, script in migrations())
    return Sides(SCHEMA, {SCHEMA.name: TEXT}, made, fresh_database)


def test_the_client_is_what_the_schema_says() -> None:
    text = client_module(read_schema(SCHEMA), worlds=[World.THREADS])
    assert (MEMORY / "client.py").read_text(encoding="utf-8") == text, (
        "run: pgarchitect schema client --only threads --schema src/pgarchitect/memory src/pgarchitect/memory/client.py"
    )


def test_schema_migrations_and_database_agree(sides: Sides, settings: Settings) -> None:
    assert differences(sides, settings) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  intent         String\n", "  intent         String?\n"),
        ('Unsupported("vector(384)")', 'Unsupported("vector(385)")'),
        ("onDelete: Cascade", "onDelete: Restrict"),
        ('  @@index([created_at], map: "optimization_log_created_at")\n', ""),
    ],
)
def test_a_schema_that_says_something_else_is_found_out(
    sides: Sides, settings: Settings, before: str, after: str
) -> None:
    assert before in TEXT
    changed = replace(sides, sources={SCHEMA.name: TEXT.replace(before, after)})
    assert {each.between for each in differences(changed, settings)} == {"migrations and schema"}


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX pgarchitect.optimization_log_embedding",
        "ALTER TABLE pgarchitect.optimization_log DROP CONSTRAINT optimization_log_verdict_check",
        "ALTER TABLE pgarchitect.workload_snapshot ADD COLUMN more int",
        "DROP TRIGGER append_only ON pgarchitect.optimization_log",
        "ALTER FUNCTION pgarchitect.refuse_change() RESET search_path",
    ],
)
def test_a_database_that_somebody_changed_is_found_out(
    sides: Sides, settings: Settings, home: Connection, change: str
) -> None:
    home.execute(change)
    assert {each.between for each in differences(sides, settings)} == {"database and migrations"}


def test_every_table_and_column_of_the_client_is_in_the_catalog(home: Connection) -> None:
    """Of views, too, which a schema is not compared with."""
    for shape in TABLES.values():
        there = {name: (kind, required) for name, kind, required in home.execute(COLUMNS, (shape.qualified,))}
        is_view = shape.name == "optimization"
        for column in shape.columns:
            kind, required = there.pop(column.column)
            (same,) = home.execute("SELECT %s::regtype = %s::regtype", (kind, column.type)).fetchone() or (None,)
            assert same, f"{shape.name}.{column.name} is {kind}"
            assert is_view or required is not column.nullable, f"{shape.name}.{column.name}"
        assert is_view or not there, f"{shape.name} has more columns: {there}"
    relations = home.execute(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'pgarchitect'::regnamespace AND relkind IN ('r', 'v')"
    )
    assert {name for (name,) in relations} == {each.table for each in TABLES.values()}


def test_the_memory_needs_none_of_the_extras(fresh_database: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_EXTRAS, fresh_database], capture_output=True, text=True, check=False
    )
    told = [
        "() None",
        "LISTEN needs asyncpg; run: pip install 'pgarchitect[access]'.",
        "Analytics needs SQLAlchemy; run: pip install 'pgarchitect[access]'.",
    ]
    assert (done.stdout.splitlines(), done.stderr) == (told, "")


def test_help_does_not_load_the_data_layer() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert re.fullmatch(r"pgarchitect\.memory\.optimization_log\n", done.stdout), done.stdout
