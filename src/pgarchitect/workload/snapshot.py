"""The workload's counters at one moment, and what happened between two of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Figures(NamedTuple):
    """What the server counted for one statement: executions, their time in milliseconds, rows returned or affected."""

    calls: int
    total_ms: float
    rows: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The counters of one database, read at one moment.

    Attributes:
        target: identity of the audited server and database.
        taken_at: when they were read, with time zone.
        stats_reset: when the server began to count; None when it does not say.
        figures: by the server's ``queryid``.
    """

    target: str
    taken_at: datetime
    stats_reset: datetime | None
    figures: Mapping[int, Figures]


def difference(earlier: Snapshot, later: Snapshot) -> dict[int, Figures]:
    """What was executed between two readings; statements that were not executed are left out.

    Counters that began anew in between (another ``stats_reset``, or a figure lower than before, as after a reset of
    a single statement) hold only what came after, so the later figures are taken whole.

    Raises:
        ValueError: the two are of different databases.
    """
    if earlier.target != later.target:
        raise ValueError(f"Snapshots of two databases cannot be compared: {earlier.target}, {later.target}.")
    known = earlier.figures if earlier.stats_reset == later.stats_reset else {}
    between = {query_id: _since(known.get(query_id), figures) for query_id, figures in later.figures.items()}
    return {query_id: figures for query_id, figures in between.items() if figures.calls > 0}


def _since(before: Figures | None, now: Figures) -> Figures:
    # Each counter only ever grows, so one that shrank was reset, even where the others have caught up since.
    if before is None or any(new < old for new, old in zip(now, before, strict=True)):
        return Figures(*now)
    return Figures(now.calls - before.calls, now.total_ms - before.total_ms, now.rows - before.rows)
