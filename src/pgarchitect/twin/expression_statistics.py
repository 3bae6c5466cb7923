"""Statistics that an expression of a hypothetical index will have once ANALYZE comes by.

The same expression may be known from another index or from extended statistics. Otherwise the source evaluates it for
a sample of its rows. Where that cannot be, it is computed from the known values of its one column: the most common ones
with their shares, and the histogram, whose steps are filled in where values can be interpolated; an expression of
several columns then keeps the planner's defaults.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.column_statistics import Distribution, Slot, insert_distribution
from pgarchitect.twin.expression import Expression
from pgarchitect.twin.expression_sample import array, expression_sample
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import NotSampled, Sampler

_TARGET: Final = 100
"""default_statistics_target: most common values, and steps of a histogram."""
_STEPS: Final = 20
"""Values put between two bounds of a histogram."""
_FINE_STEPS: Final = 200
"""The same, to count how many results there are at all."""
_INTERPOLATED: Final = {
    "date": "(lo + ((hi - lo) * step / {steps})::int)::date",
    "timestamp without time zone": "lo + (hi - lo) * step / {steps}",
    "timestamp with time zone": "lo + (hi - lo) * step / {steps}",
    "integer": "(lo::numeric + (hi::numeric - lo::numeric) * step / {steps})::integer",
    "bigint": "(lo::numeric + (hi::numeric - lo::numeric) * step / {steps})::bigint",
    "numeric": "lo + (hi - lo) * step / {steps}",
    "double precision": "lo + (hi - lo) * step / {steps}",
}
COLUMNS: Final = ", ".join(
    f"x.{name}"
    for name in (
        "stanullfrac",
        "stawidth",
        "stadistinct",
        *(f"sta{part}{slot}" for part in ("kind", "op", "coll", "numbers", "values") for slot in range(1, 6)),
    )
)
_FOLDS: Final = 0.5
"""An expression with fewer results than this share of its inputs shows its whole domain in what is known."""
_SURE: Final = 0.025
"""Less than this share of the rows may be chance: two and a half steps of a histogram."""
_DOCUMENTS: Final = frozenset({"json", "jsonb"})
_UNSEEN: Final = 0.5
"""Coincidences to expect where none, or only these, were seen: Jeffreys' prior of a rare event."""
_COMMON: Final = 1.25
"""ANALYZE lists values that are so many times as frequent as the mean (analyze.c)."""


@dataclass(frozen=True, slots=True)
class _Column:
    number: int
    name: str
    type: str
    nulls: float
    distinct: float
    rows: float
    correlation: float | None


@dataclass(frozen=True, slots=True)
class _Result:
    """One value of the expression: its text, share of the rows, whether an input is common, rank of its inputs."""

    value: str | None
    share: float
    common: bool
    place: float
    size: float


@dataclass(frozen=True, slots=True)
class _Counted:
    """Inputs that were tried and have a result, distinct results, of which inputs, and how often results coincide."""

    inputs: int
    results: int
    drawn: int
    listed: int
    coincidences: int


def imagine_expressions(facts: Facts, subject: Subject, sampler: Sampler) -> str | None:
    """Write statistics for the expressions of a hypothetical index where they can be known.

    Returns:
        Why they are guessed where rows were wanted.
    """
    connection, guessed = facts.connection, None
    if 0 not in subject.numbers:
        return None
    for row in connection.execute(_sql("expressions").encode(), (subject.index,)).fetchall():
        expression = Expression(*row)
        # Where what the expression makes of some known value is an error, the planner's defaults stay.
        with Attempt(connection):
            if not _copied(connection, subject.index, expression):
                guessed = _made(facts, subject, expression, sampler) or guessed
    return guessed


def _made(facts: Facts, subject: Subject, expression: Expression, sampler: Sampler) -> str | None:
    """From rows of the source, or else from what statistics say of the expression's inputs; why not from rows."""
    try:
        if expression.scalar:
            found = expression_sample(facts, subject, expression, sampler)
            _write(facts.connection, subject.index, expression, found)
            return None
        reason = None
    except NotSampled as error:
        reason = sampler.regret(subject.table, error)
    _imagined(facts.connection, subject.index, expression)
    return reason


def _write(connection: Connection, index: int, expression: Expression, distribution: Distribution) -> None:
    where = {"relation": index, "number": expression.number, "inherited": False}
    insert_distribution(connection, where, distribution, (expression.type, expression.type, expression.type))


