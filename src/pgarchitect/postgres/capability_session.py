"""A connection together with what every probe wants to know about it first."""

from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import TupleRow

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the server.

    Attributes:
        name: as ``SHOW`` takes it.
        value: in the setting's own unit, as pg_settings gives it.
        source: where the value comes from, as pg_settings names it.
        restart: a change holds only after a restart.
        pending: the configuration files hold another value that waits for a restart.
        alterable: this role may run ALTER SYSTEM for it, and have it taken over.
        alter_system: the server allows ALTER SYSTEM at all.
    """

    name: str
    value: str
    source: str
    restart: bool
    pending: bool
    alterable: bool
    alter_system: bool


@dataclass(frozen=True, slots=True)
class Session:
    """Who we are and where.

    Attributes:
        connection: open, autocommit.
        role: the current role.
        database: the current database.
        superuser: whether the role is one.
        standby: the server is in recovery and takes no writes.
        server: version as the server prints it: ``18.6``.
    """

    connection: Connection
    role: str
    database: str
    superuser: bool
    standby: bool
    server: str

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.connection.info.server_version // 10_000

    def rows(self, name: str, *params: object, **parts: sql.Composable) -> list[TupleRow]:
        """The rows of the named statement; ``parts`` stand for its braces, ``params`` for its ``%s``."""
        query = sql.SQL(self.text(name)).format(**parts) if parts else self.text(name)
        return self.connection.execute(query, params or None).fetchall()

    def row(self, name: str, *params: object, **parts: sql.Composable) -> tuple[Any, ...] | None:
        """The first row of the named statement; None when it has none."""
        rows = self.rows(name, *params, **parts)
        return rows[0] if rows else None

    def text(self, name: str) -> str:
        """The named statement, in the version for this server."""
        return statement("pgarchitect.postgres", "capability.sql", name, self.connection.info.server_version)

    def setting(self, name: str) -> Setting | None:
        """A setting; None when there is none of that name or this role may not see it."""
        row = self.row("setting", name)
        return Setting(name, *row) if row else None

    def quoted(self, identifier: str) -> str:
        """``identifier`` in double quotes, as a statement wants it."""
        return sql.Identifier(identifier).as_string(self.connection)


def session_of(connection: Connection) -> Session:
    """Ask the server who we are."""
    query = statement("pgarchitect.postgres", "capability.sql", "facts")
    row = connection.execute(query).fetchone()
    role, database, superuser, standby, server = row or ("", "", False, False, "")
    return Session(connection, role, database, superuser, standby, server)
