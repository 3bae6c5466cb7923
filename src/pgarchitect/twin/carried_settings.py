"""Settings that plans depend on, given to a copy's database."""

from collections.abc import Mapping
from typing import Final

from psycopg import sql

from pgarchitect.postgres.connection import Connection

_LISTS: Final = frozenset({"search_path"})


def carry_settings(connection: Connection, database: str, settings: Mapping[str, str]) -> None:
    """Give ``database`` the settings of another server; those that this server does not know are left out."""
    known = {row[0] for row in connection.execute("SELECT name FROM pg_settings WHERE context <> 'internal'")}
    for name, value in settings.items():
        if name in known:
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                    sql.Identifier(database), sql.Identifier(name), _setting(name, value)
                )
            )


def _setting(name: str, value: str) -> sql.Composable:
    if name in _LISTS:
        return sql.SQL(", ").join(sql.Literal(part.strip().strip('"')) for part in value.split(","))
    return sql.Literal(value)
