"""What a twin needs to know of its source beyond the dump: lengths of relations, settings, collation, end points."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.probes import Probes, read_probes
from pgarchitect.twin.scope import EVERYTHING, Scope

_END_POINT_LIMIT_MS: Final = 200
"""A read of an index's two ends takes microseconds; one that takes longer (dead rows at the end) is given up."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation of the source: its kind as in ``pg_class``, and the pages of its main fork."""

    schema: str
    name: str
    kind: str
    pages: int


@dataclass(frozen=True, slots=True)
class EndPoints:
    """The least and greatest value of a column, as text, read from an index of the source."""

    schema: str
    table: str
    column: str
    type: str
    least: str
    greatest: str


@dataclass(frozen=True, slots=True)
class Locale:
    """Encoding and collation of a database; provider ``c`` libc, ``i`` ICU, ``b`` built in."""

    encoding: str
    collate: str
    ctype: str
    provider: str
    locale: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """What was read from the source.

    Attributes:
        version: of its server, as libpq gives it: 180000.
        database: its name.
        locale: encoding and collation.
        settings: those that plans depend on.
        relations: all of them.
        ends: end points that could be read.
        probes: what its planner gave away of its indexes.
        statements: number of statements sent to it.
    """

    version: int
    database: str
    locale: Locale
    settings: Mapping[str, str]
    relations: tuple[Relation, ...]
    ends: tuple[EndPoints, ...]
    probes: Probes
    statements: int


def read_source(connection: Connection, scope: Scope = EVERYTHING) -> Source:
    """Read the source; nothing is written, and no statement takes more than a moment.

    Args:
        connection: to the source.
        scope: what is left out.

    Raises:
        psycopg.Error: the server refuses.
    """
    version = connection.info.server_version

    def rows(name: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        text = named("pgarchitect.twin", "source.sql", name, version)
        return connection.execute(text.encode(), parameters).fetchall()

    left_out = {"without": scope.oids, "locked": list(scope.locked_indexes)}
    spared = {"spare": scope.spares_unscanned}
    columns = rows("ends", left_out | spared)
    ends = [found for column in columns if (found := _end_points(connection, *column)) is not None]
    probes = read_probes(connection, scope.oids, scope.locked_indexes)
    return Source(
        version=version,
        database=connection.info.dbname,
        locale=read_locale(connection),
        settings=read_settings(connection),
        relations=tuple(Relation(*row) for row in rows("relations", left_out)),
        ends=tuple(ends),
        probes=probes,
        statements=4 + 2 * len(columns) + probes.statements,
    )


def read_locale(connection: Connection) -> Locale:
    """Encoding and collation of a database."""
    text = named("pgarchitect.twin", "source.sql", "database", connection.info.server_version)
    return Locale(*connection.execute(text.encode()).fetchall()[0])


def read_settings(connection: Connection) -> dict[str, str]:
    """The settings that plans depend on, as they are for this connection's role."""
    return dict(connection.execute(named("pgarchitect.twin", "source.sql", "settings").encode()).fetchall())


def _end_points(connection: Connection, schema: str, table: str, column: str, kind: str) -> EndPoints | None:
    # Not min and max: many types that an index sorts have none, such as jsonb.
    end = "(SELECT x.{0}::pg_catalog.text FROM ONLY {1} x WHERE x.{0} IS NOT NULL ORDER BY x.{0} {2} LIMIT 1)"
    name, where = sql.Identifier(column), sql.Identifier(schema, table)
    least, greatest = (sql.SQL(end).format(name, where, sql.SQL(order)) for order in ("ASC", "DESC"))
    query = sql.SQL("SELECT {}, {}").format(least, greatest)
    row = None
    with Attempt(connection):
        connection.execute(f"SET LOCAL statement_timeout = {_END_POINT_LIMIT_MS}")
        row = connection.execute(query).fetchone()
    return EndPoints(schema, table, column, kind, *row) if row and row[0] is not None else None