def _copied(connection: Connection, index: int, expression: Expression) -> bool:
    for place in ("index", "extended"):
        wanted = {"table": expression.table, "index": index, "expression": expression.spelled}
        found = connection.execute(_sql(f"same_in_{place}").encode(), wanted).fetchone()
        if found is not None:
            query = _sql(f"copy_from_{place}").replace("{columns}", COLUMNS)
            target = {"index": index, "number": expression.number, "other": found[0], "place": found[1]}
            return connection.execute(query.encode(), target).rowcount == 1
    return False


def _imagined(connection: Connection, index: int, expression: Expression) -> None:
    columns = [_Column(*row) for row in connection.execute(_sql("table_columns").encode(), (expression.table,))]
    used = [column for column in columns if _mentions(expression.spelled, column.name)]
    if len(used) != 1:
        return
    distribution = _found(connection, expression, used[0])
    if distribution is None:
        return
    _write(connection, index, expression, distribution)


def _found(connection: Connection, expression: Expression, column: _Column) -> Distribution | None:
    steps = _FINE_STEPS if column.type in _INTERPOLATED else 0
    counted = _counted(connection, expression, column, steps)
    results = _results(connection, expression, column)
    if not results:
        return None
    return _distribution(expression, column, results, _distinct(column, counted, interpolated=steps > 0))


def distribution_of(
    connection: Connection,
    spelled: str,
    *,
    target: tuple[int, str, str, str, str | None, int],
    column: tuple[int, int, str, str, float, float, float, float | None],
) -> Distribution | None:
    """What ANALYZE would find of an expression over one column, whose statistics the catalog holds.

    Args:
        connection: to the twin.
        spelled: the expression.
        target: its type, by oid and name; its operators that compare and sort; its collation, by name and oid.
        column: oid of the table, number, name and type of the column, share of nulls, distinct values (negative: share
            of the rows), rows, correlation with the rows' order.
    """
    type_, type_spelled, equals, less, collation_spelled, collation = target
    table, number = column[:2]
    expression = Expression(
        number, spelled, type_, collation, table, "", type_spelled, equals, less, collation_spelled, scalar=True
    )
    return _found(connection, expression, _Column(*column[1:]))


def _mentions(spelled: str, column: str) -> bool:
    bare = re.sub(r"'(?:[^']|'')*'", "''", spelled)
    doubled = column.replace('"', '""')
    return re.search(rf'(?<![\w"]){re.escape(column)}(?![\w"(])|"{re.escape(doubled)}"', bare) is not None


def _counted(connection: Connection, expression: Expression, column: _Column, steps: int) -> _Counted:
    query = _sql("count_results").replace("{named}", _NAMED)
    row = connection.execute(*_asked(connection, query, expression, column, steps)).fetchone()
    return _Counted(*row) if row else _Counted(0, 0, 0, 0, 0)


def _distinct(column: _Column, counted: _Counted, *, interpolated: bool) -> float:
    """Distinct results: all that were seen, as many as inputs, or as many as make the seen coincidences likely.

    Two values of a histogram, or one of it and a common one, coincide with a chance of one in the number of distinct
    results; the estimate is that of capture and recapture (Lincoln and Petersen).
    """
    if counted.results < _FOLDS * counted.inputs:
        return float(counted.results)
    # What is taken out of a document is a part of it, which repeats even where no two known documents share it.
    coincidences = counted.coincidences + (_UNSEEN if column.type in _DOCUMENTS else 0.0)
    if interpolated or not coincidences:
        return column.distinct * min(1.0, counted.results / max(1, counted.inputs))
    drawn, listed = counted.drawn, counted.listed
    likely = (drawn * (drawn - 1) / 2 + drawn * listed) / coincidences
    most = column.distinct if column.distinct > 0 else -column.distinct * column.rows
    return max(float(counted.results), min(likely, most))


def _results(connection: Connection, expression: Expression, column: _Column) -> list[_Result]:
    """What the expression makes of the known values."""
    query = _sql("imagine").replace("{named}", _NAMED)
    steps = _STEPS if column.type in _INTERPOLATED else 0
    return [_Result(*row) for row in connection.execute(*_asked(connection, query, expression, column, steps))]


_NAMED: Final = (
    "(SELECT v AS {column}, f, is_common, row_number() OVER (ORDER BY v) AS place FROM ({values}) listed) named"
)


