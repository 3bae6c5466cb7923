"""Reads by a unique key that are asked for in the same tick of the loop, as one statement."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from pgarchitect.access.aio.executor import Executor, Pooled
from pgarchitect.access.failures import AccessError, InvalidValue
from pgarchitect.access.reading import select_points
from pgarchitect.access.shapes import TableShape, ValueKind

MOST: Final = 1_000
"""Keys in one statement at most."""
_ALONE: Final = frozenset({ValueKind.OTHER, ValueKind.JSON})
"""Kinds whose values are not sent as an array."""


class _Batch:
    """Reads of one table by one key.

    Attributes:
        single: the statement of one read.
        several: that of many.
        asked: values of each, and where its row is waited for.
        left: how many still wait.
        task: that reads them, once they are sent.
    """

    __slots__ = ("asked", "left", "several", "single", "task")

    def __init__(self, single: str, several: str) -> None:
        self.single = single
        self.several = several
        self.asked: list[tuple[Sequence[Any], asyncio.Future[Any]]] = []
        self.left = 0
        self.task: asyncio.Task[None] | None = None


class Gathering(Pooled):
    """Each statement on the next free connection; reads by a unique key of the same tick as one."""

    __slots__ = ("_batches", "_running", "_texts", "single")

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401  # those of Pooled
        super().__init__(*arguments)
        self.single = Single(self, *arguments)
        self._batches: dict[str, _Batch] = {}
        self._texts: dict[str, str] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def point(self, table: TableShape, key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401
        """The row of a unique key; equal to what it would be alone, errors included."""
        batch = self._batches.get(text)
        if batch is None:
            several = self._texts.get(text)
            if several is None:
                several = self._texts[text] = _several(table, key)
            if not several:
                return await super().point(table, key, text, values)
            batch = self._batches[text] = _Batch(text, several)
            asyncio.get_running_loop().call_soon(self._send, batch)
        future = asyncio.get_running_loop().create_future()
        batch.asked.append((values, future))
        batch.left += 1
        if len(batch.asked) == MOST:
            self._send(batch)
        try:
            return await future
        except asyncio.CancelledError:
            batch.left -= 1
            if not batch.left and batch.task is not None:
                batch.task.cancel()  # nobody waits for it any more
            raise

    def _send(self, batch: _Batch) -> None:
        if batch.task is not None:
            return
        if self._batches.get(batch.single) is batch:
            del self._batches[batch.single]
        if batch.left:
            batch.task = asyncio.get_running_loop().create_task(self._run(batch))
            self._running.add(batch.task)
            batch.task.add_done_callback(self._running.discard)

    async def _run(self, batch: _Batch) -> None:
        asked = [each for each in batch.asked if not each[1].done()]
        try:
            found = await self._found(batch, [values for values, _ in asked])
        except AccessError as error:
            if isinstance(error, InvalidValue) and len(asked) > 1:
                await asyncio.gather(*(self._alone(batch, *each) for each in asked))  # only who asked so is told
                return
            for _, future in asked:
                if not future.done():
                    future.set_exception(_copy(error))
            return
        except BaseException:
            for _, future in asked:
                future.cancel()  # nobody may wait for ever
            raise
        for (_, future), record in zip(asked, found, strict=True):
            if not future.done():
                future.set_result(record)

    async def _found(self, batch: _Batch, keys: list[Sequence[Any]]) -> list[Any]:
        if len(keys) == 1:
            return [await self.row(batch.single, keys[0])]
        found: list[Any] = [None] * len(keys)
        for record in await self.rows(batch.several, [list(each) for each in zip(*keys, strict=True)]):
            found[record[-1] - 1] = record[:-1]
        return found

    async def _alone(self, batch: _Batch, values: Sequence[Any], future: "asyncio.Future[Any]") -> None:
        try:
            record = await self.row(batch.single, values)
        except AccessError as error:
            if not future.done():
                future.set_exception(error)
            return
        if not future.done():
            future.set_result(record)


class Single(Pooled):
    """Each statement on the next free connection; only reads that ask for it are gathered, by ``gathering``."""

    __slots__ = ("gathering",)

    def __init__(self, gathering: Gathering, *arguments: Any) -> None:  # noqa: ANN401  # those of Pooled
        super().__init__(*arguments)
        self.gathering = gathering


gathering: Final = Gathering
"""What makes the executor that gathers reads."""


def single(*arguments: Any) -> Pooled:  # noqa: ANN401  # those of Pooled
    """An executor that gathers no reads but those that ask for it."""
    return Gathering(*arguments).single


def reading(executor: Executor, *, gathered: bool) -> Executor:
    """Where a read runs that says whether it is to be gathered; in transactions it stays single."""
    if isinstance(executor, Gathering) and not gathered:
        return executor.single
    return executor.gathering if isinstance(executor, Single) and gathered else executor


def _several(table: TableShape, key: tuple[str, ...]) -> str:
    columns = [table.column(name) for name in key]
    return "" if any(each.is_list or each.kind in _ALONE for each in columns) else select_points(table, key)


def _copy(error: AccessError) -> AccessError:
    """Each caller gets an error of its own, since raising it writes into it."""
    made = type(error)(str(error))
    made.sqlstate = error.sqlstate
    made.__cause__ = error.__cause__
    return made
