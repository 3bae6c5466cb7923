"""Locks between processes that share the embedded server; the kernel drops them when a process dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from pgarchitect.errors import EmbeddedServerFailed

_PATIENCE_S = 150.0
_POLL_S = 0.01


class Alone:
    """The lock that lets one process at a time start or stop the server."""

    def __init__(self, path: Path) -> None:
        """Take the lock on the file ``path``, waiting for whoever holds it.

        Raises:
            EmbeddedServerFailed: another process held it for too long.
            OSError: the file cannot be opened.
        """
        self._descriptor = _locked(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Unlocked by hand, since a forked child may hold a copy of the descriptor.
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)


def _locked(path: Path) -> int:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        descriptor = _open(path)
        try:
            if _try(descriptor, fcntl.LOCK_EX) and _is_still(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise EmbeddedServerFailed(
                f"Another process has been starting or stopping the embedded PostgreSQL for {_PATIENCE_S:.0f} s"
                f" ({path}); end it, then try again."
            )
        time.sleep(_POLL_S)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the file was not removed (``destroy``) while we waited for it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


class Use:
    """Our mark on the server: a shared lock that says that this process uses it.

    Marks are taken and given up while ``Alone`` is held, so nobody can begin to use what is being stopped.
    """

    def __init__(self, path: Path) -> None:
        """Take the mark; ``path`` is the file that all users share."""
        self._path = path
        self._descriptor = _open(path)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_up()

    def give_up(self) -> None:
        """Give up the mark; doing so twice is harmless."""
        if self._descriptor >= 0:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = -1


def is_used(path: Path) -> bool:
    """Whether any process has its mark on ``path``; ask it while ``Alone`` is held."""
    if not path.exists():
        return False
    descriptor = _open(path)
    try:
        return not _try(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


@contextmanager
def handed_down(path: Path) -> Iterator[int]:
    """Hold ``path`` alone and yield its descriptor, for a program to inherit.

    We let go of it on exit; it stays held until the last process that inherited it is gone.

    Raises:
        OSError: it cannot be opened.
    """
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # at most waits for somebody who asks ``is_held`` right now
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether any process holds ``path`` alone; may be asked at any time, by any number of processes."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def users(path: Path) -> tuple[int, ...]:
    """Process ids that have their mark on ``path``; empty where the system does not tell (not Linux)."""
    try:
        inode = str(path.stat().st_ino)
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return ()
    found = {
        int(words[4])
        for words in map(str.split, lines)
        if len(words) > 5 and words[1] == "FLOCK" and words[3] == "READ" and words[5].rsplit(":", 1)[-1] == inode
    }
    return tuple(sorted(pid for pid in found if pid > 0))
