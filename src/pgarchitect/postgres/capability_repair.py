"""Putting right what SQL can put right: the only writes to an audited database that the probe ever leads to."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import psycopg

from pgarchitect.postgres.capability_noun import Capability, Fix, Needs
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.postgres.named_sql import statement

RELOAD: Final = "SELECT pg_reload_conf();"
STATEMENT_TIMEOUT_MS: Final = 600_000
"""ANALYZE reads a sample of every table, which may take minutes in all and some for one."""
_RELOADED_WITHIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Ran:
    """A statement that was run: its text, and the server's reason when it was refused."""

    statement: str
    refused: str | None


def runnable(capabilities: Iterable[Capability]) -> tuple[str, ...]:
    """Statements that this role can run now for what is limited or missing; settings are reloaded once, at the end."""
    texts = [fix.text for each in capabilities if each.wants_fixing for fix in each.fix if fix.needs is Needs.SQL]
    unique = tuple(dict.fromkeys(text for text in texts if text != RELOAD))
    return (*unique, RELOAD) if RELOAD in texts else unique


def left_over(capabilities: Iterable[Capability]) -> tuple[Fix, ...]:
    """What somebody else has to do for what is limited or missing, each step once."""
    steps = (fix for each in capabilities if each.wants_fixing for fix in each.fix if fix.needs is not Needs.SQL)
    return tuple(dict.fromkeys(steps))


def repair(connection: Connection, text: str) -> Ran:
    """Run one statement of ``runnable``; a refusal is told, so that the next one can still be run.

    Args:
        connection: autocommit, not read-only: ALTER SYSTEM runs in no transaction.
        text: the statement.

    Raises:
        psycopg.OperationalError: the connection broke.
    """
    try:
        before = _loaded_at(connection)
        connection.execute(text)
        if text == RELOAD:
            _await_reload(connection, before)
    except psycopg.Error as error:
        if connection.broken:
            raise
        return Ran(text, first_line(error))
    return Ran(text, None)


def _await_reload(connection: Connection, before: object) -> None:
    """The server reads its files a moment after it was told to; whoever looks at once still sees the old values."""
    deadline = time.monotonic() + _RELOADED_WITHIN_S
    while _loaded_at(connection) == before and time.monotonic() < deadline:
        time.sleep(0.02)


def _loaded_at(connection: Connection) -> object:
    row = connection.execute(statement("pgarchitect.postgres", "capability.sql", "settings_loaded_at")).fetchone()
    return row[0] if row else None
