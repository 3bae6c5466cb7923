"""The last step: a server that was filled is stopped, written to disk for good, and gets its name."""

import subprocess
from pathlib import Path

from pgarchitect.errors import EmbeddedServerFailed, UsageError
from pgarchitect.postgres.server_home import ServerHome, writing
from pgarchitect.sandbox.description import Description
from pgarchitect.sandbox.sandbox import Sandbox, place_of
from pgarchitect.settings import Settings
from pgarchitect.twin.private_server import PrivateServer


def finished(server: PrivateServer, name: str, about: Description, settings: Settings) -> Sandbox:
    """Make a sandbox of a filled server.

    Raises:
        UsageError: somebody else has given the name to another one meanwhile.
        HomeUnavailable: the disk is full.
    """
    server.stop()
    _sync(server)
    place = place_of(settings)
    with writing(place):
        about.write(server.home.root)
        place.mkdir(mode=0o755, exist_ok=True)
    home = ServerHome(place / name)
    try:
        # Of two that take the same name at the same time, one finds a directory that is not empty.
        server.home.root.rename(home.root)
    except OSError as error:
        raise UsageError(
            f'Another sandbox got the name "{name}" meanwhile; run the same command again with another --name.'
        ) from error
    return Sandbox(name, home, server.account, about)


def _sync(server: PrivateServer) -> None:
    """Have everything on the disk: it was filled without waiting for that."""
    command: list[str | Path] = [server.programs / "initdb", "--sync-only", f"--pgdata={server.data}"]
    process = server.account.spawn(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _, said = process.communicate()
    except BaseException:
        process.kill()
        process.communicate()
        raise
    if process.returncode != 0:
        reason = (said.strip().splitlines() or ["no reason given"])[-1]
        raise EmbeddedServerFailed(f"The sandbox could not be written to disk ({reason}); report this.")
