"""Creating and upgrading the log's schema, once, however many processes ask for it at the same time.

By the driver itself: a migration is a script of several statements, and the client's tables come with the first one.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Final

from psycopg import errors as pg

from pgarchitect.errors import HomeUnavailable
from pgarchitect.memory.home_errors import home_errors, reason
from pgarchitect.postgres.connection import Connection

EXTENSION: Final = "vector"
OLDEST_PGVECTOR: Final = (0, 8)
"""pgvector 0.8 brought iterative index scans, without which a filtered search may come back short."""

_LOCK: Final = 0x7067_6172_6368  # "pgarch" as a number: the advisory lock that preparing takes
_LOCK_WAIT: Final = "30s"


@cache
def migrations() -> tuple[tuple[int, str, str], ...]:
    """The migrations in order: number, name, SQL."""
    folder = files("pgarchitect.memory").joinpath("migrations")
    named = ((re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name), file) for file in folder.iterdir())
    return tuple(sorted((int(match[1]), match[2], file.read_text(encoding="utf-8")) for match, file in named if match))


def prepare(connection: Connection) -> None:
    """Bring the schema ``pgarchitect`` of the connected database up to date; does nothing when it is.

    Raises:
        HomeUnavailable: pgvector is missing or too old, the role may not create what is needed, the database takes
            no writes, or a newer pgarchitect has already upgraded it.
    """
    with home_errors():
        if _is_current(connection):
            return
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (_LOCK_WAIT,))
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute("CREATE SCHEMA IF NOT EXISTS pgarchitect")
            _ensure_pgvector(connection)
            _migrate(connection)


def _is_current(connection: Connection) -> bool:
    done, newest = _applied(connection), migrations()[-1][0]
    if done > newest:
        raise HomeUnavailable(
            f"The architect's own database was upgraded by a newer pgarchitect (schema {done}, this one knows"
            f" {newest}); upgrade this pgarchitect."
        )
    return done == newest


def _applied(connection: Connection) -> int:
    """Number of the newest migration that was applied; 0 before the first."""
    if _value(connection, "SELECT to_regclass('pgarchitect.migration')") is None:
        return 0
    return int(str(_value(connection, "SELECT coalesce(max(number), 0) FROM pgarchitect.migration")))


def _ensure_pgvector(connection: Connection) -> None:
    version = _pgvector(connection)
    if version is None:
        try:
            with connection.transaction():
                connection.execute(f"CREATE EXTENSION {EXTENSION} SCHEMA pgarchitect".encode())
        except (pg.FeatureNotSupported, pg.UndefinedFile) as error:
            raise HomeUnavailable(
                "The server of the architect's own database has no pgvector; install it there, or unset"
                " PGARCHITECT_HOME_URL to use the embedded server, which has it."
            ) from error
        except pg.InsufficientPrivilege as error:
            raise HomeUnavailable(
                f"The role may not run CREATE EXTENSION vector in the architect's own database ({reason(error)});"
                " let a superuser run it there once."
            ) from error
        version = _pgvector(connection)
    if version is not None and tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PGVECTOR:
        raise HomeUnavailable(
            f"The architect's own database has pgvector {version}; 0.8 or newer is needed:"
            " install it there and run ALTER EXTENSION vector UPDATE."
        )


def _pgvector(connection: Connection) -> str | None:
    version = _value(connection, f"SELECT extversion FROM pg_extension WHERE extname = '{EXTENSION}'")
    return None if version is None else str(version)


def _migrate(connection: Connection) -> None:
    done = _applied(connection)  # read under the lock: another process may have been first
    connection.execute(
        "SELECT set_config('search_path', 'pgarchitect, ' || quote_ident(nspname) || ', pg_temp', true)"
        " FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'"
    )
    for number, name, text in migrations():
        if number > done:
            connection.execute(text.encode())
            connection.execute("INSERT INTO pgarchitect.migration (number, name) VALUES (%s, %s)", (number, name))


def _value(connection: Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
