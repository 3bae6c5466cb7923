"""How long operations took on each path, and how many failed: kept in the process, read by metrics."""

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from pgarchitect.access.router import Way

WINDOW: Final = 2_048
"""Durations of a path that percentiles are made of: the latest so many."""
QUANTILES: Final = (0.5, 0.95, 0.99)
Kind = tuple[Way, bool]
"""A path, and whether it ran as a shadow."""


@dataclass(frozen=True, slots=True)
class PathFigures:
    """Of one path; durations in seconds.

    Attributes:
        way: which.
        shadow: of its runs as a shadow, rather than for callers.
        operations: ``table.operation`` → how many.
        errors: type of error → how many.
        seconds: of all operations together.
        quantiles: 0.5, 0.95, 0.99 → duration that so many of the latest operations did not exceed.
    """

    way: Way
    shadow: bool
    operations: dict[str, int]
    errors: dict[str, int]
    seconds: float
    quantiles: dict[float, float]

    @property
    def count(self) -> int:
        """Of all operations."""
        return sum(self.operations.values())


class _Kept:
    __slots__ = ("errors", "latest", "operations", "seconds")

    def __init__(self) -> None:
        self.operations: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.latest: deque[float] = deque(maxlen=WINDOW)
        self.seconds = 0.0


class Figures:
    """Of one service; for threads too."""

    __slots__ = ("_kept", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Kind, _Kept] = {(way, shadow): _Kept() for way in Way for shadow in (False, True)}

    def add(self, way: Way, operation: str, seconds: float, error: BaseException | None, *, shadow: bool) -> None:
        """Count an operation."""
        with self._lock:
            kept = self._kept[way, shadow]
            kept.operations[operation] += 1
            kept.seconds += seconds
            kept.latest.append(seconds)
            if error is not None:
                kept.errors[type(error).__name__] += 1

    def of_paths(self) -> list[PathFigures]:
        """As they stand now: fast path and SQLAlchemy, each for callers and as a shadow."""
        with self._lock:
            return [
                PathFigures(
                    way, shadow, dict(kept.operations), dict(kept.errors), kept.seconds, _quantiles(sorted(kept.latest))
                )
                for (way, shadow), kept in self._kept.items()
            ]


def _quantiles(ordered: list[float]) -> dict[float, float]:
    """By the nearest rank; empty where nothing was measured."""
    return {each: ordered[max(0, -(-int(each * 100) * len(ordered) // 100) - 1)] for each in QUANTILES if ordered}
