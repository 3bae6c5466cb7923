"""Statistics of a column whose type changed: what ANALYZE would find if it came by, from the values known before.

A conversion that tells all known values apart keeps their shares: each value is converted by the server itself. One
that makes several values the same (a time becomes a date) is treated like an index's expression over the column.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from psycopg import sql

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.catalog_state import Column
from pgarchitect.twin.column_statistics import Distribution, Slot, insert_distribution
from pgarchitect.twin.expression_statistics import distribution_of

_COMMON, _HISTOGRAM, _CORRELATION = 1, 2, 3
_SLOTS: Final = 5
_NAME: Final = r'(?:"(?:[^"]|"")+"|[\w.]+)'
_CAST: Final = re.compile(rf"[\s(]*{_NAME}(?:[\s)]*::\s*{_NAME}(?:\s*\([\d,\s]*\))?)+[\s)]*")
"""A column and nothing but casts of it."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A known value in its new type: text, bytes in a tuple, place in the new order."""

    text: str | None
    size: int | None
    rank: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """A column before and after, its statistics before, and the script's USING expression, if it has one."""

    before: Column
    after: Column
    statistics: Distribution
    using: str | None
    rows: float

    @property
    def where(self) -> dict[str, Any]:
        """The column as named parameters."""
        return {"relation": self.after.relation, "number": self.after.number}


def converted(connection: Connection, change: Conversion) -> Distribution | None:
    """What is known of the column in its new type; None where the known values cannot be converted."""
    known = _one(connection, "has_type", (change.before.type,))
    old = change.before.bare if known else "text"
    name = sql.Identifier(change.before.name).as_string(connection)
    for expression in _expressions(change, name):
        terms = {"expression": expression, "new": change.after.typed, "old": old, "column": name}
        slots = None
        with Attempt(connection) as attempt:
            slots = _converted_slots(connection, change, terms)
        if attempt.refused:
            continue
        if slots is not None and (not known or _converts_back(connection, change, terms)):
            return _whole(change, slots)
        if known:
            return _expressed(connection, change, expression)
    return None


def _expressions(change: Conversion, name: str) -> Iterator[str]:
    if change.using is not None:
        yield change.using
    # A type that a cast names may have got another name since, as when an enum takes the place of the old one.
    if change.using is None or _CAST.fullmatch(change.using):
        yield name
        yield f"{name}::text"


def _converted_slots(connection: Connection, change: Conversion, terms: dict[str, str]) -> dict[int, Any] | None:
    """By kind of statistics: shares and values, or values; None where values become the same."""
    found: dict[int, Any] = {}
    seen: set[str | None] = set()
    for slot in change.statistics.slots:
        if slot.kind in {_COMMON, _HISTOGRAM} and slot.values is not None:
            values = [_Value(*row) for row in _asked(connection, "converted", terms, slot.values)]
            texts = {value.text for value in values}
            if len(texts) < len(values) or texts & seen or None in texts:
                return None
            seen |= texts
            found[slot.kind] = (slot, values)
    return found


def _converts_back(connection: Connection, change: Conversion, terms: dict[str, str]) -> bool:
    with Attempt(connection):
        return all(
            _asked(connection, "converts_back", terms, slot.values)[0][0]
            for slot in change.statistics.slots
            if slot.kind in {_COMMON, _HISTOGRAM} and slot.values is not None
        )
    return False


def _whole(change: Conversion, found: dict[int, Any]) -> Distribution:
    """The distribution with converted values: shares stay, the histogram is put into the new order."""
    known = change.statistics
    slots: list[Slot] = []
    kept = 1.0
    if _COMMON in found:
        slot, values = found[_COMMON]
        slots.append(replace(slot, values=_array([value.text for value in values])))
    if _HISTOGRAM in found:
        slot, values = found[_HISTOGRAM]
        kept = _order_kept([value.rank for value in values])
        ordered = sorted(values, key=lambda value: value.rank)
        slots.append(replace(slot, values=_array([value.text for value in ordered])))
    slots.extend(
        replace(slot, numbers="{" + repr(float(slot.numbers.strip("{}")) * kept) + "}")
        for slot in known.slots
        if slot.kind == _CORRELATION and slot.numbers
    )
    sizes = [value.size for _, values in found.values() for value in values if value.size is not None]
    width = change.after.length if change.after.length > 0 else round(sum(sizes) / len(sizes)) if sizes else 0
    slots += [Slot(0)] * (_SLOTS - len(slots))
    return replace(known, width=width or known.width, slots=tuple(slots))


def _order_kept(ranks: Sequence[int]) -> float:
    """Spearman's correlation of the old order with the new one."""
    count = len(ranks)
    if count < 2:
        return 1.0
    return 1 - 6 * sum((rank - place) ** 2 for place, rank in enumerate(ranks, start=1)) / (count * (count**2 - 1))


def _expressed(connection: Connection, change: Conversion, expression: str) -> Distribution | None:
    """Like an expression over the column as it was: its old statistics are put back meanwhile."""
    where = {**change.where, "inherited": False}
    types = (change.before.type, change.before.type, change.before.type)
    slots = [slot if slot.kind in {_COMMON, _HISTOGRAM, _CORRELATION} else Slot(0) for slot in change.statistics.slots]
    correlations = [slot.numbers for slot in slots if slot.kind == _CORRELATION and slot.numbers]
    operators = _operators(connection, change)
    if operators is None:
        return None
    with Attempt(connection, undone=True):
        connection.execute(_sql("forget").encode(), where)
        insert_distribution(connection, where, replace(change.statistics, slots=tuple(slots)), types)
        return distribution_of(
            connection,
            f"({expression})::{change.after.typed}",
            target=(change.after.type, change.after.bare, *operators),
            column=(
                change.after.relation,
                change.after.number,
                change.before.name,
                change.before.bare,
                change.statistics.null_fraction,
                change.statistics.distinct,
                change.rows,
                float(correlations[0].strip("{}")) if correlations else None,
            ),
        )
    return None


def _operators(connection: Connection, change: Conversion) -> tuple[str, str, str | None, int] | None:
    row = connection.execute(_sql("operators").encode(), change.where).fetchone()
    return (row[0], row[1], row[2], row[3]) if row else None


def with_operators(connection: Connection, change: Conversion, found: Distribution) -> Distribution:
    """The distribution with the operators and the collation of the new type."""
    operators = _operators(connection, change)
    if operators is None:
        return replace(found, slots=tuple(Slot(0) for _ in found.slots))
    equals, less, collation, _ = operators
    slots = (
        slot
        if slot.kind == 0
        else replace(slot, operator=equals if slot.kind == _COMMON else less, collation=collation)
        for slot in found.slots
    )
    return replace(found, slots=tuple(slots))


def _asked(connection: Connection, name: str, terms: dict[str, str], values: str) -> list[tuple[Any, ...]]:
    text = _sql(name)
    for key, term in terms.items():
        text = text.replace(f"{{{key}}}", term.replace("%", "%%"))
    return connection.execute(text.encode(), {"values": values}).fetchall()


def _array(texts: Sequence[str | None]) -> str:
    escaped = ((text or "").replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in escaped) + "}"


def _one(connection: Connection, name: str, parameters: tuple[Any, ...]) -> Any:  # noqa: ANN401  # what the block says
    row = connection.execute(_sql(name).encode(), parameters).fetchone()
    return row[0] if row else None


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "migration.sql", name)
