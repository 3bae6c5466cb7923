"""What migrations make of an empty database, kept on the embedded server as long as the migrations stay the same.

Most of what a server does for 300 tables is to make the thousands of files of their indexes. So the shadow database in
which the migrations ran is kept, under a name that is a digest of all that it depends on: the scripts, the extensions
that were there before, the server's version and settings, ours. Whatever of this changes makes another name.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import psycopg

from pgarchitect import __version__
from pgarchitect.errors import CannotConnect, PgArchitectError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import embedded_server
from pgarchitect.postgres.named_sql import statement
from pgarchitect.schema.database_schema import Extension
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.shadow import KEPT, replay_all, shadow_database, unmentioned
from pgarchitect.settings import Settings

_PROGRAMMED: Final = re.compile(r"\b(?:DO|CALL|EXECUTE|FUNCTION|PROCEDURE)\b", re.IGNORECASE)
"""A script with one of these words may make other things tomorrow: partitions of the month, say."""

_PATIENCE_MS: Final = 60_000
"""Another process may use the same database, and puts its schemas aside for a moment."""


@contextmanager
def replayed_database(
    settings: Settings, migrations: Sequence[Migration], extensions: Sequence[Extension], url: str | None = None
) -> Iterator[Connection]:
    """A connection to a shadow database that migrations have made; what is done there is rolled back.

    Args:
        settings: they name the embedded server.
        migrations: to run, unless they have run already.
        extensions: that are wanted; those that no migration brings are there before the first one, if they can be.
        url: of another server than the embedded one, where nothing is kept.

    Raises:
        EmbeddedServerFailed: the embedded server cannot be started.
        CannotConnect, AuthenticationFailed: the other server is not there, or does not let the role in.
        StatementRefused: the role may not create databases there.
        MigrationFailed: one of the migrations fails.
    """
    before = unmentioned(extensions, migrations)
    if url is not None or not migrations:
        with shadow_database(settings, before, url) as shadow:
            replay_all(shadow, migrations)
            yield shadow
        return
    with _kept(settings, migrations, before) as shadow:
        yield shadow


@contextmanager
def _kept(settings: Settings, migrations: Sequence[Migration], extensions: Sequence[Extension]) -> Iterator[Connection]:
    """Likewise on the embedded server: the database that is kept, or a new one that will be."""
    with ExitStack() as stack:
        server = stack.enter_context(embedded_server(settings))
        name, there = "", False
        if not any(_PROGRAMMED.search(each.script) for each in migrations):
            with connect(server.url(), settings) as keeper:
                name = KEPT + _digest(keeper, migrations, extensions)
                found = keeper.execute(statement(__package__, "shadow.sql", "exists"), {"name": name})
                there = found.fetchone() is not None
        connection: Connection | None = None
        with suppress(CannotConnect):  # another process may drop it at this moment
            if there:
                connection = stack.enter_context(migrating(server.url(name), settings, _PATIENCE_MS))
        if connection is None:
            connection = stack.enter_context(shadow_database(settings, extensions, kept_as=name))
            replay_all(connection, migrations)
            stack.enter_context(_written_meanwhile(server.url(), settings))
        yield connection


@contextmanager
def _written_meanwhile(url: str, settings: Settings) -> Iterator[None]:
    """Have the server write what the migrations made while its user compares: else stopping it takes that long."""
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(_write, url, settings)
        yield
        with suppress(psycopg.Error, PgArchitectError):  # nobody needs it
            writing.result()


def _write(url: str, settings: Settings) -> None:
    with connect(url, settings, read_only=False) as connection:
        connection.execute("CHECKPOINT")


def _digest(keeper: Connection, migrations: Sequence[Migration], extensions: Sequence[Extension]) -> str:
    found = keeper.execute(statement(__package__, "shadow.sql", "circumstances")).fetchone()
    what = (
        __version__,
        found,
        [each.name for each in extensions],
        [(each.name, each.script) for each in migrations],
    )
    return hashlib.sha256(repr(what).encode()).hexdigest()[:32]
