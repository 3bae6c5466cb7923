"""Where statements of SQLAlchemy run: on any connection of its engine, or on the one of a transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from pgarchitect.access import writing
from pgarchitect.access.aio.alchemy_engine import (
    CONNECTING,
    Connection,
    Engine,
    of_connecting,
    raw_affected,
    raw_mappings,
    raw_rows,
    translated,
)
from pgarchitect.access.shapes import TableShape
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

    @asynccontextmanager
    async def connection(self, *, whole: bool = False) -> AsyncIterator[Connection]:
        """A connection; errors in it are told as the fast path tells them.

        Args:
            whole: what is done with it is done wholly or not at all.
        """
        try:
            if self._connection is not None:
                yield self._connection
            elif whole:
                async with self._engine.connect() as made:
                    await made.execution_options(isolation_level="READ COMMITTED")
                    async with made.begin():
                        yield made
            else:
                async with self._engine.connect() as made:
                    yield made
        except sa.exc.SQLAlchemyError as error:
            raise translated(error) from error
        except CONNECTING as error:
            raise of_connecting(error) from error

    async def found(self, statement: sa.Executable) -> list[Any]:
        """The rows of a statement of SQLAlchemy."""
        async with self.connection() as made:
            return [tuple(each) for each in await made.execute(statement)]

    async def written(self, statement: sa.Executable) -> int:
        """The number of rows that a statement of SQLAlchemy wrote."""
        async with self.connection() as made:
            return max((await made.execute(statement)).rowcount, 0)

    async def written_many(self, statement: sa.Executable, sets: Sequence[dict[str, Any]]) -> list[Any]:
        """What a statement returns that is run once a set of parameters, wholly or not at all."""
        async with self.connection(whole=True) as made:
            return [tuple(each) for each in await made.execute(statement, sets)]

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement of the data layer's own."""
        async with self.connection() as made:
            return await raw_rows(made, text, parameters)

    async def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # as the protocol has it
        """Its first row."""
        found = await self.rows(text, parameters)
        return found[0] if found else None

    async def point(self, _table: TableShape, _key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401
        """The row of a unique key, by a statement of the data layer's own."""
        return await self.row(text, values)

    async def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """Its rows, each as column → value."""
        async with self.connection() as made:
            return await raw_mappings(made, text, parameters)

    async def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """The number of rows that it wrote."""
        async with self.connection() as made:
            return await raw_affected(made, text, parameters)

    async def copy(self, rows: Rows) -> int:
        """Write rows in one statement; how many."""
        made = writing.insert_unnest(rows, returning=False)
        return await self.affected(made.text, made.parameters)
