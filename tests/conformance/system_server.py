"""A PostgreSQL 15 of the system's, on a directory of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.settings import Settings
from tests.embedded_lab import open_folder

PROGRAMS: Final = "/usr/lib/postgresql/15/bin"
"""Where Debian's package puts them."""


@contextmanager
def system_server() -> Iterator[str]:
    """URL of the running server, for its superuser."""
    account = ServerAccount.of(Settings())
    with open_folder() as top, tempfile.TemporaryFile() as said:
        home = top / "server"
        home.mkdir()
        account.own(home)
        data = home / "data"

        def run(*command: str | Path) -> None:
            process = account.spawn(list(command), stdout=said.fileno(), stderr=said.fileno())
            assert process.wait(timeout=120) == 0, f"{command[0]} failed"

        programs = Path(PROGRAMS)
        run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off -c autovacuum=off"
        run(programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={quote(str(home), safe='')}"
        finally:
            run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
