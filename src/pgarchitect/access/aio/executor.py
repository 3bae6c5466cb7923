"""Where statements run: on any connection of the pool, or on the one of a transaction."""

from collections.abc import Sequence
from typing import Any, Protocol

from pgarchitect.access.aio.connection import Connection
from pgarchitect.access.aio.pool import Pool
from pgarchitect.access.failures import AccessError
from pgarchitect.access.writing import Rows


class Executor(Protocol):
    """Runs statements."""

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""

    async def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # a record, or None
        """Its first row; None without one."""

    async def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """Its rows, each as column → value."""

    async def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """The number of rows that it wrote."""

    async def copy(self, rows: Rows) -> int:
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

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""
        connection = await self._pool.acquire()
        try:
            return await connection.rows(text, parameters)
        finally:
            self._pool.release(connection)

    async def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # as the protocol has it
        """Its first row."""
        connection = await self._pool.acquire()
        try:
            return await connection.row(text, parameters)
        finally:
            self._pool.release(connection)

    async def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """Its rows, each as column → value."""
        connection = await self._pool.acquire()
        try:
            return await connection.mappings(text, parameters)
        finally:
            self._pool.release(connection)

    async def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """The number of rows that it wrote."""
        connection = await self._pool.acquire()
        try:
            return await connection.affected(text, parameters)
        finally:
            self._pool.release(connection)

    async def copy(self, rows: Rows) -> int:
        """Write rows by COPY."""
        connection = await self._pool.acquire()
        try:
            return await connection.copy(rows)
        finally:
            self._pool.release(connection)


class Bound:
    """All statements on the connection of a transaction, which takes one at a time."""

    __slots__ = ("_busy", "_connection", "is_over")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._busy = False
        self.is_over = False

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""
        with self:
            return await self._connection.rows(text, parameters)

    async def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # as the protocol has it
        """Its first row."""
        with self:
            return await self._connection.row(text, parameters)

    async def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """Its rows, each as column → value."""
        with self:
            return await self._connection.mappings(text, parameters)

    async def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """The number of rows that it wrote."""
        with self:
            return await self._connection.affected(text, parameters)

    async def copy(self, rows: Rows) -> int:
        """Write rows by COPY."""
        with self:
            return await self._connection.copy(rows)

    def __enter__(self) -> None:
        """Begin a statement.

        Raises:
            AccessError: the transaction is over, or runs another statement.
        """
        if self.is_over:
            raise AccessError("The transaction is over; use the database, or begin another transaction.")
        if self._busy:
            raise AccessError(
                "The transaction runs another statement; await one before the next, or use the database for statements"
                " side by side."
            )
        self._busy = True

    def __exit__(self, *_: object) -> None:
        """End a statement."""
        self._busy = False
