"""What an index's tuples would look like: their sizes, their keys' repetition, from the statistics of its columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.size_model import Repetition, Sizes, aligned

_HEADER: Final = 8
_HEADER_WITH_NULLS: Final = 16
_ROW_ID: Final = 8
_ALIGNMENT: Final = {"c": 1, "s": 2, "i": 4, "d": 8}
_LONGEST_SHORT: Final = 127
_WIDEST_KNOWN: Final = 64
"""Different sizes of a column's values that are told apart; more are merged, which keeps the product small."""


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One column of an index.

    Attributes:
        length: of its type; negative when it varies.
        alignment: bytes.
        spelled: as SQL.
        is_key: not an INCLUDE column.
        same_when_equal: whether a B-tree may share one copy of equal values.
        sorted_builds: whether GiST builds it by sorting.
        number: of the table's column; 0 for an expression.
        sizes: aligned to nothing: bytes of its values inside a tuple, with their shares of the values.
        null_fraction: share of the rows.
        width: mean bytes.
        frequencies: shares of the rows of its most common values.
        distinct: values, or when negative their share of the rows; None when not known.
    """

    length: int
    alignment: int
    spelled: str
    is_key: bool
    same_when_equal: bool
    sorted_builds: bool
    number: int
    sizes: Sizes
    null_fraction: float
    width: float
    frequencies: tuple[float, ...]
    distinct: float | None


def columns_of(facts: Facts, index: int, table: str) -> tuple[KeyColumn, ...]:
    """The columns of an index of the twin."""
    return tuple(_column(facts, row, table) for row in facts.rows(_sql("index_columns"), (index,)))


def _column(facts: Facts, row: Sequence[Any], table: str) -> KeyColumn:
    _, length, alignment, spelled, is_key, same, sorts, number, relation, attribute, kind = row
    where = {"relation": relation, "number": attribute}
    ((nulls, bytes_, distinct),) = facts.rows(_sql("column_facts"), where) or [(0.0, 0, None)]
    width = float(bytes_) or (float(length) if length > 0 else facts.planned(f"SELECT {spelled} FROM {table}")[1])
    sizes: Sizes = {length: 1.0}
    if length < 0:
        sizes = _value_sizes(facts, where, kind) or {max(1, round(width)): 1.0}
    shares = tuple(row[0] for row in _known_values(facts, where, kind, "frequencies"))
    return KeyColumn(
        length=length,
        alignment=_ALIGNMENT[alignment],
        spelled=spelled,
        is_key=is_key,
        same_when_equal=same,
        sorted_builds=sorts,
        number=number,
        sizes=sizes,
        null_fraction=nulls,
        width=width,
        frequencies=shares,
        distinct=distinct,
    )


def _known_values(facts: Facts, where: dict[str, Any], kind: str, query: str) -> list[tuple[Any, ...]]:
    """Rows of a named query over the values (``v``), shares (``f``) and ranks that the statistics of a column know.

    Empty where the values cannot be read as the type ``kind``.
    """
    return facts.readable(
        _sql("known_values").replace("{type}", kind.replace("%", "%%")).replace("{query}", _sql(query)), where
    )


def _value_sizes(facts: Facts, where: dict[str, Any], kind: str) -> dict[int, float]:
    found: dict[int, float] = {}
    for size, share in _known_values(facts, where, kind, "value_sizes"):
        found[size] = found.get(size, 0.0) + share
    total = sum(found.values())
    if len(found) > _WIDEST_KNOWN:
        return _merged(found, total)
    return {size: share / total for size, share in found.items()} if total > 0 else {}


def _merged(found: dict[int, float], total: float) -> dict[int, float]:
    """Sizes in steps of four bytes."""
    merged: dict[int, float] = {}
    for size, share in found.items():
        merged[size // 4 * 4 + 2] = merged.get(size // 4 * 4 + 2, 0.0) + share / total
    return merged


def tuple_sizes(columns: Sequence[KeyColumn]) -> Sizes:
    """Shares of the leaf tuples by their aligned bytes; the columns' sizes are taken to be independent."""
    states: dict[tuple[int, bool], float] = {(0, False): 1.0}
    for column in columns:
        following: dict[tuple[int, bool], float] = {}
        for (offset, nulls), share in states.items():
            if column.null_fraction > 0:
                key = (offset, True)
                following[key] = following.get(key, 0.0) + share * column.null_fraction
            for size, part in column.sizes.items():
                key = (_after(offset, column, size), nulls)
                following[key] = following.get(key, 0.0) + share * part * (1 - column.null_fraction)
        states = following
    sizes: dict[int, float] = {}
    for (offset, nulls), share in states.items():
        size = (_HEADER_WITH_NULLS if nulls else _HEADER) + aligned(offset)
        sizes[size] = sizes.get(size, 0.0) + share
    return sizes


