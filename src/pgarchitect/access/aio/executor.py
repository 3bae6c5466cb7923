"""Where statements run: on any connection of the pool, or on the one of a transaction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pgarchitect.access.aio.bulk import fetched
from pgarchitect.access.aio.connection import Connection
from pgarchitect.access.aio.pool import Pool
from pgarchitect.access.bulk import Bulk
from pgarchitect.access.failures import AccessError, ConnectionLost, TransactionLost
from pgarchitect.access.reading import ReadPlan, select
from pgarchitect.access.shapes import Tables, TableShape
from pgarchitect.access.writing import Rows

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]


class Executor(Protocol):
    """Runs statements."""

    async def point(self, table: TableShape, key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401
        """The row of a table with these values of a unique key, by the statement ``text``; None without one."""

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

    async def arrow(self, tables: Tables, read: ReadPlan) -> "pa.Table":
        """The rows of a read as Arrow."""


class Pooled:
    """Each statement on the next free connection."""

    __slots__ = ("_bulk", "_pool")

    def __init__(self, pool: Pool, bulk: Bulk) -> None:
        self._pool = pool
        self._bulk = bulk

    async def point(self, table: TableShape, key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401, ARG002
        """The row of a unique key."""
        connection = await self._pool.acquire()
        try:
            return await connection.row(text, values)
        finally:
            self._pool.release(connection)

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

    async def arrow(self, tables: Tables, read: ReadPlan) -> "pa.Table":
        """Rows as Arrow, by a connection of its own."""
        return await fetched(self._bulk, tables, read)


class Bound:
    """All statements on the connection of a transaction, which takes one at a time."""

    __slots__ = ("_busy", "_connection", "is_over")

    async def point(self, table: TableShape, key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401, ARG002
        """The row of a unique key."""
        with self:
            return await self._connection.row(text, values)

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

    async def arrow(self, tables: Tables, read: ReadPlan) -> "pa.Table":
        """Rows as Arrow, made of those that this connection reads, since no other sees what was written here."""
        from pgarchitect.access.arrow import MODIFIERS, from_records, has_numeric  # noqa: PLC0415  # not always installed

        statement = select(tables, read)
        records = await self.rows(statement.text, statement.parameters)
        asked = MODIFIERS.format("$1::text")
        found = await self.rows(asked, (read.table.qualified,)) if has_numeric(read) else []
        return from_records(read, dict(map(tuple, found)), records)

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

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """End a statement.

        Raises:
            TransactionLost: the connection broke, and with it the transaction.
        """
        self._busy = False
        if isinstance(error, ConnectionLost) and not isinstance(error, TransactionLost):
            told = str(error).partition("; ")[0]
            raise TransactionLost(f"{told}; nothing of the transaction was written, so run it again.") from error
