# Written by scripts/sync_from_async.py from ../aio/executor.py: change that one.
"""Where statements run: on any connection of the pool, or on the one of a transaction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pgarchitect.access.bulk import Bulk
from pgarchitect.access.failures import AccessError, ConnectionLost, TransactionLost
from pgarchitect.access.reading import ReadPlan, select
from pgarchitect.access.shapes import Tables, TableShape
from pgarchitect.access.sync.bulk import fetched
from pgarchitect.access.sync.connection import Connection
from pgarchitect.access.sync.pool import Pool
from pgarchitect.access.writing import Rows

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]


class Executor(Protocol):
    """Runs statements."""

    def point(self, table: TableShape, key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401
        """The row of a table with these values of a unique key, by the statement ``text``; None without one."""

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

    def arrow(self, tables: Tables, read: ReadPlan) -> "pa.Table":
        """The rows of a read as Arrow."""


class Pooled:
    """Each statement on the next free connection."""

    __slots__ = ("_bulk", "_pool")

    def __init__(self, pool: Pool, bulk: Bulk) -> None:
        self._pool = pool
        self._bulk = bulk

    def point(self, table: TableShape, key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401, ARG002
        """The row of a unique key."""
        connection = self._pool.acquire()
        try:
            return connection.row(text, values)
        finally:
            self._pool.release(connection)

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

    def arrow(self, tables: Tables, read: ReadPlan) -> "pa.Table":
        """Rows as Arrow, by a connection of its own."""
        return fetched(self._bulk, tables, read)


class Bound:
    """All statements on the connection of a transaction, which takes one at a time."""

    __slots__ = ("_busy", "_connection", "is_over")

    def point(self, table: TableShape, key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401, ARG002
        """The row of a unique key."""
        with self:
            return self._connection.row(text, values)

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

    def arrow(self, tables: Tables, read: ReadPlan) -> "pa.Table":
        """Rows as Arrow, made of those that this connection reads, since no other sees what was written here."""
        from pgarchitect.access.arrow import MODIFIERS, from_records, has_numeric  # noqa: PLC0415  # not always installed

        statement = select(tables, read)
        records = self.rows(statement.text, statement.parameters)
        asked = MODIFIERS.format("$1::text")
        found = self.rows(asked, (read.table.qualified,)) if has_numeric(read) else []
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
                "The transaction runs another statement; one before the next, or use the database for statements"
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
