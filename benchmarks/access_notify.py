"""How long a NOTIFY takes until a WebSocket client has it: through the data layer, and through the bare driver.

``python -m benchmarks.access_notify postgresql://…``. Both ways are measured in turns on one loop: the next note is
sent when the one before has arrived.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from pgarchitect.access.aio.database import Database
from pgarchitect.access.notes import Note

WARM: Final = 20
"""Notes before the first that counts."""
Handler = Callable[[ServerConnection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PushTimes:
    """Milliseconds from before NOTIFY was sent to when the client had it.

    Attributes:
        bare: with asyncpg's own listener.
        ours: with ``db.listen``.
    """

    bare: list[float]
    ours: list[float]

    @property
    def ratio(self) -> float:
        """Ours to bare, at the 95th percentile."""
        return p95(self.ours) / p95(self.bare)

    def __str__(self) -> str:
        """Both, with medians."""
        told = [
            f"{name}: p50 {statistics.median(each):.3f} ms, p95 {p95(each):.3f} ms"
            for name, each in (("bare driver", self.bare), ("db.listen", self.ours))
        ]
        return f"{told[0]}; {told[1]}; ratio of p95 {self.ratio:.2f}"


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[round(0.95 * (len(times) - 1))]


async def pushes(dsn: str, notes: int = 2_000) -> PushTimes:
    """Send so many notes each way, in turns."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database[Any](dsn))
        sender = await asyncpg.connect(dsn)
        stack.push_async_callback(sender.close)
        bare = await stack.enter_async_context(_client(_bare(dsn)))
        ours = await stack.enter_async_context(_client(_ours(db)))
        times = PushTimes([], [])
        for _ in range(WARM + notes):
            times.bare.append(await _pushed(sender, "bare", bare))
            times.ours.append(await _pushed(sender, "ours", ours))
        return PushTimes(times.bare[WARM:], times.ours[WARM:])


async def _pushed(sender: "asyncpg.Connection[Any]", channel: str, client: ClientConnection) -> float:
    begun = time.perf_counter()
    receiving = asyncio.create_task(client.recv())
    await sender.execute("SELECT pg_notify($1, $2)", channel, str(begun))
    assert await receiving == str(begun)  # noqa: S101  # what is timed is what was sent
    return (time.perf_counter() - begun) * 1000


@asynccontextmanager
async def _client(handler: Handler) -> AsyncIterator[ClientConnection]:
    """A client of a server that pushes; what it is told first is that the server listens."""

    async def handle(socket: ServerConnection) -> None:
        pushing = asyncio.ensure_future(handler(socket))
        await socket.wait_closed()
        pushing.cancel()
        await asyncio.gather(pushing, return_exceptions=True)

    async with serve(handle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}") as client:
            await client.recv()
            yield client


def _bare(dsn: str) -> Handler:
    async def handle(socket: ServerConnection) -> None:
        arrived: asyncio.Queue[str] = asyncio.Queue()
        connection = await asyncpg.connect(dsn)
        try:
            await connection.add_listener("bare", lambda _, __, ___, payload: arrived.put_nowait(str(payload)))
            await socket.send("ready")
            while True:
                await socket.send(await arrived.get())
        finally:
            connection.terminate()

    return handle


def _ours(db: Database[Any]) -> Handler:
    async def handle(socket: ServerConnection) -> None:
        async with db.listen("ours") as notes:
            await socket.send("ready")
            async for note in notes:
                await socket.send(note.payload if isinstance(note, Note) else "gap")

    return handle


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(pushes(sys.argv[1]))}\n")
