"""Reads by a unique key that are asked for in the same tick of the loop, as one statement."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.access.aio.executor import Executor, Pooled
from pgarchitect.access.failures import AccessError, InvalidValue
from pgarchitect.access.reading import select_points
from pgarchitect.access.shapes import TableShape, ValueKind

MOST: Final = 1_000
"""Keys in one statement at most."""
HALF: Final = 4
"""Callers in each half at least, where those of one statement get their rows in two."""
_ALONE: Final = frozenset({ValueKind.OTHER, ValueKind.JSON})
"""Kinds whose values are not sent as an array."""


_Asked = tuple[Sequence[Any], "asyncio.Future[Any]"]


@dataclass(frozen=True, slots=True)
class _Many:
    """The statement of many reads.

    Attributes:
        text: whose rows come in the order of the reads, one for each.
        width: columns of the key.
        key: position in a row of one of those, which is NULL where no row was found.
    """

    text: str
    width: int
    key: int


class _Batch:
    """Reads of one table by one key.

    Attributes:
        single: the statement of one read.
        many: that of several.
        asked: values of each, and where its row is waited for.
        gone: how many of those wait no more.
        task: that reads them.
    """

    __slots__ = ("asked", "create_future", "gone", "many", "single", "task")

    def __init__(self, single: str, many: "_Many", loop: asyncio.AbstractEventLoop) -> None:
        self.single = single
        self.many = many
        self.asked: list[_Asked] = []
        self.gone = 0
        self.create_future = loop.create_future  # kept, since to ask which loop runs takes longer than to make one
        self.task: asyncio.Task[None] | None = None


class Gathering(Pooled):
    """Each statement on the next free connection; reads by a unique key of the same tick as one."""

    __slots__ = ("_batches", "_many", "_running", "single")

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401  # those of Pooled
        super().__init__(*arguments)
        self.single = Single(self, *arguments)
        self._batches: dict[str, _Batch] = {}
        self._many: dict[str, _Many | None] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def point(self, table: TableShape, key: tuple[str, ...], text: str, values: Sequence[Any]) -> Any:  # noqa: ANN401
        """The row of a unique key; equal to what it would be alone, errors included."""
        batch = self._batches.get(text) or self._begun(table, key, text)
        if batch is None:
            return await super().point(table, key, text, values)
        future = batch.create_future()
        batch.asked.append((values, future))
        if len(batch.asked) == MOST:
            del self._batches[text]
        try:
            return await future
        except asyncio.CancelledError:
            batch.gone += 1
            if batch.gone == len(batch.asked) and self._batches.get(text) is not batch and batch.task is not None:
                batch.task.cancel()  # nobody waits for it any more
            raise

    def _begun(self, table: TableShape, key: tuple[str, ...], text: str) -> _Batch | None:
        """A batch that is sent when this tick is over; None for keys that are read one by one."""
        if text not in self._many:
            self._many[text] = _many(table, key)
        many = self._many[text]
        if many is None:
            return None
        loop = asyncio.get_running_loop()
        batch = self._batches[text] = _Batch(text, many, loop)
        batch.task = loop.create_task(self._run(batch))
        self._running.add(batch.task)
        batch.task.add_done_callback(self._running.discard)
        return batch

    async def _run(self, batch: _Batch) -> None:
        if self._batches.get(batch.single) is batch:
            del self._batches[batch.single]
        asked = [each for each in batch.asked if not each[1].done()] if batch.gone else batch.asked
        try:
            if asked:
                await self._answer(batch, asked)
        except AccessError as error:
            for _, future in asked:
                _fail(future, error)
        except BaseException:
            for _, future in asked:
                future.cancel()  # nobody may wait for ever
            raise

    async def _answer(self, batch: _Batch, asked: "list[_Asked]") -> None:
        try:
            found = await self._found(batch, asked)
        except InvalidValue:
            if len(asked) == 1:
                raise
            found = None  # only who asked so is told
        if found is None:
            await asyncio.gather(*(self._alone(batch, *each) for each in asked))
        else:
            self._tell(asked, found)

    def _tell(self, asked: "list[_Asked]", found: list[Any]) -> None:
        half = len(asked) // 2
        if half >= HALF and len(self._running) == 1:
            # All would ask again at once, and then wait while the server works, as it waits while they do. With one
            # half a tick later either has something to do: 20 callers read 130,000 rows a second instead of 80,000,
            # where client and server have a core each.
            _tell(asked[:half], found[:half])
            asyncio.get_running_loop().call_soon(_tell, asked[half:], found[half:])
        else:
            _tell(asked, found)

    async def _found(self, batch: _Batch, asked: "list[_Asked]") -> list[Any] | None:
        """A record, or None, for each; None where the server has several rows for one key."""
        if len(asked) == 1:
            return [await self.row(batch.single, asked[0][0])]
        many = batch.many
        found = await self.rows(many.text, [[values[at] for values, _ in asked] for at in range(many.width)])
        if len(found) != len(asked):
            return None
        key = many.key
        return [None if record[key] is None else record for record in found]

    async def _alone(self, batch: _Batch, values: Sequence[Any], future: "asyncio.Future[Any]") -> None:
        try:
            _tell([(values, future)], [await self.row(batch.single, values)])
        except AccessError as error:
            _fail(future, error)


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


def _many(table: TableShape, key: tuple[str, ...]) -> _Many | None:
    columns = [table.column(name) for name in key]
    if any(each.is_list or each.kind in _ALONE for each in columns):
        return None
    return _Many(select_points(table, key), len(key), table.columns.index(columns[0]))


def _tell(asked: "list[_Asked]", found: list[Any]) -> None:
    for (_, future), record in zip(asked, found, strict=True):
        if not future.done():
            future.set_result(record)


def _fail(future: "asyncio.Future[Any]", error: AccessError) -> None:
    if not future.done():
        future.set_exception(_copy(error))


def _copy(error: AccessError) -> AccessError:
    """Each caller gets an error of its own, since raising it writes into it."""
    made = type(error)(str(error))
    made.sqlstate = error.sqlstate
    made.__cause__ = error.__cause__
    return made
