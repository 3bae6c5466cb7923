"""Why a migration failed: one sentence for the person, and a longer text for the row's ``logs``."""

from typing import Final

import psycopg

from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.safety.reading.statement import Statement

REASON: Final = "Reason: "
"""Before the reason in our logs."""


def told(migration: Migration, error: psycopg.Error, running: Statement | None) -> tuple[str, str]:
    """The sentence and the logs.

    Args:
        migration: that failed.
        error: the server's.
        running: the statement that ran, where statements were sent one by one; None: the script was sent whole.
    """
    line = _line(migration.sql, error, running)
    where = f" at line {line}" if line else ""
    reason = reason_of(error)
    code = error.sqlstate or "none"
    details = [f"{title}: {text}" for title, text in _details(error) if text]
    logs = "\n".join(
        [
            f"Migration name: {migration.name}",
            f"Line: {line or 'unknown'}",
            f"SQLSTATE: {code}",
            f"{REASON}{reason}",
            *details,
        ]
    )
    return f"The migration {migration.name} failed{where}: {reason}.", logs


def reason_of(error: psycopg.Error) -> str:
    """The server's reason, and what it means where it is a riddle."""
    reason = first_line(error)
    if isinstance(error, psycopg.errors.SyntaxError) and reason.endswith('at or near "\\"'):
        return f"{reason}: a command of psql is no SQL, take it out"
    return reason


def _line(sql: str, error: psycopg.Error, running: Statement | None) -> int:
    """The line of the script, counted from 1; 0: the server does not say."""
    position = int(error.diag.statement_position or 0)
    if running is not None:
        return running.line + running.text[: max(position - 1, 0)].count("\n")
    return sql[: position - 1].count("\n") + 1 if position else 0


def _details(error: psycopg.Error) -> tuple[tuple[str, str | None], ...]:
    diagnosis = error.diag
    return (
        ("Detail", diagnosis.message_detail),
        ("Hint", diagnosis.message_hint),
        ("Where", diagnosis.context),
        ("Table", diagnosis.table_name),
        ("Constraint", diagnosis.constraint_name),
    )


def reason_in(logs: str | None) -> str:
    """The reason in the logs of a row, be they ours or Prisma's, on one line; empty where they have none."""
    for line in (logs or "").splitlines():
        for preamble in (REASON, "ERROR: "):
            _, found, reason = line.partition(preamble)
            if found:
                return reason.strip().rstrip(".")
    return ""
