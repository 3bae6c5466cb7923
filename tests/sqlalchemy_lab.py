"""SQLAlchemy on a server: what it creates by the mirrors, compared with what a migration makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.ddl.quoting import quote
from pgarchitect.schema.ddl.script import create_script, used_schemas
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from tests.python_mirrors import python_mirrors
from tests.schema_lab import between

PREPARED = (
    'CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE SEQUENCE "order_number"'
)
"""What our own schemas take for granted."""


@contextmanager
def engine_of(url: str) -> Iterator[sa.Engine]:
    """SQLAlchemy over psycopg."""
    engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
    yield engine
    engine.dispose()


def empty(connection: Connection, database: DatabaseSchema) -> None:
    """The database without anything but what schemas take for granted."""
    schemas = {*database.schemas, *used_schemas(database, "public"), "public"}
    connection.execute("".join(f"DROP SCHEMA IF EXISTS {quote(each)} CASCADE;" for each in sorted(schemas)).encode())
    connection.execute(f"CREATE SCHEMA public; {PREPARED}".encode())
    for each in database.extensions:
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {quote(each.name)}".encode())


def differences(schema: PrismaSchema, url: str, folder: Path, *, without: str = "") -> tuple[str, ...]:
    """Statements, there and back, between what SQLAlchemy creates (without an index) and what a migration does."""
    database = lower(schema)
    with connect(url, read_only=False) as connection:
        empty(connection, database)
        connection.execute(create_script(database).encode())
        migrated = read_database_schema(connection, database.schemas)
        empty(connection, database)
        for each in sorted(used_schemas(database, "public")):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(each)}".encode())
        with python_mirrors(schema, folder) as mirrors, engine_of(url) as engine:
            for table in mirrors.tables.metadata.sorted_tables:
                table.indexes -= {each for each in table.indexes if each.name == without}
            mirrors.tables.metadata.create_all(engine)
        created = read_database_schema(connection, database.schemas)
    return tuple(" ".join(each.statements) for each in between(created, migrated))
