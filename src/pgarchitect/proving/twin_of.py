"""The planner twin that step 5 works with."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from sqlglot import exp

from pgarchitect.errors import PgArchitectError
from pgarchitect.evidence.relations import relations
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.schema.catalog import Catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin

NO_TWIN: Final = (PgArchitectError, psycopg.Error, OSError)
"""What may keep us from a twin; the audit goes on without."""
NAMED: Final = 5
"""Tables that a warning names, and warnings of what is missing; the JSON report names all."""


@contextmanager
def audited_twin(
    dsn: str, trees: Iterable[exp.Expr], catalog: Catalog, settings: Settings, listener: ProgressListener
) -> Iterator[PlannerTwin]:
    """A twin of what the catalog holds and of what else, such as views, statements read."""
    names = {name for tree in trees for name in relations(tree, catalog)}
    wanted = sorted(names | {table.qualified for table in catalog.tables})
    with PlannerTwin.of(dsn, settings, lambda note: listener.advance(0, f"twin: {note}"), tables=wanted) as twin:
        yield twin


def why_not(error: Exception) -> str:
    """Why there is no twin, without a full stop."""
    return str(error).partition("\n")[0].rstrip(".")
