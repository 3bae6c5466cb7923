# Written by scripts/sync_from_async.py from ../aio/alchemy_runs.py: change that one.
"""Where statements of SQLAlchemy run: on any connection of its engine, or on the one of a transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from pgarchitect.access import writing
from pgarchitect.access.shapes import TableShape
from pgarchitect.access.sync.alchemy_engine import (
    CONNECTING,
    Connection,
    Engine,
    of_connecting,
    raw_affected,
    raw_mappings,
    raw_rows,
    translated,
)
from pgarchitect.access.writing import Rows


class Runs:
    """Runs statements of SQLAlchemy, and those of the data layer's own as an ``Executor`` does.

    Args:
        engine: with autocommit.
        connection: of a transaction; None: each statement is one of its own.
    """

    __slots__ = ("_connection", "_engine")

    def __init__(self, engine: Engine, connection: Connection | None = None) -> None:
        self._engine = engine
        self._connection = connection

    def on(self, connection: Connection) -> "Runs":
        """The same on one connection."""
        return Runs(self._engine, connection)

    @contextmanager
    def connection(self, *, whole: bool = False) -> Iterator[Connection]:
        """A connection; errors in it are told as the fast path tells them.

        Args:
            whole: what is done with it is done wholly or not at all.
        """
        try:
            if self._connection is not None:
                yield self._connection
            elif whole:
                with self._engine.connect() as made:
                    made.execution_options(isolation_level="READ COMMITTED")
                    with made.begin():
                        yield made
            else:
                with self._engine.connect() as made:
                    yield made
        except sa.exc.SQLAlchemyError as error:
            raise translated(error) from error
        except CONNECTING as error:
            raise of_connecting(error) from error

    def found(self, statement: sa.Executable) -> list[Any]:
        """The rows of a statement of SQLAlchemy."""
        with self.connection() as made:
            return [tuple(each) for each in made.execute(statement)]

    def written(self, statement: sa.Executable) -> int:
        """The number of rows that a statement of SQLAlchemy wrote."""
        with self.connection() as made:
            return max((made.execute(statement)).rowcount, 0)

    def written_many(self, statement: sa.Executable, sets: Sequence[dict[str, Any]]) -> list[Any]:
        """What a statement returns that is run once a set of parameters, wholly or not at all."""
        with self.connection(whole=True) as made:
            return [tuple(each) for each in made.execute(statement, sets)]

    def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement of the data layer's own."""
        with self.connection() as made:
            return raw_rows(made, text, parameters)

    def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # as the protocol has it
        """Its first row."""
        found = self.rows(text, parameters)
        return found[0] if found else None

    def point(self, _table: TableShape, _key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401
        """The row of a unique key, by a statement of the data layer's own."""
        return self.row(text, values)

    def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """Its rows, each as column → value."""
        with self.connection() as made:
            return raw_mappings(made, text, parameters)

    def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """The number of rows that it wrote."""
        with self.connection() as made:
            return raw_affected(made, text, parameters)

    def copy(self, rows: Rows) -> int:
        """Write rows in one statement; how many."""
        made = writing.insert_unnest(rows, returning=False)
        return self.affected(made.text, made.parameters)
