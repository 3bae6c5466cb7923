"""LISTEN: one connection for all listeners of a database, which comes back when it breaks."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any, Final, Self

import asyncpg

from pgarchitect.access.aio.connection import connect
from pgarchitect.access.failures import AccessError, NoDirectConnection
from pgarchitect.access.notes import Gap, Note, NoteQueue, Overflow, queue_of
from pgarchitect.access.options import ANSWER, PoolOptions, connecting
from pgarchitect.access.translation import lost

FIRST_PAUSE: Final = 0.05
"""Seconds before a connection that broke is first opened again; twice as long each further time, half of it chance."""
LONGEST_PAUSE: Final = 5.0
"""Seconds that this takes at most."""
HEARTBEAT: Final = 15.0
"""After so many seconds without anything to do the server is asked whether it is there."""
_DRIVER: Final = (AccessError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Listening:
    """Notes of channels: ``async for note in …``; ``async with`` begins to listen before anything is read.

    Args:
        hub: which listens.
        queue: of the notes that wait.
    """

    __slots__ = ("_arrived", "_error", "_hub", "has_begun", "is_over", "queue", "ready")

    def __init__(self, hub: "Hub", queue: NoteQueue) -> None:
        self.queue = queue
        self.ready = asyncio.Event()
        self._hub = hub
        self._arrived = asyncio.Event()
        self.has_begun = False
        self._error: Exception | None = None
        self.is_over = False

    async def __aenter__(self) -> Self:
        """Begin to listen: whatever is sent from now on arrives.

        Raises:
            ServerUnreachable: the server cannot be reached.
        """
        if not self.has_begun:
            self.has_begun = True
            await self._hub.begin(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Listen no more."""
        self._hub.leave(self)
        self.end(None)

    async def __aiter__(self) -> AsyncIterator[Note | Gap]:
        """Each note, and a gap where some may have been missed; ends when the database is closed."""
        if self.has_begun:
            while (item := await self.get()) is not None:
                yield item
            return
        async with self:
            while (item := await self.get()) is not None:
                yield item

    async def get(self, timeout: float | None = None) -> Note | Gap | None:  # both worlds alike
        """The next note or gap; None: the database was closed, or nothing came within ``timeout`` seconds.

        Raises:
            ListenerTooSlow: too many notes waited, and that is what was to happen then.
        """
        try:
            async with asyncio.timeout(timeout):
                while (item := self.queue.take()) is None and not self.is_over:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return None
        if item is None and self._error is not None:
            raise self._error
        return item

    def put(self, note: Note) -> None:
        """A note has come."""
        self.queue.put(note)
        self._arrived.set()

    def on(self) -> None:
        """All channels are listened to; not for the first time: the connection was broken in between."""
        if self.ready.is_set():
            self.queue.reconnected()
            self._arrived.set()
        self.ready.set()

    def end(self, error: Exception | None) -> None:
        """Nothing more will come."""
        self._error = error
        self.is_over = True
        self.ready.set()
        self._arrived.set()

    async def began(self) -> None:
        """Wait until all channels are listened to.

        Raises:
            AccessError: they cannot be.
        """
        await self.ready.wait()
        if self._error is not None:
            raise self._error


class Hub:
    """Listens for all listeners of a database, on a connection of its own that is open while there are any.

    Args:
        dsn: of the database.
        options: of its pool.
    """

    def __init__(self, dsn: str, options: PoolOptions) -> None:
        self._dsn = dsn
        self._options = options
        self._listeners: dict[str, set[Listening]] = {}
        self._waiting: set[Listening] = set()
        """Those whose channels are not all listened to on the connection that there is now."""
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def listen(self, channels: tuple[str, ...], limit: int, overflow: Overflow | str) -> Listening:
        """What listens to channels, and begins when it is entered or iterated."""
        _, options = connecting(self._dsn, self._options)
        if options.pooler and not options.direct_dsn:
            raise NoDirectConnection
        return Listening(self, queue_of(channels, limit, overflow))

    async def begin(self, listening: Listening) -> None:
        """Begin to listen."""
        for channel in listening.queue.channels:
            self._listeners.setdefault(channel, set()).add(listening)
        self._waiting.add(listening)
        self._changed.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            await listening.began()
        except BaseException:
            self.leave(listening)
            raise

    def leave(self, listening: Listening) -> None:
        """Listen no more for this one."""
        self._waiting.discard(listening)
        for channel in listening.queue.channels:
            others = self._listeners.get(channel, set())
            others.discard(listening)
            if not others:
                self._listeners.pop(channel, None)
        self._changed.set()

    async def close(self) -> None:
        """End all listeners and the connection."""
        for each in self._all():
            self.leave(each)
            each.end(None)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _all(self) -> set[Listening]:
        return {each for several in self._listeners.values() for each in several}

    async def _run(self) -> None:
        """Connect and serve, again and again while anybody listens."""
        pause = FIRST_PAUSE
        while self._listeners:
            try:
                connection = await connect(self._options.direct_dsn or self._dsn, self._own, "pgarchitect listen")
                pause = FIRST_PAUSE
                try:
                    await self._serve(connection.raw)
                finally:
                    await connection.close()
            except _DRIVER as error:
                self._broke(error)
                await asyncio.sleep(pause * (0.5 + random.random() / 2))  # noqa: S311  # no secret
                pause = min(2 * pause, LONGEST_PAUSE)

    @property
    def _own(self) -> PoolOptions:
        return PoolOptions(timeout=self._options.timeout, statement_timeout=ANSWER)

    def _broke(self, error: Exception) -> None:
        """Who has not begun yet is told; the others wait, and hear of a gap when the connection is back."""
        self._waiting |= self._all()
        for each in [each for each in self._waiting if not each.ready.is_set()]:
            self.leave(each)
            each.end(error if isinstance(error, AccessError) else lost(str(error)))

    async def _serve(self, raw: "asyncpg.Connection[Any]") -> None:
        """Keep the connection's channels those that somebody listens to, until it breaks or nobody is left."""
        raw.add_termination_listener(lambda _: self._changed.set())
        on: set[str] = set()
        while self._listeners:
            self._changed.clear()
            for channel in self._listeners.keys() - on:
                await raw.add_listener(channel, self._note)
                on.add(channel)
            for channel in on - self._listeners.keys():
                await raw.remove_listener(channel, self._note)
                on.discard(channel)
            for each in [each for each in self._waiting if on.issuperset(each.queue.channels)]:
                self._waiting.discard(each)
                each.on()
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._changed.wait()
            except TimeoutError:
                await raw.execute("SELECT 1")
            if raw.is_closed():
                raise lost("it was closed")

    def _note(self, _: object, pid: int, channel: str, payload: object) -> None:
        note = Note(channel, str(payload), pid)
        for each in tuple(self._listeners.get(channel, ())):
            each.put(note)
