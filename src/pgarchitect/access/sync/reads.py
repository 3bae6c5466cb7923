# Written by scripts/sync_from_async.py from ../aio/reads.py: change that one.
"""The reads of one table: rows, tables of Arrow, figures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from pgarchitect.access import aggregation, reading
from pgarchitect.access.failures import InvalidCondition, NotFound
from pgarchitect.access.loading import grouped, rows_of
from pgarchitect.access.reading import Included, ReadPlan, Wanted
from pgarchitect.access.shapes import Tables, TableShape
from pgarchitect.access.sync.executor import Executor

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]

Row = TypeVar("Row")
WhereT = TypeVar("WhereT", bound=Mapping[str, Any])
UniqueT = TypeVar("UniqueT", bound=Mapping[str, Any])
OrderT = TypeVar("OrderT", bound=Mapping[str, Any])
IncludeT = TypeVar("IncludeT", bound=Mapping[str, Any])
Found = Sequence[Any] | None
"""A record of the driver, or that there is none."""


class Reads(Generic[Row, WhereT, UniqueT, OrderT, IncludeT]):
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

    def find_unique(self, where: UniqueT, *, include: IncludeT | None = None) -> Row | None:
        """The row with these values of a unique key; None without one."""
        if include is not None:
            self._unique_read(where)
            found = self._read(Wanted(where=where, take=1, include=include))
            return found[0] if found else None
        record = self._record(where)
        return None if record is None else self._row(record)

    def get(self, where: UniqueT, *, include: IncludeT | None = None) -> Row:
        """The row with these values of a unique key.

        Raises:
            NotFound: there is none.
        """
        if include is not None:
            found = self.find_unique(where, include=include)
        else:
            record = self._record(where)
            found = None if record is None else self._row(record)
        if found is None:
            key = ", ".join(f"{name} {value!r}" for name, value in where.items())
            raise NotFound(f"{self.shape.name} has no row with {key}; check the key.")
        return found

    def find_first(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        skip: int = 0,
        include: IncludeT | None = None,
    ) -> Row | None:
        """The first row that fits; None without one."""
        found = self._read(Wanted(where, order_by, 1, skip, include=include))
        return found[0] if found else None

    @overload
    def find_many(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[str] = (),
        select: None = None,
        include: IncludeT | None = None,
    ) -> list[Row]: ...

    @overload
    def find_many(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[str] = (),
        select: Iterable[str],
        include: IncludeT | None = None,
    ) -> list[dict[str, Any]]: ...

    def find_many(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[str] = (),
        select: Iterable[str] | None = None,
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
            include: relations to load with the rows, each in one round trip.
        """
        return self._read(Wanted(where, order_by, take, skip, cursor, distinct, select, include))

    def to_arrow(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[str] = (),
        select: Iterable[str] | None = None,
    ) -> "pa.Table":
        """What ``find_many`` finds as an Arrow table, for many rows: decoded in C, on a connection of its own.

        In a transaction it is made of the driver's rows, which takes longer, since no other connection sees what was
        written there.

        Raises:
            ExtraMissing: pyarrow or ADBC is not installed.
            InvalidValue: a numeric holds what Arrow's decimals have no room for.
        """
        wanted = Wanted(where, order_by, take, skip, cursor, distinct, select)
        return self._executor.arrow(self._tables, reading.plan(self._tables, self.shape, wanted))

    def to_polars(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        take: int | None = None,
        skip: int = 0,
        cursor: UniqueT | None = None,
        distinct: Sequence[str] = (),
        select: Iterable[str] | None = None,
    ) -> "pl.DataFrame":
        """The same as a DataFrame of Polars.

        Raises:
            ExtraMissing: pyarrow, ADBC or Polars is not installed.
            InvalidValue: a numeric has more than 38 digits.
        """
        from pgarchitect.access.arrow import to_polars  # noqa: PLC0415  # not always installed

        wanted = Wanted(where, order_by, take, skip, cursor, distinct, select)
        return to_polars(self._executor.arrow(self._tables, reading.plan(self._tables, self.shape, wanted)))

    def stream(
        self, *, where: WhereT | None = None, order_by: OrderT | Sequence[OrderT] | None = None, batch: int = 1_000
    ) -> Iterator[Row]:
        """The rows that fit, one by one; no more than ``batch`` are held at once.

        Pages follow each other by the primary key where no order is given, so nothing stays open in between.
        """
        keys = self.shape.primary_key
        if not keys:
            raise InvalidCondition(f"{self.shape.name} has no primary key, by which pages would follow each other.")
        by_key: Any = [{name: "asc"} for name in keys]
        order = by_key if order_by is None else order_by
        cursor: Any = None
        while True:
            found = self._read(Wanted(where, order, batch, 0 if cursor is None else 1, cursor))
            for row in found:
                yield row
            if len(found) < batch:
                return
            cursor = {name: getattr(found[-1], name) for name in keys}

    def count(self, *, where: WhereT | None = None) -> int:
        """How many rows fit."""
        made = aggregation.count(self._tables, self.shape, where)
        record = self._executor.row(made.text, made.parameters)
        return int(record[0])

    def aggregate(self, *, where: WhereT | None = None, count: bool = True, **figures: Sequence[str]) -> dict[str, Any]:
        """Figures of the rows that fit: ``aggregate(sum=["points"])`` → ``{"count": …, "sum_points": …}``."""
        made = aggregation.aggregate(self._tables, self.shape, aggregation.Figures(figures, count), where)
        record = self._executor.row(made.statement.text, made.statement.parameters)
        return dict(zip(made.columns, record, strict=True))

    def group_by(
        self,
        by: Sequence[str],
        *,
        where: WhereT | None = None,
        having: Mapping[str, Any] | None = None,
        order_by: Mapping[str, str] | None = None,
        count: bool = True,
        **figures: Sequence[str],
    ) -> list[dict[str, Any]]:
        """Figures of the rows of each value of ``by``; names of the results as in ``aggregate``."""
        wanted = aggregation.Figures(figures, count)
        made = aggregation.group_by(self._tables, self.shape, by, wanted, where=where, having=having, order_by=order_by)
        records = self._executor.rows(made.statement.text, made.statement.parameters)
        return [dict(zip(made.columns, record, strict=True)) for record in records]

    def _read(self, wanted: Wanted) -> list[Any]:
        read = reading.plan(self._tables, self.shape, wanted)
        statement = reading.select(self._tables, read)
        records = self._executor.rows(statement.text, statement.parameters)
        return rows_of(read, records, [self._included(read, each, records) for each in read.includes])

    def _included(self, read: ReadPlan, included: Included, records: Sequence[Any]) -> list[Any]:
        ordered = list(reversed(records)) if read.is_backward else records
        statement = reading.select_included(self._tables, read.table, included, ordered)
        # Made in any case, so that what is asked for wrongly is told also when there is nothing to load.
        below = self._executor.rows(statement.text, statement.parameters) if records else []
        values = [tuple(each)[1:] for each in below]
        nested = [self._included(included.plan, each, values) for each in included.plan.includes]
        return grouped(included, len(records), below, rows_of(included.plan, values, nested))

    def _row(self, record: Sequence[Any]) -> Row:
        made: Row = self.shape.row(*record)  # type: ignore[assignment]
        return made

    def _record(self, where: UniqueT) -> Found:
        asked = self._unique_read(where)
        record: Found = self._executor.point(self.shape, asked.key, asked.text, asked.values(where))
        return record

    def _unique_read(self, where: UniqueT) -> reading.UniqueRead:
        try:
            names = tuple(where)
            return self._uniques.get(names) or self._new_unique_read(names)
        except TypeError as error:
            raise InvalidCondition(f"find_unique takes a mapping, not {type(where).__name__}.") from error

    def _new_unique_read(self, names: tuple[str, ...]) -> reading.UniqueRead:
        self._must_identify(dict.fromkeys(names))
        if set(names) not in [set(key) for key in (self.shape.primary_key, *self.shape.uniques)]:
            raise InvalidCondition(f"find_unique of {self.shape.name} takes one unique key and nothing else.")
        made = self._uniques[names] = reading.UniqueRead(self.shape, names)
        return made

    def _must_identify(self, where: Mapping[str, Any]) -> None:
        if not self.shape.identifies(frozenset(where)):
            keys = [key for key in (self.shape.primary_key, *self.shape.uniques) if key]
            told = " or ".join(", ".join(key) for key in keys) or "none, so use the operations on many rows"
            raise InvalidCondition(f"One row of {self.shape.name} is named by a unique key: {told}.")
