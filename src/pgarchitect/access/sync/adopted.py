"""A connection of psycopg that somebody opened already, taken into the data layer as it is."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg.abc import Params, Query
from psycopg.copy import Writer
from psycopg.rows import TupleRow, tuple_row

from pgarchitect.access.sync.connection import Connection, convert
from pgarchitect.access.translation import unreachable

Spelling = Callable[[str], str]
"""A statement → the statement as it is sent, with a comment in it, say."""


def adopted(raw: psycopg.Connection[Any], spelled: Spelling | None = None) -> Connection:
    """A connection for the ``connect`` of a database with ``PoolOptions(max_size=1)``.

    What was set for its session, locks that the session holds, and how the driver converts values elsewhere stay as
    they are. Its owner closes it, and may go on to use it between statements and transactions of the data layer; where
    the owner left it inside of a transaction, the data layer closes it.

    Args:
        raw: open, in no transaction.
        spelled: each statement is sent as this says.

    Raises:
        ServerUnreachable: it is closed.
    """
    if raw.closed:
        told = "the connection is closed"
        raise unreachable(None, told) from psycopg.OperationalError(told)  # as the driver says it of a statement
    cursor = _Cursor(raw, spelled or _as_it_is)
    convert(cursor)
    return _Adopted(raw, math.inf, cursor)


class _Adopted(Connection):
    """One that nothing can replace."""

    __slots__ = ()

    @property
    def is_silent(self) -> bool:
        """Whether it broke is told by the next statement; a notice or a changed setting is no reason to close it."""
        return True


class _Cursor(psycopg.RawCursor[TupleRow]):
    """A cursor that spells statements before it sends them."""

    def __init__(self, raw: psycopg.Connection[Any], spelled: Spelling) -> None:
        super().__init__(raw, row_factory=tuple_row)
        self._spelled = spelled

    def execute(
        self, query: Query, params: Params | None = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> Self:
        return super().execute(self._sent(query), params, prepare=prepare, binary=binary)

    @contextmanager
    def copy(
        self, statement: Query, params: Params | None = None, *, writer: Writer | None = None
    ) -> Iterator[psycopg.Copy]:
        with super().copy(self._sent(statement), params, writer=writer) as copy:
            yield copy

    def _sent(self, query: Query) -> bytes:
        assert isinstance(query, bytes)  # noqa: S101  # what the data layer sends
        return self._spelled(query.decode()).encode()


def _as_it_is(statement: str) -> str:
    return statement
