"""What the tests of the embedded server share: other processes that use it, and what is left of a server."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pgarchitect.postgres.server_home import ServerHome
from pgarchitect.settings import Settings

_USER = """
import sys
from pgarchitect.postgres.embedded import embedded_server
from pgarchitect.settings import Settings
with embedded_server(Settings()) as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that every account may enter."""
    folder = Path(tempfile.mkdtemp(prefix="pgarchitect-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class OtherUser:
    """Another process that uses the server, in a process group of its own, as a shell would start it."""

    def __init__(self, settings: Settings) -> None:
        """Start it; it does not wait for the server."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PGARCHITECT_DATA_DIR": str(settings.data_dir)},
            start_new_session=True,
        )

    def server_pid(self) -> int:
        """Wait until it uses the server; the server's process id."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def leave(self) -> int:
        """Let it leave as a program ends; its exit status."""
        self.process.communicate(timeout=30)
        return self.process.returncode

    def send(self, kind: signal.Signals) -> None:
        """Send a signal to its whole process group, as a terminal does."""
        os.killpg(self.process.pid, kind)


@contextmanager
def other_user(settings: Settings) -> Iterator[OtherUser]:
    """Start another user; it is gone on exit."""
    user = OtherUser(settings)
    try:
        yield user
    finally:
        user.process.kill()
        user.process.communicate()


def processes(settings: Settings) -> list[str]:
    """Whatever runs for this home: servers, their children, initdb, a shell; found by what ``/proc`` shows."""
    home = ServerHome.of(settings)
    shown = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode() if entry.name.isdigit() else ""
        except OSError:
            continue
        if str(home.cluster) in words or home.name in words or str(home.binaries) in words:
            shown.append(f"{entry.name} {words}")
    return shown


def wait_for(condition: Callable[[], object], patience_s: float = 15.0) -> None:
    """Wait until ``condition`` holds, looking every millisecond."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.001)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or waits for nothing but its parent's notice of its end."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"
