"""Shadow databases: empty, of one command only, gone afterwards; migrations are tried there and read back.

They are made on the embedded server, or on a server that the user names because it has extensions that ours lacks.
"""

import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgarchitect.errors import MigrationFailed, StatementRefused
from pgarchitect.postgres.connection import Connection, connect, describe_target
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.postgres.dsn import read_dsn
from pgarchitect.postgres.embedded import embedded_server
from pgarchitect.postgres.named_sql import statement
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.database_schema import DatabaseSchema, Extension
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.migrations.connecting import DEFAULT_SCHEMA, Kept, migrating
from pgarchitect.schema.migrations.failure import reason_of
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.runner import replay
from pgarchitect.schema.stand_ins import control_path
from pgarchitect.settings import Settings

_PREFIX: Final = "pgarchitect_shadow_"
KEPT: Final = "pgarchitect_replayed_"
"""What the names of databases that are kept begin with."""
_KEPT_AT_MOST: Final = 3
_LEAVE_S: Final = 0.1
"""How long we wait for the end of the process that served our connection; then the server waits for it."""
_LOOK_S: Final = 0.002
_TIMEOUT_MS: Final = 600_000
"""Of a statement on a server of the user's: copying a template may take its time."""


@contextmanager
def shadow_database(
    settings: Settings,
    extensions: Sequence[Extension] = (),
    url: str | None = None,
    home: str = DEFAULT_SCHEMA,
    *,
    kept_as: str = "",
) -> Iterator[Connection]:
    """A connection to an empty database that is dropped afterwards; so are those that killed processes left.

    Args:
        settings: they name the embedded server.
        extensions: to create in it, where the server has them.
        url: of a database of another server, whose role may create databases there; None: the embedded server.
        home: schema that unqualified names mean.
        kept_as: name under which it is kept if all goes well, with ``KEPT`` in front; empty: it is dropped.

    Raises:
        EmbeddedServerFailed: the embedded server cannot be started.
        CannotConnect, AuthenticationFailed: the other server is not there, or does not let the role in.
        StatementRefused: the role may not create databases there.
    """
    with ExitStack() as stack:
        if url is None:
            server, controls = stack.enter_context(embedded_server(settings)).url(), control_path(settings)
        else:
            server, controls = without_prisma_parameters(url)[0], ""
        made = stack.enter_context(_made(server, settings, controls, kept_as))
        connection = stack.enter_context(migrating(made, settings))
        if home != DEFAULT_SCHEMA:
            name = sql.Identifier(home)
            connection.execute(sql.SQL("CREATE SCHEMA {}; SET search_path = {}").format(name, name))
        for each in extensions:
            _create_extension(connection, each)
        yield connection


def unmentioned(extensions: Sequence[Extension], migrations: Sequence[Migration]) -> tuple[Extension, ...]:
    """Extensions that no migration brings: they have to be there when the first one runs.

    Types and functions of many have the extension's name (``vector``, ``citext``), so only its creation counts.
    """
    return tuple(each for each in extensions if not any(_creates(each, migration) for migration in migrations))


def _creates(extension: Extension, migration: Migration) -> bool:
    name = re.escape(extension.name)
    pattern = rf'\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:"{name}"|{name}\b)'
    return re.search(pattern, migration.script, re.IGNORECASE) is not None


def replayed(connection: Connection, migrations: Sequence[Migration], schemas: Sequence[str]) -> DatabaseSchema:
    """What migrations make of an empty database.

    Raises:
        MigrationFailed: one of them fails there.
    """
    replay_all(connection, migrations)
    return read_database_schema(connection, schemas)


def replay_all(connection: Connection, migrations: Sequence[Migration]) -> None:
    """Run migrations in an empty database.

    Raises:
        MigrationFailed: one of them fails there.
    """
    kept = Kept.of(connection)
    for each in migrations:
        try:
            replay(connection, each, kept)
        except psycopg.Error as error:
            raise MigrationFailed(
                f"The migration {each.name} fails on an empty database ({reason_of(error)}); put its script right, or,"
                f" {_remedy(error)}."
            ) from error


