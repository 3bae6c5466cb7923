"""Statements with their parameters left in: what the server makes of them by PREPARE."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import psycopg

from pgarchitect.evidence.evidence import Measurement
from pgarchitect.evidence.explain import CannotRun, first_line
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.postgres.connection import Connection
from pgarchitect.twin.plan import Generic
from pgarchitect.workload.syntax import parameter_numbers

_NAME: Final = "pgarchitect_types"
_TYPED: Final = re.compile(
    r"\b(interval|date|(?:timestamp|time)(?:\s*\(\d\))?(?:\s+with(?:out)?\s+time\s+zone)?|timestamptz|timetz|jsonb?|uuid"
    r"|inet|cidr|numeric|bytea|bool|text|point|int[248]|float[48])\s+\$(\d+)(?!\w)",
    re.IGNORECASE,
)
TIME_UNIT: Final = re.compile(r"\b(?:date_trunc|date_part|extract)\s*\(\s*\$(\d+)(?!\w)", re.IGNORECASE)
_EXTRACTED: Final = re.compile(r"(\bextract\s*\(\s*)\$(\d+)(?=\s+from\b)", re.IGNORECASE)


def generic(text: str) -> Generic:
    """A statement of pg_stat_statements as PREPARE takes it.

    ``interval $1`` is how pg_stat_statements prints a typed literal; as a parameter it is ``$1::interval``, and
    what is extracted (``extract($1 FROM x)``) cannot be a parameter at all.
    """
    extracted = {int(number) for _, number in _EXTRACTED.findall(text)}
    numbers = parameter_numbers(text)
    used = set(numbers) - extracted
    types = tuple("unknown" if number in used else "text" for number in range(1, max(numbers, default=0) + 1))
    return Generic(_EXTRACTED.sub(r"\1day", _TYPED.sub(r"$\2::\1", text)), types)


def parameter_types(connection: Connection, text: str) -> Mapping[int, str]:
    """What type the server gives each parameter; empty when it cannot tell."""
    try:
        with _prepared(connection, generic(text)):
            row = connection.execute(
                "SELECT parameter_types::text[] FROM pg_catalog.pg_prepared_statements WHERE name = %s", (_NAME,)
            ).fetchone()
    except psycopg.Error:
        if connection.closed:
            raise
        return {}
    return dict(enumerate(row[0], start=1)) if row else {}


def generically_planned(connection: Connection, statement: Generic) -> Measurement:
    """The plan that fits all values alike; nothing is run.

    ``EXPLAIN (GENERIC_PLAN)`` says the same, but only from PostgreSQL 16 on.

    Raises:
        CannotRun: the server cannot plan it.
    """
    try:
        with _prepared(connection, statement):
            connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement.execute(_NAME)}".encode()).fetchone()
    except psycopg.Error as error:
        if connection.closed:
            raise
        raise CannotRun(first_line(error)) from error
    plan = row[0][0]["Plan"] if row else {}
    return Measurement((), float(plan["Total Cost"]), None, PlanNode.from_explain(plan))


@contextmanager
def _prepared(connection: Connection, statement: Generic) -> Iterator[None]:
    with connection.transaction(force_rollback=True):
        connection.execute(statement.prepare(_NAME).encode())
        try:
            with connection.transaction():
                yield
        finally:
            connection.execute(f"DEALLOCATE {_NAME}".encode())
