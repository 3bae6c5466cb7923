"""Pyright out of npm, once, in the user's cache directory; skips the test where it cannot be had."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs
import pytest

VERSION = "1.1.407"


def complaints_of_pyright(folder: Path) -> list[str]:
    """What pyright says of all modules in a folder, in its strict mode, of what is not SQLAlchemy's.

    SQLAlchemy leaves open what its enums, sequences and processors hold, which strict mode calls unknown.
    """
    left_open = dict.fromkeys(
        (f"reportUnknown{each}Type" for each in ("Argument", "Lambda", "Member", "Variable")), False
    )
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict", **left_open}))
    script = str(_installed() / "node_modules" / "pyright" / "index.js")
    command = ["node", script, "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=220)
    found = json.loads(done.stdout)
    return [
        f"{Path(each['file']).relative_to(folder)}:{each['range']['start']['line'] + 1}: {each['message']}"
        f" ({each.get('rule')})"
        for each in found["generalDiagnostics"]
    ]


def _installed() -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Pyright runs where Node and npm are, and they are not here")
    folder = platformdirs.user_cache_path("pgarchitect-tests") / f"pyright-{VERSION}"
    if not folder.exists():
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        new = Path(made) / "new"
        new.mkdir()
        (new / "package.json").write_text(json.dumps({"private": True, "dependencies": {"pyright": VERSION}}))
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional"]
        done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            pytest.skip(f"npm cannot install pyright: {done.stderr.strip()[:500]}")
        try:
            new.rename(folder)
        except OSError:
            assert folder.exists()  # another test process was quicker
