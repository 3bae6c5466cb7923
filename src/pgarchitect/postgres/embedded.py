"""The embedded PostgreSQL server: started when needed, shared by processes, stopped by its last user.

It is the architect's own database and the sandbox where changes are tried. It listens on a Unix socket in a
private directory and on no TCP port. See docs/embedded-server.md.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from pgarchitect.errors import EmbeddedServerFailed, HomeUnavailable
from pgarchitect.postgres import postmaster
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_binaries import usable_binaries
from pgarchitect.postgres.server_cluster import SUPERUSER, ensure_cluster
from pgarchitect.postgres.server_home import ServerHome, writing
from pgarchitect.postgres.server_lock import Alone, Use, is_used, users
from pgarchitect.postgres.termination import polite_termination
from pgarchitect.settings import Settings


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded server.

    Attributes:
        socket_dir: directory of its socket; closed to other accounts.
        data_dir: its data directory.
        pid: process id of its first process.
    """

    socket_dir: Path
    data_dir: Path
    pid: int

    def url(self, database: str = "postgres") -> str:
        """Connection URL of one of its databases as its superuser, for libpq and psycopg."""
        # The port is named, since PGPORT in somebody's environment would otherwise change the socket's name.
        name, host = quote(database, safe=""), quote(str(self.socket_dir), safe="")
        return f"postgresql://{SUPERUSER}@/{name}?host={host}&port=5432"


@contextmanager
def embedded_server(settings: Settings) -> Iterator[EmbeddedServer]:
    """Use the embedded server: start it unless it runs, and stop it on exit if nobody else uses it.

    It is left running when it was asked to stay (``start``). Also when this process is killed; the next user then
    takes it over and stops it.

    Raises:
        EmbeddedServerFailed: it cannot be started; the sentence has the reason.
        HomeUnavailable: its directory cannot be written.
    """
    home, account = ServerHome.of(settings), ServerAccount.of(settings)
    with polite_termination():
        use: Use | None = None
        try:
            with _alone(home, account):
                use = Use(home.in_use)
                server = _ensure_running(home, account)
            yield server
        finally:
            if use is not None:
                _leave(home, account, use)


def start(settings: Settings) -> EmbeddedServer:
    """Start the server unless it runs, and let it stay until ``stop``.

    Raises:
        EmbeddedServerFailed: it cannot be started; the sentence has the reason.
        HomeUnavailable: its directory cannot be written.
    """
    home = ServerHome.of(settings)
    with embedded_server(settings) as server:
        with writing(home.root):
            home.stay.touch(mode=0o600)
        return server


def stop(settings: Settings, *, force: bool = False) -> bool:
    """Stop the server and forget that it was asked to stay.

    Args:
        settings: they name its home.
        force: stop it even while other processes use it.

    Returns:
        Whether it was running.

    Raises:
        EmbeddedServerFailed: another process uses it, or it does not end.
    """
    home, account = ServerHome.of(settings), ServerAccount.of(settings)
    if not home.is_ours():
        return False
    with _alone(home, account):
        return _stop(home, force=force)


def destroy(settings: Settings, *, force: bool = False) -> bool:
    """Stop the server and remove all its files, data included.

    Returns:
        Whether there was anything to remove.

    Raises:
        EmbeddedServerFailed: its directory does not look like ours, or another process uses it.
        HomeUnavailable: the files cannot be removed.
    """
    home, account = ServerHome.of(settings), ServerAccount.of(settings)
    if not home.root.exists():
        return False
    if not home.is_ours():
        raise EmbeddedServerFailed(
            f"{home.root} does not look like a directory of pgarchitect, so it is left alone; remove it by hand."
        )
    with _alone(home, account):
        _stop(home, force=force)
        for place in home.short_socket_dirs(account):
            shutil.rmtree(place)
        # Renamed first, so that nobody ever starts a server in half of a home.
        removing = home.root.with_name(f"{home.root.name}.removing-{os.getpid()}")
        home.root.rename(removing)
        shutil.rmtree(removing)
        with suppress(OSError):
            home.root.parent.rmdir()
    return True


def running_server(settings: Settings) -> EmbeddedServer | None:
    """The server if it takes connections, else None; nothing is started, and it is not marked as used.

    Raises:
        HomeUnavailable: the path of its directory leads nowhere.
    """
    return _running(ServerHome.of(settings))


def ensure_database(server: EmbeddedServer, name: str, extensions: Sequence[str] = ()) -> str:
    """Create the database ``name`` with ``extensions`` unless they are there.

    Returns:
        Its connection URL.

    Raises:
        EmbeddedServerFailed: the server refuses.
        HomeUnavailable: the disk is full.
    """
    url = server.url(name)
    try:
        with connect(server.url(), read_only=False) as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                # Somebody else may create it at the same moment.
                with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        if extensions:
            with connect(url, read_only=False) as connection:
                for extension in extensions:
                    with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                        create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} CASCADE")
                        connection.execute(create.format(sql.Identifier(extension)))
    except psycopg.errors.DiskFull as error:
        raise HomeUnavailable from error
    except psycopg.Error as error:
        reason = str(error).splitlines()[0]
        raise EmbeddedServerFailed(
            f'The embedded PostgreSQL could not make the database "{name}" ({reason}).'
        ) from error
    return url


@contextmanager
def _alone(home: ServerHome, account: ServerAccount) -> Iterator[None]:
    """Make sure of the home's directories and hold its lock; what the file system refuses is HomeUnavailable."""
    lock: Alone | None = None
    while lock is None:
        home.create(account)
        # Another process may remove the whole home (``destroy``) while we wait for the lock.
        with writing(home.root), suppress(FileNotFoundError):
            lock = Alone(home.lock)
    with lock, writing(home.root):
        yield


def _running(home: ServerHome) -> EmbeddedServer | None:
    server = postmaster.find(home)
    if server is None or not server.takes_connections():
        return None
    return EmbeddedServer(server.socket_dir, home.data, server.pid)


def _ensure_running(home: ServerHome, account: ServerAccount) -> EmbeddedServer:
    if server := _running(home):
        return server
    _end(home)
    binaries = usable_binaries(home, account)
    ensure_cluster(home, account, binaries)
    started = postmaster.launch(home, account, binaries.programs, home.socket_dir(account))
    return EmbeddedServer(started.socket_dir, home.data, started.pid)


def _end(home: ServerHome) -> bool:
    """End what runs of the server, whole or in pieces; say whether it was running."""
    server = postmaster.find(home)
    if server is None:
        postmaster.clear(home)
        return False
    postmaster.stop(home, server)
    return True


def _leave(home: ServerHome, account: ServerAccount, use: Use) -> None:
    """Give up our mark; end the server if we were its last user and it was not asked to stay."""
    with use:
        if not home.is_ours():  # destroyed by force meanwhile
            return
        with _alone(home, account):
            use.give_up()
            if home.stay.exists() or is_used(home.in_use):
                return
            server = postmaster.find(home)
            if server is None or not server.is_elsewhere():  # what another container runs is left to it
                _end(home)


def _stop(home: ServerHome, *, force: bool) -> bool:
    if not force and is_used(home.in_use):
        who = ", ".join(map(str, users(home.in_use))) or "unknown"
        raise EmbeddedServerFailed(
            f"The embedded PostgreSQL is in use by another process ({who}); end that first, or force it with --force."
        )
    server = postmaster.find(home)
    if server is not None and server.is_elsewhere():
        raise EmbeddedServerFailed(
            f"The embedded PostgreSQL of {home.root} runs in another container; stop it there, then try again."
        )
    home.stay.unlink(missing_ok=True)
    return _end(home)
