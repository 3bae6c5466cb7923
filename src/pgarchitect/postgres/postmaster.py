"""The server's processes: start them, watch them, stop them, clear away what a crash left.

Whether anything of a server lives is decided by a lock that all its processes inherit: the kernel keeps it until the
last of them is gone, whatever killed them, in whatever container they run, and whoever has their process ids by now.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import psycopg.conninfo

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres.process_table import all_processes, arguments_of
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_home import MAKING, SOCKET, ServerHome
from pgarchitect.postgres.server_lock import handed_down, is_held
from pgarchitect.postgres.server_log import failure, rotate

_START_S: Final = 120.0
"""A start after a crash replays the log first, which may take long on a slow disk."""
_STOP_S: Final = 30.0
_RECOVERY_S: Final = 60.0
_POLL_S: Final = 0.005

_PRIVATE: Final = {
    "listen_addresses": "",  # the socket only: no TCP port is opened
    "port": "5432",
    "unix_socket_permissions": "0700",
}
EMBEDDED: Final[Mapping[str, str]] = {
    "shared_preload_libraries": "pg_stat_statements,auto_explain",
    # Not `all`: statements inside our own EXPLAIN ANALYZE would count as the application's.
    "pg_stat_statements.track": "top",
    "pg_stat_statements.max": "10000",
    "track_io_timing": "on",
    "compute_query_id": "on",
}
"""Settings of the embedded server; on the command line, so that earlier releases' data directories get them too."""

