"""The reads of one table: rows, tables of Arrow, figures."""

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from pgarchitect.access import aggregation, reading
from pgarchitect.access.aio.coalescing import reading as reading_by
from pgarchitect.access.aio.executor import Executor
from pgarchitect.access.failures import InvalidCondition, NotFound
from pgarchitect.access.forms import whole
from pgarchitect.access.identifying import asks_more, key_of
from pgarchitect.access.loading import grouped, rows_of
from pgarchitect.access.ordering import keys_of, total
from pgarchitect.access.reading import Included, ReadPlan, Wanted
from pgarchitect.access.shapes import Tables, TableShape

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]

Row = TypeVar("Row")
WhereT = TypeVar("WhereT", bound=Mapping[str, Any])
UniqueT = TypeVar("UniqueT", bound=Mapping[str, Any])
OrderT = TypeVar("OrderT", bound=Mapping[str, Any])
IncludeT = TypeVar("IncludeT", bound=Mapping[str, Any])
FieldT = TypeVar("FieldT", bound=str)
Found = Sequence[Any] | None
"""A record of the driver, or that there is none."""


class Reads(Generic[Row, WhereT, UniqueT, OrderT, IncludeT, FieldT]):
    """A table of the database, read by rows.

    Args:
        shape: what the table is.
        tables: shapes of all tables.
        executor: where statements run.
    """

    __slots__ = ("_executor", "_tables", "_uniques", "shape")

    def __init__(self, shape: TableShape, tables: Tables, executor: Executor) -> None:
        self.shape = shape
        self._tables = tables
        self._executor = executor
        self._uniques: dict[tuple[str, ...], reading.UniqueRead] = {}

    @property
    def executor(self) -> Executor:
        """Where its statements run."""
        return self._executor

    async def find_unique(
        self, where: UniqueT, *, include: IncludeT | None = None, coalesce: bool | None = None
    ) -> Row | None:
        """The row with these values of a unique key; None without one.

        Args:
            where: a unique key, and perhaps conditions that the row must fulfil.
            include: relations to load with the row.
            coalesce: whether this read and others of the same tick of the loop become one statement; None: as the
                database says. Of asyncio only; in transactions, with ``include`` and with conditions beside the key
                reads stay single.
        """
        if include is not None or self._asks_more(where):
            key_of(self.shape, where)
            found = await self._read(Wanted(where=where, take=1, include=include))
            return found[0] if found else None
        record = await self._record(where, coalesce)
        return None if record is None else self._row(record)

    async def get(self, where: UniqueT, *, include: IncludeT | None = None, coalesce: bool | None = None) -> Row:
        """The row with these values of a unique key; arguments as of ``find_unique``.

        Raises:
            NotFound: there is none.
        """
        if include is not None or self._asks_more(where):
            found = await self.find_unique(where, include=include)
        else:
            record = await self._record(where, coalesce)
            found = None if record is None else self._row(record)
        if found is None:
            key = ", ".join(f"{name} {value!r}" for name, value in where.items())
            raise NotFound(f"{self.shape.name} has no row with {key}; check the key.")
        return found

    async def find_unique_or_raise(
        self, where: UniqueT, *, include: IncludeT | None = None, coalesce: bool | None = None
    ) -> Row:
        """The same as ``get``, by the name that Prisma has for it."""
        return await self.get(where, include=include, coalesce=coalesce)

    async def find_first(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        include: IncludeT | None = None,
    ) -> Row | None:
        """The first row that fits; None without one. Arguments as of ``find_many``."""
        found = await self._read(Wanted(where, order_by, 1, skip, cursor, distinct, include=include))
        return found[0] if found else None

    async def find_first_or_raise(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        include: IncludeT | None = None,
    ) -> Row:
        """The first row that fits. Arguments as of ``find_many``.

        Raises:
            NotFound: there is none.
        """
        found = await self.find_first(
            where=where, order_by=order_by, skip=skip, cursor=cursor, distinct=distinct, include=include
        )
        if found is None:
            raise NotFound(f"{self.shape.name} has no row that fits; change the condition, or use find_first.")
        return found

    @overload
    async def find_many(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: None = None,
        include: IncludeT | None = None,
    ) -> list[Row]: ...

    @overload
    async def find_many(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Iterable[FieldT],
        include: IncludeT | None = None,
    ) -> list[dict[str, Any]]: ...

    async def find_many(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Iterable[FieldT] | None = None,
        include: IncludeT | None = None,
    ) -> list[Any]:
        """The rows that fit.

        Args:
            where: condition on their fields and relations; None: all rows.
            order_by: fields → ``asc`` or ``desc``; None: in no order.
            take: so many at most; negative: the last ones of the order.
            skip: pass over so many.
            cursor: a unique key: begin with that row.
            distinct: only the first row of each value of these fields.
            select: only these fields; rows are then dictionaries.
            include: relations to load with the rows, each in one round trip; ``_count``: relations to many rows, whose
                number comes with the row, in ``counts``.
        """
        return await self._read(Wanted(where, order_by, take, skip, cursor, distinct, select, include))

    async def to_arrow(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Iterable[FieldT] | None = None,
    ) -> "pa.Table":
        """What ``find_many`` finds as an Arrow table, for many rows: decoded in C, on a connection of its own.

        In a transaction it is made of the driver's rows, which takes longer, since no other connection sees what was
        written there.

        Raises:
            ExtraMissing: pyarrow or ADBC is not installed.
            InvalidValue: a numeric holds what Arrow's decimals have no room for.
        """
        wanted = Wanted(where, order_by, take, skip, cursor, distinct, select)
        return await self._executor.arrow(self._tables, reading.plan(self._tables, self.shape, wanted))

    async def to_polars(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Iterable[FieldT] | None = None,
    ) -> "pl.DataFrame":
        """The same as a DataFrame of Polars.

        Raises:
            ExtraMissing: pyarrow, ADBC or Polars is not installed.
            InvalidValue: a numeric has more than 38 digits.
        """
        from pgarchitect.access.arrow import to_polars  # noqa: PLC0415  # not always installed

        wanted = Wanted(where, order_by, take, skip, cursor, distinct, select)
        return to_polars(await self._executor.arrow(self._tables, reading.plan(self._tables, self.shape, wanted)))

    async def stream(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        include: IncludeT | None = None,
        batch: int = 1_000,
    ) -> AsyncIterator[Row]:
        """The rows that fit, one by one; no more than ``batch`` are held at once.

        A page begins behind the values of the row before it, so nothing stays open in between, and rows may be changed
        or deleted meanwhile. The primary key decides where ``order_by`` does not.
        """
        keys = total(self.shape, keys_of(self._tables, self.shape, order_by))
        whole(batch, "batch", least=1)
        if not self.shape.primary_key:
            raise InvalidCondition(f"{self.shape.name} has no primary key, by which pages would follow each other.")
        after: tuple[Any, ...] = ()
        while True:
            found = await self._read(Wanted(where, order_by, batch, include=include, after=after))
            for row in found:
                yield row
            if len(found) < batch:
                return
            after = tuple(getattr(found[-1], each.column.name) for each in keys)

    @overload
    async def count(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: None = None,
    ) -> int: ...

    @overload
    async def count(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Mapping[FieldT | Literal["_all"], bool],
    ) -> dict[str, int]: ...

    async def count(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[FieldT] = (),
        select: Mapping[FieldT | Literal["_all"], bool] | None = None,
    ) -> int | dict[str, int]:
        """How many rows fit, of the page or the values that the other arguments name as in ``find_many``.

        With ``select`` how many values each of these fields has: ``count(select={"_all": True, "email": True})`` →
        ``{"_all": 5, "email": 4}``; ``_all`` are the rows.
        """
        wanted = Wanted(where, order_by, take, skip, cursor, distinct)
        if select is None:
            return (await self._counts(wanted, (aggregation.ALL,)))[0]
        fields = aggregation.counted_fields(self.shape, select)
        return dict(zip(fields, await self._counts(wanted, fields), strict=True))

    async def aggregate(
        self,
        *,
        where: WhereT | None = None,
        count: bool | Sequence[FieldT] = True,
        sum: Sequence[FieldT] = (),  # noqa: A002  # as SQL has it
        avg: Sequence[FieldT] = (),
        min: Sequence[FieldT] = (),  # noqa: A002
        max: Sequence[FieldT] = (),  # noqa: A002
    ) -> dict[str, Any]:
        """Figures of the rows that fit: ``aggregate(sum=["points"])`` → ``{"count": …, "sum_points": …}``.

        Args:
            where: condition on the rows.
            count: how many rows there are, and of fields that are named, how many values.
            sum: of these fields, which are numbers.
            avg: likewise.
            min: of these fields.
            max: likewise.
        """
        wanted = aggregation.wanted(count, {"sum": sum, "avg": avg, "min": min, "max": max})
        made = aggregation.aggregate(self._tables, self.shape, wanted, where)
        record = await self._executor.row(made.statement.text, made.statement.parameters)
        return dict(zip(made.columns, record, strict=True))

    async def group_by(
        self,
        by: Sequence[FieldT],
        *,
        where: WhereT | None = None,
        having: Mapping[str, Any] | None = None,
        order_by: Mapping[str, str] | Sequence[Mapping[str, str]] | None = None,
        take: int | None = None,
        skip: int = 0,
        count: bool | Sequence[FieldT] = True,
        sum: Sequence[FieldT] = (),  # noqa: A002  # as SQL has it
        avg: Sequence[FieldT] = (),
        min: Sequence[FieldT] = (),  # noqa: A002
        max: Sequence[FieldT] = (),  # noqa: A002
    ) -> list[dict[str, Any]]:
        """Figures of the rows of each value of ``by``; figures and the names of the results as in ``aggregate``.

        Args:
            by: fields.
            where: condition on the rows that count.
            having: condition on the groups: fields of ``by``, ``count`` or any figure (``sum_points``) → operators.
            order_by: the same names → ``asc`` or ``desc``.
            take: so many groups at most.
            skip: pass over so many.
            count: see ``aggregate``, like what follows.
            sum: of these fields.
            avg: of these fields.
            min: of these fields.
            max: of these fields.
        """
        wanted = aggregation.wanted(count, {"sum": sum, "avg": avg, "min": min, "max": max})
        groups = aggregation.Groups(having, order_by, take, skip)
        made = aggregation.group_by(self._tables, self.shape, by, wanted, where=where, groups=groups)
        records = await self._executor.rows(made.statement.text, made.statement.parameters)
        return [dict(zip(made.columns, record, strict=True)) for record in records]

    async def _counts(self, wanted: Wanted, fields: Sequence[str]) -> Sequence[int]:
        made = aggregation.count(self._tables, self.shape, wanted, fields)
        return [int(each) for each in await self._executor.row(made.text, made.parameters)]

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
