"""``migrate reset``: everything goes, then all migrations are run."""

from collections.abc import Sequence

from psycopg import sql

from pgarchitect.postgres.connection import Connection


def erase(connection: Connection, schemas: Sequence[str]) -> None:
    """Drop schemas with all that is in them, and make them anew, empty.

    What an extension brought into them goes with them; the migrations, or whoever made it, bring it back.
    """
    with connection.transaction():
        for each in schemas:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(each)))
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(each)))
