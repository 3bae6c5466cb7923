"""EXPLAIN, with and without running: the only way that this program executes a statement of the application."""

import json
from typing import Any

import psycopg
from psycopg import errors as pg_errors

from pgarchitect.evidence.evidence import Measurement
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.postgres.connection import Connection


class CannotRun(Exception):
    """The server refused to plan or run a statement; the message is the server's first line."""

    @property
    def sentence(self) -> str:
        """Why there is no proof, for a finding."""
        return f"It could not be run with the values that were tried: {str(self).rstrip('.')}."

    @property
    def unplanned(self) -> str:
        """Why there is no plan, for a finding of what is only planned."""
        return f"It could not be planned: {str(self).rstrip('.')}."


class TimedOut(CannotRun):
    """The statement was ended by its time-out."""


def planned(connection: Connection, statement: str) -> Measurement:
    """The plan and cost of ``statement``, which is not run.

    Raises:
        CannotRun: the server cannot plan it.
    """
    plan = _explain(connection, "FORMAT JSON", statement)["Plan"]
    return Measurement((), float(plan["Total Cost"]), None, PlanNode.from_explain(plan))


def explained(connection: Connection, options: str, statement: str) -> list[dict[str, Any]]:
    """What EXPLAIN with ``options``, JSON among them, says of ``statement``: a document for each plan.

    Raises:
        TimedOut: the time-out ended it.
        CannotRun: the server cannot plan or run it.
    """
    try:
        with connection.transaction(force_rollback=True):
            row = connection.execute(f"EXPLAIN ({options}) {statement}".encode()).fetchone()
    except pg_errors.QueryCanceled as error:
        raise TimedOut(first_line(error)) from error
    except psycopg.Error as error:
        if connection.closed:
            raise
        raise CannotRun(first_line(error)) from error
    document = row[0] if row else []
    return list(json.loads(document) if isinstance(document, str) else document)


def _explain(connection: Connection, options: str, statement: str) -> dict[str, Any]:
    plans = explained(connection, options, statement)
    if len(plans) != 1:
        raise CannotRun("rules of the database make several statements of it")
    return plans[0]


def first_line(error: Exception) -> str:
    """The server's own message, its first line, without its position marker."""
    return (str(error).splitlines() or [type(error).__name__])[0]
