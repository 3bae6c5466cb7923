"""An attempt that a server may refuse."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

import psycopg

from pgarchitect.postgres.connection import Connection


class Attempt:
    """A block in a transaction, or in a savepoint of the one that is open.

    What the server refuses is undone, and the block is left without an error: what comes behind it is what to do then.
    A connection that is lost is no refusal, so that its error goes on.
    """

    def __init__(self, connection: Connection, *, undone: bool = False) -> None:
        """Undo the block also when it succeeds, if it is to be ``undone``."""
        self.refused = False
        """Whether the server refused something; of use behind the block."""
        self._connection = connection
        self._undone = undone
        self._transaction = ExitStack()

    def __enter__(self) -> Self:
        self._transaction.enter_context(self._connection.transaction(force_rollback=self._undone))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        try:
            self._transaction.__exit__(kind, error, traceback)
        except psycopg.Error:  # of COMMIT
            if self._connection.closed:
                raise
            self.refused = True
            return True
        self.refused = isinstance(error, psycopg.Error) and not self._connection.closed
        return self.refused
