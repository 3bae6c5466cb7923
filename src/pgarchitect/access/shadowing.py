"""What came of the reads that ran on both paths: how many agreed, and each difference."""

import logging
import threading
from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from pgarchitect.access.router import Call

KEPT: Final = 100
"""Differences that are kept, the latest; all are counted."""
SHOWN: Final = 300
"""Characters of arguments or a result in a difference."""
SHOWN_OF_STATEMENT: Final = 4_000
_logger = logging.getLogger("pgarchitect.access.router")


class Outcome(StrEnum):
    """What came of a read on both paths."""

    EQUAL = "equal"
    DIFFERENT = "different"
    MOVED = "moved"
    """Different at first, equal when both were run again: somebody wrote in between."""
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    SKIPPED = "skipped"
    """Not run: enough ran already."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two results of one read that are not equal.

    Attributes:
        when: it was found.
        operation: ``table.operation``.
        arguments: of it, shortened.
        what: differs.
        fast: result of the fast path, shortened.
        sqlalchemy: the other's.
        statements: of the fast path, in order; values stand in ``arguments``.
    """

    when: datetime
    operation: str
    arguments: str
    what: str
    fast: str
    sqlalchemy: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShadowFigures:
    """How many reads came to what, and the type of each error → how many."""

    outcomes: dict[Outcome, int]
    errors: dict[str, int]


class Shadows:
    """What came of the reads of one service."""

    __slots__ = ("_differences", "_errors", "_lock", "_outcomes")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes: Counter[Outcome] = Counter()
        self._errors: Counter[str] = Counter()
        self._differences: deque[Difference] = deque(maxlen=KEPT)

    @property
    def differences(self) -> list[Difference]:
        """The latest, oldest first."""
        with self._lock:
            return list(self._differences)

    @property
    def figures(self) -> ShadowFigures:
        """As they stand now."""
        with self._lock:
            return ShadowFigures({each: self._outcomes[each] for each in Outcome}, dict(self._errors))

    def count(self, outcome: Outcome, error: BaseException | None = None) -> None:
        """Count a read."""
        with self._lock:
            self._outcomes[outcome] += 1
            if error is not None:
                self._errors[type(error).__name__] += 1

    def found(self, call: Call, what: str, fast: Any, sqlalchemy: Any, statements: tuple[str, ...]) -> None:  # noqa: ANN401
        """Keep a difference; it is logged without values, which may be of persons."""
        name = f"{call.table}.{call.operation}"
        arguments = _short(repr((*call.given, dict(call.asked))))
        texts = tuple(_short(each, SHOWN_OF_STATEMENT) for each in statements)
        made = Difference(datetime.now(UTC), name, arguments, what, _result(fast), _result(sqlalchemy), texts)
        with self._lock:
            self._outcomes[Outcome.DIFFERENT] += 1
            self._differences.append(made)
        _logger.warning("Fast path and SQLAlchemy differ in %s; see the service's differences.", name)


def _result(value: Any) -> str:  # noqa: ANN401  # of any operation
    return _short(f"{len(value)} rows: {value!r}" if isinstance(value, list) else repr(value))


def _short(text: str, most: int = SHOWN) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
