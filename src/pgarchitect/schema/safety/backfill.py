"""Statements that change rows: which table, how many, and the same in batches."""

import re
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import Statement
from pgarchitect.schema.safety.rewriting import in_batches

_BY_KEY: Final = re.compile(r"""\b(\w*_)?id"?\s*(=\s*['\d$]|IN\s*\(\s*['\d$]|BETWEEN\b)""", re.IGNORECASE)
"""A condition on an id: few rows."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """A statement that changes rows.

    Attributes:
        table: whose rows.
        bounded: it has a LIMIT, or names rows by their ids, or brings its rows along.
        inserts: it is an INSERT.
        batched: the same, some rows at a time; empty of an INSERT and where it reads other tables.
    """

    table: Name
    bounded: bool
    inserts: bool
    batched: str


def read_backfill(statement: Statement) -> Backfill | None:
    """What a statement changes; None when it changes no rows."""
    reader = Reader(statement)
    if reader.take("WITH"):
        reader.until({"UPDATE", "DELETE", "INSERT"})
    if reader.take("UPDATE"):
        return _update(reader)
    if reader.take("DELETE", "FROM"):
        return _delete(reader)
    if reader.take("INSERT", "INTO"):
        table = reader.name()
        bounded = reader.find("SELECT") is None or not _has(reader, "FROM") or _has(reader, "LIMIT")
        return None if table is None else Backfill(table, bounded, inserts=True, batched="")
    return None


def _update(reader: Reader) -> Backfill | None:
    reader.take("ONLY")
    table = reader.name()
    reader.until({"SET"})
    plain = not _has(reader, "FROM") and not reader.statement.begins("WITH")
    reader.take("SET")
    start = reader.position
    reader.until({"WHERE", "RETURNING", "FROM"})
    stop = reader.position
    change = reader.text(start, stop)
    where = _where(reader)
    if table is None:
        return None
    undone = _undone(Reader(reader.statement, start, stop))
    left = " AND ".join(part for part in (f"({where})" if where else "", undone) if part)
    batched = in_batches(table, f"SET {change}", left) if plain and change else ""
    return Backfill(table, _bounded(reader, where), inserts=False, batched=batched)


def _delete(reader: Reader) -> Backfill | None:
    reader.take("ONLY")
    table = reader.name()
    plain = not _has(reader, "USING") and not reader.statement.begins("WITH")
    reader.until({"WHERE", "RETURNING"})
    where = _where(reader)
    if table is None:
        return None
    batched = in_batches(table, "", where) if plain else ""
    return Backfill(table, _bounded(reader, where), inserts=False, batched=batched)


def _where(reader: Reader) -> str:
    return reader.until({"RETURNING"}) if reader.take("WHERE") else ""


def _bounded(reader: Reader, where: str) -> bool:
    return "LIMIT" in {token.word for token in reader.statement.tokens} or bool(_BY_KEY.search(where))


def _has(reader: Reader, word: str) -> bool:
    return reader.find(word) is not None


def _undone(assignments: Reader) -> str:
    """Of ``a = x, b = y``: rows that are not yet so; empty where that cannot be told."""
    parts: list[str] = []
    for item in assignments.items():
        start = item.position
        column = item.until({"="})
        taken = item.position
        if taken == start or not item.take("="):
            return ""
        parts.append(f"{column.strip()} IS DISTINCT FROM ({item.text()})")
    return f"({' OR '.join(parts)})" if len(parts) > 1 else "".join(parts)
