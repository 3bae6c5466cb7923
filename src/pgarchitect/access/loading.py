"""Records of the driver → rows, with what they include: pure, nothing here waits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from pgarchitect.access.failures import InvalidCondition, RelationNotLoaded
from pgarchitect.access.reading import Included, ReadPlan
from pgarchitect.access.shapes import ColumnShape, TableShape


class NotLoaded:
    """Stands for a relation that was not loaded with its row; whatever is asked of it says so."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise RelationNotLoaded

    __iter__ = __len__ = __bool__ = __getitem__ = __contains__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise RelationNotLoaded(f"The relation was not loaded with its row, so it has no {name!r}; name it in include.")

    def __repr__(self) -> str:
        """As a row's own representation shows it."""
        return "<not loaded>"

    def __reduce__(self) -> str:
        """Copied and unpickled as the one that there is, by which rows know what to leave out of their JSON."""
        return "NOT_LOADED"


NOT_LOADED: Final[Any] = NotLoaded()
"""Default of the relation fields of rows."""


def rows_of(read: ReadPlan, records: Sequence[Sequence[Any]], included: Sequence[Sequence[Any]]) -> list[Any]:
    """Rows of the table's type (or dictionaries of the selected fields).

    Args:
        read: how they were read.
        records: of the driver, in order.
        included: for each relation of the plan, what each record includes: a list, or a row or None.
    """
    if read.is_backward:
        records = list(reversed(records))
    names = [each.relation.name for each in read.includes]
    if read.counts:
        names, included = [*names, read.table.counts], [*included, _numbers(read, records)]
    if read.as_mapping:
        keys = [each.name for each in read.columns[: read.shown]]
        made = [dict(zip(keys, record, strict=False)) for record in records]
        for name, values in zip(names, included, strict=True):
            for row, value in zip(made, values, strict=True):
                row[name] = value
        return made
    make = read.table.row
    if not names:
        return [make(*record) for record in records]
    return [
        make(*record[: read.shown], **dict(zip(names, values, strict=True)))
        for record, *values in zip(records, *included, strict=True)
    ]


def _numbers(read: ReadPlan, records: Sequence[Sequence[Any]]) -> list[dict[str, int]]:
    """How many rows the relations of each record lead to."""
    names = [each.relation.name for each in read.counts]
    start = len(read.columns)
    return [dict(zip(names, record[start:], strict=True)) for record in records]


def rows_by_name(shape: TableShape, records: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Rows of a table's type, of records with its columns under their names in the database or in Python.

    Raises:
        InvalidCondition: a column is missing.
    """
    if not records:
        return []
    columns = [(_source(shape, each, records[0]), each.is_list) for each in shape.columns]
    return [
        shape.row(*([] if is_list and record[name] is None else record[name] for name, is_list in columns))
        for record in records
    ]


def _source(shape: TableShape, column: ColumnShape, record: Mapping[str, Any]) -> str:
    found = next((name for name in (column.column, column.name) if name in record), None)
    if found is None:
        raise InvalidCondition(
            f"The statement gives no column {column.column!r}, which a row of {shape.name} has; select it, or name"
            " another type of row."
        )
    return found


def grouped(included: Included, count: int, records: Sequence[Sequence[Any]], rows: Sequence[Any]) -> list[Any]:
    """What each of ``count`` parents includes, in their order.

    Args:
        included: the relation.
        count: of parents.
        records: of the driver; the first column is the parent's number, from 1.
        rows: made of those by ``rows_of``, which turns them round where the last ones are wanted.
    """
    if included.plan.is_backward:
        records = list(reversed(records))
    if not included.relation.to_many:
        found: list[Any] = [None] * count
        for record, row in zip(records, rows, strict=True):
            found[record[0] - 1] = row
        return found
    several: dict[int, list[Any]] = defaultdict(list)
    for record, row in zip(records, rows, strict=True):
        several[record[0]].append(row)
    return [several.get(number, []) for number in range(1, count + 1)]
