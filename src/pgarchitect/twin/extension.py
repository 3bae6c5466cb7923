"""An extension that the source could have: created in the twin, so that its operator classes can be tried."""

import psycopg
from psycopg import sql

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.settings import Settings


def created_from(source: Connection, twin: str, settings: Settings, name: str) -> bool:
    """Whether the source could create an extension that it lacks, and the twin now has it.

    Args:
        source: is only asked.
        twin: URL of the twin.
        settings: time-outs.
        name: of the extension.
    """
    found = source.execute(named("pgarchitect.twin", "extension.sql", "could_be_created"), {"name": name}).fetchone()
    if found is None:
        return False
    try:
        with connect(twin, settings, read_only=False) as connection:
            connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(name)))
    except psycopg.Error:  # the twin's programs lack it
        return False
    return True
