"""How often each element of a GIN index occurs, counted in a sample of the source's rows.

ANALYZE keeps the commonest elements of arrays and text search vectors, and none of documents, trigrams and expressions.
What an operator class takes out of a value is told here once more in SQL (PostgreSQL's ``jsonb_gin.c``,
``trgm_op.c``, ``ginarrayproc.c``, ``tsginidx.c``): the same elements, so the same number of rows for each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.index_shape import KeyColumn
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import NotSampled, Question, Sampler, TookTooLong

_T = TypeVar("_T", int, float)

_MOST_BYTES: Final = {"gin_trgm_ops": 100_000, "jsonb_path_ops": 300_000, "jsonb_ops": 200_000}
"""Of values that are taken apart for a sample, in about a quarter of a second; of others ``_MOST_BYTES_OF_OTHERS``."""
_MOST_BYTES_OF_OTHERS: Final = 2_000_000
_SECOND_TRY: Final = 5
"""After a time-out so many times fewer values are taken apart, once."""
_PAGES: Final = 600
"""That are read for them; of a partial index as many as of any sample, since it holds few of their rows."""
_FEWEST_ROWS: Final = 300
_UNKNOWN_WIDTH: Final = 100.0
"""Bytes, of an expression's value."""
_WELL_SEEN: Final = 30
"""Rows in which an element was seen, from which on its rows are counted by the sample alone."""
_HASHED: Final = 4
"""Bytes of an element that is kept as a number: a trigram, a hash of a path."""

_NODES: Final = """(WITH RECURSIVE node (path, inside, part) AS (
  SELECT '', 'object', v UNION ALL
  SELECT n.path || x.name, jsonb_typeof(n.part), x.part FROM node n, LATERAL (
    SELECT '.' || key, value FROM jsonb_each(CASE jsonb_typeof(n.part) WHEN 'object' THEN n.part ELSE '{}' END)
    UNION ALL
    SELECT '', value FROM jsonb_array_elements(CASE jsonb_typeof(n.part) WHEN 'array' THEN n.part ELSE '[]' END)
  ) x (name, part))
  SELECT path, inside, part, jsonb_typeof(part) FROM node) x (path, inside, part, kind)"""
_KEYS_AND_VALUES: Final = f"""(
  SELECT 'K' || name FROM {_NODES},
         LATERAL jsonb_object_keys(CASE kind WHEN 'object' THEN part ELSE '{{}}' END) name UNION ALL
  SELECT CASE WHEN inside = 'array' AND kind = 'string' THEN 'K' ELSE 'V' END || (part #>> '{{}}')
  FROM {_NODES} WHERE kind NOT IN ('object', 'array')) x (part)"""

_ELEMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "array_ops": ("x.e::text", "unnest(v) x (e)"),
    "tsvector_ops": ("x.e", "unnest(tsvector_to_array(v)) x (e)"),
    "gin_trgm_ops": (
        "substr('  ' || w || ' ', i, 3)",
        "regexp_split_to_table(lower(v), '[^[:alnum:]]+') w, generate_series(1, length(w) + 1) i WHERE w <> ''",
    ),
    "jsonb_path_ops": ("path || '=' || part::text", f"{_NODES} WHERE kind NOT IN ('object', 'array')"),
    "jsonb_ops": ("part", _KEYS_AND_VALUES),
}
"""Operator class → SQL of an element as text, and where it comes from a value ``v``."""
_AS_NUMBERS: Final = frozenset({"gin_trgm_ops", "jsonb_path_ops"})


@dataclass(frozen=True, slots=True)
class Elements:
    """Elements that occur in equally many rows of an index: ``keys`` of them in ``rows`` each, of ``width`` bytes."""

    keys: float
    rows: float
    width: float


@dataclass(frozen=True, slots=True)
class ElementSample:
    """What was counted.

    Attributes:
        complete: whether all of the table's rows were.
        rows: of the sample.
        kept: of them by the index.
        seen: elements that occur in equally many rows of the sample.
    """

    complete: bool
    rows: int
    kept: int
    seen: tuple[Elements, ...]

    def elements(self, rows: float) -> list[Elements]:
        """The elements of an index of ``rows`` rows: well-seen ones by their shares, the others by ``unseen``."""
        if self.complete:
            return list(self.seen)
        share = min(1.0, self.kept / max(1.0, rows))
        found = [replace(each, rows=each.rows / share) for each in self.seen if each.rows >= _WELL_SEEN]
        rare = [each for each in self.seen if each.rows < _WELL_SEEN]
        # With it comes numpy, which commands that try no index need not load.
        from pgarchitect.twin.unseen import by_frequency  # noqa: PLC0415

        guessed = by_frequency(_summed(rare, lambda each: round(each.rows)), share)
        widths = _summed(rare, lambda each: each.width)
        total = sum(widths.values())
        found.extend(
            Elements(keys * number / total, float(times), width)
            for times, keys in guessed.items()
            for width, number in widths.items()
        )
        return found


def _summed(elements: Sequence[Elements], what: Callable[[Elements], _T]) -> dict[_T, float]:
    found: dict[_T, float] = {}
    for each in elements:
        found[what(each)] = found.get(what(each), 0.0) + each.keys
    return found


def element_sample(
    facts: Facts, subject: Subject, columns: Sequence[KeyColumn], rows: float, sampler: Sampler
) -> ElementSample:
    """Ask the source.

    Args:
        facts: of the twin.
        subject: the index.
        columns: its only one.
        rows: of the index.
        sampler: of the source.

    Raises:
        NotSampled: there is no sample, or nobody knows what the operator class takes out of a value.
    """
    if len(columns) != 1:
        raise NotSampled("an index for elements of several columns is not taken apart")
    (column,) = columns
    ((operator_class, length),) = facts.rows(named("pgarchitect.twin", "twin.sql", "gin_class"), (subject.index,))
    if operator_class not in _ELEMENTS:
        raise NotSampled(f"what {operator_class} takes out of a value is not known")
    width = column.width if column.number else _UNKNOWN_WIDTH
    most = max(_FEWEST_ROWS, _MOST_BYTES.get(operator_class, _MOST_BYTES_OF_OTHERS) / max(1.0, width))
    fixed = _HASHED if operator_class in _AS_NUMBERS else length if length > 0 else None
    try:
        return _counted(subject, operator_class, {"table_rows": rows, "most": most}, fixed, sampler)
    except TookTooLong:
        return _counted(subject, operator_class, {"table_rows": rows, "most": most / _SECOND_TRY}, fixed, sampler)


def _counted(
    subject: Subject, operator_class: str, numbers: Mapping[str, float], fixed: int | None, sampler: Sampler
) -> ElementSample:
    element, source = _ELEMENTS[operator_class]
    fragments = {"expression": subject.columns[0], "predicate": subject.condition, "element": element, "source": source}
    pages = None if subject.predicate else _PAGES
    question = Question("elements", subject.table, fragments, numbers, subject.functions, pages)
    portion, (read, kept, found) = sampler.row(question)
    seen = (Elements(keys, each, fixed or bytes_ + 1) for each, keys, bytes_ in found or ())
    return ElementSample(portion.complete and question.rate(portion) >= 1, read, kept, tuple(seen))
