"""Work beside the callers': so much at once at most, and nobody waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

Work = Callable[[], Awaitable[None]]
within: Final = asyncio.timeout
"""A block that TimeoutError ends after so many seconds."""


class Background:
    """Runs work as tasks of the loop.

    Args:
        most: that run at once.
    """

    __slots__ = ("_most", "_tasks")

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: set[asyncio.Future[None]] = set()

    def start(self, work: Work) -> bool:
        """Begin with it; False: enough runs already, and it is left out."""
        if len(self._tasks) >= self._most:
            return False
        task = asyncio.ensure_future(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def settled(self) -> None:
        """Wait until nothing runs."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """End what runs."""
        for each in self._tasks:
            each.cancel()
        await self.settled()
