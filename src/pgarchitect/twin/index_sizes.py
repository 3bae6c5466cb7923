"""The size that a hypothetical index would have, by its method."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin import method_sizes
from pgarchitect.twin.element_sample import Elements, element_sample
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.files import IndexFile
from pgarchitect.twin.gin_sizes import gin_file, known_elements
from pgarchitect.twin.index_shape import (
    KeyColumn,
    columns_of,
    distinct_keys,
    known_together,
    pivot_bytes,
    repetitions,
    tuple_sizes,
)
from pgarchitect.twin.key_sample import KeySample
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import NotSampled, Sampler
from pgarchitect.twin.share_sample import Shares
from pgarchitect.twin.size_model import Repetition, Sizes, btree_pages
from pgarchitect.twin.together_sample import Together

_PAGES_PER_RANGE: Final = 128
_LINKS: Final = 16
_LISTS: Final = 100
"""Defaults of BRIN, HNSW and IVFFlat."""
_NEARLY_UNIQUE: Final = 0.5
"""Of the rows: a column with more distinct values leaves hardly anything to repeat."""
_DEDUPLICATION_OFF: Final = frozenset({"off", "false", "0", "no"})


_EXACT: Final = 0.01
"""Of the size, what an index may be larger whose rows and tuples are known; measured on TPC-H, as the two below."""
_SHARED: Final = 0.04
"""The same where equal keys share room, and nobody knows exactly how often they repeat."""
_OTHER: Final = 0.1
"""The same of other methods than B-trees."""
_GUESSED: Final = 0.5
"""The same where rows were wanted and none could be looked at."""


@dataclass(frozen=True, slots=True)
class Sized:
    """What is thought of an index that was just created in the twin.

    Attributes:
        rows: that it would hold.
        file: that it would have.
        guessed: why both are guessed, where rows of the source were wanted; None when they are not.
        doubt: part of its size by which it is hardly ever larger.
    """

    rows: float
    file: IndexFile
    guessed: str | None
    doubt: float


@dataclass(frozen=True, slots=True)
class _Index:
    oid: int
    method: str
    unique: bool
    rows: float
    where: str
    table: int
    spelled: str
    heap_pages: int
    options: dict[str, str]
    columns: tuple[KeyColumn, ...]
    seen: KeySample | None = None

    @property
    def shares(self) -> bool:
        """Whether equal keys of a B-tree share posting lists."""
        wanted = self.options.get("deduplicate_items", "on") not in _DEDUPLICATION_OFF
        return wanted and len(self.keys) == len(self.columns) and all(column.same_when_equal for column in self.keys)

    @property
    def keys(self) -> tuple[KeyColumn, ...]:
        return tuple(column for column in self.columns if column.is_key)

    @property
    def source(self) -> str:
        return f"{self.spelled}{self.where}"


def asks_with_others(facts: Facts, subject: Subject) -> bool:
    """Whether rows are wanted of a B-tree on all rows of plain columns, which can be looked at together with others."""
    plain = subject.predicate is None and 0 not in subject.numbers and not subject.functions
    return plain and subject.method == "btree" and _asks(facts, subject, _read(facts, subject.index))


def sized(
    facts: Facts, subject: Subject, sampler: Sampler, shares: Shares | None = None, together: Together | None = None
) -> Sized:
    """Rows and file of an index that was just created in the twin.

    Args:
        facts: of the twin.
        subject: the index.
        sampler: of the source.
        shares: rows of conditions that several partial indexes of a table were tried with.
        together: what several indexes were looked at together for.
    """
    index, guessed = _read(facts, subject.index), None
    known = shares.of(subject) if shares else None
    if known is not None and not known.complete:
        # Its rows are what matters; the pages that may still be read tell more of indexes of several columns.
        index = _counted(facts, index, known)
    elif _asks(facts, subject, index):
        try:
            index = _counted(facts, index, (together or Together(sampler)).of(subject))
        except NotSampled as reason:
            if known is None:
                guessed = sampler.regret(subject.table, reason)
            else:
                index = _counted(facts, index, known)
    if index.method == "btree":
        file, shared = _btree(facts, index)
        doubt = (_SHARED if shared else _EXACT) + (index.seen.doubt if index.seen is not None else 0.0)
    elif index.method == "gin":
        elements, why = _elements(facts, subject, index, sampler)
        file, guessed = gin_file(facts, (index.table, index.spelled), index.rows, elements), guessed or why
        doubt = _OTHER
    else:
        pages, map_pages = _other(facts, index)
        file, doubt = IndexFile(index.method, pages, map_pages=map_pages), _OTHER
    return Sized(index.rows, file, guessed, _GUESSED if guessed else doubt)


def _elements(
    facts: Facts, subject: Subject, index: _Index, sampler: Sampler
) -> tuple[Sequence[Elements] | None, str | None]:
    """Elements of a GIN index, and why they are guessed; a sample tells more of them than statistics."""
    try:
        return element_sample(facts, subject, index.columns, index.rows, sampler).elements(index.rows), None
    except NotSampled as reason:
        known = known_elements(facts, index.table, index.columns, index.rows)
        return known, None if known else sampler.regret(subject.table, reason)


def _asks(facts: Facts, subject: Subject, index: _Index) -> bool:
    """Whether the source's rows can tell more than its statistics: of conditions, expressions, columns together."""
    counting = index.method == "hash" or (index.method == "btree" and index.shares)
    if subject.predicate or (0 in subject.numbers and counting):
        return True
    several = index.method == "btree" and not index.unique and len(index.keys) > 1
    if not several or not index.shares or index.rows <= 0:
        return False
    alone = (distinct_keys(facts, (index.table, index.source), (key,), index.rows) for key in index.keys)
    together = known_together(facts, index.table, index.keys)
    return not together and all(found[0] < _NEARLY_UNIQUE * index.rows for found in alone)


