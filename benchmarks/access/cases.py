"""What each contender is asked to do, and how often."""

from dataclasses import dataclass
from typing import Final

CLIENTS: Final = 20
"""Callers at once in the case ``clients``."""
READ_ROWS: Final = 1_000
"""Behaviour logs that are read of a user."""
JOIN_ROWS: Final = 200
"""Rows that the join gives."""


@dataclass(frozen=True, slots=True)
class Case:
    """One operation.

    Attributes:
        name: in commands to the workers.
        title: as a column's head.
        rows: to insert; 0: it inserts none.
        times: it is done in a row, each time measured by itself.
        rounds: share of the rounds in which it is measured, since some take long.
        per_second: the figure is operations a second, more is better; otherwise milliseconds, less is better.
    """

    name: str
    title: str
    rows: int = 0
    times: int = 1
    rounds: float = 1.0
    per_second: bool = False


READ: Final = Case("read", "1,000 rows → objects", times=5)
POINT: Final = Case("point", "point read", times=100)
INSERT_1K: Final = Case("insert_1k", "insert 1k", rows=1_000, times=2)
INSERT_10K: Final = Case("insert_10k", "insert 10k", rows=10_000, rounds=0.5)
JOIN: Final = Case("join", "three-table join", times=20)
CONCURRENT: Final = Case("clients", "20 clients", rounds=0.25, per_second=True)
CASES: Final = (READ, POINT, INSERT_1K, INSERT_10K, JOIN, CONCURRENT)
