"""The rows of all tables, from the source's snapshot into the sandbox."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import psycopg

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.sandbox.choice import Choice
from pgarchitect.sandbox.closure import Closure, close
from pgarchitect.sandbox.made import CopiedTable
from pgarchitect.sandbox.order import Order, orders_of
from pgarchitect.sandbox.rows import DrawnRows
from pgarchitect.sandbox.snapshot import Snapshot
from pgarchitect.sandbox.tables import Table, Tables
from pgarchitect.sandbox.transfer import SourceRefused, copy_rows
from pgarchitect.twin.scope import LeftOut, quoted

_TELL_S: Final = 10.0
_WORTH_TELLING: Final = 0.02
"""A table that takes a larger part of all is told of before it is copied."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Filled:
    """What came.

    Attributes:
        tables: with their rows.
        refused: tables whose rows the sandbox did not take.
        closure: what was referred to.
        orders: of the tables of which a part was taken.
    """

    tables: tuple[CopiedTable, ...]
    refused: tuple[LeftOut, ...]
    closure: Closure
    orders: tuple[Order, ...]


def fill(snapshot: Snapshot, target: Connection, tables: Tables, choice: Choice, progress: Progress) -> Filled:
    """Copy what was chosen, then what it refers to.

    Args:
        snapshot: of the source.
        target: to the sandbox, as the owner of its tables.
        tables: that the sandbox has.
        choice: of rows.
        progress: hears of each table.

    Raises:
        StatementRefused: the source refuses.
        HomeUnavailable: the disk is full.
    """
    try:
        rows, refused = _drawn(snapshot, target, tables, choice, progress)
        present = Tables.of(
            (each for each in tables.by_oid.values() if each.partitioned or each.oid in rows), tables.references
        )
        closure = Closure()
        if choice.sampled:
            progress("fetch what the sample refers to")
            closure = close(snapshot.connection, target, present, choice)
    except SourceRefused as error:
        raise _source_refused(error) from error.__cause__
    copied = _copied(present, snapshot.catalog.tables, rows, choice, closure)
    sampled = [table for table in present.leaves if table.root in choice.sampled]
    return Filled(copied, refused, closure, orders_of(snapshot.connection, sampled))


def _drawn(
    snapshot: Snapshot, target: Connection, tables: Tables, choice: Choice, progress: Progress
) -> tuple[dict[int, int], tuple[LeftOut, ...]]:
    rows: dict[int, int] = {}
    refused: list[LeftOut] = []
    # Drawn by all tables of the source: one that the sandbox lacks may still decide for others.
    drawn, leaves = DrawnRows(snapshot.catalog.tables, choice), tables.leaves
    with snapshot.in_order():
        progress(f"copy the rows of {len(leaves)} tables")
        for table in leaves:
            hear = _Hears(progress, f"copy {table.spelled}")
            if table.size_bytes > _WORTH_TELLING * tables.size_bytes:
                hear.tell()
            try:
                rows[table.oid] = copy_rows(snapshot.connection, target, table, drawn.query(table), hear)
            except psycopg.Error as error:
                refused.append(_without(target, table, error))
    return rows, tuple(refused)


class _Hears:
    """Hears of bytes, and tells of them now and then."""

    def __init__(self, progress: Progress, what: str) -> None:
        self._progress = progress
        self._what = what
        self._bytes = 0
        self._told = time.monotonic()

    def tell(self) -> None:
        """Tell how far it is."""
        self._told = time.monotonic()
        self._progress(f"{self._what}: {self._bytes / 1024**2:,.0f} MB so far" if self._bytes else self._what)

    def __call__(self, size: int) -> None:
        self._bytes += size
        if time.monotonic() - self._told > _TELL_S:
            self.tell()


def _without(target: Connection, table: Table, error: psycopg.Error) -> LeftOut:
    """Take away a table whose rows the sandbox refuses: empty it would make every statement look fast."""
    if target.closed or isinstance(error, psycopg.errors.DiskFull):
        raise error
    target.execute(f"DROP TABLE {table.spelled} CASCADE".encode())
    return LeftOut(table.spelled, f"the sandbox does not take its rows ({first_line(error)})")


def _source_refused(error: SourceRefused) -> StatementRefused:
    cause = error.__cause__
    reason = first_line(cause) if isinstance(cause, Exception) else "no reason given"
    return StatementRefused(
        f"The source did not send its rows ({reason}); see to it, or try again when it is less busy."
    )


def _copied(
    tables: Tables, of_source: Tables, rows: Mapping[int, int], choice: Choice, closure: Closure
) -> tuple[CopiedTable, ...]:
    found = []
    for root, unit in tables.units.items():
        referred = sum(closure.added.get(each.oid, 0) for each in unit.members)
        came = sum(rows.get(each.oid, 0) for each in unit.members) + referred
        whole = root not in choice.sampled
        of = came if whole else max(came, round(unit.rows))
        found.append(CopiedTable(unit.table.spelled, came, of, whole, referred, _followed(of_source, choice, root)))
    return tuple(sorted(found, key=lambda each: each.name))


def _followed(tables: Tables, choice: Choice, root: int) -> str:
    anchor = choice.anchors.get(root)
    if anchor is None:
        return ""
    return f"{tables.by_oid[anchor.parent].spelled} ({', '.join(map(quoted, anchor.child_columns))})"
