"""What a library does in the benchmark; a method may be a coroutine."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from benchmarks.access.cases import CASES
from benchmarks.access.rows import log_line, milliseconds

Row = dict[str, Any]
"""A row to insert: column → value."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the database is; the host is the folder of a Unix socket, or a name."""

    url: str
    host: str
    port: int
    user: str
    database: str

    @classmethod
    def of(cls, url: str) -> "Server":
        """What a URL says."""
        parts = urlsplit(url)
        folder = parse_qs(parts.query).get("host", [""])[0]
        return cls(
            url,
            folder or parts.hostname or "localhost",
            parts.port or 5432,
            unquote(parts.username or "postgres"),
            unquote(parts.path.lstrip("/")),
        )


class Contender(ABC):
    """A library with its pool.

    Args:
        server: where the tables are.
    """

    cases: ClassVar[Sequence[str]] = tuple(each.name for each in CASES)
    """Names of the cases that it takes part in."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def open(self) -> Awaitable[None] | None:  # noqa: B027  # not all do
        """Connect."""

    @abstractmethod
    def read(self, user: UUID) -> Any:
        """The newest thousand logs of a user, as objects."""

    @abstractmethod
    def point(self, key: UUID) -> Any:
        """The log with that key, as an object."""

    @abstractmethod
    def insert(self, rows: list[Row]) -> Any:
        """Write these rows to ``new_logs``, all or none."""

    @abstractmethod
    def join(self, event: str) -> Any:
        """The rows of ``join.sql``."""

    def leave(self) -> None:  # noqa: B027  # likewise
        """A thread of the case ``clients`` ends."""

    def log(self, row: Any) -> str:
        """What an object that was read holds."""
        names = ("id", "user_id", "session_id", "event_type", "payload", "duration", "created_at")
        return log_line([getattr(row, name) for name in names])

    def joined(self, row: Any) -> str:
        """What a row of the join holds; by default its columns are in order."""
        return told(row)


def told(row: Sequence[Any]) -> str:
    """A row of the join as a line."""
    return "|".join(str(milliseconds(each) if number == 2 else each) for number, each in enumerate(row))
