"""What makes a twin another database than the audited one, for each statement that it concerns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from pgarchitect.evidence.relations import relations
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.schema.catalog import Catalog, Table
from pgarchitect.twin.planner_twin import PlannerTwin

_TEXT = "S"
"""``pg_type.typcategory`` of what is sorted by a collation."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """Fingerprint → sentences.

    Attributes:
        of_version: those that concern every statement, since the twin's planner is another one.
        of_tables: those that concern a statement for the tables that it reads.
    """

    of_version: tuple[str, ...] = ()
    of_tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, fingerprint: str) -> tuple[str, ...]:
        """All that concern a statement."""
        return (*self.of_version, *self.of_tables.get(fingerprint, ()))


def read_doubts(twin: PlannerTwin, source: Connection, trees: Mapping[str, exp.Expr], catalog: Catalog) -> Doubts:
    """Find out which statements a twin may plan otherwise than its source.

    Args:
        twin: of ``source``.
        source: asked what stands behind views and partitioned tables, when the twin lacks something.
        trees: fingerprint → syntax tree.
        catalog: of the source.
    """
    said = dict(_of_tables(twin))
    read = {fingerprint: relations(tree, catalog) for fingerprint, tree in trees.items()}
    behind = _behind(source, {name for found in read.values() for name in found}, list(said)) if said else {}
    found: dict[str, tuple[str, ...]] = {}
    for fingerprint, names in read.items():
        touched = {each for name in names for each in behind.get(name, ())}
        collations = twin.warnings if any(_has_text(table) for table in names.values()) else ()
        sentences = (*(said[each] for each in sorted(touched)), *collations)
        if sentences:
            found[fingerprint] = sentences
    return Doubts(_of_version(twin), found)


def _of_version(twin: PlannerTwin) -> tuple[str, ...]:
    if twin.same_major:
        return ()
    number = twin.source.version
    theirs = f"{number // 10_000}.{number % 10_000}"
    return (f"The twin's planner is of PostgreSQL {twin.version}, the database is of {theirs}.",)


def _of_tables(twin: PlannerTwin) -> Iterator[tuple[str, str]]:
    for each in twin.left_out:
        yield each.name, f"The twin lacks {each.name}, which the statement reads."
    for name, message in twin.incomplete.items():
        yield name, f"The twin's {name} is not complete ({message})."


def _has_text(table: Table | None) -> bool:
    return table is None or any(column.category == _TEXT for column in table.columns)


def _behind(source: Connection, names: set[str], wanted: list[str]) -> dict[str, set[str]]:
    """Name → which of ``wanted`` it is or is made of."""
    query = named("pgarchitect.evidence", "doubts.sql", "behind")
    found: dict[str, set[str]] = {}
    for name, part in source.execute(query.encode(), {"names": sorted(names), "wanted": wanted}):
        found.setdefault(name, set()).add(part)
    return found
