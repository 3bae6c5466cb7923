"""The embedded PostgreSQL server: started when needed, shared by processes, stopped by its last user.

It is the architect's own database and the sandbox where changes are tried. It listens on a Unix socket in a
private directory and on no TCP port. See docs/embedded-server.md.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from pgarchitect.errors import EmbeddedServerFailed, HomeUnavailable
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.postmaster import EMBEDDED, Postmaster
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_binaries import usable_binaries
from pgarchitect.postgres.server_cluster import SUPERUSER
from pgarchitect.postgres.server_home import ServerHome, writing
from pgarchitect.postgres.shared_server import SharedServer, running
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
    server = _server(settings)
    with server.used() as started:
        yield _found(server.home, started)


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
    return _server(settings).stop(force=force)


def destroy(settings: Settings, *, force: bool = False) -> bool:
    """Stop the server and remove all its files, data included.

    Returns:
        Whether there was anything to remove.

    Raises:
        EmbeddedServerFailed: its directory does not look like ours, or another process uses it.
        HomeUnavailable: the files cannot be removed.
    """
    server = _server(settings)
    home = server.home
    if not home.root.exists():
        return False
    if not home.is_ours():
        raise EmbeddedServerFailed(
            f"{home.root} does not look like a directory of pgarchitect, so it is left alone; remove it by hand."
        )
    server.destroy(force=force)
    with suppress(OSError):
        home.root.parent.rmdir()
    return True


def running_server(settings: Settings) -> EmbeddedServer | None:
    """The server if it takes connections, else None; nothing is started, and it is not marked as used.

    Raises:
        HomeUnavailable: the path of its directory leads nowhere.
    """
    home = ServerHome.of(settings)
    server = running(home)
    return _found(home, server) if server is not None else None


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


def _server(settings: Settings) -> SharedServer:
    home, account = ServerHome.of(settings), ServerAccount.of(settings)
    return SharedServer("The embedded PostgreSQL", home, account, lambda: usable_binaries(home, account), EMBEDDED)


def _found(home: ServerHome, server: Postmaster) -> EmbeddedServer:
    return EmbeddedServer(server.socket_dir, home.data, server.pid)
