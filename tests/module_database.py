"""Databases that the tests of one module share."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg import sql

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.settings import Settings
from tests.audit_lab import run
from tests.scratch_server import require_15, scratch_server


@contextmanager
def module_database(
    server: EmbeddedServer, name: str, *statements: str, extensions: Sequence[str] = ()
) -> Iterator[str]:
    """URL of a new database in which an application has run statements; gone on exit."""
    url = ensure_database(server, name, extensions)
    run(url, *statements)
    yield url
    with connect(server.url(), read_only=False) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def database_of(version: str, server: EmbeddedServer, settings: Settings, name: str, *statements: str) -> Iterator[str]:
    """The same on the server that we carry (``18``), or on a system's PostgreSQL 15 (``15``)."""
    if version == "18":
        with module_database(server, name, *statements) as url:
            yield url
    else:
        with scratch_server(settings, programs=require_15()) as older:
            run(older.url(), *statements)
            yield older.url()
