"""EXPLAIN, with and without running: the only way that this program executes a statement of the application."""

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors as pg_errors

from pgarchitect.evidence.evidence import Measurement
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named


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


_TIMING_COST = 1.5
"""A first run, which times every node, may take so many times a run that does not (measured: up to 1.4)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a measurement may go on.

    Attributes:
        runs: timed runs.
        budget_s: seconds after which no further run is begun; there is always one.
        limit_ms: statement_timeout of a run: a statement that it ends counts as that slow.
        hopeless_ms: a run that took longer is the last one.
    """

    runs: int
    budget_s: float
    limit_ms: int
    hopeless_ms: float = math.inf


def measured(connection: Connection, statement: str, limits: Limits) -> Measurement:
    """Run ``statement`` once to warm up and to see its plan, then several times for its times.

    Every run is undone by a savepoint.

    Raises:
        CannotRun: the server cannot plan or run it.
    """
    started = time.monotonic()
    connection.execute(
        named("pgarchitect.evidence", "proof.sql", "limit_runs"),
        {"run_ms": str(limits.limit_ms), "lock_ms": max(limits.limit_ms // 2, 1)},
    )
    try:
        first = _explain(connection, "ANALYZE, BUFFERS, FORMAT JSON", statement)
    except TimedOut:
        before = planned(connection, statement)
        return Measurement((float(limits.limit_ms),), before.cost, None, before.plan, timed_out=True)
    times = [float(first["Execution Time"])] if first["Execution Time"] > _TIMING_COST * limits.hopeless_ms else []
    while not times or _worth_another(times, limits, time.monotonic() - started):
        times.append(_one_run(connection, statement, limits.limit_ms))
    plan = first["Plan"]
    blocks = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    return Measurement(tuple(times), float(plan["Total Cost"]), blocks, PlanNode.from_explain(plan))


def _worth_another(times: Sequence[float], limits: Limits, spent_s: float) -> bool:
    return times[-1] <= limits.hopeless_ms and len(times) < limits.runs and spent_s < limits.budget_s


def _one_run(connection: Connection, statement: str, limit_ms: int) -> float:
    # Without per-node timing: reading the clock twice a row would cost more than a fast plan itself.
    try:
        return float(_explain(connection, "ANALYZE, TIMING OFF, FORMAT JSON", statement)["Execution Time"])
    except TimedOut:
        return float(limit_ms)


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
