"""Statements made runnable: parameters replaced by values, the values calibrated by what the server counted."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg
from sqlglot import exp

from pgarchitect.evidence.evidence import Measurement
from pgarchitect.evidence.explain import CannotRun, planned
from pgarchitect.evidence.parameter_roles import Role, RoleKind, parameter_roles
from pgarchitect.evidence.parameter_values import Evident, Samples, Values, Where
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.prepared import TIME_UNIT, generic, generically_planned, parameter_types
from pgarchitect.evidence.scenarios import SCENARIOS, prior, weights
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.schema.catalog import Catalog
from pgarchitect.twin.plan import Generic
from pgarchitect.workload.syntax import parameter_numbers, with_parameters
from pgarchitect.workload.workload import Statement

SAMPLED_DOCUMENTS = 200
"""JSON documents read from a column to learn its keys and values."""
_LARGEST = 65_536
"""Bytes of the largest document that is read."""
GENERIC: Final = "generic"
"""What stands for the scenario of a generic plan."""
_LIST: Final = re.compile(r"\$(\d+)\s*/\*, \.\.\. \*/")
"""How pg_stat_statements prints a list of constants from PostgreSQL 18 on."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement with one set of values in place of its parameters.

    Attributes:
        sql: runnable; of a generic plan, the statement with its parameters.
        literals: the values, in the order of the parameters.
        scenario: which kind of value was chosen: one of ``SCENARIOS``, or ``GENERIC``.
        weight: how much this set counts among those of the statement, 0 … 1.
        planned: its cost and plan as the database is.
        refusal: for a generic plan: why no values could be chosen; else empty.
    """

    sql: str
    literals: tuple[str, ...]
    scenario: str
    weight: float
    planned: Measurement
    refusal: str = ""

    @property
    def expected_rows(self) -> float:
        """Rows that the planner expects."""
        return _expected_rows(self.planned.plan)

    @property
    def asked(self) -> str | Generic:
        """What a planner is asked."""
        return generic(self.sql) if self.refusal else self.sql


def shares(forms: Sequence[Bound]) -> list[float]:
    """Of each form, the part of the statement's runs that it stands for when there are no others; the sum is 1."""
    total = math.fsum(form.weight for form in forms)
    return [form.weight / total if total > 0 else 1 / len(forms) for form in forms]


def bind(
    connection: Connection,
    statement: Statement,
    tree: exp.Expr,
    catalog: Catalog,
    *,
    documents: Connection | None = None,
) -> tuple[Bound, ...]:
    """The statement with each set of values that it is likely called with, the likeliest first.

    Where no values can be found that the server takes, there is one form without values: it can be planned, not run.

    Args:
        connection: plans the forms.
        statement: with parameters.
        tree: its syntax tree.
        catalog: of the database that values are for.
        documents: where JSON documents are read to learn keys and values; None: ``connection``.

    Raises:
        CannotRun: neither with values nor without can the server plan it; the message is its first refusal.
    """
    roles = {
        **{number: Role(RoleKind.OTHER) for number in parameter_numbers(statement.text)},
        **parameter_roles(tree, catalog),
        **{int(number): Role(RoleKind.TIME_UNIT) for number in TIME_UNIT.findall(statement.text)},
    }
    values = Values(roles, _evident(connection, documents or connection, statement, roles))
    forms = _forms(connection, statement, values)
    # The server cannot tell what ``current_date - $1`` subtracts; such a lone constant is a number more often than not.
    lone = {number: "integer" for number, role in roles.items() if role.kind is RoleKind.OTHER}
    if isinstance(forms, CannotRun) and lone:
        guessed = _forms(connection, statement, replace(values, evident=replace(values.evident, types=lone)))
        forms = forms if isinstance(guessed, CannotRun) else guessed
    return _generic(connection, statement, forms) if isinstance(forms, CannotRun) else forms


def _evident(connection: Connection, documents: Connection, statement: Statement, roles: Mapping[int, Role]) -> Evident:
    types = parameter_types(connection, statement.text) if roles else {}
    return Evident(
        types=types,
        samples=_samples(documents, roles),
        labels=_labels(connection, types, roles),
        prefixes=_prefixes(connection, roles),
        lists=frozenset(int(number) for number in _LIST.findall(statement.text)),
        rows_per_call=statement.rows_per_call if statement.calls else None,
    )


def _labels(connection: Connection, types: Mapping[int, str], roles: Mapping[int, Role]) -> dict[str, Sequence[str]]:
    met = {role.column.type for role in roles.values() if role.column is not None and role.column.category == "E"}
    asked = sorted(met | {kind for kind in types.values() if kind})
    return dict(_rows(connection, "enum_labels", types=asked)) if asked else {}


def _prefixes(connection: Connection, roles: Mapping[int, Role]) -> frozenset[Where]:
    tables = {role.table.oid for role in roles.values() if role.kind is RoleKind.PATTERN and role.table}
    return frozenset(_rows(connection, "prefix_indexes", tables=sorted(tables))) if tables else frozenset()


def _rows(connection: Connection, name: str, **arguments: Sequence[Any]) -> list[Any]:
    return connection.execute(named("pgarchitect.evidence", "binding.sql", name), arguments).fetchall()


def _forms(connection: Connection, statement: Statement, values: Values) -> tuple[Bound, ...] | CannotRun:
    """The forms that the server can plan, weighted, or its first refusal."""
    found: dict[str, Bound] = {}
    refusal: CannotRun | None = None
    scenarios = SCENARIOS if values.roles else SCENARIOS[:1]
    for index, (scenario, likely) in enumerate(zip(scenarios, prior(values.shares()), strict=False)):
        literals = values.literals(index)
        sql = with_parameters(statement.text, literals.__getitem__)
        if sql in found:
            found[sql] = replace(found[sql], weight=found[sql].weight + likely)
            continue
        try:
            plan = planned(connection, sql)
        except CannotRun as error:
            refusal = refusal or error
            continue
        found[sql] = Bound(sql, tuple(literals[number] for number in sorted(literals)), scenario, likely, plan)
    if not found:
        return refusal or CannotRun("no values could be chosen for its parameters")
    return _weighted(list(found.values()), values.evident.rows_per_call)


def _weighted(forms: Sequence[Bound], counted: float | None) -> tuple[Bound, ...]:
    found = weights([each.weight for each in forms], [max(each.expected_rows, 1.0) for each in forms], counted)
    weighed = [replace(each, weight=weight) for each, weight in zip(forms, found, strict=True)]
    return tuple(sorted(weighed, key=lambda each: -round(each.weight, 9)))


def _generic(connection: Connection, statement: Statement, refusal: CannotRun) -> tuple[Bound, ...]:
    """The one form without values.

    Raises:
        CannotRun: there is none.
    """
    if not parameter_numbers(statement.text):
        raise refusal
    try:
        plan = generically_planned(connection, generic(statement.text))
    except CannotRun:
        raise refusal from None
    return (Bound(statement.text, (), GENERIC, 1.0, plan, refusal=str(refusal)),)


def _expected_rows(plan: PlanNode) -> float:
    return plan.children[0].plan_rows if plan.node_type == "ModifyTable" and plan.children else plan.plan_rows


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
