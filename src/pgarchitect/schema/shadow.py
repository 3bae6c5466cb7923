"""Shadow databases: empty ones on the embedded server, in which migrations are tried and schemas compared."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from psycopg import sql

from pgarchitect.errors import MigrationFailed
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import embedded_server
from pgarchitect.postgres.process_table import arguments_of
from pgarchitect.schema.database_schema import DatabaseSchema, Extension
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.runner import send
from pgarchitect.settings import Settings

_PREFIX: Final = "pgarchitect_shadow_"


@contextmanager
def shadow_database(settings: Settings, extensions: Sequence[Extension] = ()) -> Iterator[Connection]:
    """A connection to an empty database that is dropped afterwards; so are those that killed processes left.

    Args:
        settings: they name the embedded server.
        extensions: to create in it, where the server has them.
    """
    with embedded_server(settings) as server:
        name = f"{_PREFIX}{os.getpid()}_{secrets.token_hex(4)}"
        with connect(server.url(), settings, read_only=False) as connection:
            _drop_left_over(connection)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            with migrating(server.url(name), settings) as connection:
                for each in extensions:
                    _create_extension(connection, each)
                yield connection
        finally:
            with connect(server.url(), settings, read_only=False) as connection:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name)))


def replayed(connection: Connection, migrations: Sequence[Migration], schemas: Sequence[str]) -> DatabaseSchema:
    """What migrations make of an empty database.

    Raises:
        MigrationFailed: one of them fails there.
    """
    for each in migrations:
        try:
            send(connection, each.script)
        except psycopg.Error as error:
            reason = " ".join((error.diag.message_primary or str(error)).split())
            raise MigrationFailed(
                f"The migration {each.name} fails on an empty database ({reason}); put its script right, or, where it"
                " needs an extension that the embedded server lacks, name a server that has it with --shadow-url."
            ) from error
    return read_database_schema(connection, schemas)


def _create_extension(connection: Connection, extension: Extension) -> None:
    """Create an extension; what needs one that is not here will say so itself."""
    with suppress(psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile):
        create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} CASCADE").format(sql.Identifier(extension.name))
        connection.execute(create)


def _drop_left_over(connection: Connection) -> None:
    rows = connection.execute(
        "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, %s)", (_PREFIX,)
    ).fetchall()
    for (name,) in rows:
        owner = name.removeprefix(_PREFIX).partition("_")[0]
        if owner.isdigit() and not arguments_of(int(owner)):
            with suppress(psycopg.errors.ObjectInUse):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name)))
