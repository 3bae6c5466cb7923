"""Programs of the major version that the source runs: those that we carry, or what is installed on this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pgarchitect.postgres.server_binaries import ServerBinaries, find_binaries
from pgarchitect.settings import Settings

_USUAL: Final = (
    "/usr/lib/postgresql/{major}/bin",  # Debian, Ubuntu
    "/usr/pgsql-{major}/bin",  # Red Hat, Fedora, SUSE from postgresql.org
    "/usr/lib/postgresql{major}/bin",  # SUSE
    "/usr/libexec/postgresql{major}",  # Alpine
    "/opt/homebrew/opt/postgresql@{major}/bin",
    "/usr/local/opt/postgresql@{major}/bin",
    "/Applications/Postgres.app/Contents/Versions/{major}/bin",
)
_VERSION: Final = re.compile(r"\(PostgreSQL\) (?P<version>(?P<major>\d+)[\w.]*)")
_PATIENCE_S: Final = 10.0


def find_programs(major: int, settings: Settings, *, carried_first: bool = True) -> ServerBinaries | None:
    """Where ``postgres`` and ``initdb`` of a major version lie; None where they are not found.

    The directories of ``Settings.twin_programs`` come first, then ours, then those that ``pg_config`` names and
    where packages usually put them.

    Args:
        major: of PostgreSQL: 15.
        settings: with ``twin_programs``.
        carried_first: False puts ours last, since they lack what a system's own may have: ICU.
    """
    named = (Path(part).expanduser() for part in (settings.twin_programs or "").split(os.pathsep) if part)
    carried = [found] if int((found := find_binaries()).major) == major else []
    for place in named:
        if (given := _programs_in(place, major)) is not None:
            return given
    if carried and carried_first:
        return carried[0]
    installed = (_programs_in(place, major) for place in _installed(major))
    return next((found for found in installed if found), carried[0] if carried else None)


def _installed(major: int) -> Iterator[Path]:
    yield from (Path(place.format(major=major)) for place in _USUAL)
    if pg_config := shutil.which("pg_config"):
        said = _said(pg_config, "--bindir")
        if said:
            yield Path(said)


def _programs_in(place: Path, major: int) -> ServerBinaries | None:
    """What a directory holds, if it is of this major version; one may name the directory above ``bin`` too."""
    for directory in (place, place / "bin"):
        if (directory / "postgres").is_file() and (directory / "initdb").is_file():
            found = _VERSION.search(_said(directory / "postgres", "--version"))
            if found and int(found["major"]) == major:
                return ServerBinaries(found["version"], directory)
    return None


def _said(program: str | Path, option: str) -> str:
    try:
        done = subprocess.run(
            [program, option],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
