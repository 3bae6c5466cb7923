"""A loop that waits for an answer need not go to sleep at once.

To go to sleep and be woken takes as long as a server beside us works for a read by key: 12 µs on a virtual machine. So
the loop may go on looking for a moment, as kernels do before they halt a processor: where client and server have a
processor each, a read by key takes 32 µs instead of 44, of no more processor time. Where they share one, or answers
take longer, that only costs, and a trial may be outlived by where they run: so it is for those who ask for it. Both
ways are tried now and then, and what was quicker is done in between.
"""

import asyncio
import time
from typing import Final
from weakref import WeakValueDictionary

TRIAL: Final = 32
"""Statements by which a way is judged."""
COLD: Final = 8
"""Statements at the beginning of a trial that are not counted: after a pause the first ones take longer."""
KEPT: Final = 1_000
"""Statements for which the better way is kept …"""
LASTING: Final = 1.0
"""… and seconds."""
_BETTER: Final = 0.95
"""To look must take less than this part of the time asleep, and that less than this part of a moment."""
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
        "_expires",
        "_is_on",
        "_is_trial",
        "_last",
        "_left",
        "_moment",
        "_since",
        "_spent",
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
        self._last = 0.0
        self._try(looks=False)

    def sent(self, moment: float) -> float:
        """A statement was sent, for whose answer it looks so many seconds at most; when."""
        now = _now()
        self._moment = moment
        if now > self._expires:
            self._try(looks=False)
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
        if self._is_trial:
            now = _now()
            # Of statements side by side the time since the answer before; one that takes long does not decide alone.
            if self._left <= TRIAL:
                self._spent += min(now - max(sent, self._last), self._moment)
            self._last = now
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
        if not self._is_trial:
            self._try(looks=False)
        elif self.looks:
            self._keep(looks=self._spent < _BETTER * self._asleep)
        elif self._spent < _BETTER * TRIAL * self._moment:
            self._asleep = self._spent
            self._try(looks=True)
        else:  # to look for such answers would be in vain
            self._keep(looks=False)

    def _try(self, *, looks: bool) -> None:
        self.looks, self._is_trial, self._left, self._spent = looks, True, COLD + TRIAL, 0.0
        self._forget()
        self._expires = self._since + LASTING

    def _keep(self, *, looks: bool) -> None:
        self.looks, self._is_trial, self._left = looks, False, KEPT
        self._forget()
        self._expires = self._since + LASTING

    def _forget(self) -> None:
        """Those that are under way are waited for asleep."""
        self.waiting = 0
        self._since = _now()


_of_loops: Final[WeakValueDictionary[int, Attention]] = WeakValueDictionary()
"""By the identity of the loop, which lives as long as what is held here."""


def attention(loop: asyncio.AbstractEventLoop) -> Attention:
    """That of a loop, which all connections share."""
    found = _of_loops.get(id(loop))
    if found is None:
        found = _of_loops[id(loop)] = Attention(loop)
    return found
