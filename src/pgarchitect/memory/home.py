"""The architect's own database through the data layer, on the connection that a command has to it already."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.marker import marked

if TYPE_CHECKING:
    from pgarchitect.memory.client import Database, Transaction


class Home:
    """The tables of the log, and transactions on them.

    What the session is (its time-outs, its locks, whether it may write) stays as whoever connected has set it. Every
    statement carries our marker.

    Args:
        connection: in no transaction while the log is used.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inside: Transaction | None = None

    @property
    def tables(self) -> "Database | Transaction":
        """In the transaction that is under way, if there is one.

        Raises:
            ServerUnreachable: the connection is closed.
        """
        return self._inside or self._database

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """What is written within the block is kept wholly or not at all; within another block, as a part of that.

        Raises:
            ServerUnreachable: the connection is closed.
        """
        outer = self._inside
        with self._database.transaction() if outer is None else outer.savepoint() as inner:
            self._inside = inner
            try:
                yield inner
            finally:
                self._inside = outer

    @cached_property
    def _database(self) -> "Database":
        # Loaded with the first statement: the data layer would be a tenth of what every command loads.
        from pgarchitect.access.options import PoolOptions  # noqa: PLC0415
        from pgarchitect.access.sync.adopted import adopted  # noqa: PLC0415
        from pgarchitect.memory.client import Database  # noqa: PLC0415

        # No other connection can take its place, so it is not asked whether it lives: the next statement tells why not.
        options = PoolOptions(max_size=1, max_idle=math.inf)
        made = Database("", options, connect=lambda: adopted(self._connection, marked))
        made.pool.open()
        return made
