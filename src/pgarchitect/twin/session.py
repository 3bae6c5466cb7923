"""A session of the twin that plans: one statement or many, under the indexes that are switched on."""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import psycopg
from psycopg import Cursor
from psycopg.rows import TupleRow

from pgarchitect.errors import CannotConnect
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.connection_errors import first_line, lost_connection
from pgarchitect.settings import Settings
from pgarchitect.twin.plan import Generic, Plan, Unplannable

# When the server dies, psycopg warns of the pipeline that it cannot end; we tell of it ourselves.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

_AT_ONCE: Final = 200
"""EXPLAINs in one pipeline."""
_NOTHING: Final = "it has no plan"
_SWITCH: Final = "UPDATE pg_index SET indisvalid = indexrelid = ANY (%s) WHERE indexrelid = ANY (%s)"
_VALID: Final = "SELECT indexrelid::bigint FROM pg_index WHERE indisvalid AND indexrelid = ANY (%s)"


@dataclass(frozen=True, slots=True)
class Switches:
    """Oids of indexes to switch on, and of others to switch off."""

    on: frozenset[int] = frozenset()
    off: frozenset[int] = frozenset()

    @property
    def touched(self) -> frozenset[int]:
        """All of them."""
        return self.on | self.off

    def __or__(self, other: "Switches") -> "Switches":
        """These, and where they say nothing, the others."""
        return Switches(self.on | (other.on - self.off), self.off | (other.off - self.on))

    def __and__(self, other: "Switches") -> "Switches":
        """What both say."""
        return Switches(self.on & other.on, self.off & other.off)

    def __sub__(self, other: "Switches") -> "Switches":
        """What the others do not say."""
        return Switches(self.on - other.on, self.off - other.off)

    def __invert__(self) -> "Switches":
        """The way back."""
        return Switches(self.off, self.on)


