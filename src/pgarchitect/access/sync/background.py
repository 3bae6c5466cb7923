"""Work beside the callers': so much at once at most; nobody waits for it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from threading import Lock

Work = Callable[[], None]


def within(_seconds: float) -> AbstractContextManager[None]:
    """A block that nothing ends: a thread cannot be interrupted, but the server ends a statement that takes long."""
    return nullcontext()


class Background:
    """Runs work in threads of its own.

    Args:
        most: that run at once.
    """

    __slots__ = ("_lock", "_most", "_running", "_threads")

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._running: set[Future[None]] = set()
        self._threads: ThreadPoolExecutor | None = None

    def start(self, work: Work) -> bool:
        """Begin with it; False: enough runs already, and it is left out."""
        with self._lock:
            if len(self._running) >= self._most:
                return False
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._most, thread_name_prefix="pgarchitect-shadow")
            future = self._threads.submit(work)
            self._running.add(future)
        future.add_done_callback(self._done)
        return True

    def settled(self) -> None:
        """Wait until nothing runs."""
        while True:
            with self._lock:
                running = set(self._running)
            if not running:
                return
            wait(running)

    def close(self) -> None:
        """Wait for what runs, and begin with nothing more."""
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=True, cancel_futures=True)

    def _done(self, future: Future[None]) -> None:
        with self._lock:
            self._running.discard(future)