def _asked(
    connection: Connection, query: str, expression: Expression, column: _Column, steps: int
) -> tuple[bytes, dict[str, int]]:
    """A query over the known values of a column and ``steps`` more between two bounds of its histogram."""
    values = "SELECT v, f, is_common FROM known"
    if steps:
        # Each step stands for the same share of what lies between the least and the greatest bound.
        values = (
            "SELECT v, f, true AS is_common FROM known WHERE is_common UNION ALL"
            f" SELECT {_INTERPOLATED[column.type].format(steps=steps)}, f / {steps}, false"
            " FROM (SELECT v AS lo, lead(v) OVER (ORDER BY v) AS hi,"
            " f * count(*) OVER () / greatest(1, count(*) OVER () - 1) AS f FROM known WHERE NOT is_common) bounds,"
            f" generate_series(0, {steps - 1}) step WHERE hi IS NOT NULL"
        )
    text = (
        _sql("known_values")
        .replace("{type}", column.type)
        .replace("{query}", query)
        .replace("{values}", values)
        .replace("{expression}", expression.spelled.replace("%", "%%"))
        .replace("{column}", sql.Identifier(column.name).as_string(connection).replace("%", "%%"))
    )
    return text.encode(), {"relation": expression.table, "number": column.number}


def _distribution(expression: Expression, column: _Column, results: Sequence[_Result], distinct: float) -> Distribution:
    nulls = column.nulls + sum(each.share for each in results if each.value is None)
    found = [each for each in results if each.value is not None]
    share = sum(each.share for each in found) or 1.0
    scale = (1 - column.nulls) / (sum(each.share for each in results) or 1.0)
    common = _common(found, distinct)
    chosen = {id(each) for each in common}
    others = [each for each in found if id(each) not in chosen]
    slots = [
        *([_common_slot(expression, common, scale)] if common else []),
        *([_histogram(expression, others)] if len(others) > 1 else []),
        *_correlation(expression, column, found),
    ]
    return Distribution(
        null_fraction=min(1.0, nulls),
        width=max(1, round(sum(each.size * each.share for each in found) / share)),
        distinct=distinct,
        slots=(*slots, *(Slot(0) for _ in range(5 - len(slots)))),
    )


def _common(found: Sequence[_Result], distinct: float) -> list[_Result]:
    """The values that ANALYZE would list: all of a small domain, otherwise those well above the mean."""
    by_share = sorted(found, key=lambda each: -each.share)
    if 0 < distinct <= len(found) <= _TARGET:
        return by_share
    mean = sum(each.share for each in found) / max(1, len(found))
    if distinct < 0:
        return [each for each in by_share if each.common][:_TARGET]
    return [each for each in by_share if each.share > _COMMON * mean and (each.common or each.share > _SURE)][:_TARGET]


def _common_slot(expression: Expression, common: Sequence[_Result], scale: float) -> Slot:
    numbers = "{" + ",".join(repr(each.share * scale) for each in common) + "}"
    return Slot(
        1, expression.equals, expression.collation_spelled, numbers, array([each.value or "" for each in common])
    )


def _histogram(expression: Expression, others: Sequence[_Result]) -> Slot:
    """Bounds with about equal shares between them; the values are in order already."""
    if len(others) > _TARGET + 1:
        others = _thinned(others)
    return Slot(2, expression.less, expression.collation_spelled, None, array([each.value or "" for each in others]))


def _thinned(others: Sequence[_Result]) -> list[_Result]:
    total = sum(each.share for each in others)
    kept, seen, wanted = [others[0]], others[0].share, 1
    for each in others[1:-1]:
        seen += each.share
        if seen >= total * wanted / _TARGET:
            kept.append(each)
            wanted = int(seen / total * _TARGET) + 1
    return [*kept, others[-1]]


def _correlation(expression: Expression, column: _Column, found: Sequence[_Result]) -> list[Slot]:
    """The column's own, as far as the expression keeps the order of its inputs."""
    if column.correlation is None or len(found) < 2:  # a single value has no order
        return []
    places = [each.place for each in found]
    mean, middle = sum(places) / len(places), (len(places) - 1) / 2
    above = sum((rank - middle) * (place - mean) for rank, place in enumerate(places))
    spread = sum((rank - middle) ** 2 for rank in range(len(places))) * sum((place - mean) ** 2 for place in places)
    kept = above / spread**0.5 if spread > 0 else 0.0
    return [Slot(3, expression.less, expression.collation_spelled, "{" + repr(column.correlation * kept) + "}")]


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
