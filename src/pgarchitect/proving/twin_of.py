"""The planner twin that step 5 works with, and statements planned on it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from sqlglot import exp

from pgarchitect.errors import PgArchitectError
from pgarchitect.evidence.doubts import Doubts, read_doubts
from pgarchitect.evidence.relations import parsed, relations
from pgarchitect.evidence.trials import Baselines, Told, baselines
from pgarchitect.evidence.whatif import WhatIf
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.recommendations.contest import Proposals
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.schema.catalog import Catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.workload.workload import Statement

NO_TWIN: Final = (PgArchitectError, psycopg.Error, OSError)
"""What may keep us from a twin; the audit goes on without."""
NAMED: Final = 5
"""Tables that a warning names, and warnings of what is missing; the JSON report names all."""


@dataclass(frozen=True, slots=True)
class Audited:
    """The database that is audited.

    Attributes:
        connection: to it.
        dsn: by which a twin of it is made.
        settings: time-outs, and where the twin lives meanwhile.
    """

    connection: Connection
    dsn: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class TwinTrial:
    """Statements planned on a twin as the audited database is, ready for changes to be tried.

    Attributes:
        twin: of the audited database.
        what_if: tries changes on it.
        doubts: for which statements it is not quite the audited database.
        baselines: of the statements.
    """

    twin: PlannerTwin
    what_if: WhatIf
    doubts: Doubts
    baselines: Baselines


@contextmanager
def twin_trial(
    audited: Audited, asked: Proposals, statements: Sequence[Statement], listener: ProgressListener, told: Told
) -> Iterator[TwinTrial]:
    """Plan statements on a twin of what the catalog holds and of what else, such as views, they read.

    Args:
        audited: what the twin is made of.
        asked: what is to be tried; what it says is pending is in place.
        statements: some of those that it is for.
        listener: hears of the twin.
        told: hears of each statement.
    """
    trees, catalog = parsed(statements), asked.catalog
    names = {name for tree in trees.values() for name in relations(tree, catalog)}
    wanted = sorted(names | {table.qualified for table in catalog.tables})

    def heard(note: str) -> None:
        listener.advance(0, f"twin: {note}")

    with PlannerTwin.of(audited.dsn, audited.settings, heard, tables=wanted) as twin:
        heard(f"plan {len(trees)} statements")
        doubts = read_doubts(twin, audited.connection, trees, catalog)
        what_if = WhatIf(twin, asked.pending, {each: doubts.of(each) for each in trees})
        ready = twin_baselines(twin, what_if, audited, statements, trees=trees, catalog=catalog, told=told)
        yield TwinTrial(twin, what_if, doubts, ready)


def twin_baselines(
    twin: PlannerTwin,
    what_if: WhatIf,
    audited: Audited,
    statements: Sequence[Statement],
    *,
    trees: Mapping[str, exp.Expr],
    catalog: Catalog,
    told: Told,
) -> Baselines:
    """Statements planned on a twin as it is, with values by its statistics and by documents of what it is a twin of.

    Args:
        twin: plans them.
        what_if: of the twin.
        audited: what it is a twin of.
        statements: those that parse.
        trees: fingerprint → syntax tree.
        catalog: of the database.
        told: hears of each statement.
    """
    with connect(twin.url, audited.settings) as session:
        return baselines(
            what_if, session, statements, trees=trees, catalog=catalog, documents=audited.connection, told=told
        )


def why_not(error: Exception) -> str:
    """Why there is no twin, without a full stop."""
    return str(error).partition("\n")[0].rstrip(".")
