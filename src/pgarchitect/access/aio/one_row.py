"""The reads of one row: by a unique key, or the first that fits."""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, overload

from pgarchitect.access import reading
from pgarchitect.access.aio.coalescing import reading as reading_by
from pgarchitect.access.aio.executor import Executor
from pgarchitect.access.aio.rows import FieldT, IncludeT, OrderT, Row, Rows, UniqueT, WhereT
from pgarchitect.access.failures import InvalidCondition, NotFound
from pgarchitect.access.identifying import asks_more, key_of
from pgarchitect.access.reading import Wanted
from pgarchitect.access.shapes import Tables, TableShape

Found = Sequence[Any] | None
"""A record of the driver, or that there is none."""


class OneRow(Rows[Row, WhereT, UniqueT, OrderT, IncludeT, FieldT]):
    """A table of the database, read by single rows.

    Args:
        shape: what the table is.
        tables: shapes of all tables.
        executor: where statements run.
    """

    __slots__ = ("_uniques",)

    def __init__(self, shape: TableShape, tables: Tables, executor: Executor) -> None:
        super().__init__(shape, tables, executor)
        self._uniques: dict[tuple[str, ...], reading.UniqueRead] = {}

    @overload
    async def find_unique(
        self, where: UniqueT, *, select: None = None, include: IncludeT | None = None, coalesce: bool | None = None
    ) -> Row | None: ...

    @overload
    async def find_unique(
        self, where: UniqueT, *, select: Iterable[FieldT], include: IncludeT | None = None, coalesce: bool | None = None
    ) -> dict[str, Any] | None: ...

    async def find_unique(
        self,
        where: UniqueT,
        *,
        select: Iterable[FieldT] | None = None,
        include: IncludeT | None = None,
        coalesce: bool | None = None,
    ) -> Row | dict[str, Any] | None:
        """The row with these values of a unique key; None without one.

        Args:
            where: a unique key, and perhaps conditions that the row must fulfil.
            select: only these fields; the row is then a dictionary.
            include: relations to load with the row.
            coalesce: whether this read and others of the same tick of the loop become one statement; None: as the
                database says. Of asyncio only; in transactions, with ``select`` or ``include``, and with conditions
                beside the key reads stay single.
        """
        if select is not None or include is not None or self._asks_more(where):
            key_of(self.shape, where)
            found = await self._read(Wanted(where=where, take=1, select=select, include=include))
            return found[0] if found else None
        record = await self._record(where, coalesce)
        return None if record is None else self._row(record)

    @overload
    async def get(
        self, where: UniqueT, *, select: None = None, include: IncludeT | None = None, coalesce: bool | None = None
    ) -> Row: ...

    @overload
    async def get(
        self, where: UniqueT, *, select: Iterable[FieldT], include: IncludeT | None = None, coalesce: bool | None = None
    ) -> dict[str, Any]: ...

    async def get(
        self,
        where: UniqueT,
        *,
        select: Iterable[FieldT] | None = None,
        include: IncludeT | None = None,
        coalesce: bool | None = None,
    ) -> Row | dict[str, Any]:
        """The row with these values of a unique key; arguments as of ``find_unique``.

        Raises:
            NotFound: there is none.
        """
        found: Row | dict[str, Any] | None
        if select is not None:
            found = await self.find_unique(where, select=select, include=include)
        elif include is not None or self._asks_more(where):
            found = await self.find_unique(where, include=include)
        else:
            record = await self._record(where, coalesce)
            found = None if record is None else self._row(record)
        if found is None:
            key = ", ".join(f"{name} {value!r}" for name, value in where.items())
            raise NotFound(f"{self.shape.name} has no row with {key}; check the key.")
        return found

    @overload
    async def find_unique_or_raise(
        self, where: UniqueT, *, select: None = None, include: IncludeT | None = None, coalesce: bool | None = None
    ) -> Row: ...

    @overload
    async def find_unique_or_raise(
        self, where: UniqueT, *, select: Iterable[FieldT], include: IncludeT | None = None, coalesce: bool | None = None
    ) -> dict[str, Any]: ...

    async def find_unique_or_raise(
        self,
        where: UniqueT,
        *,
        select: Iterable[FieldT] | None = None,
        include: IncludeT | None = None,
        coalesce: bool | None = None,
    ) -> Row | dict[str, Any]:
        """The same as ``get``, by the name that Prisma has for it."""
        if select is not None:
            return await self.get(where, select=select, include=include)
        return await self.get(where, include=include, coalesce=coalesce)

    @overload
    async def find_first(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: None = None,
        include: IncludeT | None = None,
    ) -> Row | None: ...

    @overload
    async def find_first(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Iterable[FieldT],
        include: IncludeT | None = None,
    ) -> dict[str, Any] | None: ...

    async def find_first(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Iterable[FieldT] | None = None,
        include: IncludeT | None = None,
    ) -> Row | dict[str, Any] | None:
        """The first row that fits; None without one. Arguments as of ``find_many``."""
        found = await self._read(Wanted(where, order_by, 1, skip, cursor, distinct, select, include))
        return found[0] if found else None

    @overload
    async def find_first_or_raise(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: None = None,
        include: IncludeT | None = None,
    ) -> Row: ...

    @overload
    async def find_first_or_raise(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Iterable[FieldT],
        include: IncludeT | None = None,
    ) -> dict[str, Any]: ...

    async def find_first_or_raise(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Iterable[FieldT] | None = None,
        include: IncludeT | None = None,
    ) -> Row | dict[str, Any]:
        """The first row that fits. Arguments as of ``find_many``.

        Raises:
            NotFound: there is none.
        """
        found = await self._read(Wanted(where, order_by, 1, skip, cursor, distinct, select, include))
        if not found:
            raise NotFound(f"{self.shape.name} has no row that fits; change the condition, or use find_first.")
        made: Row | dict[str, Any] = found[0]
        return made

    def _record(self, where: UniqueT, coalesce: bool | None) -> Awaitable[Found]:  # noqa: FBT001  # as it was asked
        asked = self._unique_read(where)
        executor = self._executor if coalesce is None else reading_by(self._executor, gathered=coalesce)
        record: Awaitable[Found] = executor.point(self.shape, asked.key, asked.text, asked.values(where))
        return record

    def _asks_more(self, where: UniqueT) -> bool:
        try:
            return len(where) > 1 and asks_more(self.shape, where)
        except TypeError:  # what it is instead of a mapping is told where it is read
            return False

    def _unique_read(self, where: UniqueT) -> reading.UniqueRead:
        try:
            names = tuple(where)
            return self._uniques.get(names) or self._new_unique_read(names)
        except TypeError as error:
            raise InvalidCondition(f"find_unique takes a mapping, not {type(where).__name__}.") from error

    def _new_unique_read(self, names: tuple[str, ...]) -> reading.UniqueRead:
        key_of(self.shape, dict.fromkeys(names, 0))
        made = self._uniques[names] = reading.UniqueRead(self.shape, names)
        return made
