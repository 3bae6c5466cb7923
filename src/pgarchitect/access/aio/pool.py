"""A small pool: the last connection that came back goes out first, nothing is asked of the server on the way."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from pgarchitect.access.aio.connection import Connection
from pgarchitect.access.failures import AccessError, PoolClosed, PoolExhausted
from pgarchitect.access.options import PoolOptions

_MOMENT: Final = 0.0001
"""Seconds after which a connection that was given back may not be as it was: others hardly end it sooner."""


class Pool:
    """Connections that callers take in turn.

    Args:
        connect: opens one.
        options: sizes and times.
    """

    __slots__ = ("_closed", "_connect", "_free", "_out", "_settling", "_size", "_waiting", "options")

    def __init__(self, connect: Callable[[], Awaitable[Connection]], options: PoolOptions) -> None:
        self.options = options
        self._connect = connect
        self._free: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._out: set[Connection] = set()
        self._settling: set[asyncio.Task[None]] = set()
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
            ServerUnreachable: the server cannot be reached.
            AccessDenied: it does not let the role in.
        """
        self._closed = False
        try:
            for _ in range(self.options.min_size):
                self._size += 1
                self._pass_on(await self._opened())
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
        self._size -= len(connections)
        self._free.clear()
        self._out.clear()
        await asyncio.gather(*(each.close() for each in connections))
        await asyncio.gather(*self._settling)

    async def acquire(self) -> Connection:
        """A connection, to be given back with ``release``.

        Raises:
            PoolClosed: the pool is not open.
            PoolExhausted: none came free in time, or too many wait.
            ServerUnreachable: a new one cannot be opened.
            AccessDenied: likewise.
        """
        while self._free:
            connection = self._free.pop()
            self._out.add(connection)
            now = time.monotonic()
            idle = now - connection.used
            if connection.is_sound(now, heard=idle < _MOMENT):
                connection.was_heard = False
                if idle < self.options.max_idle or await self._is_alive(connection):
                    return connection
            self._give_up(connection)
        if self._closed:
            raise PoolClosed
        if self._size < self.options.max_size:
            self._size += 1
            connection = await self._opened()
        else:
            connection = await self._waited()
        if self._closed:
            raise PoolClosed
        return connection

    def release(self, connection: Connection) -> None:
        """Take a connection back; a broken one makes room for a new one."""
        if connection not in self._out:
            return  # the pool was closed meanwhile
        now = connection.used = time.monotonic()
        if not connection.is_settled:
            self._ending(connection.settle()).add_done_callback(lambda _: self.release(connection))
        elif not connection.is_sound(now, heard=connection.was_heard) or connection.raw.is_in_transaction():
            self._give_up(connection)
        else:
            self._pass_on(connection)

    async def _is_alive(self, connection: Connection) -> bool:
        """A connection that lay idle for long is asked whether it still answers."""
        try:
            await connection.row("SELECT 1", ())
        except AccessError:
            return False
        except BaseException:
            self._give_up(connection)
            raise
        return True

    def _give_up(self, connection: Connection) -> None:
        """Close a connection that is of no more use."""
        if connection in self._out:
            self._out.discard(connection)
            self._make_room()
            if connection.raw.is_closed():
                connection.terminate()
            else:
                self._ending(asyncio.create_task(connection.close()))

    def _ending(self, task: "asyncio.Task[None]") -> "asyncio.Task[None]":
        """Remember work that goes on after its caller has left."""
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        return task

    def _pass_on(self, connection: Connection) -> None:
        """To the caller that has waited longest, or to those that are free."""
        if not self._waiting or not self._wake(connection):
            self._out.discard(connection)
            self._free.append(connection)

    def _make_room(self) -> None:
        """Room for a connection goes to the caller that has waited longest, if any; it stays counted then."""
        if not self._wake(None):
            self._size -= 1

    async def _opened(self) -> Connection:
        """Open a connection for which ``_size`` has room already."""
        try:
            connection = await self._connect()
        except BaseException:
            self._make_room()
            raise
        self._out.add(connection)
        if self._closed:
            self._give_up(connection)
            raise PoolClosed
        return connection

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
        return await self._opened() if connection is None else connection

    def _gave_up(self, waiter: "asyncio.Future[Connection | None]") -> None:
        """What a caller that waits no more was given goes to the next one."""
        if waiter in self._waiting:
            self._waiting.remove(waiter)
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            connection = waiter.result()
            if connection is None:
                self._make_room()
            elif connection in self._out:
                self._pass_on(connection)

    def _wake(self, connection: Connection | None) -> bool:
        """Give a connection, or room for a new one, to the caller that has waited longest; whether there was one."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False
