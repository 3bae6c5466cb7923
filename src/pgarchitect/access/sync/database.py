# Written by scripts/sync_from_async.py from ../aio/database.py: change that one.
"""The database as an application sees it; a generated client adds one attribute a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from pgarchitect.access.bulk import Bulk
from pgarchitect.access.failures import ExtraMissing
from pgarchitect.access.notes import Overflow, channel_name
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.shapes import Tables
from pgarchitect.access.sync.coalescing import gathering
from pgarchitect.access.sync.connection import Connection, connect
from pgarchitect.access.sync.executor import Bound, Executor, Pooled
from pgarchitect.access.sync.listening import Hub, Listening
from pgarchitect.access.sync.pool import Pool
from pgarchitect.access.sync.table import Table
from pgarchitect.access.sync.transaction import Isolation, retried, savepoint, transaction

if TYPE_CHECKING:
    from pgarchitect.access.sync.analytics import Analytics

_Result = TypeVar("_Result")
_Row = TypeVar("_Row")
_Inside = TypeVar("_Inside", bound="Transaction")


class Tableful:
    """What has the tables of a client: the database, and each of its transactions."""

    tables: ClassVar[Tables] = {}
    """Shapes of all tables by their names."""
    table_types: ClassVar[Mapping[str, type[Any]]] = {}
    """Types of the tables' attributes."""

    def __init__(self, executor: Executor, *, validate: bool = True) -> None:
        self._executor = executor
        self._validate = validate
        for name, shape in self.tables.items():
            setattr(self, name, self.table_types.get(name, Table)(shape, self.tables, executor, validate=validate))

    @property
    def analytics(self) -> "Analytics":
        """SELECTs of SQLAlchemy Core on the same connections.

        Raises:
            ExtraMissing: SQLAlchemy is not installed.
        """
        try:
            from pgarchitect.access.sync.analytics import Analytics  # noqa: PLC0415  # who asks pays for SQLAlchemy
        except ImportError as error:
            raise ExtraMissing("Analytics needs SQLAlchemy; run: pip install 'pgarchitect[access]'.") from error
        return Analytics(self._executor)

    @property
    def validates(self) -> bool:
        """Whether writes validate where a call does not leave it out."""
        return self._validate

    def query(self, text: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows of a statement of your own, with ``$1``, ``$2``, …; never put values into its text."""
        return self._executor.mappings(text, parameters)

    def query_as(self, row: Callable[..., _Row], text: str, *parameters: object) -> list[_Row]:
        """Rows of a statement of your own, each made by ``row`` of its columns in order: a struct, a dataclass."""
        return [row(*each) for each in self._executor.rows(text, parameters)]

    def execute(self, text: str, *parameters: object) -> int:
        """Run a statement of your own; the number of rows that it wrote."""
        return self._executor.affected(text, parameters)

    def notify(self, channel: str, payload: str = "") -> None:
        """Tell who listens to a channel; in a transaction they hear of it when it is committed.

        Raises:
            InvalidValue: the payload is longer than the server allows (7,999 bytes).
        """
        self._executor.affected("SELECT pg_catalog.pg_notify($1::text, $2::text)", (channel_name(channel), payload))


class Transaction(Tableful):
    """A transaction; the tables of the client work inside it."""

    def __init__(self, bound: Bound, depth: int = 0, *, validate: bool = True) -> None:
        super().__init__(bound, validate=validate)
        self._bound = bound
        self._depth = depth

    @contextmanager
    def savepoint(self) -> Iterator[Self]:
        """A part of the transaction that is taken back alone when an error leaves it."""
        with savepoint(self._bound, self._depth + 1):
            yield type(self)(self._bound, self._depth + 1, validate=self._validate)


class Database(Tableful, Generic[_Inside]):
    """A pool of connections to one database.

    Args:
        dsn: a PostgreSQL URL; Prisma's own parameters in it are understood.
        options: of the pool.
        validate: look whether values fit their columns before they are sent; a call may leave it out by itself.
        coalesce: reads by a unique key that are asked for in the same tick of the loop become one statement.
        connect: opens a connection of the pool; None: by the URL. LISTEN, Arrow and the router's other path still take
            the URL.
    """

    transaction_type: ClassVar[type[Any]] = Transaction
    """Of the generated client: a transaction with its tables."""

    def __init__(
        self,
        dsn: str,
        options: PoolOptions | None = None,
        *,
        validate: bool = True,
        coalesce: bool = False,
        connect: Callable[[], Connection] | None = None,
    ) -> None:
        self._options = options or PoolOptions()
        self._dsn = dsn
        self.pool = Pool(connect or self._connect, self._options)
        self._hub = Hub(dsn, self._options)
        executor = (gathering if coalesce else Pooled)(self.pool, Bulk(dsn, self._options))
        super().__init__(executor, validate=validate)

    @property
    def dsn(self) -> str:
        """The URL that it was given."""
        return self._dsn

    def __enter__(self) -> Self:
        """Open the pool."""
        self.pool.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pool and end all listeners."""
        self._hub.close()
        self.pool.close()

    def listen(self, *channels: str, limit: int = 1_000, overflow: Overflow | str = Overflow.DROP_OLDEST) -> Listening:
        """Notes of channels, to iterate over; all listeners share one connection, which comes back when it breaks.

        Args:
            channels: their names, in any spelling.
            limit: of notes that wait for this listener; 0: any number.
            overflow: what happens beyond it.

        Raises:
            InvalidCondition: there is no channel, a name cannot be a channel's, or there is no such overflow.
            NoDirectConnection: a pooler stands in between.
        """
        return self._hub.listen(channels, limit, overflow)

    @contextmanager
    def transaction(
        self, *, isolation: Isolation = Isolation.READ_COMMITTED, read_only: bool = False
    ) -> Iterator[_Inside]:
        """A transaction: committed at the end of the block, rolled back when an error leaves it."""
        with transaction(self.pool, isolation, read_only=read_only) as bound:
            yield self.transaction_type(bound, validate=self._validate)

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
                connection.roll_back()
        finally:
            self.pool.release(connection)

    def _connect(self) -> Connection:
        return connect(self._dsn, self._options)
