"""Runs operations by the path that is chosen for each, times them, and compares both paths beside the callers."""

import copy
import time
from collections.abc import Mapping
from typing import Any, Final

from pgarchitect.access.aio.background import Background, within
from pgarchitect.access.comparison import difference
from pgarchitect.access.failures import StatementTimedOut
from pgarchitect.access.recorded import Recorded
from pgarchitect.access.router import Call, Choice, Way
from pgarchitect.access.router_figures import Figures
from pgarchitect.access.router_flags import Flags
from pgarchitect.access.shadowing import Outcome, Shadows

AGAIN: Final = 2
"""Times that both paths are run again before two results count as different."""
SHADOW_TIMEOUT: Final = 5.0
"""Seconds that a comparison may take; of threads as long as statements may."""
AnyTable = Any
"""A table of the client's, of any types."""
Database = Any
"""The client's database, or SQLAlchemy's."""


class Routing:
    """Of one service.

    Args:
        fast: tables of the fast path by their names.
        other: those of SQLAlchemy.
        background: where shadows run.
    """

    __slots__ = ("_background", "_choice", "_fast", "_other", "figures", "flags", "shadows")

    def __init__(self, fast: Mapping[str, AnyTable], other: Mapping[str, AnyTable], background: Background) -> None:
        self._fast = fast
        self._other = other
        self._background = background
        self._choice = Choice()
        self.flags = Flags()
        self.figures = Figures()
        self.shadows = Shadows()

    def way(self, call: Call, *, by_question: bool) -> Way:
        """The path that a call takes now."""
        return self._choice.way(self.flags.route, call, by_question=by_question)

    def table(self, call: Call, way: Way) -> AnyTable:
        """The table of a call on a path."""
        return (self._fast if way is Way.FAST else self._other)[call.table]

    async def read(self, call: Call) -> Any:  # noqa: ANN401  # what the operation returns
        """Run an operation that reads, and perhaps compare both paths afterwards."""
        way = self.way(call, by_question=True)
        if not self._choice.is_shadowed(self.flags.route):
            return await self._run(call, way)
        asked = _kept(call)
        result = await self._run(call, way)
        if asked is None or not self._background.start(lambda: self._shadow(asked, way, result)):
            self.shadows.count(Outcome.SKIPPED)
        return result[:] if isinstance(result, list) else result

    async def sql(self, call: Call, source: Database, way: Way) -> Any:  # noqa: ANN401  # what the operation returns
        """Run SQL of one's own, which may write and is not compared."""
        return await self._timed(call, way, source, shadow=False)

    async def write(self, call: Call, *, by_question: bool) -> Any:  # noqa: ANN401  # what the operation returns
        """Run an operation that writes."""
        return await self._run(call, self.way(call, by_question=by_question))

    async def _run(self, call: Call, way: Way, *, shadow: bool = False) -> Any:  # noqa: ANN401  # as above
        return await self._timed(call, way, self.table(call, way), shadow=shadow)

    async def _timed(self, call: Call, way: Way, table: AnyTable, *, shadow: bool) -> Any:  # noqa: ANN401  # as above
        began, failed = time.perf_counter(), None
        try:
            return await call.on(table)
        except BaseException as error:
            failed = error
            raise
        finally:
            seconds = time.perf_counter() - began
            self.figures.add(way, f"{call.table}.{call.operation}", seconds, failed, shadow=shadow)

    async def _shadow(self, call: Call, way: Way, result: Any) -> None:  # noqa: ANN401  # of the operation
        try:
            async with within(SHADOW_TIMEOUT):
                await self._compare(call, way, result)
        except (TimeoutError, StatementTimedOut) as error:
            self.shadows.count(Outcome.TIMED_OUT, error)
        except Exception as error:  # noqa: BLE001  # the edge: whatever fails here must not reach a caller
            self.shadows.count(Outcome.FAILED, error)

    async def _compare(self, call: Call, way: Way, result: Any) -> None:  # noqa: ANN401  # of the operation
        shape = self._fast[call.table].shape
        theirs = await self._run(call, way.other, shadow=True)
        if difference(call, shape, result, theirs) is None:
            self.shadows.count(Outcome.EQUAL)
            return
        told: str | None = None
        for _ in range(AGAIN):
            recorded = Recorded(self._fast[call.table].executor)
            mine = await self._timed(call, Way.FAST, self._fast[call.table].on(recorded), shadow=True)
            theirs = await self._run(call, Way.SQLALCHEMY, shadow=True)
            told = difference(call, shape, mine, theirs)
            if told is None:
                self.shadows.count(Outcome.MOVED)
                return
        self.shadows.found(call, told or "", mine, theirs, tuple(recorded.statements))


def _kept(call: Call) -> Call | None:
    """The call with arguments that its caller cannot change any more; None: they cannot be kept."""
    try:
        return Call(call.table, call.operation, copy.deepcopy(call.given), copy.deepcopy(dict(call.asked)))
    except TypeError:
        return None
