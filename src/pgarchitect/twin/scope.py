"""Which relations of the source a twin is made of: the wanted ones and what they need, less what cannot be read."""

import time
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.settings import Settings

_POLL_S: Final = 0.05
_INDEX_KINDS: Final = frozenset({"i", "I"})
_PATTERN: Final = 100
"""Names in one pattern of pg_dump: one regular expression, and one statement to the source, each."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A relation that was wanted and that the twin lacks.

    Attributes:
        name: with its schema, as SQL spells it.
        reason: a clause that says why, and what to do about it.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What to read.

    Attributes:
        without: (oid, schema, name) of tables and views that are not read.
        locked_indexes: oids of indexes that somebody holds alone: read, but for their lengths.
        left_out: those that were wanted and are not read.
        spares_unscanned: indexes without a scan stay without one: no end points are read where one might serve.
    """

    without: tuple[tuple[int, str, str], ...]
    locked_indexes: tuple[int, ...]
    left_out: tuple[LeftOut, ...]
    spares_unscanned: bool = False

    @property
    def oids(self) -> list[int]:
        """Of the tables and views that are not read."""
        return [oid for oid, _, _ in self.without]

    def patterns(self) -> list[str]:
        """``--exclude-table`` patterns of pg_dump for what is not read: names as alternatives, some at a time."""
        found: list[str] = []
        for schema, rows in groupby(sorted({row[1:] for row in self.without}), key=lambda row: row[0]):
            names = [quoted(name) for _, name in rows]
            some = (names[first : first + _PATTERN] for first in range(0, len(names), _PATTERN))
            found.extend(f"{quoted(schema)}.({'|'.join(part)})" for part in some)
        return found


EVERYTHING: Final = Scope((), (), ())


def read_scope(connection: Connection, settings: Settings, tables: Sequence[str] | None) -> Scope:
    """Find out what to read, and what cannot be read now; nothing is locked for it.

    A table that somebody holds alone is waited for, without standing in his queue, no longer than ``lock_timeout``
    for all of them together.

    Args:
        connection: to the source.
        settings: with ``lock_timeout_ms``.
        tables: names as SQL spells them; None: all.
    """
    without: dict[int, tuple[int, str, str]] = {}
    left_out: list[LeftOut] = []
    if tables is not None:
        resolved = _rows(connection, "resolved", (list(tables),))
        left_out += [LeftOut(name, "the source has no such table") for name, oid in resolved if oid is None]
        wanted = [oid for _, oid in resolved if oid is not None]
        without = {row[0]: row for row in _rows(connection, "unwanted", (wanted,))}
    for oid, schema, name in _rows(connection, "unreadable"):
        if oid not in without:
            left_out.append(LeftOut(spelled(schema, name), _unreadable(connection)))
            without[oid] = (oid, schema, name)
    locked = _locked(connection, settings.lock_timeout_ms / 1000, without)
    held = [row[:3] for row in locked if row[3] not in _INDEX_KINDS]
    for oid, schema, name in held + _rows(connection, "dependents", ([row[0] for row in held],)):
        if oid not in without:
            left_out.append(LeftOut(spelled(schema, name), _held(settings)))
            without[oid] = (oid, schema, name)
    indexes = tuple(row[0] for row in locked if row[3] in _INDEX_KINDS)
    return Scope(tuple(without.values()), indexes, tuple(left_out))


def _locked(connection: Connection, patience_s: float, without: Container[int]) -> list[tuple[Any, ...]]:
    deadline = time.monotonic() + patience_s
    while True:
        locked = [row for row in _rows(connection, "locked") if row[0] not in without]
        if not locked or time.monotonic() > deadline:
            return locked
        time.sleep(_POLL_S)


def _unreadable(connection: Connection) -> str:
    return (
        f'the role "{connection.info.user}" may not read it; run GRANT pg_read_all_data TO'
        f" {quoted(connection.info.user)}, or grant it SELECT on the table and USAGE on its schema"
    )


def _held(settings: Settings) -> str:
    return (
        "somebody held it, or a table that it shows, in ACCESS EXCLUSIVE mode for longer than the lock_timeout of"
        f" {settings.lock_timeout_ms} ms; try again when that transaction is over"
    )


def spelled(schema: str, name: str) -> str:
    """A relation as SQL spells it, quoted."""
    return f"{quoted(schema)}.{quoted(name)}"


def quoted(name: str) -> str:
    """A name as SQL spells it, quoted."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _rows(connection: Connection, name: str, parameters: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
    return connection.execute(named("pgarchitect.twin", "scope.sql", name).encode(), parameters).fetchall()
