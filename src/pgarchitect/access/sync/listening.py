"""LISTEN for threads: the listener of the asynchronous world, on a loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pgarchitect.access.failures import ExtraMissing
from pgarchitect.access.notes import Gap, Note, Overflow
from pgarchitect.access.options import PoolOptions

if TYPE_CHECKING:
    from pgarchitect.access.aio import listening as aio

_Result = TypeVar("_Result")


class Listening:
    """Notes of channels: ``for note in …``; ``with`` begins to listen before anything is read.

    Args:
        hub: which listens.
        inner: the asynchronous one.
    """

    __slots__ = ("_hub", "_inner")

    def __init__(self, hub: "Hub", inner: "aio.Listening") -> None:
        self._hub = hub
        self._inner = inner

    def __enter__(self) -> Self:
        """Begin to listen: whatever is sent from now on arrives.

        Raises:
            ServerUnreachable: the server cannot be reached.
        """
        self._hub.run(self._inner.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        if not self._inner.is_over:
            self._hub.run(self._inner.__aexit__())

    def __iter__(self) -> Iterator[Note | Gap]:
        """Each note, and a gap where some may have been missed; ends when the database is closed."""
        if self._inner.has_begun:
            while (item := self.get()) is not None:
                yield item
            return
        with self:
            while (item := self.get()) is not None:
                yield item

    def get(self, timeout: float | None = None) -> Note | Gap | None:
        """The next note or gap; None: the database was closed, or nothing came within ``timeout`` seconds.

        Raises:
            ListenerTooSlow: too many notes waited, and that is what was to happen then.
        """
        return None if self._inner.is_over else self._hub.run(self._inner.get(timeout))


class Hub:
    """Listens for all listeners of a database; its thread runs while the database is open and somebody has listened.

    Args:
        dsn: of the database.
        options: of its pool.
    """

    def __init__(self, dsn: str, options: PoolOptions) -> None:
        self._dsn = dsn
        self._options = options
        self._inner: aio.Hub | None = None
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def listen(self, channels: tuple[str, ...], limit: int, overflow: Overflow | str) -> Listening:
        """What listens to channels, and begins when it is entered or iterated.

        Raises:
            ExtraMissing: asyncpg is not installed.
        """
        try:
            from pgarchitect.access.aio import listening as aio  # noqa: PLC0415  # who listens pays for asyncpg
        except ImportError as error:
            raise ExtraMissing("LISTEN needs asyncpg; run: pip install 'pgarchitect[access]'.") from error
        with self._starting:
            if self._inner is None:
                self._inner = aio.Hub(self._dsn, self._options)
            inner = self._inner
        return Listening(self, inner.listen(channels, limit, overflow))

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Run something on the loop, and wait for it."""
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="pgarchitect listen", daemon=True)
                self._thread.start()
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End all listeners, the connection and the thread."""
        if self._loop is None or self._thread is None:
            return
        if self._inner is not None:
            self.run(self._ended(self._inner))
        with self._starting:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._thread = None
            self._inner = None

    async def _ended(self, inner: "aio.Hub") -> None:
        await inner.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
