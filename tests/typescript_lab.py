"""Node with Drizzle, Kysely, node-postgres and TypeScript: mirrors are compiled, run and compared there.

The packages come from npm once, into the user's cache directory, never into the repository.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import pytest
from psycopg.conninfo import conninfo_to_dict

PACKAGES = {
    "@types/node": "20.19.43",
    "@types/pg": "8.15.6",
    "drizzle-kit": "0.31.11",
    "drizzle-orm": "0.45.4",
    "kysely": "0.28.19",
    "pg": "8.16.3",
    "prettier": "3.10.1",
    "typescript": "5.9.3",
}
OLDEST_NODE = 20
_COMPILER = {
    "strict": True,
    "noUnusedLocals": True,
    "target": "es2022",
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "skipLibCheck": True,
    "types": ["node"],
    "outDir": "out",
    "rootDir": ".",
}


@dataclass(frozen=True, slots=True)
class TypeScriptLab:
    """A folder with sources, beside the packages."""

    folder: Path

    def write(self, name: str, text: str) -> None:
        """A source file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def compile(self) -> str:
        """Complaints of ``tsc --strict`` about all sources; JavaScript is in ``out``."""
        (self.folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": _COMPILER, "include": ["*.ts"]}))
        return self._run("typescript/bin/tsc")[1]

    def unformatted(self, names: list[str]) -> str:
        """What prettier would lay out in another way."""
        return self._run("prettier/bin/prettier.cjs", "--list-different", *names)[1]

    def run(self, script: str, url: str) -> object:
        """What a compiled script prints, as JSON; its argument is how to connect."""
        code, printed = self._run(f"../out/{script}", json.dumps(connection(url)))
        assert code == 0, printed
        return json.loads(printed)

    def push(self, schema: str, url: str, schemas: tuple[str, ...]) -> str:
        """What ``drizzle-kit push`` prints: the statements from the database to the schema file."""
        settings = {
            "dialect": "postgresql",
            "schema": f"./{schema}",
            "verbose": True,
            "schemaFilter": schemas,
            "dbCredentials": {**connection(url), "ssl": False},
        }
        (self.folder / "kit.json").write_text(json.dumps(settings))
        return self._run("drizzle-kit/bin.cjs", "push", "--config=kit.json")[1]

    def _run(self, script: str, *arguments: str) -> tuple[int, str]:
        command = ["node", str(self.folder / "node_modules" / script), *arguments]
        if script.startswith("../"):
            command[1] = str(self.folder / script.removeprefix("../"))
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        return done.returncode, done.stdout + done.stderr


def connection(url: str) -> dict[str, object]:
    """What node-postgres needs; a folder as the host is a Unix socket."""
    parts = conninfo_to_dict(url)
    return {
        "host": parts["host"],
        "port": int(parts.get("port") or 5432),
        "user": parts["user"],
        "database": parts["dbname"],
    }


def typescript_lab(folder: Path) -> TypeScriptLab:
    """The lab in an empty folder; skips the test where there is no Node, or npm cannot bring the packages."""
    (folder / "node_modules").symlink_to(_installed() / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    return TypeScriptLab(folder)


def _installed() -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Mirrors in TypeScript are run where Node and npm are, and they are not here")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Mirrors in TypeScript are run on Node {OLDEST_NODE} or newer, and this is {version}")
    digest = hashlib.sha256(json.dumps(PACKAGES).encode()).hexdigest()[:12]
    folder = platformdirs.user_cache_path("pgarchitect-tests") / f"typescript-{digest}"
    if not folder.exists():
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        new = Path(made) / "new"
        new.mkdir()
        (new / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}), encoding="utf-8")
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            pytest.skip(f"npm cannot install Drizzle and Kysely: {done.stderr.strip()[:500]}")
        try:
            new.rename(folder)
        except OSError:
            assert folder.exists()  # another test process was quicker
