"""Records of the driver → rows, with what they include: pure, nothing here waits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

from pgarchitect.access.failures import RelationNotLoaded
from pgarchitect.access.reading import Included, ReadPlan


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


def grouped(included: Included, count: int, records: Iterable[Sequence[Any]], rows: Sequence[Any]) -> list[Any]:
    """What each of ``count`` parents includes, in their order.

    Args:
        included: the relation.
        count: of parents.
        records: of the driver; the first column is the parent's number, from 1.
        rows: made of those, in the same order.
    """
    if not included.relation.to_many:
        found: list[Any] = [None] * count
        for record, row in zip(records, rows, strict=True):
            found[record[0] - 1] = row
        return found
    several: dict[int, list[Any]] = defaultdict(list)
    for record, row in zip(records, rows, strict=True):
        several[record[0]].append(row)
    return [several.get(number, []) for number in range(1, count + 1)]
