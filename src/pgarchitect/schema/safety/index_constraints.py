"""Unique constraints and primary keys by way of an index that was built while everybody worked."""

from typing import Final

from pgarchitect.schema.safety.reading.constraints import Constraint
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import statements_in

_TIMING: Final = frozenset({"DEFERRABLE", "INITIALLY", "NOT"})


def through_index(table: Name, constraint: Constraint) -> tuple[str, str]:
    """The index, and the constraint that takes it over."""
    suffix = () if constraint.kind.value == "PRIMARY KEY" else constraint.columns
    end = "pkey" if constraint.kind.value == "PRIMARY KEY" else "key"
    name = quoted(constraint.name or shortened(table.name, *suffix, end))
    columns, nulls, rest, timing = _parts(constraint.body)
    index = f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table.sql} {columns}{rest}{nulls};"
    attached = f"ALTER TABLE {table.sql} ADD CONSTRAINT {name} {constraint.kind.value} USING INDEX {name}{timing};"
    return index, attached


def _parts(body: str) -> tuple[str, str, str, str]:
    """Of ``UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b) DEFERRABLE``: its columns, NULLS …, INCLUDE … and DEFERRABLE."""
    reader = Reader(statements_in(body)[0])
    reader.take_any("UNIQUE", "PRIMARY")
    reader.take("KEY")
    nulls = reader.until({"("})
    start = reader.position
    reader.group()
    columns = reader.text(start, reader.position)
    rest = reader.until(_TIMING)
    include, _, settings = rest.partition("WITH")
    with_settings = f" WITH{settings}" if settings else ""
    timing = reader.text()
    spaced = (f" {part.strip()}" if part.strip() else "" for part in (f"{nulls}{with_settings}", include, timing))
    nulls_and_settings, included, timed = spaced
    return columns, nulls_and_settings, included, timed
