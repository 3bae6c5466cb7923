"""Ctrl-C, SIGTERM and SIGHUP end a command alike: once, and through everything that has to be put back in order."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE_S: Final = 10.0
"""So long a command may clean up before a further signal disturbs it: people press Ctrl-C more than once."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the signals that ask a process to end raise KeyboardInterrupt, which also ends a running statement.

    Only where the default holds: what a program, ``nohup`` or a shell in the background arranged is respected.
    """
    defaults = (signal.SIG_DFL, signal.default_int_handler)
    taken = {kind: handler for kind in _ENDING if (handler := signal.getsignal(kind)) in defaults}
    interruption = _Interruption()
    for kind in taken:
        signal.signal(kind, interruption.arrive)
    try:
        yield
    finally:
        for kind, handler in taken.items():
            signal.signal(kind, handler)


class _Interruption:
    """The signals that arrived."""

    def __init__(self) -> None:
        self._first: float | None = None

    def arrive(self, _number: int, _frame: FrameType | None) -> None:
        """Interrupt at the first signal; leave the cleaning up alone for a while."""
        now = time.monotonic()
        if self._first is None or now - self._first > _PATIENCE_S:
            self._first = now
            raise KeyboardInterrupt
