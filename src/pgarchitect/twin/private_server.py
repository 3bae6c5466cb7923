"""A PostgreSQL for one purpose and one process: made in a private directory, removed when it is done with."""

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pgarchitect.postgres import postmaster
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_binaries import ServerBinaries, usable_binaries
from pgarchitect.postgres.server_cluster import SUPERUSER, ensure_cluster
from pgarchitect.postgres.server_home import ServerHome, writing
from pgarchitect.postgres.server_lock import Alone, Use, is_used
from pgarchitect.settings import Settings
from pgarchitect.twin.disk import require_space

FOLDER: Final = "twins"
"""Directory below ``Settings.data_dir`` that holds one directory for each private server."""


class PrivateServer:
    """A running private server; stopped and started again by its one user."""

    def __init__(
        self, home: ServerHome, account: ServerAccount, binaries: ServerBinaries, configuration: Mapping[str, str]
    ) -> None:
        self._home = home
        self._account = account
        self._binaries = binaries
        self._configuration = configuration
        self._socket_dir = home.socket_dir(account)
        self._running: postmaster.Postmaster | None = None

    @property
    def home(self) -> ServerHome:
        """Its directory."""
        return self._home

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self._home.data

    @property
    def account(self) -> ServerAccount:
        """Who owns its files."""
        return self._account

    @property
    def version(self) -> str:
        """Version of its programs."""
        return self._binaries.version

    @property
    def programs(self) -> Path:
        """Directory of its programs."""
        return self._binaries.programs

    def url(self, database: str = "postgres") -> str:
        """Connection URL of one of its databases, for its superuser."""
        return f"postgresql://{SUPERUSER}@/{quote(database, safe='')}?host={quote(str(self._socket_dir), safe='')}"

    def is_running(self) -> bool:
        """Whether it takes connections."""
        server = postmaster.find(self._home)
        return server is not None and server.within_reach and server.takes_connections()

    def start(self) -> None:
        """Start it; nothing happens when it runs.

        Raises:
            HomeUnavailable: the disk is full.
            EmbeddedServerFailed: it does not start.
        """
        if postmaster.find(self._home) is None:
            require_space(self._home.root)
            postmaster.clear(self._home)
            self._running = postmaster.launch(
                self._home, self._account, self._binaries.programs, self._socket_dir, self._configuration
            )

    def stop(self) -> None:
        """Stop it; nothing happens when it does not run.

        Raises:
            HomeUnavailable: the disk is full.
        """
        server = postmaster.find(self._home)
        if server is not None:
            require_space(self._home.root)
            postmaster.stop(self._home, server)

    def kill(self) -> None:
        """End it at once, whole or in pieces; it recovers when it is started again."""
        postmaster.clear(self._home)


@contextmanager
def private_server(
    settings: Settings,
    *,
    options: Sequence[str],
    configuration: Mapping[str, str],
    binaries: ServerBinaries | None = None,
    folder: str = FOLDER,
) -> Iterator[PrivateServer]:
    """Make a private server and start it; on exit it is stopped and its directory removed, unless it was renamed.

    What earlier processes left behind when they were killed is removed first.

    Args:
        settings: where.
        options: of ``initdb``.
        configuration: settings of the server.
        binaries: programs installed on this machine; None: those that we carry.
        folder: below ``Settings.data_dir``; holds one directory for each server.

    Raises:
        EmbeddedServerFailed: it cannot be made or started.
        HomeUnavailable: the directory cannot be written.
    """
    account = ServerAccount.of(settings)
    ServerHome.of(settings).create(account)
    binaries = binaries or carried_binaries(settings, account)
    place = settings.data_dir.expanduser().resolve() / folder
    home = ServerHome(place / secrets.token_hex(4))
    with _claimed(place, home, account) as mine:
        try:
            ensure_cluster(home, account, binaries, options)
            server = PrivateServer(home, account, binaries, configuration)
            server.start()
            yield server
        finally:
            _remove(home, account, mine)


def carried_binaries(settings: Settings, account: ServerAccount) -> ServerBinaries:
    """The programs that we carry, where ``account`` can run them: as root beside the embedded server.

    Raises:
        EmbeddedServerFailed: they are not installed.
        HomeUnavailable: they cannot be copied.
    """
    base = ServerHome.of(settings)
    base.create(account)
    with writing(base.root), Alone(base.lock):
        return usable_binaries(base, account)


@contextmanager
def _claimed(folder: Path, home: ServerHome, account: ServerAccount) -> Iterator[Use]:
    """Our own home, marked as in use before anybody may think it abandoned; abandoned ones are removed."""
    with writing(folder):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with Alone(folder / "lock"):
            for other in folder.iterdir():
                _remove_if_abandoned(ServerHome(other), account)
            home.create(account)
            mine = Use(home.in_use)
    with mine:
        yield mine


def _remove_if_abandoned(home: ServerHome, account: ServerAccount) -> None:
    if home.root.is_dir() and not is_used(home.in_use):
        postmaster.clear(home)
        _discard(home, account)


def _remove(home: ServerHome, account: ServerAccount, mine: Use) -> None:
    try:
        postmaster.clear(home)  # at once: nothing of it is kept
    finally:
        mine.give_up()
        _discard(home, account)


def _discard(home: ServerHome, account: ServerAccount) -> None:
    for place in home.short_socket_dirs(account):
        shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(home.root, ignore_errors=True)
