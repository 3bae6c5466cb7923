"""The directory of the embedded server: what lies where, who owns it, and that it is ours."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pgarchitect.errors import EmbeddedServerFailed, HomeUnavailable
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.settings import Settings

_SIGN = "pgarchitect-embedded-server\n"
_LONGEST_SOCKET = 103
"""Bytes of a socket's path that every platform takes: Linux 107, macOS 103 (sun_path less its final zero)."""
SOCKET = ".s.PGSQL.5432"
_MISREAD = frozenset('"$`\\\n\r')
"""initdb runs ``postgres`` by a shell, in double quotes; and postmaster.pid holds a path a line."""
MAKING = "making-"
"""A data directory that is being made begins with it."""


@dataclass(frozen=True, slots=True)
class ServerHome:
    """Paths below ``Settings.data_dir``, symbolic links resolved.

    We own ``root`` and what decides about the server (locks, marks, copied programs); the server's account owns
    ``cluster``, which is closed to everybody else and holds all data.

    Attributes:
        root: everything of the embedded server lies below it.
    """

    root: Path

    @classmethod
    def of(cls, settings: Settings) -> "ServerHome":
        """The home that ``settings`` name; nothing is created.

        Raises:
            HomeUnavailable: the path leads nowhere.
        """
        with writing(settings.data_dir):
            return cls(settings.data_dir.expanduser().resolve() / "embedded")

    @property
    def sign(self) -> Path:
        """The file that says that ``root`` is ours."""
        return self.root / "pgarchitect"

    @property
    def lock(self) -> Path:
        """Held by the process that starts or stops the server."""
        return self.root / "lock"

    @property
    def in_use(self) -> Path:
        """Every process that uses the server has its mark here."""
        return self.root / "in-use"

    @property
    def alive(self) -> Path:
        """Locked as long as any process of the server lives."""
        return self.root / "alive"

    @property
    def stay(self) -> Path:
        """Present while the server was asked to stay."""
        return self.root / "stay"

    @property
    def binaries(self) -> Path:
        """As root: copies of the server's programs, one directory a version."""
        return self.root / "binaries"

    @property
    def cluster(self) -> Path:
        """All that the server's account owns."""
        return self.root / "cluster"

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.cluster / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.cluster / "server.log"

    @property
    def name(self) -> str:
        """Short name of this server, different for every home; the server's processes carry it as their title."""
        return f"pgarchitect-{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]}"

    def is_ours(self) -> bool:
        """Whether ``root`` carries our sign; a home that does not exist yet is not ours."""
        try:
            return self.sign.read_text(encoding="utf-8") == _SIGN
        except (OSError, UnicodeDecodeError):
            return False

    def create(self, account: ServerAccount) -> None:
        """Create what is missing of the directories; permissions of what exists are never changed.

        Raises:
            HomeUnavailable: the file system does not let us.
            EmbeddedServerFailed: the place is taken by something else, or closed to the account.
        """
        if set(str(self.root)) & _MISREAD:
            raise EmbeddedServerFailed(
                f"The path {self.root} holds a character that PostgreSQL's programs misread;"
                ' set PGARCHITECT_DATA_DIR to one without " $ ` \\ and line breaks.'
            )
        with writing(self.root):
            self._create_root(account)
            account.require_reachable(self.cluster)
            if not self.cluster.is_dir():
                self.cluster.mkdir(mode=0o700)
                account.own(self.cluster)

    def _create_root(self, account: ServerAccount) -> None:
        mode = 0o755 if account.dropped else 0o700
        for directory in (*reversed(self.root.parents), self.root):
            if not directory.is_dir():
                _make_directory(directory, mode)
        if self.root.stat().st_uid != os.geteuid():
            raise EmbeddedServerFailed(
                f"{self.root} belongs to another account; run as that account,"
                " or set PGARCHITECT_DATA_DIR to a directory of your own."
            )
        # In this order: whoever else is creating the home right now writes the sign before anything else.
        strangers = set(self.root.iterdir()) - {self.sign}
        if self.is_ours():
            return
        if strangers:
            raise EmbeddedServerFailed(
                f"{self.root} holds files that are not pgarchitect's; set PGARCHITECT_DATA_DIR to another directory."
            )
        self._write_sign()

    def _write_sign(self) -> None:
        """Write without truncating first, so that no other process ever reads an empty sign."""
        descriptor = os.open(self.sign, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            os.write(descriptor, _SIGN.encode())
        finally:
            os.close(descriptor)

    def socket_dir(self, account: ServerAccount) -> Path:
        """The directory of the socket, created if need be: in ``cluster``, or a short private one if that is too long.

        Raises:
            HomeUnavailable: the file system does not let us create it.
            EmbeddedServerFailed: ``cluster`` is too long and every short place is taken by somebody else.
        """
        own = self.cluster / "socket"
        places = [own] if _fits(own) else [place for place in self._short_places(account) if _fits(place)]
        for place in places:
            with writing(place):
                if not place.is_symlink() and not place.exists():
                    _make_directory(place, 0o700)
                    account.own(place)
            if _is_private(place, account):
                return place
        raise EmbeddedServerFailed(
            f"The path {self.root} is too long for a socket and {places[0]} belongs to somebody else;"
            " set PGARCHITECT_DATA_DIR to a shorter path."
        )

    def short_socket_dirs(self, account: ServerAccount) -> list[Path]:
        """The private directories outside ``root`` that were created for sockets."""
        return [place for place in self._short_places(account) if _is_private(place, account)]

    def _short_places(self, account: ServerAccount) -> Iterator[Path]:
        # Not tempfile.gettempdir(): TMPDIR may be long, and must not differ between the server's users.
        yield Path("/tmp") / f"{self.name}-{account.uid}"  # noqa: S108
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        if runtime and not account.dropped:
            yield Path(runtime) / self.name


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the file system says while we write below ``path`` into HomeUnavailable."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # pathlib tells of a circle of links by RuntimeError
        full = getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT}
        reason = getattr(error, "strerror", None) or error
        cure = "free disk space" if full else "set PGARCHITECT_DATA_DIR elsewhere"
        raise HomeUnavailable(
            f"The architect's own database cannot be written below {path} ({reason});"
            f" {cure}, or set PGARCHITECT_HOME_URL to a database of your own."
        ) from error


def _make_directory(path: Path, mode: int) -> None:
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        if not path.is_dir():
            raise
        return
    if mode & 0o077:
        path.chmod(mode)  # the umask may have taken bits away


def _fits(directory: Path) -> bool:
    return len(os.fsencode(directory / SOCKET)) <= _LONGEST_SOCKET


def _is_private(place: Path, account: ServerAccount) -> bool:
    try:
        status = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == account.uid and stat.S_IMODE(status.st_mode) == 0o700
