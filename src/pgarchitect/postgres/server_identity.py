"""Which server a connection leads to."""

import psycopg

from pgarchitect.postgres.connection import Connection


def cluster_identifier(connection: Connection) -> int | None:
    """The cluster's own identifier, the same on its standbys; None where it may not be read."""
    try:
        row = connection.execute("SELECT system_identifier FROM pg_catalog.pg_control_system()").fetchone()
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction, psycopg.errors.FeatureNotSupported):
        return None
    return int(row[0]) if row else None


def spelled_version(number: int) -> str:
    """A server's version as it is spoken of: ``18.6`` for 180006."""
    return f"{number // 10_000}.{number % 10_000}"
