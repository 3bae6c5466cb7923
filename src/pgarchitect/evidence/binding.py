"""Statements made runnable: parameters replaced by values, the values calibrated by what the server counted."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlglot import exp

from pgarchitect.evidence.explain import CannotRun, planned
from pgarchitect.evidence.parameter_roles import Role, RoleKind, parameter_roles
from pgarchitect.evidence.parameter_values import SCENARIOS, Samples, Values
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.catalog import Catalog
from pgarchitect.workload.syntax import parameter_numbers, with_parameters
from pgarchitect.workload.workload import Statement

SAMPLED_DOCUMENTS = 200
"""JSON documents read from a column to learn its keys and values."""
_LARGEST = 65_536
"""Bytes of the largest document that is read."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement with one set of values in place of its parameters.

    Attributes:
        sql: runnable.
        literals: the values, in the order of the parameters.
        scenario: which kind of value was chosen.
        expected_rows: rows that the planner expects.
    """

    sql: str
    literals: tuple[str, ...]
    scenario: str
    expected_rows: float


def bind(
    connection: Connection,
    statement: Statement,
    tree: exp.Expr,
    catalog: Catalog,
    *,
    documents: Connection | None = None,
) -> tuple[Bound, ...]:
    """The runnable forms of a statement, the one nearest to the counted rows per call first.

    Args:
        connection: plans the forms.
        statement: with parameters.
        tree: its syntax tree.
        catalog: of the database that values are for.
        documents: where JSON documents are read to learn keys and values; None: ``connection``.

    Raises:
        CannotRun: with no scenario can the server plan it; the message is its first refusal.
    """
    numbers = parameter_numbers(statement.text)
    roles = {
        **{number: Role(RoleKind.OTHER) for number in numbers},
        **parameter_roles(tree, catalog),
        **{int(number): Role(RoleKind.TIME_UNIT) for number in _TIME_UNIT.findall(statement.text)},
    }
    types = parameter_types(connection, statement.text) if numbers else {}
    samples = _samples(documents or connection, roles)
    forms = _forms(connection, statement, Values(roles, types, samples, statement.rows_per_call))
    if not isinstance(forms, CannotRun):
        return forms
    # The server cannot tell what ``current_date - $1`` subtracts; such a lone constant is a number more often than not.
    lone = {number: "integer" for number, role in roles.items() if role.kind is RoleKind.OTHER}
    guessed = _forms(connection, statement, Values(roles, lone, samples, statement.rows_per_call)) if lone else forms
    if isinstance(guessed, CannotRun):
        raise forms
    return guessed


def _forms(connection: Connection, statement: Statement, values: Values) -> tuple[Bound, ...] | CannotRun:
    """The forms that the server can plan, or its first refusal."""
    found: dict[str, Bound] = {}
    refusal: CannotRun | None = None
    for index, scenario in enumerate(SCENARIOS if values.roles else SCENARIOS[:1]):
        literals = values.literals(index)
        sql = with_parameters(statement.text, literals.__getitem__)
        try:
            rows = _expected_rows(planned(connection, sql).plan)
        except CannotRun as error:
            refusal = refusal or error
            continue
        found.setdefault(sql, Bound(sql, tuple(literals[number] for number in sorted(literals)), scenario, rows))
    if not found:
        return refusal or CannotRun("no values could be chosen for its parameters")
    return tuple(sorted(found.values(), key=lambda bound: _distance(bound, statement)))


def _distance(bound: Bound, statement: Statement) -> float:
    """How far expected rows are from counted ones, in orders of magnitude, in steps coarse enough to ignore noise."""
    return round(abs(math.log10((bound.expected_rows + 1) / (statement.rows_per_call + 1))), 0)


def _expected_rows(plan: PlanNode) -> float:
    return plan.children[0].plan_rows if plan.node_type == "ModifyTable" and plan.children else plan.plan_rows


_TYPED = re.compile(
    r"\b(interval|date|(?:timestamp|time)(?:\s*\(\d\))?(?:\s+with(?:out)?\s+time\s+zone)?|timestamptz|timetz|jsonb?|uuid"
    r"|inet|cidr|numeric|bytea|bool|text|point|int[248]|float[48])\s+\$(\d+)(?!\w)",
    re.IGNORECASE,
)
_TIME_UNIT = re.compile(r"\b(?:date_trunc|date_part|extract)\s*\(\s*\$(\d+)(?!\w)", re.IGNORECASE)
_EXTRACTED = re.compile(r"(\bextract\s*\(\s*)\$(\d+)(?=\s+from\b)", re.IGNORECASE)


def parameter_types(connection: Connection, text: str) -> Mapping[int, str]:
    """What type the server gives each parameter; empty when it cannot tell.

    ``interval $1`` is how pg_stat_statements prints a typed literal; as a parameter it is ``$1::interval``, and
    what is extracted (``extract($1 FROM x)``) cannot be a parameter at all.
    """
    extracted = {int(number) for _, number in _EXTRACTED.findall(text)}
    prepared = _EXTRACTED.sub(r"\1day", _TYPED.sub(r"$\2::\1", text))
    last = max(parameter_numbers(text), default=0)
    declared = ", ".join("text" if number in extracted else "unknown" for number in range(1, last + 1))
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(f"PREPARE pgarchitect_types ({declared}) AS {prepared}".encode())
            row = connection.execute(
                "SELECT parameter_types::text[] FROM pg_catalog.pg_prepared_statements WHERE name = 'pgarchitect_types'"
            ).fetchone()
            connection.execute("DEALLOCATE pgarchitect_types")
    except psycopg.Error:
        if connection.closed:
            raise
        return {}
    return dict(enumerate(row[0], start=1)) if row else {}


def _samples(connection: Connection, roles: Mapping[int, Role]) -> Samples:
    wanted = {
        (role.table.oid, role.column.name): (role.table.qualified, role.column.quoted)
        for role in roles.values()
        if role.table and role.column and role.column.type in {"json", "jsonb"}
    }
    return {key: list(_documents(connection, *where)) for key, where in wanted.items()}


def _documents(connection: Connection, table: str, column: str) -> Iterator[Sequence[Any]]:
    statement = (
        f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL AND pg_catalog.pg_column_size({column}) <= {_LARGEST}"
        f" LIMIT {SAMPLED_DOCUMENTS}"
    )
    try:
        with connection.transaction(force_rollback=True):
            rows = connection.execute(statement.encode()).fetchall()
    except psycopg.Error:
        if connection.closed:
            raise
        return
    yield from (row[0] for row in rows)
