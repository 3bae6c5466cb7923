"""Which rows a hypothetical index would hold and how often its keys repeat, counted in a sample of the source's rows.

A table that is sampled as a whole is counted exactly. Otherwise pages, not rows, were chosen by chance, and equal
neighbours tell nothing of the table: the estimate of Haas and Stokes, by which ANALYZE counts distinct values
(commands/analyze.c), is then taken of pages that hold a key in place of rows.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import Question, Sampler
from pgarchitect.twin.size_model import Repetition, Sizes, aligned

_ROW_HEADER: Final = 24
"""Bytes in front of the values of a row, up to eight columns; the eight bytes more of others hold their nulls."""
_ROW_HEADER_OF_MANY: Final = 32
_MANY_COLUMNS: Final = 8
_HEADER: Final = 8
_HEADER_WITH_NULLS: Final = 16
"""The same of index tuples."""
ENOUGH: Final = 30
"""Rows of an index from which on a sample tells their sizes."""
_WELL_SEEN: Final = 5
"""Pages on which a key was seen, from which on its rows are counted by the sample alone."""
_SURE: Final = 2.0
"""Standard deviations by which a sample must contradict the statistics to be believed in their place."""
_FREQUENT: Final = 200
"""Rows of a key that is laid out for itself."""
_ALIKE: Final = named("pgarchitect.twin", "sample.sql", "alike")
_NONE_ALIKE: Final = "SELECT 0 AS place, 0 AS rows, 0 AS pages, 0 AS keys WHERE false"


@dataclass(frozen=True, slots=True)
class Alike:
    """Keys of a prefix of an index's columns that occur in equally many rows and pages of a sample."""

    columns: int
    rows: int
    pages: int
    keys: int


@dataclass(frozen=True, slots=True)
class KeySample:
    """What was counted.

    Attributes:
        complete: whether the whole table was.
        rows: of the table.
        kept: of the index.
        error: standard deviation of ``kept / rows``.
        sizes: of the index's leaf tuples; empty when too few were seen.
        alike: keys.
    """

    complete: bool
    rows: int
    kept: int
    error: float
    sizes: Sizes
    alike: tuple[Alike, ...]

    def rows_of(self, table_rows: float, planned: float) -> float:
        """Rows of the index: as counted, unless the planner's guess ``planned`` is as good as a part of the rows."""
        if self.complete:
            return float(self.kept)
        share = planned / max(1.0, table_rows)
        if self.rows == 0 or abs(share - self.kept / self.rows) <= _SURE * self.error:
            return planned
        return table_rows * self.kept / self.rows

    @property
    def doubt(self) -> float:
        """Part by which the index may hold more rows than counted."""
        return _SURE * self.error * self.rows / self.kept if self.kept and not self.complete else 0.0

    def distinct(self, columns: int, rows: float) -> float | None:
        """Distinct keys of the first ``columns`` columns of an index of ``rows`` rows; None when none were seen."""
        seen = [each for each in self.alike if each.columns == columns]
        if not seen:
            return None
        found = float(sum(each.keys for each in seen))
        if self.complete:
            return found
        occurrences = sum(each.pages * each.keys for each in seen)
        once = sum(each.keys for each in seen if each.pages == 1)
        part = min(1.0, self.kept / max(1.0, rows))
        return min(rows, max(found, occurrences * found / (occurrences - once + once * part)))

    def repetitions(self, columns: int, rows: float, distinct: float) -> list[Repetition]:
        """How often the keys of all ``columns`` columns occur, among ``rows`` rows with ``distinct`` keys."""
        scale = 1.0 if self.complete else max(1.0, rows / max(1, self.kept))
        least = 0 if self.complete else _WELL_SEEN
        seen = [each for each in self.alike if each.columns == columns and each.pages >= least]
        found = _laid_out(seen, scale)
        rest = rows - sum(each.keys * each.rows for each in found)
        others = distinct - sum(each.keys for each in found)
        if not self.complete and rest >= 1 and others >= 1:
            found.append(Repetition(min(others, rest), max(1.0, rest / others)))
        return found


