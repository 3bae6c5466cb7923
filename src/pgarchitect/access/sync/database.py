# Written by scripts/sync_from_async.py from ../aio/database.py: change that one.
"""The database as an application sees it; a generated client adds one attribute a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, Self, TypeVar

from pgarchitect.access.options import PoolOptions
from pgarchitect.access.shapes import Tables
from pgarchitect.access.sync.connection import Connection, connect
from pgarchitect.access.sync.executor import Bound, Executor, Pooled
from pgarchitect.access.sync.pool import Pool
from pgarchitect.access.sync.table import Table
from pgarchitect.access.sync.transaction import Isolation, retried, savepoint, transaction

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

    def query(self, text: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows of a statement of your own, with ``$1``, ``$2``, …; never put values into its text."""
        return self._executor.mappings(text, parameters)

    def query_as(self, row: Callable[..., _Row], text: str, *parameters: object) -> list[_Row]:
        """Rows of a statement of your own, each made by ``row`` of its columns in order: a struct, a dataclass."""
        return [row(*each) for each in self._executor.rows(text, parameters)]

    def execute(self, text: str, *parameters: object) -> int:
        """Run a statement of your own; the number of rows that it wrote."""
        return self._executor.affected(text, parameters)


class Transaction(Tableful):
    """A transaction; the tables of the client work inside it."""

    def __init__(self, bound: Bound, depth: int = 0) -> None:
        super().__init__(bound)
        self._bound = bound
        self._depth = depth

    @contextmanager
    def savepoint(self) -> Iterator[Self]:
        """A part of the transaction that is taken back alone when an error leaves it."""
        with savepoint(self._bound, self._depth + 1):
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

    def __enter__(self) -> Self:
        """Open the pool."""
        self.pool.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pool."""
        self.pool.close()

    @contextmanager
    def transaction(
        self, *, isolation: Isolation = Isolation.READ_COMMITTED, read_only: bool = False
    ) -> Iterator[_Inside]:
        """A transaction: committed at the end of the block, rolled back when an error leaves it."""
        with transaction(self.pool, isolation, read_only=read_only) as bound:
            yield self.transaction_type(bound)

    def in_transaction(
        self,
        work: Callable[[_Inside], _Result],
        *,
        isolation: Isolation = Isolation.SERIALIZABLE,
        attempts: int = 5,
    ) -> _Result:
        """Run ``work`` in a transaction, and again when others got in its way; it must bear being run twice.

        Raises:
            SerializationFailed: they did so ``attempts`` times.
        """

        def once() -> _Result:
            with self.transaction(isolation=isolation) as made:
                return work(made)

        return retried(once, attempts)

    def explain(self, text: str, parameters: Sequence[object] = (), *, analyze: bool = False) -> Any:  # noqa: ANN401
        """The plan of a statement as JSON; ``analyze`` really runs it, in a transaction that is rolled back."""
        options = "FORMAT JSON, ANALYZE, BUFFERS" if analyze else "FORMAT JSON"
        connection = self.pool.acquire()
        try:
            connection.affected("BEGIN", ())
            try:
                return (connection.row(f"EXPLAIN ({options}) {text}", parameters))[0]
            finally:
                connection.affected("ROLLBACK", ())
        finally:
            self.pool.release(connection)

    def _connect(self) -> Connection:
        return connect(self._dsn, self._options)
