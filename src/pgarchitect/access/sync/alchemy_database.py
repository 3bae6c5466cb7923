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


class AlchemySql(Tableful):
    """SQL of one's own, as the client's database has it.

    Args:
        runs: where statements run.
        shapes: tables of the client.
        validate: whether writes validate where a call does not leave it out.
    """

    def __init__(self, runs: Runs, shapes: Tables, *, validate: bool) -> None:
        self._runs = runs
        self._executor = cast("Any", runs)  # it does all that SQL of one's own asks for
        self._validate = validate
        self.tables = shapes


class AlchemyTransaction(AlchemySql):
    """A transaction of SQLAlchemy; the tables of the client work inside it."""

    def __init__(self, catalog: Catalog, engine: Engine, connection: Connection, *, validate: bool = True) -> None:
        super().__init__(Runs(engine, connection), catalog.shapes, validate=validate)
        self._catalog = catalog
        self._engine = engine
        self._connection = connection
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


class AlchemyDatabase(AlchemySql):
    """A database by SQLAlchemy.

    Args:
        dsn: a PostgreSQL URL.
        options: sizes and times of the engine's pool.
        shapes: tables of the client.
        validate: whether writes validate where a call does not leave it out.

    Attributes:
        alchemy_tables: the tables of the client on this path, by their names.
    """

    def __init__(self, dsn: str, options: PoolOptions, shapes: Tables, *, validate: bool = True) -> None:
        self._engine = engine(dsn, options)
        self._catalog = Catalog(shapes)
        super().__init__(Runs(self._engine), shapes, validate=validate)
        self.alchemy_tables = {
            name: AlchemyTable(shape, self._catalog, self._runs, validate=validate) for name, shape in shapes.items()
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
