"""Indexes that are really built, each once, and what the workload costs under any set of them.

All that any advisor proposed stands side by side; a set is what the planner may see of it (``pg_index.indisvalid``), so
that sets can be compared statement by statement, without building anything anew in between.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.advisor.question import Row
from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.settings import Settings
from pgarchitect.twin.plan import Generic, Plan
from pgarchitect.twin.session import Session

_SWITCH: Final = (
    "UPDATE pg_index SET indisvalid = indexrelid = ANY (%(on)s)"
    " WHERE indexrelid = ANY (%(all)s) AND indisvalid IS DISTINCT FROM (indexrelid = ANY (%(on)s))"
)
_EXPRESSION: Final = "SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = %s AND indexprs IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Standing:
    """An index that was built."""

    oid: int
    size_bytes: int


@dataclass(slots=True)
class Built:
    """The indexes of a database that were built by us, by definition: what follows ON in their DDL.

    Attributes:
        url: of the database; a superuser's.
        settings: time-outs.
        standing: the indexes.
        analysed: tables that were analysed anew, since an index is on an expression.
    """

    url: str
    settings: Settings
    standing: dict[str, Standing] = field(default_factory=dict)
    analysed: set[str] = field(default_factory=set)

    def build(self, definitions: Iterable[str]) -> None:
        """Build what does not stand yet; the planner sees none of them afterwards."""
        with connect(self.url, self.settings, read_only=False) as connection:
            for definition in sorted(set(definitions) - self.standing.keys()):
                self.standing[definition] = self._built(connection, definition)
            for table in sorted(self.analysed):
                connection.execute(f"ANALYZE {table}".encode())
        self.show([])

    def show(self, definitions: Iterable[str]) -> None:
        """Let the planner see these and no others."""
        on = [self.standing[each].oid for each in definitions]
        everything = [each.oid for each in self.standing.values()]
        with connect(self.url, self.settings, read_only=False) as connection:
            connection.execute(_SWITCH, {"on": on, "all": everything})

    def costs(self, rows: Sequence[Row], definitions: Iterable[str]) -> dict[int, float]:
        """Of each statement, its weighted cost with these indexes."""
        self.show(definitions)
        session = Session(self.url, self.settings)
        try:
            plans = session.plan_all([row.asked for row in rows])
        finally:
            session.close()
        found: dict[int, list[float]] = {}
        for row, plan in zip(rows, plans, strict=True):
            cost = plan.cost if isinstance(plan, Plan) else math.inf
            found.setdefault(row.statement, []).append(row.weight * cost)
        return {number: math.fsum(costs) for number, costs in found.items()}

    def sizes(self, definitions: Iterable[str]) -> dict[str, int]:
        """Bytes of each."""
        return {each: self.standing[each].size_bytes for each in definitions}

    def _built(self, connection: Connection, definition: str) -> Standing:
        name = f"bench_{len(self.standing)}"
        connection.execute(f"CREATE INDEX {name} ON {definition}".encode())
        row = connection.execute(
            "SELECT oid, pg_relation_size(oid) FROM pg_class WHERE relname = %s", (name,)
        ).fetchone()
        assert row is not None  # noqa: S101  # it was made a moment ago
        oid, size = row
        self.analysed.update(table for (table,) in connection.execute(_EXPRESSION, (oid,)))
        return Standing(oid, size)


def definition_of(ddl: str) -> str:
    """What follows ON in a CREATE INDEX, with its table.

    Raises:
        UsageError: it is not one.
    """
    head, on, rest = ddl.strip().rstrip(";").partition(" ON ")
    if not on or "INDEX" not in head.upper():
        raise UsageError(f"This is not a CREATE INDEX statement: {ddl.strip()[:80]}")
    return " ".join(rest.split())


def runnable(rows: Sequence[Row]) -> Mapping[int, str]:
    """Of each statement, the text of its likeliest form that has values."""
    found: dict[int, Row] = {}
    for row in rows:
        if not isinstance(row.asked, Generic) and row.weight > found.get(row.statement, Row(0, "", 0.0)).weight:
            found[row.statement] = row
    return {number: str(row.asked) for number, row in found.items()}
