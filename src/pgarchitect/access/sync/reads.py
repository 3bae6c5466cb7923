# Written by scripts/sync_from_async.py from ../aio/reads.py: change that one.
"""The reads of one table: rows, tables of Arrow, figures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from pgarchitect.access import aggregation, reading
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import whole
from pgarchitect.access.ordering import keys_of, total
from pgarchitect.access.reading import Wanted
from pgarchitect.access.sync.one_row import OneRow
from pgarchitect.access.sync.rows import FieldT, IncludeT, OrderT, Row, UniqueT, WhereT

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]


class Reads(OneRow[Row, WhereT, UniqueT, OrderT, IncludeT, FieldT]):
    """A table of the database, read by rows.

    Args:
        shape: what the table is.
        tables: shapes of all tables.
        executor: where statements run.
    """

    __slots__ = ()

    @overload
    def find_many(
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
    def find_many(
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

    def find_many(
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
        return self._read(Wanted(where, order_by, take, skip, cursor, distinct, select, include))

    def to_arrow(
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
        return self._executor.arrow(self._tables, reading.plan(self._tables, self.shape, wanted))

    def to_polars(
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
        return to_polars(self._executor.arrow(self._tables, reading.plan(self._tables, self.shape, wanted)))

    def stream(
        self,
        *,
        where: WhereT | None = None,
        order_by: OrderT | Sequence[OrderT] | None = None,
        include: IncludeT | None = None,
        batch: int = 1_000,
    ) -> Iterator[Row]:
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
            found = self._read(Wanted(where, order_by, batch, include=include, after=after))
            for row in found:
                yield row
            if len(found) < batch:
                return
            after = tuple(getattr(found[-1], each.column.name) for each in keys)

    @overload
    def count(
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
    def count(
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

    def count(
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
            return (self._counts(wanted, (aggregation.ALL,)))[0]
        fields = aggregation.counted_fields(self.shape, select)
        return dict(zip(fields, self._counts(wanted, fields), strict=True))

    def aggregate(
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
        record = self._executor.row(made.statement.text, made.statement.parameters)
        return dict(zip(made.columns, record, strict=True))

    def group_by(
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
        records = self._executor.rows(made.statement.text, made.statement.parameters)
        return [dict(zip(made.columns, record, strict=True)) for record in records]

    def _counts(self, wanted: Wanted, fields: Sequence[str]) -> Sequence[int]:
        made = aggregation.count(self._tables, self.shape, wanted, fields)
        return [int(each) for each in self._executor.row(made.text, made.parameters)]
