"""SIGTERM and SIGHUP end a process through its ``finally`` clauses, so that it cleans up as after Ctrl-C."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def polite_termination() -> Iterator[None]:
    """Let the signals that ask a process to end raise SystemExit meanwhile.

    Only in the main thread, and only where the default holds: what a program or ``nohup`` arranged is respected.
    """
    taken = []
    if threading.current_thread() is threading.main_thread():
        taken = [kind for kind in _ENDING if signal.getsignal(kind) == signal.SIG_DFL]
    for kind in taken:
        signal.signal(kind, _end)
    try:
        yield
    finally:
        for kind in taken:
            signal.signal(kind, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
