"""Processes of this system and the arguments they show."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc/self/cmdline").exists()


def arguments_of(pid: int) -> list[str]:
    """Arguments of a process, or its title; empty for one that is gone, is a zombie or cannot be seen from here.

    ``/proc/<pid>/exe`` and ``cwd`` would be surer, but root in a container may not read those of other accounts.
    """
    if not _PROC:
        return dict(_listed()).get(pid, [])
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return os.fsdecode(raw).rstrip("\0").split("\0") if raw.strip(b"\0") else []


def all_processes() -> Iterator[tuple[int, list[str]]]:
    """Every process that can be seen from here: its id and arguments."""
    if not _PROC:
        yield from _listed()
        return
    with os.scandir("/proc") as entries:
        pids = [int(entry.name) for entry in entries if entry.name.isdigit()]
    for pid in pids:
        yield pid, arguments_of(pid)


def _listed() -> Iterator[tuple[int, list[str]]]:
    listing = subprocess.run(["/bin/ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False)
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), _split(command)


def _split(command: str) -> list[str]:
    """``ps`` joins arguments by blanks: a title stays whole, the directory is cut out by the options around it."""
    program, found, rest = command.partition(" -D ")
    return [program, "-D", rest.split(" -c ")[0]] if found else [command]
