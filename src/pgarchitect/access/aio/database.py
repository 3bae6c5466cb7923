"""The database as an application sees it; a generated client adds one attribute a table."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Generic, Self, TypeVar

from pgarchitect.access.aio.connection import Connection, connect
from pgarchitect.access.aio.executor import Bound, Executor, Pooled
from pgarchitect.access.aio.pool import Pool
from pgarchitect.access.aio.table import Table
from pgarchitect.access.aio.transaction import Isolation, retried, savepoint, transaction
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.shapes import Tables

_Result = TypeVar("_Result")
_Row = TypeVar("_Row")
_Inside = TypeVar("_Inside", bound="Transaction")


class Tableful:
    """What has the tables of a client: the database, and each of its transactions."""

    tables: ClassVar[Tables] = {}
    """Shapes of all tables by their names."""
    table_types: ClassVar[Mapping[str, type[Any]]] = {}
    """Types of the tables' attributes."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        for name, shape in self.tables.items():
            setattr(self, name, self.table_types.get(name, Table)(shape, self.tables, executor))

    async def query(self, text: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows of a statement of your own, with ``$1``, ``$2``, …; never put values into its text."""
        return await self._executor.mappings(text, parameters)

    async def query_as(self, row: Callable[..., _Row], text: str, *parameters: object) -> list[_Row]:
        """Rows of a statement of your own, each made by ``row`` of its columns in order: a struct, a dataclass."""
        return [row(*each) for each in await self._executor.rows(text, parameters)]

    async def execute(self, text: str, *parameters: object) -> int:
        """Run a statement of your own; the number of rows that it wrote."""
        return await self._executor.affected(text, parameters)


class Transaction(Tableful):
    """A transaction; the tables of the client work inside it."""

    def __init__(self, bound: Bound, depth: int = 0) -> None:
        super().__init__(bound)
        self._bound = bound
        self._depth = depth

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[Self]:
        """A part of the transaction that is taken back alone when an error leaves it."""
        async with savepoint(self._bound, self._depth + 1):
            yield type(self)(self._bound, self._depth + 1)


class Database(Tableful, Generic[_Inside]):
    """A pool of connections to one database.

    Args:
        dsn: a PostgreSQL URL; Prisma's own parameters in it are understood.
        options: of the pool.
    """

    transaction_type: ClassVar[type[Any]] = Transaction
    """Of the generated client: a transaction with its tables."""

    def __init__(self, dsn: str, options: PoolOptions | None = None) -> None:
        self._options = options or PoolOptions()
        self._dsn = dsn
        self.pool = Pool(self._connect, self._options)
        super().__init__(Pooled(self.pool))

    async def __aenter__(self) -> Self:
        """Open the pool."""
        await self.pool.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the pool."""
        await self.pool.close()

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = Isolation.READ_COMMITTED, read_only: bool = False
    ) -> AsyncIterator[_Inside]:
        """A transaction: committed at the end of the block, rolled back when an error leaves it."""
        async with transaction(self.pool, isolation, read_only=read_only) as bound:
            yield self.transaction_type(bound)

    async def in_transaction(
        self,
        work: Callable[[_Inside], Awaitable[_Result]],
        *,
        isolation: Isolation = Isolation.SERIALIZABLE,
        attempts: int = 5,
    ) -> _Result:
        """Run ``work`` in a transaction, and again when others got in its way; it must bear being run twice.

        Raises:
            SerializationFailed: they did so ``attempts`` times.
        """

        async def once() -> _Result:
            async with self.transaction(isolation=isolation) as made:
                return await work(made)

        return await retried(once, attempts)

    async def explain(self, text: str, parameters: Sequence[object] = (), *, analyze: bool = False) -> Any:  # noqa: ANN401
        """The plan of a statement as JSON; ``analyze`` really runs it, in a transaction that is rolled back."""
        options = "FORMAT JSON, ANALYZE, BUFFERS" if analyze else "FORMAT JSON"
        connection = await self.pool.acquire()
        try:
            await connection.affected("BEGIN", ())
            try:
                return (await connection.row(f"EXPLAIN ({options}) {text}", parameters))[0]
            finally:
                await connection.affected("ROLLBACK", ())
        finally:
            self.pool.release(connection)

    async def _connect(self) -> Connection:
        return await connect(self._dsn, self._options)
