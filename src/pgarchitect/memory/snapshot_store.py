"""Keeping the workload's counters between two audits."""

from typing import Final

from pgarchitect.memory.home import Home
from pgarchitect.memory.home_errors import home_errors
from pgarchitect.workload.snapshot import Figures, Snapshot

KEPT: Final = 10
"""Readings kept per database; a difference needs one, the others are for a look back."""


def store(home: Home, snapshot: Snapshot) -> None:
    """Keep a reading and forget all but the newest of its database.

    Raises:
        HomeUnavailable: the database cannot be written.
    """
    with home_errors(), home.transaction() as inside:
        made = inside.workload_snapshot.insert(
            {"target": snapshot.target, "taken_at": snapshot.taken_at, "stats_reset": snapshot.stats_reset}
        )
        inside.workload_snapshot_statement.insert_many(
            {
                "snapshot_id": made.id,
                "query_id": query_id,
                "calls": figures.calls,
                "total_ms": figures.total_ms,
                "rows": figures.rows,
            }
            for query_id, figures in snapshot.figures.items()
        )
        older = inside.workload_snapshot.find_many(
            where={"target": snapshot.target}, order_by=[{"taken_at": "desc"}, {"id": "desc"}], skip=KEPT
        )
        inside.workload_snapshot.delete_many(where={"id": {"in": [each.id for each in older]}})


def latest(home: Home, target: str) -> Snapshot | None:
    """The newest reading of a database; None when there is none.

    Raises:
        HomeUnavailable: the database cannot be read.
    """
    with home_errors():
        found = home.tables.workload_snapshot.find_first(
            where={"target": target}, order_by=[{"taken_at": "desc"}, {"id": "desc"}], include={"statements": True}
        )
    if found is None:
        return None
    figures = {each.query_id: Figures(each.calls, each.total_ms, each.rows) for each in found.statements}
    return Snapshot(target, found.taken_at, found.stats_reset, figures)
