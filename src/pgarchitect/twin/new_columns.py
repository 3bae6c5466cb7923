"""What ANALYZE would find in a column that a migration adds to a table with rows."""

from typing import Any, Final

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.catalog_state import Column
from pgarchitect.twin.column_statistics import Distribution, Slot

_COMMON, _HISTOGRAM, _CORRELATION = 1, 2, 3
_BOUNDS: Final = 100
_NOTHING: Final = (Slot(0),) * 5


def new_column(connection: Connection, column: Column, rows: float) -> Distribution | None:
    """Its distribution; None where only the rows could tell.

    All rows are null without a default, hold one value with a constant one, and each another with a volatile one.

    Args:
        connection: to the twin.
        column: new.
        rows: of its table.
    """
    if column.generated:
        return None
    if column.identity or (column.default or "").startswith("nextval("):
        return _numbered(connection, column, rows)
    if column.default is None and not column.filled:
        return Distribution(1.0, max(0, column.length), 0.0, _NOTHING)
    value, constant = _value(connection, column)
    if not constant:
        return Distribution(0.0, _width(column, value), -1.0, _NOTHING)
    if value is None:
        return Distribution(1.0, max(0, column.length), 0.0, _NOTHING)
    operators = _operators(connection, column)
    common = Slot(_COMMON, operators[0], operators[2], "{1}", _array([value])) if operators else Slot(0)
    return Distribution(0.0, _width(column, value), 1.0, (common, *_NOTHING[1:]))


def _value(connection: Connection, column: Column) -> tuple[str | None, bool]:
    """The value of the rows that were there, and whether all have the same."""
    where = {"relation": column.relation, "number": column.number}
    if column.filled:
        row = connection.execute(_sql("missing_value").encode(), where).fetchone()
        return (row[0] if row else None), True
    query = f"SELECT ({column.default})::text".encode()
    with Attempt(connection):  # now() is the same for all rows of one ALTER TABLE, clock_timestamp() is not
        first, second = (connection.execute(query).fetchone() for _ in range(2))
        return (first[0] if first else None), first == second
    return None, False


def _numbered(connection: Connection, column: Column, rows: float) -> Distribution:
    """Numbers from one on, in the order of the rows."""
    operators = _operators(connection, column)
    if not operators or rows < 2:
        return Distribution(0.0, _width(column, None), -1.0, _NOTHING)
    steps = min(_BOUNDS, int(rows) - 1)
    bounds = [str(1 + round((rows - 1) * step / steps)) for step in range(steps + 1)]
    slots = (
        Slot(_HISTOGRAM, operators[1], operators[2], None, _array(bounds)),
        Slot(_CORRELATION, operators[1], operators[2], "{1}"),
    )
    return Distribution(0.0, _width(column, None), -1.0, (*slots, *_NOTHING[2:]))


def _operators(connection: Connection, column: Column) -> tuple[Any, ...] | None:
    where = {"relation": column.relation, "number": column.number}
    return connection.execute(_sql("operators").encode(), where).fetchone()


def _width(column: Column, value: str | None) -> int:
    return column.length if column.length > 0 else 1 + len((value or "").encode())


def _array(texts: list[str]) -> str:
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in escaped) + "}"


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "migration.sql", name)
