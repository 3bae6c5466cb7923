"""The account that the embedded server runs as: our own, or, when we are root, one without privileges."""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.settings import Settings

_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
"""All that the server's programs see: no PGDATA, PGPORT or PGOPTIONS of the person who calls us."""


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """An account of the operating system.

    Attributes:
        name: as the system knows it.
        uid: its user id.
        gid: its main group.
        dropped: whether we are root and become it; otherwise it is our own.
    """

    name: str
    uid: int
    gid: int
    dropped: bool

    @classmethod
    def of(cls, settings: Settings) -> "ServerAccount":
        """The account for this process.

        Raises:
            EmbeddedServerFailed: we are root and ``settings.embedded_user`` cannot be used.
        """
        if os.geteuid() != 0:
            return cls(str(os.geteuid()), os.geteuid(), os.getegid(), dropped=False)
        name = settings.embedded_user
        try:
            entry = pwd.getpwnam(name)
        except KeyError as error:
            raise EmbeddedServerFailed(
                f'There is no account "{name}" to run the embedded PostgreSQL as;'
                " name one without privileges in PGARCHITECT_EMBEDDED_USER."
            ) from error
        if entry.pw_uid == 0:
            raise EmbeddedServerFailed(
                f'PostgreSQL does not run as root and "{name}" is root;'
                " name an account without privileges in PGARCHITECT_EMBEDDED_USER."
            )
        return cls(name, entry.pw_uid, entry.pw_gid, dropped=True)

    def spawn(
        self, command: Sequence[str | Path], *, stdout: int, stderr: int, inherited: Sequence[int] = ()
    ) -> subprocess.Popen[str]:
        """Start ``command`` as this account, in a session of its own.

        In a session of its own it does not see the Ctrl-C of our terminal: we decide when it ends. Of our open
        files it gets the ``inherited`` ones.

        Raises:
            EmbeddedServerFailed: it cannot be executed, or we may not become the account.
        """
        try:
            return subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                text=True,
                errors="replace",
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,
                pass_fds=tuple(inherited),
                user=self.uid if self.dropped else None,
                group=self.gid if self.dropped else None,
                extra_groups=[] if self.dropped else None,
            )
        except OSError as error:
            raise EmbeddedServerFailed(
                f'{Path(command[0]).name} of the embedded PostgreSQL cannot be run as "{self.name}"'
                f" ({error.strerror}); set PGARCHITECT_HOME_URL to use a server of your own."
            ) from error

    def own(self, path: Path) -> None:
        """Hand ``path`` over to the account; nothing to do when it is our own."""
        if self.dropped:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def require_reachable(self, directory: Path) -> None:
        """Check that the account may walk down to ``directory``, which exists.

        Raises:
            EmbeddedServerFailed: one of the parents is closed to it.
        """
        for parent in reversed(directory.parents):
            if self.dropped and not self._may_enter(parent.stat()):
                raise EmbeddedServerFailed(
                    f'The embedded PostgreSQL runs as "{self.name}", who may not enter {parent}; set'
                    f" PGARCHITECT_DATA_DIR to a directory outside it, or run: chmod o+x {parent}"
                )

    def _may_enter(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)
