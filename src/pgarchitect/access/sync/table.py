# Written by scripts/sync_from_async.py from ../aio/table.py: change that one.
"""The operations on one table: what a generated client offers for each model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from pgarchitect.access import aggregation, reading, writing
from pgarchitect.access.failures import InvalidCondition, NotFound
from pgarchitect.access.loading import grouped, rows_of
from pgarchitect.access.nested.reading import WriteReader
from pgarchitect.access.reading import Included, ReadPlan, Wanted
from pgarchitect.access.shapes import Tables, TableShape
from pgarchitect.access.statement import to_database
from pgarchitect.access.sync.executor import Executor
from pgarchitect.access.sync.nested import NestedWriter, together
from pgarchitect.access.sync.row_writer import Found
from pgarchitect.access.validation.rows import refuse, row_problems, update_problems
from pgarchitect.access.writing import Conflict

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]

Row = TypeVar("Row")
WhereT = TypeVar("WhereT", bound=Mapping[str, Any])
UniqueT = TypeVar("UniqueT", bound=Mapping[str, Any])
OrderT = TypeVar("OrderT", bound=Mapping[str, Any])
CreateT = TypeVar("CreateT", bound=Mapping[str, Any])
UpdateT = TypeVar("UpdateT", bound=Mapping[str, Any])
IncludeT = TypeVar("IncludeT", bound=Mapping[str, Any])
CreateManyT = TypeVar("CreateManyT", bound=Mapping[str, Any])
UpdateManyT = TypeVar("UpdateManyT", bound=Mapping[str, Any])


class Table(Generic[Row, WhereT, UniqueT, OrderT, CreateT, UpdateT, IncludeT, CreateManyT, UpdateManyT]):
    """A table of the database, read and written by rows.

    Writes look whether values fit their columns before anything is sent; ``validate=False`` leaves that out.

    Args:
        shape: what the table is.
        tables: shapes of all tables.
        executor: where statements run.
        validate: whether writes validate where a call does not leave it out.
    """

    __slots__ = ("_columns", "_executor", "_tables", "_unique_texts", "_validate", "shape")

    def __init__(self, shape: TableShape, tables: Tables, executor: Executor, *, validate: bool = True) -> None:
        self.shape = shape
        self._tables = tables
        self._executor = executor
        self._validate = validate
        self._unique_texts: dict[tuple[str, ...], str] = {}

    @property
    def executor(self) -> Executor:
        """Where its statements run."""
        return self._executor

    def on(self, executor: Executor) -> Self:
        """The same table, whose statements run elsewhere."""
        return type(self)(self.shape, self._tables, executor, validate=self._validate)

    def find_unique(self, where: UniqueT, *, include: IncludeT | None = None) -> Row | None:
        """The row with these values of a unique key; None without one."""
        try:
            names = tuple(where)
            text = self._unique_texts.get(names) or self._unique_text(names)
        except TypeError as error:
            raise InvalidCondition(f"find_unique takes a mapping, not {type(where).__name__}.") from error
        if include is not None:
            found = self._read(Wanted(where=where, take=1, include=include))
            return found[0] if found else None
        column = self.shape.column
        try:
            values = [to_database(column(name), where[name]) for name in names]
        except TypeError as error:
            raise InvalidCondition(f"find_unique takes a mapping, not {type(where).__name__}.") from error
        record = self._executor.point(self.shape, names, text, values)
        made: Row | None = None if record is None else self.shape.row(*record)  # type: ignore[assignment]
        return made

    def get(self, where: UniqueT, *, include: IncludeT | None = None) -> Row:
        """The row with these values of a unique key.

        Raises:
            NotFound: there is none.
        """
        found = self.find_unique(where, include=include)
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

    def insert(self, data: CreateT, *, include: IncludeT | None = None, validate: bool = True) -> Row:
        """Write a row; it comes back with what the database filled in.

        Args:
            data: fields → values; relations → ``create``, ``connect``, ``connect_or_create``, ``create_many``. All is
                written in one transaction.
            include: relations to load with the row that comes back.
            validate: look whether all values fit before any is sent.

        Raises:
            ValidationFailed: values do not fit; nothing was sent.
            RelatedNotFound: a row to connect does not exist.
        """
        validate = validate and self._validate
        if include is None and not self.shape.has_relations(data):
            if validate:
                refuse(self.shape, row_problems(self.shape, data))
            made = writing.insert(self.shape, data)
            return self._row(self._executor.row(made.text, made.parameters))
        row = WriteReader(self._tables, validate=validate).insert(self.shape, data)
        return self._present(self._written(lambda writer: writer.create_one(row), include, alone=row.is_alone))

    def insert_many(self, rows: Iterable[CreateManyT], *, skip_duplicates: bool = False, validate: bool = True) -> int:
        """Write rows that all have the same fields, by COPY; how many were written.

        With ``skip_duplicates`` those whose key exists are passed over.
        """
        made = writing.rows_of(self.shape, rows, validate=validate and self._validate)
        if not made.values:
            return 0
        if made.can_copy and not skip_duplicates:
            return self._executor.copy(made)
        statement = writing.insert_unnest(made, Conflict() if skip_duplicates else None, returning=False)
        return self._executor.affected(statement.text, statement.parameters)

    def insert_many_returning(self, rows: Iterable[CreateManyT], *, validate: bool = True) -> list[Row]:
        """Write rows in one statement; they come back with what the database filled in."""
        made = writing.rows_of(self.shape, rows, validate=validate and self._validate)
        if not made.values:
            return []
        statement = writing.insert_unnest(made)
        return [self._row(each) for each in self._executor.rows(statement.text, statement.parameters)]

    def upsert(
        self,
        *,
        where: UniqueT,
        create: CreateT,
        update: UpdateT,
        include: IncludeT | None = None,
        validate: bool = True,
    ) -> Row:
        """Write a row, or update the one with that key; it comes back. Arguments as of ``insert`` and ``update``."""
        validate = validate and self._validate
        nested = self.shape.has_relations(create) or self.shape.has_relations(update)
        if include is None and not nested:
            if validate:
                created = row_problems(self.shape, {**where, **create}, at="create.")
                refuse(self.shape, [*created, *update_problems(self.shape, update, "update.")])
            made = writing.upsert(self.shape, where, create, update)
            return self._row(self._executor.row(made.text, made.parameters))
        both = WriteReader(self._tables, validate=validate).upsert(self.shape, where, create, update)
        return self._present(self._written(lambda writer: writer.upsert_one(both), include))

    def upsert_many(
        self, rows: Iterable[CreateManyT], *, key: Sequence[str], update: Sequence[str], validate: bool = True
    ) -> int:
        """Write rows; of those whose key exists the fields ``update`` are overwritten. How many were written."""
        for name in (*key, *update):
            self.shape.column(name)
        made = writing.rows_of(self.shape, rows, validate=validate and self._validate)
        if not made.values:
            return 0
        statement = writing.insert_unnest(made, Conflict(tuple(key), tuple(update)), returning=False)
        return self._executor.affected(statement.text, statement.parameters)

    def update(
        self, *, where: UniqueT, data: UpdateT, include: IncludeT | None = None, validate: bool = True
    ) -> Row | None:
        """Update the row with that key; it comes back, None where there is none.

        Args:
            where: a unique key.
            data: fields → values or operations; relations → ``create``, ``create_many``, ``connect``,
                ``connect_or_create``, ``disconnect``, ``set``, ``update``, ``update_many``, ``upsert``, ``delete``,
                ``delete_many``, done in one transaction with the row.
            include: relations to load with the row that comes back.
            validate: look whether all values fit before any is sent.

        Raises:
            ValidationFailed: values do not fit; nothing was sent.
            RelatedNotFound: a row to connect, to change or to delete does not exist, or belongs to another row.
            RelationRequired: a row would be left without a row that it must have.
        """
        self._must_identify(where)
        validate = validate and self._validate
        if include is not None or self.shape.has_relations(data):
            row = WriteReader(self._tables, validate=validate).update(self.shape, where, data)
            return self._written(lambda writer: writer.update_one(row), include, alone=row.is_alone)
        if validate:
            refuse(self.shape, update_problems(self.shape, data))
        made = writing.update(self._tables, self.shape, where, data, returning=True)
        if made is None:
            return self.find_unique(where)
        record = self._executor.row(made.text, made.parameters)
        return None if record is None else self._row(record)

    def update_many(self, *, where: WhereT | None = None, data: UpdateManyT, validate: bool = True) -> int:
        """Update the rows that fit; how many."""
        if validate and self._validate:
            refuse(self.shape, update_problems(self.shape, data))
        made = writing.update(self._tables, self.shape, where, data, returning=False)
        return 0 if made is None else self._executor.affected(made.text, made.parameters)

    def delete(self, *, where: UniqueT) -> Row | None:
        """Delete the row with that key; it comes back, None where there was none."""
        self._must_identify(where)
        made = writing.delete(self._tables, self.shape, where, returning=True)
        record = self._executor.row(made.text, made.parameters)
        return None if record is None else self._row(record)

    def delete_many(self, *, where: WhereT | None = None) -> int:
        """Delete the rows that fit; how many."""
        made = writing.delete(self._tables, self.shape, where, returning=False)
        return self._executor.affected(made.text, made.parameters)

    def _written(
        self, write: Callable[[NestedWriter], Found], include: IncludeT | None, *, alone: bool = False
    ) -> Row | None:
        """Write a row in a transaction, which one ``alone`` does not need; it comes back with what it includes."""
        if alone and include is None:
            record = write(NestedWriter(self._tables, self._executor))
            return None if record is None else self._row(record)
        with together(self._executor) as inside:
            record = write(NestedWriter(self._tables, inside))
            if record is None or include is None:
                return None if record is None else self._row(record)
            names = self.shape.identity
            key: Any = dict(zip(names, self.shape.values(record, names), strict=True))
            return type(self)(self.shape, self._tables, inside).find_unique(key, include=include)

    def _present(self, row: Row | None) -> Row:
        if row is None:
            raise NotFound(f"The row that was written to {self.shape.name} is not there any more; read it anew.")
        return row

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

    def _unique_text(self, names: tuple[str, ...]) -> str:
        self._must_identify(dict.fromkeys(names))
        if set(names) not in [set(key) for key in (self.shape.primary_key, *self.shape.uniques)]:
            raise InvalidCondition(f"find_unique of {self.shape.name} takes one unique key and nothing else.")
        text = reading.select_unique(self.shape, names)
        self._unique_texts[names] = text
        return text

    def _must_identify(self, where: Mapping[str, Any]) -> None:
        if not self.shape.identifies(frozenset(where)):
            keys = [key for key in (self.shape.primary_key, *self.shape.uniques) if key]
            told = " or ".join(", ".join(key) for key in keys) or "none, so use the operations on many rows"
            raise InvalidCondition(f"One row of {self.shape.name} is named by a unique key: {told}.")
