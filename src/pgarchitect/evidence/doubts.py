"""What makes a twin another database than the audited one, for each statement that it concerns."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from pgarchitect.evidence.relations import relations
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.server_identity import spelled_version
from pgarchitect.schema.catalog import Catalog, Table
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.twin.scope import spelled

_TABLES = frozenset({"r", "p", "m", "f"})
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
    said, of_text = _of_tables(twin)
    read = {fingerprint: relations(tree, catalog) for fingerprint, tree in trees.items()}
    behind = _behind(source, {name for found in read.values() for name in found}, list(said)) if said else {}
    found: dict[str, tuple[str, ...]] = {}
    for fingerprint, names in read.items():
        touched = sorted({each for name in names for each in behind.get(name, ())})
        collations = of_text if any(_has_text(table) for table in names.values()) else ()
        sentences = (*dict.fromkeys(sentence for each in touched for sentence in said[each]), *collations)
        if sentences:
            found[fingerprint] = sentences
    return Doubts(_of_version(twin), found)


def _of_version(twin: PlannerTwin) -> tuple[str, ...]:
    if twin.same_major:
        return ()
    theirs = spelled_version(twin.source.version)
    return (f"The twin's planner is of PostgreSQL {twin.version}, the database is of {theirs}.",)


def _of_tables(twin: PlannerTwin) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """Table, as SQL spells it → sentences; and the sentences about how text is sorted."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in twin.left_out:
        found[each.name].append(f"The twin lacks {each.name}, which the statement reads.")
    for name, message in twin.incomplete.items():
        found[name].append(f"The twin's {name} is not complete ({message}).")
    named_in = {warning: list(_named(warning, twin)) for warning in twin.warnings}
    for warning, names in named_in.items():
        for name in names:
            found[name].append(warning)
    return found, tuple(warning for warning, names in named_in.items() if not names)


def _named(warning: str, twin: PlannerTwin) -> Iterator[str]:
    """The tables that a warning is of, as SQL spells them; a warning of none is of how text is sorted."""
    for each in twin.source.relations:
        name = spelled(each.schema, each.name)
        if each.kind in _TABLES and (name in warning or f" {each.schema}.{each.name}." in warning):
            yield name


def _has_text(table: Table | None) -> bool:
    return table is None or any(column.category == _TEXT for column in table.columns)


def _behind(source: Connection, names: set[str], wanted: list[str]) -> dict[str, set[str]]:
    """Name → which of ``wanted`` it is or is made of."""
    query = named("pgarchitect.evidence", "doubts.sql", "behind")
    found: dict[str, set[str]] = {}
    for name, part in source.execute(query.encode(), {"names": sorted(names), "wanted": wanted}):
        found.setdefault(name, set()).add(part)
    return found
