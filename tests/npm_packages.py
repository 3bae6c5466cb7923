"""Packages of npm, brought once into the user's cache directory, never into the repository."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import platformdirs
import pytest

OLDEST_NODE = 20


def npm_packages(name: str, packages: Mapping[str, str], *options: str) -> Path:
    """The folder that holds ``node_modules`` with these packages; they are installed at first use.

    Skips the test where there is no Node or an old one, or npm cannot bring them.

    Args:
        name: of the folder, which gets a digest as well.
        packages: names and exact versions.
        options: more for ``npm install``.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"This runs where Node and npm are, and they are not here: {name}")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"This runs on Node {OLDEST_NODE} or newer, and here is {version}: {name}")
    digest = hashlib.sha256(json.dumps(packages).encode()).hexdigest()[:12]
    folder = platformdirs.user_cache_path("pgarchitect-tests") / f"{name}-{digest}"
    if not folder.exists():
        _install(folder, packages, options)
    return folder


def _install(folder: Path, packages: Mapping[str, str], options: tuple[str, ...]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        new = Path(made) / "new"
        new.mkdir()
        (new / "package.json").write_text(json.dumps({"private": True, "dependencies": packages}), encoding="utf-8")
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        command = ["npm", "install", *quiet, *options]
        done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            pytest.skip(f"npm cannot install {', '.join(packages)}: {done.stderr.strip()[:500]}")
        try:
            new.rename(folder)
        except OSError:
            assert folder.exists()  # another test process was quicker