def _remedy(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName):
        return (
            "where unqualified names mean another schema than public, say so in the database's URL (?schema=NAME), as a"
            " DSN or in DATABASE_URL"
        )
    return "where it needs an extension that the embedded server lacks, name a server that has it with --shadow-url"


@contextmanager
def _made(url: str, settings: Settings, controls: str, kept_as: str) -> Iterator[str]:
    """The URL of an empty database beside that of ``url``; ``controls``: where it finds extensions; empty: as usual."""
    name = f"{_PREFIX}{os.getpid()}_{secrets.token_hex(4)}"
    with connect(url, settings, read_only=False, statement_timeout_ms=_TIMEOUT_MS) as keeper:
        _asked(keeper, "lock", name)
        _drop_left_over(keeper)
        _create(keeper, name, url)
        _set_up(keeper, name, controls)
        kept = False
        try:
            yield make_conninfo(**{**read_dsn(url), "dbname": name})
            kept = bool(kept_as) and _keep(keeper, name, kept_as)
        finally:
            if not keeper.broken:
                if not kept:
                    _await_leave(keeper, name)
                    _drop(keeper, name)
                _asked(keeper, "unlock", name)


def _create(keeper: Connection, name: str, url: str) -> None:
    # From template0: somebody may have put things into template1.
    text = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
    try:
        keeper.execute(text)
    except psycopg.Error as error:
        raise StatementRefused(
            f"No shadow database can be made beside {describe_target(url)} ({first_line(error)}); name a server"
            " whose role may create databases."
        ) from error


def _keep(keeper: Connection, name: str, kept_as: str) -> bool:
    """Keep a database under another name, and of those that were kept before only the newest; whether it is kept."""
    text = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(kept_as))
    _await_leave(keeper, name)
    try:
        keeper.execute(text)
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.ObjectInUse):
        return False  # somebody else was quicker
    for (old,) in keeper.execute(statement(__package__, "shadow.sql", "kept")).fetchall()[_KEPT_AT_MOST:]:
        _drop(keeper, old, force="")
    return True


def _await_leave(keeper: Connection, name: str) -> None:
    """Wait until nobody is connected to a database: who finds somebody there looks again only after 0.1 s."""
    until = time.monotonic() + _LEAVE_S
    while _asked(keeper, "used", name) and time.monotonic() < until:
        time.sleep(_LOOK_S)


def _set_up(keeper: Connection, name: str, controls: str) -> None:
    """Settings of the database, which no script can reset: nobody needs what is in it after a crash."""
    settings = {"synchronous_commit": "off", **({"extension_control_path": controls} if controls else {})}
    for setting, value in settings.items():
        text = sql.SQL(f"ALTER DATABASE {{}} SET {setting} = {{}}").format(sql.Identifier(name), sql.Literal(value))
        keeper.execute(text)


def _drop_left_over(keeper: Connection) -> None:
    """Drop the shadow databases that nobody uses."""
    for (name,) in keeper.execute(statement(__package__, "shadow.sql", "shadows"), ()).fetchall():
        if _asked(keeper, "lock", name):
            # Not by force: on a server of the user's, locks are taken in whatever database its URL names.
            _drop(keeper, name, force="")
            _asked(keeper, "unlock", name)


def _drop(keeper: Connection, name: str, force: str = " WITH (FORCE)") -> None:
    # Somebody else may clear up at the same moment, and the role may not be its owner.
    with suppress(psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege, psycopg.errors.InternalError_):
        keeper.execute(sql.SQL(f"DROP DATABASE IF EXISTS {{}}{force}").format(sql.Identifier(name)))


def _create_extension(connection: Connection, extension: Extension) -> None:
    """Create an extension; what needs one that is not here will say so itself."""
    with suppress(psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile):
        create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} CASCADE").format(sql.Identifier(extension.name))
        connection.execute(create)


def _asked(keeper: Connection, question: str, name: str) -> bool:
    row = keeper.execute(statement(__package__, "shadow.sql", question), {"name": name}).fetchone()
    return bool(row and row[0])
