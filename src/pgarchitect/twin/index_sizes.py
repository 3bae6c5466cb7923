"""The size that a hypothetical index would have, by its method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin import method_sizes
from pgarchitect.twin.files import IndexFile
from pgarchitect.twin.gin_sizes import gin_file
from pgarchitect.twin.index_shape import (
    KeyColumn,
    columns_of,
    distinct_keys,
    pivot_bytes,
    planned,
    repetitions,
    tuple_sizes,
)
from pgarchitect.twin.size_model import Sizes, btree_pages

_PAGES_PER_RANGE: Final = 128
_LINKS: Final = 16
_LISTS: Final = 100
"""Defaults of BRIN, HNSW and IVFFlat."""
_DEDUPLICATION_OFF: Final = frozenset({"off", "false", "0", "no"})


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

    @property
    def keys(self) -> tuple[KeyColumn, ...]:
        return tuple(column for column in self.columns if column.is_key)

    @property
    def source(self) -> str:
        return f"{self.spelled}{self.where}"


def sized(connection: Connection, oid: int) -> tuple[float, IndexFile]:
    """Rows and file of an index that was just created in the twin."""
    index = _read(connection, oid)
    if index.method == "btree":
        return index.rows, _btree(connection, index)
    if index.method == "gin":
        return index.rows, gin_file(connection, (index.table, index.spelled), index.columns, index.rows)
    pages, map_pages = _other(connection, index)
    return index.rows, IndexFile(index.method, pages, map_pages=map_pages)


def _read(connection: Connection, oid: int) -> _Index:
    row: tuple[Any, ...] = connection.execute(_sql("index").encode(), (oid,)).fetchone() or ()
    method, unique, rows, predicate, table, spelled, heap_pages, options = row
    where = f" WHERE {predicate}" if predicate else ""
    if predicate or rows < 0:  # a table that was never analysed has the planner's guess of rows
        rows = planned(connection, f"SELECT 1 FROM ONLY {spelled}{where}")[0]
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
        columns_of(connection, oid, f"ONLY {spelled}"),
    )


def _btree(connection: Connection, index: _Index) -> IndexFile:
    keys, sizes = index.keys, tuple_sizes(index.columns)
    wanted = index.options.get("deduplicate_items", "on") not in _DEDUPLICATION_OFF
    shares = wanted and len(keys) == len(index.columns) and all(column.same_when_equal for column in keys)
    if index.unique:
        prefixes = [index.rows] * len(keys)
    else:
        prefixes = distinct_keys(connection, index.oid, (index.table, index.source), keys, index.rows)
    repeated = shares and prefixes[-1] < index.rows
    found = repetitions(keys, index.rows, prefixes[-1], partial=bool(index.where)) if repeated else ()
    pivot = pivot_bytes(keys, prefixes, index.rows)
    pages, height = btree_pages(index.rows, sizes, pivot, found)
    return IndexFile("btree", pages, height=height)


def _other(connection: Connection, index: _Index) -> tuple[int, int]:
    """Pages, and those of a BRIN index's map."""
    first = index.columns[0]
    tuple_bytes = _mean(tuple_sizes(index.columns))
    match index.method:
        case "hash":
            distinct = planned(connection, f"SELECT 1 FROM {index.source} GROUP BY {first.spelled}")[0]
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


def _splits(keys: Sequence[KeyColumn]) -> bool:
    """Whether sorted neighbours are regrouped by the operator class: those of geometry and ranges do it unevenly."""
    return any(column.length < 0 or column.length == 32 for column in keys)  # a box


def _mean(sizes: Sizes) -> float:
    return sum(size * share for size, share in sizes.items())


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
