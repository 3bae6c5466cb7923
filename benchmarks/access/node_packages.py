"""Drizzle, Kysely and Prisma on Node: installed once into the user's cache directory, never into the repository."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import platformdirs

from benchmarks.access.contenders import Entry
from benchmarks.access.peers.contender import Server
from benchmarks.access.process import Process
from benchmarks.access.rows import Sizes

PACKAGES: Final = {
    "@prisma/adapter-pg": "7.10.0",
    "@prisma/client": "7.10.0",
    "drizzle-orm": "0.45.4",
    "drizzle-orm-next": "npm:drizzle-orm@1.0.0-rc.5",
    "kysely": "0.28.19",
    "pg": "8.16.3",
    "prisma": "7.10.0",
}
OLDEST_NODE: Final = (20, 19)
_HERE: Final = Path(__file__).parent
_SCHEMA: Final = _HERE / "schema.prisma"
_MINUTES: Final = 600


class NodeMissing(Exception):
    """Contenders on Node cannot take part; why."""


def installed() -> Path:
    """The folder with ``node_modules`` and Prisma's client.

    Raises:
        NodeMissing: there is no Node, or npm cannot bring the packages.
    """
    _require_node()
    digest = hashlib.sha256(json.dumps(PACKAGES).encode() + _SCHEMA.read_bytes()).hexdigest()[:12]
    folder = platformdirs.user_cache_path("pgarchitect-bench") / f"node-{digest}"
    if not folder.exists():
        _install(folder)
    return folder


def node_process(entry: Entry, packages: Path, folder: Path, url: str, sizes: Sizes) -> Process:
    """A contender on Node; ``folder`` is for the run alone and holds its programs beside the packages."""
    place = folder / "node"
    if not place.exists():
        shutil.copytree(_HERE / "node", place)
        (place / "node_modules").symlink_to(packages / "node_modules")
        if (packages / "client").exists():
            (place / "client").symlink_to(packages / "client")
    server = Server.of(url)
    connection = {"host": server.host, "port": server.port, "user": server.user, "database": server.database}
    script = str(place / "worker.mjs")
    command = ["node", script, entry.program, json.dumps(connection), str(sizes.users), str(sizes.logs)]
    return Process(entry, command, folder / f"{entry.program}.log", {})


def node_version() -> str:
    """Of Node.

    Raises:
        NodeMissing: it is not here.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NodeMissing("Node or npm is not here")
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip().lstrip("v")


def _require_node() -> None:
    said = node_version()
    major, minor, *_ = (int(each) for each in said.split("."))
    if (major, minor) < OLDEST_NODE:
        raise NodeMissing(f"Node is {said}, and must be {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer")


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        new = Path(made) / "new"
        new.mkdir()
        (new / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}), encoding="utf-8")
        _run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], new)
        _generate(new)
        new.rename(folder)


def _generate(folder: Path) -> None:
    """Prisma's client. Its command asks for a native engine that generating does not use: any program will do."""
    shutil.copy(_SCHEMA, folder / "schema.prisma")
    environment = {"PRISMA_SCHEMA_ENGINE_BINARY": shutil.which("true") or "/bin/true", "CHECKPOINT_DISABLE": "1"}
    _run(["node", "node_modules/prisma/build/index.js", "generate", "--schema", "schema.prisma"], folder, environment)


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=_MINUTES,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise NodeMissing(f"{' '.join(command[:3])} failed: {(done.stderr or done.stdout).strip()[-400:]}")
