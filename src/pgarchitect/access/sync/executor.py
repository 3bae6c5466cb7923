# Written by scripts/sync_from_async.py from ../aio/executor.py: change that one.
"""Where statements run: on any connection of the pool, or on the one of a transaction."""

from collections.abc import Sequence
from typing import Any, Protocol

from pgarchitect.access.failures import AccessError
from pgarchitect.access.sync.connection import Connection
from pgarchitect.access.sync.pool import Pool
from pgarchitect.access.writing import Rows


class Executor(Protocol):
    """Runs statements."""

    def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""

    def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # a record, or None
        """Its first row; None without one."""

    def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """Its rows, each as column → value."""

    def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """The number of rows that it wrote."""

    def copy(self, rows: Rows) -> int:
        """Write rows by COPY; how many."""


class Pooled:
    """Each statement on the next free connection."""

    __slots__ = ("_pool",)

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @property
    def pool(self) -> Pool:
        """Where connections come from."""
        return self._pool

    def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""
        connection = self._pool.acquire()
        try:
            return connection.rows(text, parameters)
        finally:
            self._pool.release(connection)

    def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # as the protocol has it
        """Its first row."""
        connection = self._pool.acquire()
        try:
            return connection.row(text, parameters)
        finally:
            self._pool.release(connection)

    def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """Its rows, each as column → value."""
        connection = self._pool.acquire()
        try:
            return connection.mappings(text, parameters)
        finally:
            self._pool.release(connection)

    def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """The number of rows that it wrote."""
        connection = self._pool.acquire()
        try:
            return connection.affected(text, parameters)
        finally:
            self._pool.release(connection)

    def copy(self, rows: Rows) -> int:
        """Write rows by COPY."""
        connection = self._pool.acquire()
        try:
            return connection.copy(rows)
        finally:
            self._pool.release(connection)


class Bound:
    """All statements on the connection of a transaction, which takes one at a time."""

    __slots__ = ("_busy", "_connection", "is_over")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._busy = False
        self.is_over = False

    def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""
        with self:
            return self._connection.rows(text, parameters)

    def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # as the protocol has it
        """Its first row."""
        with self:
            return self._connection.row(text, parameters)

    def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """Its rows, each as column → value."""
        with self:
            return self._connection.mappings(text, parameters)

    def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """The number of rows that it wrote."""
        with self:
            return self._connection.affected(text, parameters)

    def copy(self, rows: Rows) -> int:
        """Write rows by COPY."""
        with self:
            return self._connection.copy(rows)

    def __enter__(self) -> None:
        """Begin a statement.

        Raises:
            AccessError: the transaction is over, or runs another statement.
        """
        if self.is_over:
            raise AccessError("The transaction is over; use the database, or begin another transaction.")
        if self._busy:
            raise AccessError(
                "The transaction runs another statement; one before the next, or use the database for statements"
                " side by side."
            )
        self._busy = True

    def __exit__(self, *_: object) -> None:
        """End a statement."""
        self._busy = False
