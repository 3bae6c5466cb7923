"""The operations on one table by SQLAlchemy Core: the same as the client's own, which they are compared with."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa

from pgarchitect.access import reading
from pgarchitect.access.aggregation import Groups, wanted
from pgarchitect.access.aio.alchemy_runs import Runs
from pgarchitect.access.aio.coalescing import reading as reading_by
from pgarchitect.access.aio.table import Table
from pgarchitect.access.alchemy import figures, writing
from pgarchitect.access.alchemy import reading as selects
from pgarchitect.access.alchemy.catalog import Catalog, bound, shown
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import mapping
from pgarchitect.access.identifying import asks_more, key_of
from pgarchitect.access.loading import grouped, rows_of
from pgarchitect.access.reading import Included, ReadPlan, Wanted
from pgarchitect.access.shapes import TableShape
from pgarchitect.access.validation.rows import refuse, row_problems, update_problems
from pgarchitect.access.writing import Conflict, creates_its_key, listed
from pgarchitect.access.writing import rows_of as rows_of_writes

Given = Mapping[str, Any]


class AlchemyTable(Table):  # type: ignore[type-arg]  # of any types
    """A table, read and written by SQLAlchemy.

    Args:
        shape: what the table is.
        catalog: all tables.
        runs: where statements run.
        validate: whether writes validate where a call does not leave it out.
    """

    __slots__ = ("_catalog", "_runs")

    def __init__(self, shape: TableShape, catalog: Catalog, runs: Runs, *, validate: bool = True) -> None:
        super().__init__(shape, catalog.shapes, cast("Any", runs), validate=validate)
        self._catalog = catalog
        self._runs = runs

    async def find_unique(
        self,
        where: Given,
        *,
        select: Iterable[str] | None = None,
        include: Given | None = None,
        coalesce: bool | None = None,
    ) -> Any:  # noqa: ANN401  # a row or None
        """The row with these values of a unique key; None without one. This path gathers no reads."""
        key_of(self.shape, where)
        if coalesce is not None:
            reading_by(self._executor, gathered=coalesce)  # refuses where there is no loop, as the fast path does
        if select is not None or include is not None or asks_more(self.shape, where):
            found = await self._read(Wanted(where=where, take=1, select=select, include=include))
            return found[0] if found else None
        table = self._catalog.table(self.shape.name)
        tests = [table.c[name] == bound(self.shape.column(name), value) for name, value in where.items()]
        return self._first(await self._runs.found(sa.select(*shown(table, self.shape.columns)).where(*tests)))

    async def _counts(self, wanted: Wanted, fields: Sequence[str]) -> Sequence[int]:
        [record] = await self._runs.found(figures.count(self._catalog, self.shape, wanted, fields))
        return [int(each) for each in record]

    async def aggregate(
        self, *, where: Given | None = None, count: bool | Sequence[str] = True, **of: Sequence[str]
    ) -> dict[str, Any]:
        """Figures of the rows that fit."""
        made, names = figures.figures(self._catalog, self.shape, wanted(count, of), where)
        [record] = await self._runs.found(made)
        return dict(zip(names, record, strict=True))

    async def group_by(
        self,
        by: Sequence[str],
        *,
        where: Given | None = None,
        having: Given | None = None,
        order_by: Mapping[str, str] | Sequence[Mapping[str, str]] | None = None,
        take: int | None = None,
        skip: int = 0,
        count: bool | Sequence[str] = True,
        **of: Sequence[str],
    ) -> list[dict[str, Any]]:
        """Figures of the rows of each value of ``by``."""
        if not by:
            raise InvalidCondition("group_by takes at least one field to group by.")
        groups = Groups(having, order_by, take, skip)
        made, names = figures.figures(self._catalog, self.shape, wanted(count, of), where, by=by, groups=groups)
        return [dict(zip(names, record, strict=True)) for record in await self._runs.found(made)]

    async def insert(self, data: Given, *, include: Given | None = None, validate: bool = True) -> Any:  # noqa: ANN401
        """Write a row; it comes back with what the database filled in."""
        mapping(data, "insert")
        if include is not None or self.shape.has_relations(data):
            return await self._as_client(lambda table: table.insert(data, include=include, validate=validate))
        if validate and self._validate:
            refuse(self.shape, row_problems(self.shape, data))
        return self._first(await self._runs.found(writing.insert(self._catalog, self.shape, data)))

    async def insert_many(self, rows: Iterable[Given], *, skip_duplicates: bool = False, validate: bool = True) -> int:
        """Write rows that all have the same fields; how many were written."""
        return await self._many(self._checked(rows, validate=validate), Conflict() if skip_duplicates else None)

    async def insert_many_returning(
        self, rows: Iterable[Given], *, skip_duplicates: bool = False, validate: bool = True
    ) -> list[Any]:
        """Write rows; they come back with what the database filled in."""
        several = self._checked(rows, validate=validate)
        if not several:
            return []
        conflict = Conflict() if skip_duplicates else None
        made, sets = writing.insert_many(self._catalog, self.shape, several, conflict)
        made = writing.returning(self._catalog, self.shape, made)
        return [self._row(each) for each in await self._runs.written_many(made, sets)]

    async def upsert(
        self, *, where: Given, create: Given, update: Given, include: Given | None = None, validate: bool = True
    ) -> Any:  # noqa: ANN401  # a row
        """Write a row, or update the one with that key; it comes back."""
        nested = self.shape.has_relations(create) or self.shape.has_relations(update)
        key_of(self.shape, where)
        if include is not None or nested or asks_more(self.shape, where) or not creates_its_key(where, create):
            return await self._as_client(
                lambda table: table.upsert(
                    where=where, create=create, update=update, include=include, validate=validate
                )
            )
        if validate and self._validate:
            created = row_problems(self.shape, create, at="create.")
            refuse(self.shape, [*created, *update_problems(self.shape, update, "update.")])
        return self._first(await self._runs.found(writing.upsert(self._catalog, self.shape, where, create, update)))

    async def upsert_many(
        self, rows: Iterable[Given], *, key: Sequence[str], update: Sequence[str], validate: bool = True
    ) -> int:
        """Write rows; of those whose key exists the fields ``update`` are overwritten. How many were written."""
        return await self._many(self._checked(rows, validate=validate), Conflict(tuple(key), tuple(update)))

    async def update(self, *, where: Given, data: Given, include: Given | None = None, validate: bool = True) -> Any:  # noqa: ANN401  # a row or None
        """Update the row with that key; it comes back, None where there is none."""
        key_of(self.shape, where)
        if include is not None or self.shape.has_relations(data):
            return await self._as_client(
                lambda table: table.update(where=where, data=data, include=include, validate=validate)
            )
        if validate and self._validate:
            refuse(self.shape, update_problems(self.shape, data))
        made = writing.update(self._catalog, self.shape, where, data)
        if made is None:
            return await self.find_unique(where)
        return self._first(await self._runs.found(writing.returning(self._catalog, self.shape, made)))

    async def update_many(self, *, where: Given | None = None, data: Given, validate: bool = True) -> int:
        """Update the rows that fit; how many."""
        if validate and self._validate:
            refuse(self.shape, update_problems(self.shape, data))
        made = writing.update(self._catalog, self.shape, where, data)
        return 0 if made is None else await self._runs.written(made)

    async def update_many_returning(
        self, *, where: Given | None = None, data: Given, validate: bool = True
    ) -> list[Any]:
        """Update the rows that fit; they come back as they are then."""
        if validate and self._validate:
            refuse(self.shape, update_problems(self.shape, data))
        made = writing.update(self._catalog, self.shape, where, data)
        if made is None:
            return []
        found = await self._runs.found(writing.returning(self._catalog, self.shape, made))
        return [self._row(each) for each in found]

    async def delete(self, *, where: Given, include: Given | None = None) -> Any:  # noqa: ANN401  # a row or None
        """Delete the row with that key; it comes back, with what it included until then. None: there was none."""
        key_of(self.shape, where)
        if include is not None:
            return await self._as_client(lambda table: table.delete(where=where, include=include))
        made = writing.delete(self._catalog, self.shape, where)
        return self._first(await self._runs.found(writing.returning(self._catalog, self.shape, made)))

    async def delete_many(self, *, where: Given | None = None) -> int:
        """Delete the rows that fit; how many."""
        return await self._runs.written(writing.delete(self._catalog, self.shape, where))

    async def _as_client(self, write: Callable[[Any], Awaitable[Any]]) -> Any:  # noqa: ANN401
        """A write with relations: the client's own statements, in one transaction of SQLAlchemy."""
        async with self._runs.connection(whole=True) as made:
            inside: Any = self._runs.on(made)
            client: type[Any] = Table
            return await write(client(self.shape, self._tables, inside, validate=self._validate))

    def _checked(self, rows: Iterable[Given], *, validate: bool) -> list[Given]:
        several = listed(self.shape, rows)
        if validate and self._validate:
            rows_of_writes(self.shape, several)
        return several

    async def _many(self, several: Sequence[Given], conflict: Conflict | None) -> int:
        if not several:
            return 0
        made, sets = writing.insert_many(self._catalog, self.shape, several, conflict)
        return len(await self._runs.written_many(made.returning(sa.literal_column("1")), sets))

    async def _read(self, wanted: Wanted) -> list[Any]:
        read = reading.plan(self._catalog.shapes, self.shape, wanted)
        records = await self._runs.found(selects.select(self._catalog, read))
        return rows_of(read, records, [await self._included(read, each, records) for each in read.includes])

    async def _included(self, read: ReadPlan, included: Included, records: Sequence[Any]) -> list[Any]:
        if not records:
            return []
        ordered = list(reversed(records)) if read.is_backward else records
        below = await self._runs.found(selects.select_included(self._catalog, read.table, included, ordered))
        values = [each[1:] for each in below]
        nested = [await self._included(included.plan, each, values) for each in included.plan.includes]
        return grouped(included, len(records), below, rows_of(included.plan, values, nested))

    def _first(self, records: Sequence[Any]) -> Any:  # noqa: ANN401  # a row or None
        return self._row(records[0]) if records else None