def _laid_out(seen: Sequence[Alike], scale: float) -> list[Repetition]:
    """Frequent keys each for itself, the others together, with their counts."""
    frequent = [each for each in seen if each.rows * scale >= _FREQUENT]
    found = [Repetition(1, each.rows * scale, varies=False) for each in frequent for _ in range(each.keys)]
    counts: dict[int, float] = {}
    for each in seen:
        if each.rows * scale < _FREQUENT:
            count = round(each.rows * scale)
            counts[count] = counts.get(count, 0.0) + each.keys
    keys = sum(counts.values())
    if keys:
        mean = sum(count * number for count, number in counts.items()) / keys
        found.append(Repetition(keys, mean, counts=counts))
    return found


def key_sample(subject: Subject, sampler: Sampler) -> KeySample:
    """Ask the source.

    Raises:
        NotSampled: there is no sample.
    """
    portion, row = sampler.row(Question("keys", subject.table, _fragments(subject), functions=subject.functions))
    rows, kept, pages, hit, squares, sizes, alike = row
    return KeySample(
        complete=portion.complete,
        rows=rows,
        kept=kept,
        error=share_error(rows, kept, pages, hit, squares) if rows else 0.0,
        sizes=sizes_of(sizes or [], len(subject.columns)) if portion.complete or kept >= ENOUGH else {},
        alike=tuple(Alike(*each) for each in alike or ()) if _keys(subject) else (),
    )


def _fragments(subject: Subject) -> dict[str, str]:
    """SQL of the tuples' sizes and of hashes of the first column, the first two, …, where the method needs them."""
    size, nulls = size_and_nulls(subject) if subject.method == "btree" else ("0", "false")
    facts = {"size": size, "nulls": nulls}
    for place, prefix in enumerate(prefixes(subject), start=1):
        facts[f"key{place}"] = hashed(prefix)
    return {
        "predicate": subject.condition,
        # What a row holds that the condition leaves out may be no value for the expressions.
        "facts": ", ".join(f"CASE WHEN {subject.condition} THEN {sql} END AS {name}" for name, sql in facts.items()),
        "alike": alike(range(1, len(prefixes(subject)) + 1)),
    }


def size_and_nulls(subject: Subject) -> tuple[str, str]:
    """SQL of the size of a row of an index's columns, and of whether it holds a null."""
    columns = ", ".join(f"({column})" for column in subject.columns)
    return f"pg_column_size(ROW({columns}))", f"num_nulls({columns}) > 0"


def prefixes(subject: Subject) -> list[str]:
    """SQL of the first key, the first two, …, as far as their repetition matters."""
    return [", ".join(f"({each})" for each in subject.columns[:count]) for count in range(1, _keys(subject) + 1)]


def hashed(prefix: str) -> str:
    """SQL of what stands for a key."""
    return f"hash_record_extended(ROW({prefix}), 1)"


def alike(places: Iterable[int]) -> str:
    """SQL that counts the keys of some prefixes."""
    return " UNION ALL ".join(_ALIKE.replace("{place}", str(place)) for place in places) or _NONE_ALIKE


def _keys(subject: Subject) -> int:
    """Columns whose repetition matters."""
    return subject.keys if subject.method == "hash" or (subject.method == "btree" and not subject.unique) else 0


def sizes_of(found: Sequence[tuple[int, bool, int]], columns: int) -> dict[int, float]:
    """Shares of leaf tuples by their size, from the sizes of rows of the same columns."""
    total = sum(rows for _, _, rows in found)
    sizes: dict[int, float] = {}
    for bytes_, nulls, rows in found:
        header = _ROW_HEADER_OF_MANY if nulls and columns > _MANY_COLUMNS else _ROW_HEADER
        size = (_HEADER_WITH_NULLS if nulls else _HEADER) + aligned(bytes_ - header)
        sizes[size] = sizes.get(size, 0.0) + rows / total
    return sizes


def share_error(rows: int, kept: int, pages: int, hit: int, squares: float) -> float:
    """Standard deviation of the share of rows that are kept: pages are drawn, and one page more could have had some.

    Args:
        rows: of the sample.
        kept: of them by the index.
        pages: of the sample.
        hit: pages with rows that are kept.
        squares: sum of the squares of each page's rows that are kept.
    """
    mean = kept / pages
    spread = math.sqrt(max(0.0, squares / pages - mean**2) / pages)
    one_more = (kept / hit if hit else rows / pages) / pages
    return math.hypot(spread, one_more) / (rows / pages)
