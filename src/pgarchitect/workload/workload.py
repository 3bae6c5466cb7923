"""The nouns of a workload: a statement with its figures, and the set of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pgarchitect.workload.fingerprint import fingerprint


@dataclass(frozen=True, slots=True)
class Statement:
    """One normalised statement and what the server counted for it.

    Attributes:
        fingerprint: our own identity of the statement, 16 hexadecimal digits, the same on every server.
        query_ids: the server's ``queryid`` values that were folded into this one.
        text: the statement with ``$1`` … for its constants.
        calls: executions.
        total_ms: execution time of all calls, milliseconds.
        rows: rows returned or affected by all calls.
        share: part of the whole workload's execution time, 0 … 1.
    """

    fingerprint: str
    query_ids: tuple[int, ...]
    text: str
    calls: int
    total_ms: float
    rows: int
    share: float

    @classmethod
    def uncounted(cls, text: str, *, identity: str | None = None, share: float = 0.0) -> Self:
        """A statement of which no server counted anything.

        Args:
            text: with or without parameters.
            identity: its fingerprint, where it is known already or several statements are not to be taken for one.
            share: as the attribute.
        """
        return cls(fingerprint(text) if identity is None else identity, (), text, 0, 0.0, 0, share)

    @property
    def mean_ms(self) -> float:
        """Mean execution time of one call, milliseconds."""
        return self.total_ms / self.calls if self.calls else 0.0

    @property
    def rows_per_call(self) -> float:
        """Mean rows returned or affected by one call."""
        return self.rows / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Statements that were not considered, and why."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Workload:
    """The slow statements of one database, slowest in total first.

    Attributes:
        statements: those that passed the filters.
        seen: number of statements before the filters.
        total_ms: execution time of all statements seen, ours left out, milliseconds.
        since: when counting began (statistics reset, or the stored snapshot); None when the server does not say.
        left_out: what was filtered, by reason.
    """

    statements: tuple[Statement, ...]
    seen: int
    total_ms: float
    since: datetime | None
    left_out: tuple[LeftOut, ...]
