"""A loop that waits for an answer need not go to sleep at once.

To go to sleep and be woken takes as long as a server beside us works for a read by key: 12 µs on a virtual machine. So
the loop may go on looking for a moment, as kernels do before they halt a processor: where client and server have a
processor each, a read by key takes 32 µs instead of 44, of no more processor time. Where they share one, or answers
take longer, that only costs. Therefore both ways are tried now and then, and what was quicker is done in between.
"""

import asyncio
import time
from statistics import median
from typing import Final
from weakref import WeakKeyDictionary

TRIAL: Final = 32
"""Statements by which a way is judged."""
KEPT: Final = 1_000
"""Statements for which the better way is kept."""
_BETTER: Final = 0.95
"""To look must take less than this part of the time."""
_now: Final = time.monotonic


class Attention:
    """Of one loop.

    Attributes:
        looks: it looks for answers now, rather than sleep.
        waiting: statements whose answers it looks for.
    """

    __slots__ = (
        "__weakref__",
        "_asleep",
        "_call_soon",
        "_is_on",
        "_left",
        "_moment",
        "_since",
        "_tried",
        "_until",
        "looks",
        "waiting",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._call_soon = loop.call_soon
        self._is_on = False
        self._until = 0.0
        self._moment = 0.0
        self._asleep = 0.0
        self._begin([], TRIAL, looks=False)

    def sent(self, moment: float) -> float:
        """A statement was sent, for whose answer it looks so many seconds at most; when."""
        now = _now()
        self._moment = moment
        if self.looks:
            self.waiting += 1
            self._until = now + moment
            if not self._is_on:
                self._is_on = True
                self._call_soon(self._look)
        return now

    def answered(self, sent: float) -> None:
        """The one that was sent then has its answer."""
        if self.looks and sent > self._since:
            self.waiting -= 1
        if self._tried is not None:
            self._tried.append(_now() - sent)
        self._left -= 1
        if not self._left:
            self._judge()

    def _look(self) -> None:
        if self.waiting and _now() < self._until:
            self._call_soon(self._look)  # as long as there is something to run, the loop asks what came and goes on
            return
        self._is_on = False
        if self.waiting:
            self._forget()

    def _judge(self) -> None:
        """A trial is over, or the time for which its outcome was kept."""
        if self._tried is None:
            self._begin([], TRIAL, looks=False)
            return
        took = median(self._tried)
        if self.looks:
            self._begin(None, KEPT, looks=took < min(_BETTER * self._asleep, self._moment))
        elif took < 2 * self._moment:
            self._asleep = took
            self._begin([], TRIAL, looks=True)
        else:  # to look for such answers would be in vain
            self._begin(None, KEPT, looks=False)

    def _begin(self, tried: list[float] | None, statements: int, *, looks: bool) -> None:
        self._tried = tried
        self._left = statements
        self.looks = looks
        self._forget()

    def _forget(self) -> None:
        """Those that are under way are waited for asleep."""
        self.waiting = 0
        self._since = _now()


_of_loops: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Attention]] = WeakKeyDictionary()


def attention(loop: asyncio.AbstractEventLoop) -> Attention:
    """That of a loop, which all connections share."""
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = Attention(loop)
    return found