class Session:
    """A connection to the twin; it is opened when it is needed, and anew after it was lost."""

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url
        self._settings = settings
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._switches = Switches()
        self._applied = Switches()
        """Of these, what the transaction has done already."""
        self._valid = frozenset[int]()
        """Indexes that are switched on for everybody, of those that are switched in turn."""
        self._inside = False
        self._numbers = count()

    @property
    def is_switched(self) -> bool:
        """Whether it plans under switches of its own now."""
        return bool(self._switches.touched)

    def close(self) -> None:
        """End the connection; the next use opens another, under the same switches."""
        stack, self._stack = self._stack, ExitStack()
        self._connection, self._inside, self._applied = None, False, Switches()
        with suppress(CannotConnect):
            stack.close()

    @contextmanager
    def switched(self, switches: Switches) -> Iterator[None]:
        """Plan under ``switches`` meanwhile, in addition to those in force already; nothing is committed."""
        before = self._switches
        self._turn(switches | before)
        try:
            yield
        finally:
            self._turn(before)

    def plan_in_turn(
        self, wanted: Sequence[tuple[Switches, Sequence[str | Generic]]]
    ) -> Generator[list[Plan | Unplannable]]:
        """The plans of some statements under each of many switches; only what differs is switched from one to the next.

        Every switch makes the server read the index's catalog entry anew, which takes longer than many a plan.

        Raises:
            CannotConnect: the twin's server is gone.
        """
        before = self._switches
        self._valid = self._valid_of(frozenset[int]().union(*(each.touched for each, _ in wanted)))
        try:
            for switches, statements in wanted:
                self._switches = switches | before
                yield self.plan_all(statements)
        finally:
            self._turn(before)

    def commit(self, switches: Switches) -> None:
        """Switch for all sessions, to stay.

        Raises:
            CannotConnect: the twin's server is gone.
        """
        if switches.touched:
            connection = self._open()
            try:
                _switch(connection, switches)
            except psycopg.Error as error:
                raise self._lost(error) from error

    def plan_all(self, statements: Sequence[str | Generic]) -> list[Plan | Unplannable]:
        """The plans of many statements in few round trips, under the switches in force.

        Raises:
            CannotConnect: the twin's server is gone.
        """
        found: list[Plan | Unplannable] = []
        for first in range(0, len(statements), _AT_ONCE):
            some = statements[first : first + _AT_ONCE]
            try:
                found.extend(self._planned(some))
            except psycopg.Error as error:
                self._refused(error)
                found.extend(self._one(statement) for statement in some)
        return found

    def _one(self, statement: str | Generic) -> Plan | Unplannable:
        try:
            return self._planned([statement])[0]
        except psycopg.Error as error:
            self._refused(error)
            return Unplannable(_reason(error))

    def _planned(self, statements: Sequence[str | Generic]) -> list[Plan | Unplannable]:
        """One pipeline: there and back once. It takes one statement a text: none can smuggle in a second."""
        connection = self._open()
        with connection.pipeline():
            self._enter(connection)
            cursors = [self._asked(connection, each) for each in statements]
        return [_plan(cursor.fetchone()) for cursor in cursors]

    def _asked(self, connection: Connection, statement: str | Generic) -> Cursor[TupleRow]:
        if isinstance(statement, str):
            # Not prepared: the driver drops what it prepared at a rollback, behind the back of a pipeline.
            return connection.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode(), prepare=False)
        # EXPLAIN (GENERIC_PLAN) says the same, but not before 16, and not in a pipeline: there it asks for values.
        name = f"pgarchitect_generic_{next(self._numbers)}"
        connection.execute("SET plan_cache_mode = force_generic_plan", prepare=False)
        connection.execute(statement.prepare(name).encode(), prepare=False)
        answer = connection.execute(f"EXPLAIN (FORMAT JSON) {statement.execute(name)}".encode(), prepare=False)
        connection.execute(f"DEALLOCATE {name}".encode(), prepare=False)
        return answer

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._stack.enter_context(connect(self._url, self._settings, read_only=False))
        return self._connection

    def _valid_of(self, indexes: frozenset[int]) -> frozenset[int]:
        connection = self._open()
        try:
            return frozenset(oid for (oid,) in connection.execute(_VALID, (list(indexes),), prepare=False))
        except psycopg.Error as error:
            raise self._lost(error) from error

    def _enter(self, connection: Connection) -> None:
        if not self._inside and self._switches.touched:
            self._inside = True
            connection.execute("BEGIN", prepare=False)
        if self._inside and self._switches != self._applied:
            _switch(connection, self._left_to_do())
            self._applied = self._switches

    def _left_to_do(self) -> Switches:
        """From what the transaction has switched to what is wanted now."""
        back = self._applied.touched - self._switches.touched
        wanted = self._switches - self._applied
        return Switches(wanted.on | back & self._valid, wanted.off | back - self._valid)

    def _turn(self, switches: Switches) -> None:
        self._switches = switches
        self._leave()

    def _leave(self) -> None:
        self._applied = Switches()
        if self._inside and self._connection is not None:
            self._inside = False
            try:
                self._connection.execute("ROLLBACK")
            except psycopg.Error:
                self.close()

    def _refused(self, error: psycopg.Error) -> None:
        """Be ready for the next statement after ``error``.

        Raises:
            CannotConnect: it was the connection's end.
        """
        if self._connection is None or self._connection.closed:
            raise self._lost(error) from error
        self._leave()

    def _lost(self, error: psycopg.Error) -> CannotConnect:
        self.close()
        return lost_connection(error, self._url)


def _switch(connection: Connection, switches: Switches) -> None:
    connection.execute(_SWITCH, (list(switches.on), list(switches.touched)), prepare=False)


def _plan(row: tuple[Any, ...] | None) -> Plan | Unplannable:
    try:
        return Plan.of(row[0]) if row else Unplannable(_NOTHING)
    except LookupError:
        return Unplannable(_NOTHING)


def _reason(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.ProtocolViolation):
        return "it has parameters without values"
    return first_line(error)
