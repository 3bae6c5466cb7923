"""``migrate reset``: everything goes, then all migrations are run."""

from collections.abc import Callable, Sequence

import psycopg
from psycopg import sql

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.postgres.named_sql import statement as named


def contents(connection: Connection, schemas: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """The tables of schemas, the largest first, with how many rows they are thought to have (-1: nobody knows)."""
    rows = connection.execute(_sql("tables"), {"schemas": list(schemas)}).fetchall()
    return tuple((str(name), int(count)) for name, count in rows)


def extensions_in(connection: Connection, schemas: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The extensions whose objects lie in these schemas, each with its schema: they go with them."""
    rows = connection.execute(_sql("extensions"), {"schemas": list(schemas)}).fetchall()
    return tuple((str(name), str(schema)) for name, schema in rows)


def erase(connection: Connection, schemas: Sequence[str]) -> None:
    """Drop schemas with all that is in them, and make them anew, empty, with the owner, rights and comment they had."""
    with connection.transaction():
        for each in schemas:
            _erase(connection, each)


def bring_back(connection: Connection, extensions: Sequence[tuple[str, str]], tell: Callable[[str], None]) -> None:
    """Create the extensions that went with their schemas and that no migration has brought back."""
    for name, schema in extensions:
        create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}")
        try:
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(schema)))
        except psycopg.Error as error:
            tell(f"The extension {name} went with its schema and cannot be created again: {first_line(error)}.")


def _erase(connection: Connection, schema: str) -> None:
    name = sql.Identifier(schema)
    row = connection.execute(_sql("schema"), {"schema": schema}).fetchone()
    owner, may, comment = row or ("", False, None)
    grants = connection.execute(_sql("grants"), {"schema": schema}).fetchall()
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
    authorization = sql.SQL(" AUTHORIZATION {}").format(sql.Identifier(owner)) if may else sql.SQL("")
    connection.execute(sql.SQL("CREATE SCHEMA {}{}").format(name, authorization))
    for privilege, grantee, grantable in grants:
        to = sql.Identifier(grantee) if grantee else sql.SQL("PUBLIC")
        option = sql.SQL(" WITH GRANT OPTION" if grantable else "")
        connection.execute(sql.SQL(f"GRANT {privilege} ON SCHEMA {{}} TO {{}}{{}}").format(name, to, option))
    if comment is not None:
        connection.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(name, comment))


def _sql(name: str) -> str:
    return named("pgarchitect.schema.migrations", "resetting.sql", name)
