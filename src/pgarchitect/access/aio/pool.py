"""A small pool: the last connection that came back goes out first, nothing is asked of the server on the way."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from pgarchitect.access.aio.connection import Connection
from pgarchitect.access.failures import AccessError, PoolClosed, PoolExhausted
from pgarchitect.access.options import PoolOptions


class Pool:
    """Connections that callers take in turn.

    Args:
        connect: opens one.
        options: sizes and times.
    """

    __slots__ = ("_closed", "_connect", "_free", "_out", "_size", "_waiting", "options")

    def __init__(self, connect: Callable[[], Awaitable[Connection]], options: PoolOptions) -> None:
        self.options = options
        self._connect = connect
        self._free: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._out: set[Connection] = set()
        self._size = 0
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
        return len(self._waiting)

    async def open(self) -> None:
        """Open the least number of connections.

        Raises:
            ConnectionLost: the server cannot be reached.
        """
        self._closed = False
        try:
            for _ in range(self.options.min_size):
                self._size += 1
                self._free.append(await self._opened())
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close all connections, also those that callers have; who waits is told."""
        self._closed = True
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(PoolClosed())
        connections = [*self._free, *self._out]
        self._free.clear()
        self._out.clear()
        self._size = 0
        await asyncio.gather(*(each.close() for each in connections))

    async def acquire(self) -> Connection:
        """A connection, to be given back with ``release``.

        Raises:
            PoolClosed: the pool is not open.
            PoolExhausted: none came free in time, or too many wait.
            ConnectionLost: a new one cannot be opened.
        """
        while self._free:
            connection = self._free.pop()
            if connection.is_usable and await self._is_alive(connection):
                self._out.add(connection)
                return connection
            await self._drop(connection)
        if self._closed:
            raise PoolClosed
        if self._size < self.options.max_size:
            self._size += 1
            connection = await self._opened()
        else:
            connection = await self._waited()
        self._out.add(connection)
        return connection

    def release(self, connection: Connection) -> None:
        """Take a connection back; a broken one makes room for a new one."""
        if connection not in self._out:
            return  # the pool was closed meanwhile
        self._out.discard(connection)
        connection.used = time.monotonic()
        if not connection.is_usable:
            self._size -= 1
            connection.raw.terminate()
            self._wake(None)
        elif not self._wake(connection):
            self._free.append(connection)

    async def _is_alive(self, connection: Connection) -> bool:
        """A connection that lay idle for long is asked whether it still answers."""
        if time.monotonic() - connection.used < self.options.max_idle:
            return True
        try:
            await connection.row("SELECT 1", ())
        except AccessError:
            return False
        return True

    async def _drop(self, connection: Connection) -> None:
        self._size -= 1
        await connection.close()

    async def _opened(self) -> Connection:
        """Open a connection for which ``_size`` has room already."""
        try:
            return await self._connect()
        except BaseException:
            self._size -= 1
            self._wake(None)
            raise

    async def _waited(self) -> Connection:
        if len(self._waiting) >= self.options.max_waiting:
            raise PoolExhausted(
                f"{len(self._waiting)} callers wait for one of {self.options.max_size} connections already; raise the"
                " pool's size or send fewer requests at once."
            )
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self.options.timeout):
                connection = await waiter
        except BaseException as error:
            self._gave_up(waiter)
            if isinstance(error, TimeoutError):
                raise PoolExhausted(
                    f"None of {self.options.max_size} connections came free within {self.options.timeout:g} s; raise"
                    " the pool's size or hold connections for less long."
                ) from error
            raise
        if connection is not None:
            return connection
        self._size += 1
        return await self._opened()

    def _gave_up(self, waiter: "asyncio.Future[Connection | None]") -> None:
        """What a caller that waits no more was given goes to the next one."""
        if waiter in self._waiting:
            self._waiting.remove(waiter)
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            connection = waiter.result()
            if connection is None:
                self._wake(None)
            elif not self._wake(connection):
                self._free.append(connection)

    def _wake(self, connection: Connection | None) -> bool:
        """Give a connection, or room for a new one, to the caller that has waited longest; whether there was one."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False
