# Written by scripts/sync_from_async.py from ../aio/alchemy_database.py: change that one.
"""A database by SQLAlchemy: the tables of a client and its transactions, on an engine of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, cast

import sqlalchemy as sa

from pgarchitect.access.alchemy.catalog import Catalog
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.shapes import Tables
from pgarchitect.access.sync.alchemy_engine import Connection, Engine, engine, translated
from pgarchitect.access.sync.alchemy_runs import Runs
from pgarchitect.access.sync.alchemy_table import AlchemyTable
from pgarchitect.access.sync.database import Tableful
from pgarchitect.access.sync.transaction import Isolation

if TYPE_CHECKING:
    from pgarchitect.access.sync.analytics import Analytics


class AlchemyTransaction(Tableful):
    """A transaction of SQLAlchemy; the tables of the client work inside it, and SQL of one's own."""

    def __init__(self, catalog: Catalog, engine: Engine, connection: Connection, *, validate: bool = True) -> None:
        self._catalog = catalog
        self._engine = engine
        self._connection = connection
        self._validate = validate
        self._runs = Runs(engine, connection)
        self._executor = cast("Any", self._runs)
        self.tables = catalog.shapes
        for name, shape in catalog.shapes.items():
            setattr(self, name, AlchemyTable(shape, catalog, self._runs, validate=validate))

    @property
    def analytics(self) -> "Analytics":
        """SELECTs of SQLAlchemy Core in the transaction; without streams and plans."""
        from pgarchitect.access.sync.analytics import Analytics  # noqa: PLC0415  # as the fast path does

        return Analytics(cast("Any", self._runs))

    @contextmanager
    def savepoint(self) -> Iterator[Self]:
        """A part of the transaction that is taken back alone when an error leaves it."""
        with self._connection.begin_nested():
            yield type(self)(self._catalog, self._engine, self._connection, validate=self._validate)


class AlchemyDatabase:
    """A database by SQLAlchemy.

    Args:
        dsn: a PostgreSQL URL.
        options: sizes and times of the engine's pool.
        shapes: tables of the client.
        validate: whether writes validate where a call does not leave it out.

    Attributes:
        tables: by their names.
    """

    def __init__(self, dsn: str, options: PoolOptions, shapes: Tables, *, validate: bool = True) -> None:
        self._validate = validate
        self._engine = engine(dsn, options)
        self._catalog = Catalog(shapes)
        runs = Runs(self._engine)
        self.tables = {
            name: AlchemyTable(shape, self._catalog, runs, validate=validate) for name, shape in shapes.items()
        }

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self, *, isolation: Isolation, read_only: bool) -> Iterator[AlchemyTransaction]:
        """A transaction on a connection of its own; an error inside rolls it back."""
        try:
            with self._engine.connect() as connection:
                connection.execution_options(isolation_level=isolation.value, postgresql_readonly=read_only)
                with connection.begin():
                    # The driver's transaction begins with the first statement of SQLAlchemy's.
                    connection.execute(sa.text("SELECT 1"))
                    yield AlchemyTransaction(self._catalog, self._engine, connection, validate=self._validate)
                    # Nobody says that a COMMIT rolls back, where an error was caught; a statement is refused.
                    connection.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError as error:
            raise translated(error) from error