# The shell leaves at once, so the server is nobody's child: whoever stops it, it never stays behind as our zombie.
# Paths come as parameters, which no shell interprets.
_DETACHED: Final = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A living server, as its ``postmaster.pid`` describes it.

    Attributes:
        pid: process id of its first process, where it runs.
        socket_dir: directory of its socket.
        within_reach: whether its first process lives and can be seen from here.
        ready: whether it said that it takes connections.
    """

    pid: int
    socket_dir: Path
    within_reach: bool
    ready: bool

    def is_elsewhere(self) -> bool:
        """Whether it runs in another container: its first process cannot be seen from here, and yet it answers."""
        return not self.within_reach and self.takes_connections()

    def takes_connections(self) -> bool:
        """Whether a connection to its socket can be opened right now."""
        if not self.ready:
            return False
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5.0)
            try:
                client.connect(str(self.socket_dir / SOCKET))
            except OSError:
                return False
        return True

    def is_starting(self) -> bool:
        """Whether it runs and refuses connections: it starts, recovers from a crash, or stops."""
        where = psycopg.conninfo.make_conninfo(host=str(self.socket_dir), port=_PRIVATE["port"], connect_timeout=5)
        return psycopg.pq.PGconn.ping(where.encode()) == psycopg.pq.Ping.REJECT


def find(home: ServerHome) -> Postmaster | None:
    """The living server of ``home``, taking connections or not; None when there is none."""
    if not is_held(home.alive):
        return None
    try:
        lines = (home.data / "postmaster.pid").read_text(encoding="utf-8").splitlines() + [""] * 8
        pid = int(lines[0])
    except (OSError, ValueError):
        return None
    return Postmaster(
        pid,
        socket_dir=Path(lines[4]),
        within_reach=_is_postmaster(arguments_of(pid), home),
        ready=lines[7].strip() == "ready",
    )


def launch(
    home: ServerHome,
    account: ServerAccount,
    programs: Path,
    socket_dir: Path,
    configuration: Mapping[str, str] = EMBEDDED,
) -> Postmaster:
    """Start the server and wait until it takes connections; when interrupted, nothing of it is left.

    Call it after ``clear``: nothing of an earlier server lives then. It listens on its socket alone, whatever
    ``configuration`` says.

    Raises:
        EmbeddedServerFailed: it ended or did not become ready; with the reason from its log.
        HomeUnavailable: its reason is a full disk.
    """
    for leftover in (SOCKET, f"{SOCKET}.lock"):  # it names a process, too, which may be a stranger's by now
        (socket_dir / leftover).unlink(missing_ok=True)
    log_start = rotate(home.log)
    settings = {**configuration, **_PRIVATE, "unix_socket_directories": _listed(socket_dir), "cluster_name": home.name}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command: list[str | Path] = [
        "/bin/sh",
        "-c",
        _DETACHED,
        "sh",
        home.log,
        programs / "postgres",
        "-D",
        home.data,
        *options,
    ]
    try:
        return _await_ready(home, _start_detached(home, account, command), log_start)
    except BaseException:
        clear(home)
        raise


def _start_detached(home: ServerHome, account: ServerAccount, command: list[str | Path]) -> int:
    with (
        handed_down(home.alive) as alive,
        account.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, inherited=(alive,)) as shell,
    ):
        answer, _ = shell.communicate()
    return int(answer)


def _await_ready(home: ServerHome, pid: int, log_start: int) -> Postmaster:
    def has_answered() -> bool:
        return not is_held(home.alive) or _is_ready(find(home), pid)

    _await(has_answered, _START_S)
    server = find(home)
    if server is not None and _is_ready(server, pid):
        return server
    raise failure(home.log, log_start)


def _is_ready(server: Postmaster | None, pid: int) -> bool:
    return server is not None and server.pid == pid and server.ready


def stop(home: ServerHome, server: Postmaster) -> None:
    """Stop the server: sessions are ended, data is written out. A second Ctrl-C stops it at once.

    PostgreSQL 18.6, asked to stop while it recovers from a crash, may recover and then do neither: the end of its
    recovery is waited for.

    Raises:
        EmbeddedServerFailed: it does not end, or runs in another container.
    """
    try:
        if server.within_reach:
            _await(lambda: not server.is_starting(), _RECOVERY_S)
            _signal(server.pid, signal.SIGINT)
            _await(lambda: not is_held(home.alive), _STOP_S)
    finally:
        clear(home)


def clear(home: ServerHome) -> None:
    """End every process of this home and remove what marks it as running; afterwards a server can be started.

    After ``kill -9`` of the first process the others may live on and hold the shared memory; and the file that
    names the first process may by now name a stranger's, which would keep the server from starting. After
    ``kill -9`` of one of us, the making of a data directory may be under way.

    Raises:
        EmbeddedServerFailed: a process cannot be ended.
    """
    for kind in (signal.SIGQUIT, signal.SIGKILL):
        if is_held(home.alive):
            for pid in _processes(home):
                _signal(pid, kind)
            _await(lambda: not is_held(home.alive), 5.0)
    if is_held(home.alive):
        who = ", ".join(map(str, _processes(home))) or "in another container"
        raise EmbeddedServerFailed(
            f"Processes of the embedded PostgreSQL do not end ({who}); end them, then try again."
        )
    (home.data / "postmaster.pid").unlink(missing_ok=True)


def _listed(directory: Path) -> str:
    """One directory as an element of a list in PostgreSQL's configuration."""
    return '"' + str(directory).replace('"', '""') + '"'


def _await(condition: Callable[[], bool], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _signal(pid: int, kind: signal.Signals) -> None:
    try:
        os.kill(pid, kind)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise EmbeddedServerFailed(
            f"Process {pid} of the embedded PostgreSQL belongs to another account; run as that account."
        ) from error


def _processes(home: ServerHome) -> list[int]:
    """Every process of this home within reach: the server's, and the one that makes a data directory."""
    signs = (_is_postmaster, _is_child, _is_initdb)
    return [pid for pid, words in all_processes() if any(is_one(words, home) for is_one in signs)]


def _is_postmaster(words: list[str], home: ServerHome) -> bool:
    return ("-D", str(home.data)) in pairwise(words)


def _is_child(words: list[str], home: ServerHome) -> bool:
    """Whether these are the words of one of the server's own children, which show a title for their arguments."""
    return bool(words) and words[0].startswith(f"postgres: {home.name}: ")


def _is_initdb(words: list[str], home: ServerHome) -> bool:
    """Whether a start that was killed left it; what it started itself ends with it."""
    return any(word.startswith(f"--pgdata={home.cluster / MAKING}") for word in words)
