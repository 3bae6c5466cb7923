"""The sandboxes of this machine: find them, use one, remove one."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pgarchitect.errors import UsageError
from pgarchitect.postgres.dsn import describe_target, read_dsn
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_home import ServerHome, writing
from pgarchitect.postgres.shared_server import SharedServer, running
from pgarchitect.sandbox.description import Description
from pgarchitect.sandbox.server import configuration, programs_again
from pgarchitect.settings import Settings

FOLDER: Final = "sandboxes"
"""Directory below ``Settings.data_dir`` that holds one directory for each finished sandbox."""
DATABASE: Final = "sandbox"
"""Database of a sandbox's server that holds the copy."""
ROLE: Final = "pgarchitect"
"""Owner of all that is in it; no superuser, so that the source's functions cannot do more than any role."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_REMOVING: Final = ".removing-"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A finished sandbox.

    Attributes:
        name: of its directory.
        home: its directory.
        account: who owns its files.
        description: what is known of it.
    """

    name: str
    home: ServerHome
    account: ServerAccount
    description: Description

    @property
    def dsn(self) -> str:
        """Connection URL of the copy; commands of pgarchitect start its server when it is given to them."""
        host = quote(str(self.home.socket_dir(self.account)), safe="")
        return f"postgresql://{ROLE}@/{DATABASE}?host={host}&port=5432"

    @property
    def is_running(self) -> bool:
        """Whether it takes connections now."""
        return running(self.home) is not None

    @property
    def size_bytes(self) -> int:
        """Of all its files on disk."""
        total = 0
        for folder, _, files in os.walk(self.home.root):
            for file in files:
                with suppress(OSError):
                    total += (Path(folder) / file).lstat().st_blocks * 512
        return total

    @contextmanager
    def used(self, settings: Settings) -> Iterator[str]:
        """Its DSN; its server runs meanwhile.

        Raises:
            EmbeddedServerFailed: it cannot be started; the sentence has the reason.
            HomeUnavailable: its directory cannot be written.
        """
        with self._server(settings).used():
            yield self.dsn

    def drop(self, settings: Settings, *, force: bool = False) -> None:
        """Remove it with all its rows.

        Raises:
            EmbeddedServerFailed: another process uses it.
            HomeUnavailable: the files cannot be removed.
        """
        self._server(settings).destroy(force=force)

    def _server(self, settings: Settings) -> SharedServer:
        about = self.description
        return SharedServer(
            f'The PostgreSQL of the sandbox "{self.name}"',
            self.home,
            self.account,
            lambda: programs_again(about.major, settings, carried=about.carried),
            configuration(about.shared_buffers),
        )


def place_of(settings: Settings) -> Path:
    """The directory of all sandboxes, whether it exists or not."""
    with writing(settings.data_dir):
        return settings.data_dir.expanduser().resolve() / FOLDER


def sandboxes(settings: Settings) -> list[Sandbox]:
    """All finished sandboxes, by name; nothing is started."""
    place = place_of(settings)
    account = ServerAccount.of(settings)
    names = sorted(each.name for each in place.iterdir() if _NAME.fullmatch(each.name)) if place.is_dir() else []
    homes = [(name, ServerHome(place / name)) for name in names]
    return [
        Sandbox(name, home, account, about)
        for name, home in homes
        if home.is_ours() and (about := Description.read(home.root)) is not None
    ]


def find(name: str, settings: Settings) -> Sandbox:
    """The sandbox of that name.

    Raises:
        UsageError: there is none.
    """
    known = sandboxes(settings)
    for each in known:
        if each.name == name:
            return each
    told = f"there are {', '.join(each.name for each in known)}" if known else "there is none yet"
    raise UsageError(f'There is no sandbox "{name}"; {told}, and `pgarchitect sandbox create` makes one.')


def require_name(name: str) -> str:
    """The name, if it can be one of a sandbox.

    Raises:
        UsageError: it cannot.
    """
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            f'"{name}" cannot be the name of a sandbox; take up to 40 small letters, digits, - and _, such as shop-2.'
        )
    return name


def name_after(database: str) -> str:
    """A name for a copy of ``database``."""
    name = re.sub(r"[^a-z0-9_-]+", "-", database.lower()).strip("-_")[:40]
    return name or "copy"


@dataclass(frozen=True, slots=True)
class Reached:
    """Where statements may be tried, and what a report calls it."""

    dsn: str
    name: str


@contextmanager
def reached(given: str, settings: Settings) -> Iterator[Reached]:
    """Whatever an option ``--sandbox`` was given: a sandbox's name, its DSN, or the DSN of something else.

    The server of a sandbox runs meanwhile.

    Raises:
        UsageError: it is neither a DSN nor the name of a sandbox.
        EmbeddedServerFailed: the sandbox cannot be started.
    """
    sandbox = _meant(given, settings)
    if sandbox is None:
        yield Reached(given, describe_target(given))
        return
    with sandbox.used(settings) as dsn:
        yield Reached(dsn if _NAME.fullmatch(given) else given, f'sandbox "{sandbox.name}"')


def _meant(given: str, settings: Settings) -> Sandbox | None:
    if _NAME.fullmatch(given):  # every DSN has a character that no name has
        return find(given, settings)
    host = read_dsn(given).get("host", "")
    if not host.startswith("/"):
        return None
    return next((each for each in sandboxes(settings) if str(each.home.socket_dir(each.account)) == host), None)


def clear_remains(settings: Settings) -> None:
    """Remove what is left of sandboxes whose removal was interrupted."""
    place = place_of(settings)
    for each in place.glob(f"*{_REMOVING}*") if place.is_dir() else ():
        shutil.rmtree(each, ignore_errors=True)
