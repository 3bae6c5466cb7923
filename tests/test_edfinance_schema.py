"""The sample's schema.prisma and migrations say the same, and leave foreign keys without an index as Prisma does."""

import re
from importlib.resources import files

from examples.edfinance.generate import MIGRATIONS
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.difference import Wishes
from pgarchitect.schema.migrations.folder import read_migrations
from pgarchitect.schema.migrations.planning import plan
from pgarchitect.schema.psl.reading import read_schema
from pgarchitect.settings import Settings

SCALARS = {
    "Int": "integer",
    "BigInt": "bigint",
    "String": "text",
    "String[]": "ARRAY",
    "Boolean": "boolean",
    "DateTime": "timestamp without time zone",
    "Decimal": "numeric",
    "Json": "jsonb",
}

Columns = dict[tuple[str, str], tuple[str, bool]]
"""(table, column) → (type, nullable)."""


def prisma_columns() -> Columns:
    """The columns that schema.prisma declares."""
    text = files("examples.edfinance").joinpath("schema.prisma").read_text(encoding="utf-8")
    enums = set(re.findall(r"^enum (\w+)", text, re.MULTILINE))
    columns: Columns = {}
    for body in re.findall(r"^model \w+ \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        table = re.search(r'@@map\("(\w+)"\)', body)
        assert table is not None
        for name, kind, rest in re.findall(r"^  (\w+)\s+(\S+)(.*)$", body, re.MULTILINE):
            base = kind.rstrip("?")
            if base not in SCALARS and base not in enums:
                continue  # the other end of a relation, not a column
            mapped = re.search(r'@map\("(\w+)"\)', rest)
            declared = "uuid" if "@db.Uuid" in rest else SCALARS.get(base, "USER-DEFINED")
            nullable = kind.endswith("?") or base.endswith("[]")
            columns[table[1], mapped[1] if mapped else name] = (declared, nullable)
    return columns


def test_prisma_and_the_catalog_agree(edfinance: str) -> None:
    with connect(edfinance) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name NOT LIKE 'pg\\_stat%'"
            " AND table_name <> '_prisma_migrations'"
        ).fetchall()
    catalog: Columns = {(table, column): (kind, nullable) for table, column, kind, nullable in rows}
    assert catalog == prisma_columns()
    assert len({table for table, _ in catalog}) == 15


def test_the_migrations_lead_to_the_schema(settings: Settings) -> None:
    schema = read_schema(MIGRATIONS.parent / "schema.prisma")
    assert plan(schema, read_migrations(MIGRATIONS), settings).steps(Wishes()) == ()


def test_there_is_no_index_but_those_of_keys(edfinance: str) -> None:
    with connect(edfinance) as connection:
        rows = connection.execute(
            "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisprimary ORDER BY 1"
        ).fetchall()
    assert [name for (name,) in rows] == [
        "courses_slug_key",
        "enrolments_user_id_course_id_key",
        "user_progress_user_id_lesson_id_key",
        "users_email_key",
        "wallets_user_id_key",
    ]
