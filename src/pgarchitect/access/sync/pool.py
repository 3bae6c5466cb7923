"""A small pool for threads: the last connection that came back goes out first."""

import threading
import time
from collections.abc import Callable

from pgarchitect.access.failures import AccessError, PoolClosed, PoolExhausted
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.sync.connection import Connection


class Pool:
    """Connections that threads take in turn.

    Args:
        connect: opens one.
        options: sizes and times.
    """

    __slots__ = ("_changed", "_closed", "_connect", "_free", "_out", "_size", "_waiting", "options")

    def __init__(self, connect: Callable[[], Connection], options: PoolOptions) -> None:
        self.options = options
        self._connect = connect
        self._changed = threading.Condition()
        self._free: list[Connection] = []
        self._out: set[Connection] = set()
        self._size = 0
        self._waiting = 0
        self._closed = True

    @property
    def size(self) -> int:
        """Connections that are open or being opened."""
        return self._size

    @property
    def free(self) -> int:
        """Connections that nobody has."""
        return len(self._free)

    @property
    def waiting(self) -> int:
        """Callers that wait for one."""
        return self._waiting

    def open(self) -> None:
        """Open the least number of connections.

        Raises:
            ServerUnreachable: the server cannot be reached.
            AccessDenied: it does not let the role in.
        """
        self._closed = False
        try:
            for _ in range(self.options.min_size):
                self._size += 1
                self.release(self._opened())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all connections, also those that callers have; who waits is told."""
        with self._changed:
            self._closed = True
            connections = [*self._free, *self._out]
            self._size -= len(connections)
            self._free.clear()
            self._out.clear()
            self._changed.notify_all()
        for each in connections:
            each.close()

    def acquire(self) -> Connection:
        """A connection, to be given back with ``release``.

        Raises:
            PoolClosed: the pool is not open.
            PoolExhausted: none came free in time, or too many wait.
            ServerUnreachable: a new one cannot be opened.
            AccessDenied: likewise.
        """
        while True:
            found = self._taken()
            if found is None:
                return self._opened()
            if found.is_usable and found.is_silent and self._is_alive(found):
                return found
            self._give_up(found)

    def release(self, connection: Connection) -> None:
        """Take a connection back; a broken one makes room for a new one."""
        broken = not connection.is_usable
        with self._changed:
            if connection not in self._out:
                return  # the pool was closed meanwhile
            if not broken:
                self._out.discard(connection)
                connection.used = time.monotonic()
                self._free.append(connection)
                if self._waiting:
                    self._changed.notify()
        if broken:
            self._give_up(connection)

    def _taken(self) -> Connection | None:
        """A free connection; None: there is room for a new one, which is counted already."""
        with self._changed:
            self._wait()
            if self._free:
                found = self._free.pop()
                self._out.add(found)
                return found
            self._size += 1
            return None

    def _wait(self) -> None:
        """Until a connection is free or there is room for one."""
        options, end = self.options, time.monotonic() + self.options.timeout
        while not self._free and self._size >= options.max_size and not self._closed:
            if self._waiting >= options.max_waiting:
                raise PoolExhausted(
                    f"{self._waiting} callers wait for one of {options.max_size} connections already; raise the pool's"
                    " size or send fewer requests at once."
                )
            self._waiting += 1
            try:
                in_time = self._changed.wait(end - time.monotonic())
            finally:
                self._waiting -= 1
            if not in_time and not self._free and self._size >= options.max_size:
                raise PoolExhausted(
                    f"None of {options.max_size} connections came free within {options.timeout:g} s; raise the pool's"
                    " size or hold connections for less long."
                )
        if self._closed:
            raise PoolClosed

    def _is_alive(self, connection: Connection) -> bool:
        """A connection that lay idle for long is asked whether it still answers."""
        if time.monotonic() - connection.used < self.options.max_idle:
            return True
        try:
            connection.row("SELECT 1", ())
        except AccessError:
            return False
        except BaseException:
            self._give_up(connection)
            raise
        return True

    def _give_up(self, connection: Connection) -> None:
        """Close a connection that is of no more use, and make room for a new one."""
        with self._changed:
            if connection in self._out:
                self._out.discard(connection)
                self._size -= 1
                self._changed.notify()
        connection.close()

    def _opened(self) -> Connection:
        """Open a connection for which ``_size`` has room already."""
        try:
            connection = self._connect()
        except BaseException:
            with self._changed:
                self._size -= 1
                self._changed.notify()
            raise
        with self._changed:
            self._out.add(connection)
            closed = self._closed
        if closed:
            self._give_up(connection)
            raise PoolClosed
        return connection
