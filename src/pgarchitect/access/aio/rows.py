"""Rows of one table with what they include: what all reads are made of."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from pgarchitect.access import reading
from pgarchitect.access.aio.executor import Executor
from pgarchitect.access.loading import grouped, rows_of
from pgarchitect.access.reading import Included, ReadPlan, Wanted
from pgarchitect.access.shapes import Tables, TableShape

Row = TypeVar("Row")
WhereT = TypeVar("WhereT", bound=Mapping[str, Any])
UniqueT = TypeVar("UniqueT", bound=Mapping[str, Any])
OrderT = TypeVar("OrderT", bound=Mapping[str, Any])
IncludeT = TypeVar("IncludeT", bound=Mapping[str, Any])
FieldT = TypeVar("FieldT", bound=str)


class Rows(Generic[Row, WhereT, UniqueT, OrderT, IncludeT, FieldT]):
    """A table of the database whose rows are read.

    Args:
        shape: what the table is.
        tables: shapes of all tables.
        executor: where statements run.
    """

    __slots__ = ("_executor", "_tables", "shape")

    def __init__(self, shape: TableShape, tables: Tables, executor: Executor) -> None:
        self.shape = shape
        self._tables = tables
        self._executor = executor

    @property
    def executor(self) -> Executor:
        """Where its statements run."""
        return self._executor

    async def _read(self, wanted: Wanted) -> list[Any]:
        read = reading.plan(self._tables, self.shape, wanted)
        statement = reading.select(self._tables, read)
        records = await self._executor.rows(statement.text, statement.parameters)
        return rows_of(read, records, [await self._included(read, each, records) for each in read.includes])

    async def _included(self, read: ReadPlan, included: Included, records: Sequence[Any]) -> list[Any]:
        ordered = list(reversed(records)) if read.is_backward else records
        statement = reading.select_included(self._tables, read.table, included, ordered)
        # Made in any case, so that what is asked for wrongly is told also when there is nothing to load.
        below = await self._executor.rows(statement.text, statement.parameters) if records else []
        values = [tuple(each)[1:] for each in below]
        nested = [await self._included(included.plan, each, values) for each in included.plan.includes]
        return grouped(included, len(records), below, rows_of(included.plan, values, nested))

    def _row(self, record: Sequence[Any]) -> Row:
        made: Row = self.shape.row(*record)  # type: ignore[assignment]
        return made