def _after(offset: int, column: KeyColumn, size: int) -> int:
    if column.length > 0 or size > _LONGEST_SHORT:
        return aligned(offset, column.alignment) + size
    return offset + size  # a short value has a header of one byte and is not aligned


def pivot_bytes(columns: Sequence[KeyColumn], prefixes: Sequence[float], rows: float) -> float:
    """Mean bytes of a pivot tuple, which keeps no more columns than tell its two neighbours apart.

    Args:
        columns: key columns only.
        prefixes: distinct values of the first column, the first two, …
        rows: of the index.
    """
    total = seen = 0.0
    for count, distinct in enumerate(prefixes, start=1):
        reached = max(seen, min(1.0, distinct / max(1.0, rows)))
        total += (reached - seen) * _mean(tuple_sizes(columns[:count]))
        seen = reached
    # Neighbours with equal keys are told apart by the place of their rows.
    return total + (1 - seen) * (_mean(tuple_sizes(columns)) + _ROW_ID)


def _mean(sizes: Sizes) -> float:
    return sum(size * share for size, share in sizes.items()) / max(1e-9, sum(sizes.values()))


def repetitions(columns: Sequence[KeyColumn], rows: float, distinct: float, *, partial: bool) -> list[Repetition]:
    """How often keys occur: the common values of a single column each for itself, all others by chance."""
    found: list[Repetition] = []
    rest, others = rows, distinct
    if len(columns) == 1 and not partial:
        shares = [*columns[0].frequencies, *([columns[0].null_fraction] if columns[0].null_fraction > 0 else [])]
        found = [Repetition(1, share * rows, varies=False) for share in shares if share * rows >= 1]
        rest, others = rows - sum(each.rows for each in found), distinct - len(columns[0].frequencies)
    if rest >= 1:
        others = min(max(1.0, others), rest)
        found.append(Repetition(others, rest / others))
    return found


def distinct_keys(facts: Facts, table: tuple[int, str], columns: Sequence[KeyColumn], rows: float) -> list[float]:
    """Distinct keys of the first column, the first two, … of an index that is not unique itself.

    Args:
        facts: what statistics and constraints tell.
        table: its table's oid and spelling, with a WHERE clause for a partial index.
        columns: key columns only.
        rows: of the index.
    """
    oid, source = table
    found: list[float] = []
    product = 1.0
    for count, column in enumerate(columns, start=1):
        product *= max(1.0, _distinct(facts, source, column, rows))
        numbers = [each.number for each in columns[:count]]
        found.append(min(rows, product if count == 1 else _combined(facts, table, columns[:count], product)))
        if 0 not in numbers and _told(facts, "is_key", oid, numbers):
            found[-1] = rows
        product = min(product, found[-1])
    return found


def _distinct(facts: Facts, source: str, column: KeyColumn, rows: float) -> float:
    """Distinct values of one column; the planner does not yet see the statistics of a hypothetical expression."""
    if column.number == 0 and column.distinct is not None:
        return column.distinct if column.distinct > 0 else -column.distinct * rows
    return facts.planned(f"SELECT 1 FROM {source} GROUP BY {column.spelled}")[0]


def _combined(facts: Facts, table: tuple[int, str], columns: Sequence[KeyColumn], product: float) -> float:
    oid, source = table
    numbers = [each.number for each in columns]
    if 0 in numbers:
        return product
    referenced = _told(facts, "referenced_rows", oid, numbers)
    if referenced:
        product = min(product, referenced)
    if _told(facts, "counts_combinations", oid, numbers):
        keys = ", ".join(each.spelled for each in columns)
        product = min(product, facts.planned(f"SELECT 1 FROM {source} GROUP BY {keys}")[0])
    return product


def known_together(facts: Facts, table: int, columns: Sequence[KeyColumn]) -> bool:
    """Whether constraints or extended statistics tell how many combinations of columns of the table there are."""
    numbers = [each.number for each in columns]
    return any(_told(facts, name, table, numbers) for name in ("is_key", "referenced_rows", "counts_combinations"))


def _told(facts: Facts, name: str, table: int, numbers: Sequence[int]) -> Any:  # noqa: ANN401  # what the block says
    return facts.one(_sql(name), {"table": table, "columns": list(numbers)})


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