def _counted(facts: Facts, index: _Index, seen: KeySample) -> _Index:
    """With the rows that a sample tells; ``_read`` took the planner's."""
    table = facts.planned(f"SELECT 1 FROM {index.spelled}")[0]
    return replace(index, rows=seen.rows_of(table, index.rows), seen=seen)


def _read(facts: Facts, oid: int) -> _Index:
    (row,) = facts.rows(_sql("index"), (oid,))
    method, unique, rows, predicate, table, spelled, heap_pages, options = row
    where = f" WHERE {predicate}" if predicate else ""
    if predicate or rows < 0:  # a table that was never analysed has the planner's guess of rows
        rows = facts.planned(f"SELECT 1 FROM ONLY {spelled}{where}")[0]
    return _Index(
        oid,
        method,
        unique,
        rows,
        where,
        table,
        f"ONLY {spelled}",
        heap_pages,
        dict(option.split("=", 1) for option in options),
        columns_of(facts, oid, f"ONLY {spelled}"),
    )


def _btree(facts: Facts, index: _Index) -> tuple[IndexFile, bool]:
    """Its file, and whether equal keys make it smaller."""
    keys, sizes = index.keys, tuple_sizes(index.columns)
    if index.seen is not None:
        sizes = index.seen.sizes or sizes
    prefixes = _prefixes(facts, index)
    found: Sequence[Repetition] = ()
    if index.shares and prefixes[-1] < index.rows:
        found = _repetitions(index, prefixes[-1])
    pivot = pivot_bytes(keys, prefixes, index.rows)
    pages, height = btree_pages(index.rows, sizes, pivot, found)
    return IndexFile("btree", pages, height=height), bool(found)


def _prefixes(facts: Facts, index: _Index) -> list[float]:
    """Distinct keys of the first column, the first two, …: of a table's single column its statistics know best."""
    if index.unique:
        return [index.rows] * len(index.keys)
    told = distinct_keys(facts, (index.table, index.source), index.keys, index.rows)
    if index.seen is None:
        return told
    found: list[float] = []
    for count, (key, guess) in enumerate(zip(index.keys, told, strict=True), start=1):
        known = count == 1 and key.number and not index.where and not index.seen.complete
        counted = None if known else index.seen.distinct(count, index.rows)
        found.append(max([counted if counted is not None else guess, *found[-1:]]))
    return found


def _repetitions(index: _Index, distinct: float) -> Sequence[Repetition]:
    if index.seen is not None and index.seen.alike:
        return index.seen.repetitions(len(index.keys), index.rows, distinct)
    return repetitions(index.keys, index.rows, distinct, partial=bool(index.where))


def _other(facts: Facts, index: _Index) -> tuple[int, int]:
    """Pages, and those of a BRIN index's map."""
    first = index.columns[0]
    tuple_bytes = _mean(tuple_sizes(index.columns))
    match index.method:
        case "hash":
            distinct = _distinct(facts, index)
            known = [share for share in first.frequencies if share * index.rows > 1] if not index.where else []
            present = index.rows * (1 - first.null_fraction) if not index.where else index.rows
            shares = [share * index.rows / max(1.0, present) for share in known]
            return method_sizes.hash_pages(index.rows, present, shares, distinct), 0
        case "brin":
            per_range = int(index.options.get("pages_per_range", _PAGES_PER_RANGE))
            value = sum(round(column.width) for column in index.columns)
            return method_sizes.brin_pages(index.heap_pages, per_range, value, len(index.columns))
        case "gist":
            by_sorting = all(column.sorted_builds for column in index.keys)
            return method_sizes.gist_pages(
                index.rows, tuple_bytes, splits=_splits(index.keys), by_sorting=by_sorting
            ), 0
        case "spgist":
            return method_sizes.spgist_pages(index.rows, first.width), 0
        case "hnsw":
            return method_sizes.hnsw_pages(index.rows, first.width, int(index.options.get("m", _LINKS))), 0
        case "ivfflat":
            return method_sizes.ivfflat_pages(index.rows, first.width, int(index.options.get("lists", _LISTS))), 0
        case _:
            return max(2, int(index.rows * (tuple_bytes + 4) / (8152 * 0.7))), 0


def _distinct(facts: Facts, index: _Index) -> float:
    """Values of the first column."""
    counted = index.seen.distinct(1, index.rows) if index.seen is not None else None
    if counted is not None:
        return counted
    return facts.planned(f"SELECT 1 FROM {index.source} GROUP BY {index.columns[0].spelled}")[0]


def _splits(keys: Sequence[KeyColumn]) -> bool:
    """Whether sorted neighbours are regrouped by the operator class: those of geometry and ranges do it unevenly."""
    return any(column.length < 0 or column.length == 32 for column in keys)  # a box


def _mean(sizes: Sizes) -> float:
    return sum(size * share for size, share in sizes.items())


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
