"""Keeping the workload's counters between two audits."""

from typing import Final

from pgarchitect.memory.home_errors import home_errors
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement
from pgarchitect.workload.snapshot import Figures, Snapshot

KEPT: Final = 10
"""Readings kept per database; a difference needs one, the others are for a look back."""


def store(connection: Connection, snapshot: Snapshot) -> None:
    """Keep a reading and forget all but the newest of its database.

    Raises:
        HomeUnavailable: the database cannot be written.
    """
    figures = snapshot.figures.values()
    with home_errors(), connection.transaction():
        connection.execute(
            _sql("store"),
            {
                "target": snapshot.target,
                "taken_at": snapshot.taken_at,
                "stats_reset": snapshot.stats_reset,
                "query_ids": list(snapshot.figures),
                "calls": [figure.calls for figure in figures],
                "total_ms": [figure.total_ms for figure in figures],
                "rows": [figure.rows for figure in figures],
            },
        )
        connection.execute(_sql("forget"), {"target": snapshot.target, "kept": KEPT})


def latest(connection: Connection, target: str) -> Snapshot | None:
    """The newest reading of a database; None when there is none.

    Raises:
        HomeUnavailable: the database cannot be read.
    """
    with home_errors():
        rows = connection.execute(_sql("latest"), {"target": target}).fetchall()
    if not rows:
        return None
    taken_at, stats_reset = rows[0][:2]
    figures = {row[2]: Figures(*row[3:]) for row in rows if row[2] is not None}
    return Snapshot(target, taken_at, stats_reset, figures)


def _sql(name: str) -> bytes:
    return statement("pgarchitect.memory", "snapshot.sql", name).encode()
