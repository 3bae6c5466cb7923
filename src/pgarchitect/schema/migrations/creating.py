"""The development database, made where it is not there yet, as Prisma's command makes it."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgarchitect.errors import DatabaseMissing
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.dsn import describe_target, read_dsn
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.settings import Settings


def create_if_missing(dsn: str, settings: Settings) -> str:
    """Make the database of a URL unless the server has it; its name if it was made, else an empty text.

    Raises:
        CannotConnect, AuthenticationFailed: the server is not there, or does not let the role in.
        DatabaseMissing: the role may not make it.
    """
    url, _ = without_prisma_parameters(dsn)
    try:
        with connect(url, settings):
            return ""
    except DatabaseMissing as missing:
        return _create(url, settings, missing)


def _create(url: str, settings: Settings, missing: DatabaseMissing) -> str:
    parts = read_dsn(url)
    name = parts.get("dbname", "")
    try:
        with connect(make_conninfo(**{**parts, "dbname": "postgres"}), settings, read_only=False) as keeper:
            keeper.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.errors.DuplicateDatabase:
        return ""  # another process was faster
    except (DatabaseMissing, psycopg.Error) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise DatabaseMissing(
            f"There is no {describe_target(url)}, and it could not be made ({reason}); create it, or correct its name."
        ) from missing
    return name
