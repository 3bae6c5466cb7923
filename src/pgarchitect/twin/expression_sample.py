"""Statistics of an expression as ANALYZE would make them, from a sample of the source's rows."""

from collections.abc import Sequence
from typing import Any, Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.twin.column_statistics import Distribution, Slot
from pgarchitect.twin.expression import Expression
from pgarchitect.twin.index_shape import planned
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import NotSampled, Question, Sampler

_ROWS_A_TARGET: Final = 300
"""Rows that ANALYZE chooses for each of its target of common values (std_typanalyze in commands/analyze.c)."""
_SLOTS: Final = 5


def expression_sample(
    connection: Connection, subject: Subject, expression: Expression, sampler: Sampler
) -> Distribution:
    """What the source's rows tell of an expression.

    Args:
        connection: to the twin.
        subject: the index.
        expression: one of its columns.
        sampler: of the source.

    Raises:
        NotSampled: there is no sample.
    """
    table = f"SELECT 1 FROM ONLY {expression.table_spelled}"
    rows = planned(connection, table)[0]
    row = connection.execute("SELECT current_setting('default_statistics_target')::int").fetchone()
    target = int(row[0]) if row else 100
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
            "rows": planned(connection, f"{table} WHERE {subject.condition}")[0],
            "target": target,
            "most": _ROWS_A_TARGET * target,
        },
        subject.functions,
    )
    found = sampler.row(question)[1]
    if not found[0]:
        raise NotSampled("the sample holds no row of the index")
    return _distribution(expression, found)


def _distribution(expression: Expression, found: Sequence[Any]) -> Distribution:
    _, nulls, width, distinct, common, shares, bounds, correlation = found
    slots = []
    if common:
        numbers = "{" + ",".join(repr(share) for share in shares) + "}"
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
