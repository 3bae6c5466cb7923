"""Shadow databases: empty, of one command only, gone afterwards; migrations are tried there and read back.

They are made on the embedded server, or on a server that the user names because it has extensions that ours lacks.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import Connection, connect, describe_target
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.postgres.dsn import read_dsn
from pgarchitect.postgres.embedded import embedded_server
from pgarchitect.postgres.named_sql import statement
from pgarchitect.settings import Settings

_PREFIX: Final = "pgarchitect_shadow_"
_TIMEOUT_MS: Final = 600_000
"""Of a statement on a server of the user's: copying a template may take its time."""


@contextmanager
def shadow_database(settings: Settings, url: str | None = None, extensions: Sequence[str] = ()) -> Iterator[str]:
    """An empty database for the time of the block; those that killed processes have left are dropped, too.

    Args:
        settings: they name the embedded server.
        url: of any database of another server, whose role may create databases; None: the embedded server.
        extensions: created in it, where the server has them.

    Yields:
        Its connection URL.

    Raises:
        EmbeddedServerFailed: the embedded server cannot be started.
        CannotConnect, AuthenticationFailed: the other server is not there, or does not let the role in.
        StatementRefused: the role may not create databases there.
    """
    if url is not None:
        with _made(url, settings, extensions) as made:
            yield made
        return
    with embedded_server(settings) as server, _made(server.url(), settings, extensions) as made:
        yield made


@contextmanager
def _made(url: str, settings: Settings, extensions: Sequence[str]) -> Iterator[str]:
    name = f"{_PREFIX}{os.getpid()}_{secrets.token_hex(4)}"
    with connect(url, settings, read_only=False, statement_timeout_ms=_TIMEOUT_MS) as keeper:
        # It may be idle for as long as its user works.
        keeper.execute("SELECT set_config('idle_session_timeout', '0', false)")
        _asked(keeper, "lock", name)
        _drop_leftovers(keeper)
        _create(keeper, name, url)
        shadow = make_conninfo(**{**read_dsn(url), "dbname": name})
        try:
            _add_extensions(shadow, settings, extensions)
            yield shadow
        finally:
            if not keeper.broken:
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


def _drop_leftovers(keeper: Connection) -> None:
    """Drop the shadow databases that nobody uses."""
    for (name,) in keeper.execute(statement(__package__, "shadow.sql", "shadows"), ()).fetchall():
        if _asked(keeper, "lock", name):
            _drop(keeper, name)
            _asked(keeper, "unlock", name)


def _drop(keeper: Connection, name: str) -> None:
    # Somebody else may clear up at the same moment, and the role may not be its owner.
    with suppress(psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege, psycopg.errors.InternalError_):
        keeper.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _add_extensions(shadow: str, settings: Settings, extensions: Sequence[str]) -> None:
    if not extensions:
        return
    with connect(shadow, settings, read_only=False) as connection:
        for name in extensions:
            with suppress(psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile):
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {} CASCADE").format(sql.Identifier(name)))


def _asked(keeper: Connection, question: str, name: str) -> bool:
    row = keeper.execute(statement(__package__, "shadow.sql", question), {"name": name}).fetchone()
    return bool(row and row[0])
