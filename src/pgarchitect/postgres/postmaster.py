"""The server's processes: start them, watch them, stop them, clear away what a crash left."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from pgarchitect.errors import EmbeddedServerFailed, HomeUnavailable
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_home import ServerHome

_START_S: Final = 120.0
"""A start after a crash replays the log first, which may take long on a slow disk."""
_STOP_S: Final = 30.0
_POLL_S: Final = 0.005
_LONGEST_LOG: Final = 1_000_000
_PROC: Final = Path("/proc/self/cmdline").exists()

_CONFIGURATION: Final = {
    "listen_addresses": "",  # the socket only: no TCP port is opened
    "port": "5432",
    "unix_socket_permissions": "0700",
    "shared_preload_libraries": "pg_stat_statements,auto_explain",
    # Not `all`: statements inside our own EXPLAIN ANALYZE would count as the application's.
    "pg_stat_statements.track": "top",
    "pg_stat_statements.max": "10000",
    "track_io_timing": "on",
    "compute_query_id": "on",
}
"""Given on the command line, so that data directories of earlier releases get it as well."""

# The shell leaves at once, so the server is nobody's child: whoever stops it, it never stays behind as our zombie.
# Paths come as parameters, which no shell interprets.
_DETACHED: Final = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server, as its ``postmaster.pid`` describes it.

    Attributes:
        pid: process id of its first process.
        socket_dir: directory of its socket.
        ready: whether it takes connections.
    """

    pid: int
    socket_dir: Path
    ready: bool


def running(home: ServerHome) -> Postmaster | None:
    """The server of ``home`` if its first process is alive, else None."""
    try:
        lines = (home.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not _is_postmaster(_arguments(pid), home):
        return None
    lines += [""] * 8
    return Postmaster(pid, Path(lines[4]), ready=lines[7].strip() == "ready")


def launch(home: ServerHome, account: ServerAccount, programs: Path, socket_dir: Path) -> Postmaster:
    """Start the server and wait until it takes connections; when interrupted, nothing of it is left.

    Raises:
        EmbeddedServerFailed: it ended or did not become ready; with the reason from its log.
        HomeUnavailable: its reason is a full disk.
    """
    _rotate(home.log)
    log_start = home.log.stat().st_size if home.log.exists() else 0
    settings = {**_CONFIGURATION, "unix_socket_directories": _listed(socket_dir), "cluster_name": home.name}
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
        with account.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as shell:
            answer, _ = shell.communicate()
        return _await_ready(home, int(answer), log_start)
    except BaseException:
        clear(home)
        raise


def stop(home: ServerHome, postmaster: Postmaster) -> None:
    """Stop the server: sessions are ended, data is written out. A second Ctrl-C stops it at once.

    Raises:
        EmbeddedServerFailed: it does not end.
    """
    try:
        _signal(postmaster.pid, signal.SIGINT)
        _await_end([postmaster.pid], _STOP_S)
    finally:
        clear(home)


def clear(home: ServerHome) -> None:
    """End every process of this home and remove what marks it as running; afterwards a server can be started.

    After ``kill -9`` of the first process the others may live on and hold the shared memory; and the file that
    names the first process may by now name a stranger's, which would keep the server from starting.

    Raises:
        EmbeddedServerFailed: a process cannot be ended.
    """
    for kind, patience in ((signal.SIGQUIT, 3.0), (signal.SIGKILL, 5.0)):
        left = _processes(home)
        for pid in left:
            _signal(pid, kind)
        _await_end(left, patience)
    if left := _processes(home):
        raise EmbeddedServerFailed(
            f"Processes of the embedded PostgreSQL do not end ({', '.join(map(str, left))});"
            " end them by hand, then try again."
        )
    if _PROC:  # elsewhere we see less of other processes, and the server knows better
        (home.data / "postmaster.pid").unlink(missing_ok=True)


def _await_ready(home: ServerHome, pid: int, log_start: int) -> Postmaster:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        server = running(home)
        if server is not None and server.pid == pid and server.ready:
            return server
        if not _arguments(pid):
            raise _failure(home.log, log_start)
        time.sleep(_POLL_S)
    raise EmbeddedServerFailed(
        f"The embedded PostgreSQL did not become ready within {_START_S:.0f} s; its log is {home.log}."
    )


def _failure(log: Path, start: int) -> EmbeddedServerFailed | HomeUnavailable:
    """What the log says since ``start`` (a position in bytes), as an error with one sentence."""
    try:
        with log.open("rb") as file:
            file.seek(start)
            said = file.read().decode(errors="replace")
    except OSError:
        said = ""
    return explained("The embedded PostgreSQL did not start", said, f"its log is {log}")


def explained(what: str, said: str, where: str) -> EmbeddedServerFailed | HomeUnavailable:
    """The error for ``what`` happened, with the decisive line of what a program ``said``, and ``where`` to look."""
    if "No space left on device" in said:
        return HomeUnavailable(
            f"{what}: the disk is full; free disk space, or set PGARCHITECT_HOME_URL to a database of your own."
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    line = (grave or lines or ["it said nothing"])[-1]
    for mark in ("FATAL:", "PANIC:", "error:"):
        line = line.split(mark)[-1].strip()
    return EmbeddedServerFailed(f"{what} ({line.rstrip('.')}); {where}.")


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LONGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def _listed(directory: Path) -> str:
    """One directory as an element of a list in PostgreSQL's configuration."""
    return '"' + str(directory).replace('"', '""') + '"'


def _await_end(pids: list[int], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while any(_arguments(pid) for pid in pids) and time.monotonic() < deadline:
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
    """Every live process of this home's server: the first one by its arguments, its children by their title."""
    return [pid for pid, words in _all_arguments() if _is_postmaster(words, home) or _is_child(words, home)]


def _is_postmaster(words: list[str], home: ServerHome) -> bool:
    return ("-D", str(home.data)) in pairwise(words)


def _is_child(words: list[str], home: ServerHome) -> bool:
    return bool(words) and words[0].startswith(f"postgres: {home.name}: ")


def _all_arguments() -> Iterator[tuple[int, list[str]]]:
    if _PROC:
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                yield int(entry.name), _arguments(int(entry.name))
        return
    listing = subprocess.run(["/bin/ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False)
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), _split(command)


def _arguments(pid: int) -> list[str]:
    """Arguments (or title) of a process; empty for one that is gone, or a zombie. Everybody may read them.

    ``/proc/<pid>/exe`` and ``cwd`` would be surer, but root in a container may not read them of other accounts.
    """
    if not _PROC:
        return dict(_all_arguments()).get(pid, [])
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return os.fsdecode(raw).rstrip("\0").split("\0") if raw.strip(b"\0") else []


def _split(command: str) -> list[str]:
    """``ps`` joins the arguments by blanks: a title stays whole, the directory is cut out by the options around it."""
    program, found, rest = command.partition(" -D ")
    return [program, "-D", rest.split(" -c ")[0]] if found else [command]
