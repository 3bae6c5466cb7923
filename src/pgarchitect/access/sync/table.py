# Written by scripts/sync_from_async.py from ../aio/table.py: change that one.
"""The operations on one table: what a generated client offers for each model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

from pgarchitect.access import writing
from pgarchitect.access.failures import NotFound
from pgarchitect.access.forms import mapping
from pgarchitect.access.identifying import asks_more, key_of
from pgarchitect.access.nested.reading import WriteReader
from pgarchitect.access.reading import Wanted
from pgarchitect.access.shapes import Tables, TableShape
from pgarchitect.access.sync.executor import Executor
from pgarchitect.access.sync.nested import NestedWriter, together
from pgarchitect.access.sync.reads import Reads
from pgarchitect.access.sync.row_writer import Found
from pgarchitect.access.sync.rows import FieldT, IncludeT, OrderT, Row, UniqueT, WhereT
from pgarchitect.access.validation.rows import refuse, row_problems, update_problems
from pgarchitect.access.writing import Conflict

CreateT = TypeVar("CreateT", bound=Mapping[str, Any])
UpdateT = TypeVar("UpdateT", bound=Mapping[str, Any])
CreateManyT = TypeVar("CreateManyT", bound=Mapping[str, Any])
UpdateManyT = TypeVar("UpdateManyT", bound=Mapping[str, Any])


class Table(
    Reads[Row, WhereT, UniqueT, OrderT, IncludeT, FieldT],
    Generic[Row, WhereT, UniqueT, OrderT, CreateT, UpdateT, IncludeT, CreateManyT, UpdateManyT, FieldT],
):
    """A table of the database, read and written by rows.

    Writes look whether values fit their columns before anything is sent; ``validate=False`` leaves that out.

    Args:
        shape: what the table is.
        tables: shapes of all tables.
        executor: where statements run.
        validate: whether writes validate where a call does not leave it out.
    """

    __slots__ = ("_validate",)

    def __init__(self, shape: TableShape, tables: Tables, executor: Executor, *, validate: bool = True) -> None:
        super().__init__(shape, tables, executor)
        self._validate = validate

    def on(self, executor: Executor) -> Self:
        """The same table, whose statements run elsewhere."""
        return type(self)(self.shape, self._tables, executor, validate=self._validate)

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
        if not isinstance(data, dict):
            mapping(data, "insert")
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
        if not made.count:
            return 0
        if made.can_copy and not skip_duplicates:
            return self._executor.copy(made)
        statement = writing.insert_unnest(made, Conflict() if skip_duplicates else None, returning=False)
        return self._executor.affected(statement.text, statement.parameters)

    def insert_many_returning(
        self, rows: Iterable[CreateManyT], *, skip_duplicates: bool = False, validate: bool = True
    ) -> list[Row]:
        """Write rows in one statement; they come back with what the database filled in.

        With ``skip_duplicates`` those whose key exists are passed over, and do not come back.
        """
        made = writing.rows_of(self.shape, rows, validate=validate and self._validate)
        if not made.count:
            return []
        statement = writing.insert_unnest(made, Conflict() if skip_duplicates else None)
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
        """Write a row, or update the one with that key; it comes back. Arguments as of ``insert`` and ``update``.

        ``where`` only looks: of a row to write it is ``create`` alone that says what it has. Where conditions beside
        the key do not fit, a row is written, too.
        """
        validate = validate and self._validate
        nested = self.shape.has_relations(create) or self.shape.has_relations(update)
        key = key_of(self.shape, where)
        more = where if asks_more(self.shape, where) else None
        if include is None and not nested and more is None and writing.creates_its_key(where, create):
            if validate:
                created = row_problems(self.shape, create, at="create.")
                refuse(self.shape, [*created, *update_problems(self.shape, update, "update.")])
            made = writing.upsert(self.shape, where, create, update)
            return self._row(self._executor.row(made.text, made.parameters))
        both = WriteReader(self._tables, validate=validate).upsert(self.shape, key, create, update)
        return self._present(self._written(lambda writer: writer.upsert_one(both, more), include))

    def upsert_many(
        self, rows: Iterable[CreateManyT], *, key: Sequence[FieldT], update: Sequence[FieldT], validate: bool = True
    ) -> int:
        """Write rows; of those whose key exists the fields ``update`` are overwritten. How many were written."""
        for name in (*key, *update):
            self.shape.column(name)
        made = writing.rows_of(self.shape, rows, validate=validate and self._validate)
        if not made.count:
            return 0
        statement = writing.insert_unnest(made, Conflict(tuple(key), tuple(update)), returning=False)
        return self._executor.affected(statement.text, statement.parameters)

    def update(
        self, *, where: UniqueT, data: UpdateT, include: IncludeT | None = None, validate: bool = True
    ) -> Row | None:
        """Update the row with that key; it comes back, None where there is none.

        Args:
            where: a unique key, and perhaps conditions that the row must fulfil.
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
        key = key_of(self.shape, where)
        validate = validate and self._validate
        if include is not None or self.shape.has_relations(data):
            row = WriteReader(self._tables, validate=validate).update(self.shape, key, data)
            more = where if asks_more(self.shape, where) else None
            alone = row.is_alone and more is None
            return self._written(lambda writer: writer.update_one(row, more), include, alone=alone)
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

    def update_many_returning(
        self, *, where: WhereT | None = None, data: UpdateManyT, validate: bool = True
    ) -> list[Row]:
        """Update the rows that fit; they come back as they are then, in no order. None where nothing is to be set."""
        if validate and self._validate:
            refuse(self.shape, update_problems(self.shape, data))
        made = writing.update(self._tables, self.shape, where, data, returning=True)
        if made is None:
            return []
        return [self._row(each) for each in self._executor.rows(made.text, made.parameters)]

    def delete(self, *, where: UniqueT, include: IncludeT | None = None) -> Row | None:
        """Delete the row with that key; it comes back, with what it included until then. None: there was none."""
        key_of(self.shape, where)
        if include is not None:
            with together(self._executor) as inside:
                table = self.on(inside)
                found = table._read(Wanted(where=where, take=1, include=include))  # noqa: SLF001  # our own kind
                return found[0] if found and table.delete(where=where) is not None else None
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
