# Written by scripts/sync_from_async.py from ../aio/service.py: change that one.
"""``DatabaseService``: a client's database whose operations take the fast path or SQLAlchemy's, as flags say."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from pgarchitect.access import metrics
from pgarchitect.access.router import Call, Route, Way, asker
from pgarchitect.access.router_figures import PathFigures
from pgarchitect.access.shadowing import Difference, ShadowFigures
from pgarchitect.access.sync.alchemy_database import AlchemyDatabase
from pgarchitect.access.sync.background import Background
from pgarchitect.access.sync.database import Database
from pgarchitect.access.sync.routed import RoutedTable
from pgarchitect.access.sync.routing import Routing
from pgarchitect.access.sync.transaction import Isolation, retried

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

_Db = TypeVar("_Db", bound=Database[Any])
_Result = TypeVar("_Result")
SHADOWS_AT_ONCE: Final = 2
"""Reads that are compared at one time; others are left out, and counted."""


class DatabaseService(Generic[_Db]):
    """A database with two paths.

    ``with DatabaseService(AsyncDatabase(url)) as db:`` gives what is used like the client's database.

    Args:
        database: of a generated client, not opened yet.

    Raises:
        InvalidRoute: a flag cannot be read.
    """

    def __init__(self, database: _Db) -> None:
        self._database = database
        self._other = AlchemyDatabase(database.dsn, database.pool.options, database.tables, validate=database.validates)
        self._background = Background(SHADOWS_AT_ONCE)
        fast = {name: getattr(database, name) for name in database.tables}
        self._routing = Routing(fast, self._other.alchemy_tables, self._background)

    def __enter__(self) -> _Db:
        """Open the pool; SQLAlchemy connects when it is first used."""
        self._database.__enter__()
        return cast("_Db", _Routed(self._database, self._other, self._routing))

    def __exit__(self, *_: object) -> None:
        """End what is compared, and close all connections."""
        self._background.close()
        self._other.close()
        self._database.__exit__()

    def route(self, *, fast: bool | float | None = None, shadow: float | None = None) -> Route:
        """Share operations out so from now on; None: as the file or the environment says. How it stands then.

        Args:
            fast: True, False, or the percentage of operations that take the fast path.
            shadow: percentage of reads that run on both paths.

        Raises:
            InvalidRoute: a percentage is not from 0 to 100.
        """
        self._routing.flags.set(fast=fast, shadow=shadow)
        return self._routing.flags.route

    def asker(self, name: str) -> AbstractContextManager[None]:
        """Inside, everything takes the path of that name (of a user, a session): the same in every process."""
        return asker(name)

    @property
    def paths(self) -> list[PathFigures]:
        """How long operations took on each path, and how many failed."""
        return self._routing.figures.of_paths()

    @property
    def shadows(self) -> ShadowFigures:
        """What came of the reads that ran on both paths."""
        return self._routing.shadows.figures

    @property
    def differences(self) -> list[Difference]:
        """The latest reads whose results differed."""
        return self._routing.shadows.differences

    def collector(self) -> "Collector":
        """The figures for a registry of ``prometheus_client``: ``REGISTRY.register(service.collector())``."""
        return metrics.collector(lambda: self.paths, lambda: self.shadows)

    def settled(self) -> None:
        """Wait until no read is being compared."""
        self._background.settled()


class _Routed:
    """What a service gives: the client's database, with tables and transactions that take either path."""

    def __init__(self, database: Database[Any], other: AlchemyDatabase, routing: Routing) -> None:
        self._database = database
        self._other = other
        self._routing = routing
        for name in database.tables:
            setattr(self, name, RoutedTable(name, routing))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # of the client's database
        """What is not routed: analytics, listeners, the pool."""
        return getattr(self._database, name)

    def query(self, *given: Any) -> Any:  # noqa: ANN401  # as the client's database has it
        """See the client's database."""
        return self._sql("query", given, given)

    def query_as(self, row: Any, *given: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's database."""
        return self._sql("query_as", (row, *given), given)

    def execute(self, *given: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's database."""
        return self._sql("execute", given, given)

    def explain(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's database, whose own this is: a plan is the same on both paths."""
        return self._routing.sql(Call("database", "explain", given, asked), self._database, Way.FAST)

    def _sql(self, operation: str, given: tuple[Any, ...], question: tuple[Any, ...]) -> Any:  # noqa: ANN401  # as above
        way = self._routing.way(Call("database", "sql", question), by_question=True)
        source = self._database if way is Way.FAST else self._other
        return self._routing.sql(Call("database", operation, given), source, way)

    @contextmanager
    def transaction(self, *, isolation: Isolation = Isolation.READ_COMMITTED, read_only: bool = False) -> Iterator[Any]:
        """A transaction, all of it by one path."""
        way = self._routing.way(Call("database", "transaction"), by_question=False)
        began, failed = time.perf_counter(), None
        source = self._database if way is Way.FAST else self._other
        try:
            with source.transaction(isolation=isolation, read_only=read_only) as made:
                yield made
        except BaseException as error:
            failed = error
            raise
        finally:
            seconds = time.perf_counter() - began
            self._routing.figures.add(way, "database.transaction", seconds, failed, shadow=False)

    def in_transaction(
        self,
        work: Callable[[Any], _Result],
        *,
        isolation: Isolation = Isolation.SERIALIZABLE,
        attempts: int = 5,
    ) -> _Result:
        """Run ``work`` in a transaction, and again when others got in its way."""

        def once() -> _Result:
            with self.transaction(isolation=isolation) as made:
                return work(made)

        return retried(once, attempts)
