"""Statistics of an expression as ANALYZE would make them, from a sample of the source's rows."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Final

from pgarchitect.twin.column_statistics import Distribution, Slot
from pgarchitect.twin.expression import Expression
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import NotSampled, Question, Sampler

_ROWS_A_TARGET: Final = 300
"""Rows that ANALYZE chooses for each of its target of common values (std_typanalyze in commands/analyze.c)."""
_SLOTS: Final = 5
_HALVINGS: Final = 30
_NORMAL: Final = NormalDist()


def expression_sample(facts: Facts, subject: Subject, expression: Expression, sampler: Sampler) -> Distribution:
    """What the source's rows tell of an expression.

    Args:
        facts: of the twin.
        subject: the index.
        expression: one of its columns.
        sampler: of the source.

    Raises:
        NotSampled: there is no sample.
    """
    table = f"SELECT 1 FROM ONLY {expression.table_spelled}"
    rows = facts.planned(table)[0]
    target = int(facts.one("SELECT pg_catalog.current_setting('default_statistics_target')::int", None))
    collation = subject.collations[expression.number - 1]
    question = Question(
        "distribution",
        subject.table,
        {
            "expression": subject.columns[expression.number - 1],
            "collate": f" COLLATE {collation}" if collation else "",
            "predicate": subject.condition,
        },
        {
            "table_rows": rows,
            "rows": facts.planned(f"{table} WHERE {subject.condition}")[0],
            "target": target,
            "most": _ROWS_A_TARGET * target,
        },
        subject.functions,
    )
    portion, found = sampler.row(question)
    if not found[0]:
        raise NotSampled("the sample holds no row of the index")
    *told, counts = found
    rate = question.rate(portion)
    luck = selection_gain(counts, rate, len(told[4] or ())) if portion.complete and rate < 1 else 1.0
    return _distribution(expression, told, luck)


def selection_gain(counts: Sequence[tuple[float, int]], rate: float, listed: int) -> float:
    """How many times more frequent the most common values of a sample are in it, in the mean, than in the table.

    Those that are listed are those that were drawn luckily.

    Args:
        counts: rows of a value in the table, and number of values with so many.
        rate: share of the table's rows that are drawn.
        listed: number of values that are.
    """
    if listed == 0 or listed >= sum(keys for _, keys in counts):
        return 1.0
    low, high = 0.0, max(rows for rows, _ in counts)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = _drawn_above(counts, rate, middle)[0]
        low, high = (middle, high) if above > listed else (low, middle)
    left, true = float(listed), 0.0
    for rows, keys in sorted(counts, reverse=True):
        true += rows * rate * min(left, keys)
        left -= min(left, keys)
    return max(1.0, _drawn_above(counts, rate, low)[1] / true)


def _drawn_above(counts: Sequence[tuple[float, int]], rate: float, least: float) -> tuple[float, float]:
    """How many values are drawn more than ``least`` times, and how often these are: by normal distributions."""
    values = drawn = 0.0
    for rows, keys in counts:
        spread = math.sqrt(rows * rate * (1 - rate))
        distance = (rows * rate - least) / spread
        likely = _NORMAL.cdf(distance)
        values += keys * likely
        drawn += keys * (rows * rate * likely + spread * _NORMAL.pdf(distance))
    return values, drawn


def _distribution(expression: Expression, found: Sequence[Any], luck: float) -> Distribution:
    _, nulls, width, distinct, common, shares, bounds, correlation = found
    slots = []
    if common:
        numbers = "{" + ",".join(repr(share * luck) for share in shares) + "}"
        slots.append(Slot(1, expression.equals, expression.collation_spelled, numbers, array(common)))
    if bounds:
        slots.append(Slot(2, expression.less, expression.collation_spelled, None, array(bounds)))
    if correlation is not None:
        slots.append(Slot(3, expression.less, expression.collation_spelled, "{" + repr(correlation) + "}"))
    empty = (Slot(0) for _ in range(_SLOTS - len(slots)))
    return Distribution(nulls, max(1, round(width)), distinct, (*slots, *empty))


def array(values: Sequence[str]) -> str:
    """Values as the text of an array."""
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in escaped) + "}"
