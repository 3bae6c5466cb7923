"""What building a twin cost its source: every statement sent and every byte that came back."""

import time
from dataclasses import dataclass
from typing import Self

from psycopg import pq
from psycopg.abc import Params, Query

from pgarchitect.postgres.connection import Connection, MarkedCursor


@dataclass(frozen=True, slots=True)
class ReadingCost:
    """What the source had to do for a twin.

    Attributes:
        statements: sent to it, those of ``pg_dump`` included.
        bytes_read: of values in the answers, as they travel.
        seconds: from the first to the last statement.
        longest_s: of the statement that took longest, seconds, with the way there and back.
        sampled_pages: of tables that were read for samples.
    """

    statements: int
    bytes_read: int
    seconds: float
    longest_s: float
    sampled_pages: int = 0

    def __add__(self, other: "ReadingCost") -> "ReadingCost":
        """Both, one after the other."""
        return ReadingCost(
            self.statements + other.statements,
            self.bytes_read + other.bytes_read,
            self.seconds + other.seconds,
            max(self.longest_s, other.longest_s),
            self.sampled_pages + other.sampled_pages,
        )


class Meter:
    """Counts meanwhile."""

    def __init__(self) -> None:
        self._statements = self._bytes = 0
        self._longest = 0.0
        self._began = self._ended = time.monotonic()

    def count(self, bytes_read: int, began: float) -> None:
        """One statement that was sent at ``began``, of ``time.monotonic``, and has been answered now."""
        self._ended = time.monotonic()
        self._statements += 1
        self._bytes += bytes_read
        self._longest = max(self._longest, self._ended - began)

    def cost(self) -> ReadingCost:
        """What was counted so far."""
        return ReadingCost(self._statements, self._bytes, self._ended - self._began, self._longest)

    def watch(self, connection: Connection) -> None:
        """Count whatever is executed on ``connection`` from now on."""
        meter = self

        class MeteredCursor(MarkedCursor):
            def execute(
                self,
                query: Query,
                params: Params | None = None,
                *,
                prepare: bool | None = None,
                binary: bool | None = None,
            ) -> Self:
                began, size = time.monotonic(), 0
                try:
                    super().execute(query, params, prepare=prepare, binary=binary)
                    size = _size(self.pgresult)
                finally:
                    meter.count(size, began)
                return self

        connection.cursor_factory = MeteredCursor


def _size(result: pq.abc.PGresult | None) -> int:
    if result is None:
        return 0
    return sum(
        len(result.get_value(row, column) or b"") for row in range(result.ntuples) for column in range(result.nfields)
    )
