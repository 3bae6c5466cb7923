"""Prisma itself, where Node is: its schema engine and its parser as WebAssembly, asked over a pipe.

For interop tests. The packages come from npm once, into the user's cache directory, never into the repository.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from psycopg.conninfo import conninfo_to_dict

PRISMA = "7.10.0"
ENGINE = "7.10.0-4.0edf323efd1d98336f3f0a68684b56f689b900d3"
"""The commit of the engines that `prisma` 7.10.0 names (@prisma/engines-version)."""
PACKAGES = {
    "@prisma/adapter-pg": PRISMA,
    "@prisma/prisma-schema-wasm": ENGINE,
    "@prisma/schema-engine-wasm": ENGINE,
}
OLDEST_NODE = 20

Target = dict[str, Any]
"""One side of a diff: `EMPTY`, `DATABASE`, `schema(…)` or `migrations(…)`."""

EMPTY: Target = {"tag": "empty"}
DATABASE: Target = {
    "tag": "schemaDatasource",
    "files": [{"path": "schema.prisma", "content": 'datasource db {\n  provider = "postgresql"\n}\n'}],
    "configDir": "/",
}
"""The database of the request, its schema ``public``."""

_FILTERS: dict[str, list[str]] = {"externalTables": [], "externalEnums": []}


class PrismaError(Exception):
    """Prisma refuses; its message, and its code (P1012, P3005, …) where it has one."""

    def __init__(self, message: str, code: str | None) -> None:
        super().__init__(message)
        self.code = code


def schema(text: str | Mapping[str, str]) -> Target:
    """A schema as a side of a diff: one text, or file names and their texts."""
    return {"tag": "schemaDatamodel", "files": _files(text)}


def migrations(folder: Path) -> Target:
    """A folder of migrations as a side of a diff; Prisma runs them on a shadow database."""
    return {"tag": "migrations", **_migrations_list(folder)}


@dataclass(frozen=True, slots=True)
class PrismaEngine:
    """The running engine; every method raises PrismaError where Prisma refuses.

    ``url`` is a connection string for libpq; a server that listens on a Unix socket only is fine.
    """

    process: subprocess.Popen[str]

    def diff(self, before: Target, after: Target, url: str = "") -> str:
        """The script from one side to the other; ``-- This is an empty migration.`` where they are equal.

        A database is needed where a side is one, or a folder of migrations.
        """
        request = {"from": before, "to": after, "script": True, "exitCode": None, "filters": _FILTERS}
        datamodels = next((each["files"] for each in (after, before) if each["tag"] == "schemaDatamodel"), None)
        return str(self.ask("diff", request, url, datamodels)["stdout"])

    def create_script(self, text: str | Mapping[str, str]) -> str:
        """What ``prisma migrate diff --from-empty --to-schema … --script`` prints."""
        return self.diff(EMPTY, schema(text))

    def difference(self, url: str, text: str | Mapping[str, str]) -> str:
        """What Prisma would change in that database for this schema, in the namespaces that it names."""
        return self.diff({**schema(text), "tag": "schemaDatasource", "configDir": "/"}, schema(text), url)

    def in_sync(self, url: str, text: str | Mapping[str, str]) -> bool:
        """Whether Prisma would change nothing in that database for this schema."""
        return is_empty(self.difference(url, text))

    def validate(self, text: str | Mapping[str, str]) -> None:
        """Raise PrismaError with Prisma's whole report if the schema has errors."""
        try:
            self.ask("validate", {"files": [[each["path"], each["content"]] for each in _files(text)]})
        except PrismaError as error:
            report = json.loads(str(error))
            raise PrismaError(report["message"], report["error_code"]) from error

    def dmmf(self, text: str | Mapping[str, str]) -> dict[str, Any]:
        """Prisma's own description of a schema (no database names of foreign keys, no Unsupported fields)."""
        files = [[each["path"], each["content"]] for each in _files(text)]
        return dict(self.ask("dmmf", {"files": files}))

    def formatted(self, text: str) -> str:
        """``prisma format``."""
        options = {"textDocument": {"uri": "file:/schema.prisma"}, "options": {"tabSize": 2, "insertSpaces": True}}
        answer = self.ask("format", {"files": [["schema.prisma", text]], "options": options})
        return str(json.loads(answer)[0][1]) if answer.startswith("[") else str(answer)

    def apply_migrations(self, url: str, folder: Path) -> list[str]:
        """``prisma migrate deploy``: names of those that were applied."""
        request = {"migrationsList": _migrations_list(folder), "filters": _FILTERS}
        return list(self.ask("applyMigrations", request, url)["appliedMigrationNames"])

    def dev_diagnostic(self, url: str, folder: Path) -> str:
        """What ``prisma migrate dev`` would do first: empty: go on; else why it would reset the database."""
        request = {"migrationsList": _migrations_list(folder), "filters": _FILTERS}
        action = self.ask("devDiagnostic", request, url)["action"]
        return "" if action["tag"] == "createMigration" else str(action["reason"])

    def diagnose_history(self, url: str, folder: Path) -> dict[str, Any]:
        """``prisma migrate status``: editedMigrationNames, failedMigrationNames, hasMigrationsTable, history."""
        request = {
            "migrationsList": _migrations_list(folder),
            "optInToShadowDatabase": False,
            "filters": _FILTERS,
        }
        return dict(self.ask("diagnoseMigrationHistory", request, url))

    def create_migration(self, url: str, folder: Path, name: str, text: str | Mapping[str, str]) -> str:
        """``prisma migrate dev --create-only``: the script, and its folder is written."""
        request = {
            "draft": True,
            "migrationName": name,
            "migrationsList": _migrations_list(folder),
            "schema": {"files": _files(text)},
            "filters": _FILTERS,
        }
        answer = self.ask("createMigration", request, url, _files(text))
        script = answer["migrationScript"] or ""
        if script:
            made = folder / answer["generatedMigrationName"]
            made.mkdir(parents=True)
            (made / "migration.sql").write_text(script, encoding="utf-8")
            (folder / "migration_lock.toml").write_text('provider = "postgresql"\n', encoding="utf-8")
        return script

    def resolve(self, url: str, folder: Path, name: str, *, applied: bool) -> None:
        """``prisma migrate resolve --applied`` or ``--rolled-back``."""
        if applied:
            request = {"migrationName": name, "migrationsList": _migrations_list(folder)}
            self.ask("markMigrationApplied", request, url)
        else:
            self.ask("markMigrationRolledBack", {"migrationName": name}, url)

    def introspect(self, url: str, text: str) -> str:
        """``prisma db pull`` into that schema; its datasource block is enough."""
        files = _files(text)
        request = {
            "schema": {"files": files},
            "baseDirectoryPath": "/",
            "force": False,
            "compositeTypeDepth": 0,
            "namespaces": None,
        }
        answer = self.ask("introspect", request, url, files)
        return str(answer["schema"]["files"][0]["content"])

    def push(self, url: str, text: str | Mapping[str, str]) -> list[str]:
        """``prisma db push``: its warnings; what cannot be done raises."""
        request = {"force": True, "schema": {"files": _files(text)}, "filters": _FILTERS}
        answer = self.ask("schemaPush", request, url, _files(text))
        if answer["unexecutable"]:
            raise PrismaError("\n".join(answer["unexecutable"]), None)
        return list(answer["warnings"])

    def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        url: str = "",
        datamodels: Sequence[Mapping[str, str]] | None = None,
    ) -> Any:  # noqa: ANN401  # whatever Prisma answers
        """Send one request of the engine's own protocol."""
        request = {
            "method": method,
            "params": params,
            "connection": connection_parts(url) if url else None,
            "datamodels": [[each["path"], each["content"]] for each in datamodels] if datamodels else None,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"Prisma's engine ended with {self.process.poll()}"
        answer = json.loads(line)
        if "error" in answer:
            raise PrismaError(answer["error"], answer["code"])
        return answer["result"]


def is_empty(script: str) -> bool:
    """Whether a diff's script changes nothing."""
    return script.strip() in {"", "-- This is an empty migration."}


@contextmanager
def prisma_engine() -> Iterator[PrismaEngine]:
    """The engine, started; skips the test where there is no Node, or npm cannot bring the packages."""
    folder = _installed()
    server = Path(__file__).with_suffix(".mjs")
    with subprocess.Popen(
        ["node", "--no-warnings", str(server), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield PrismaEngine(process)
        assert process.stdin is not None
        process.stdin.close()


def _installed() -> Path:
    """The folder with the packages; they are installed at first use."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Prisma is asked where Node and npm are, and they are not here")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Prisma 7 needs Node {OLDEST_NODE} or newer, and this is {version}")
    folder = platformdirs.user_cache_path("pgarchitect-tests") / f"prisma-{ENGINE}"
    if not folder.exists():
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        new = Path(made) / "new"
        new.mkdir()
        package = {"private": True, "dependencies": PACKAGES}
        (new / "package.json").write_text(json.dumps(package), encoding="utf-8")
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False, timeout=200)
        if done.returncode:
            pytest.skip(f"npm cannot install Prisma's packages: {done.stderr.strip()[:500]}")
        try:
            new.rename(folder)
        except OSError:
            assert folder.exists()  # another test process was quicker


def connection_parts(url: str) -> dict[str, Any]:
    """What node-postgres needs to connect; discrete fields, so that a shadow database gets a connection of its own."""
    parts = conninfo_to_dict(url)
    return {
        "host": parts.get("host"),
        "port": int(parts.get("port") or 5432),
        "user": parts.get("user"),
        "password": parts.get("password"),
        "database": parts.get("dbname"),
    }


def _files(text: str | Mapping[str, str]) -> list[dict[str, str]]:
    texts = {"schema.prisma": text} if isinstance(text, str) else text
    return [{"path": path, "content": content} for path, content in texts.items()]


def _migrations_list(folder: Path) -> dict[str, Any]:
    lock = folder / "migration_lock.toml"
    return {
        "baseDir": str(folder),
        "lockfile": {"path": lock.name, "content": lock.read_text(encoding="utf-8") if lock.exists() else None},
        "shadowDbInitScript": "",
        "migrationDirectories": [
            {"path": each.name, "migrationFile": {"path": "migration.sql", "content": _script(each)}}
            for each in sorted(folder.iterdir() if folder.exists() else [])
            if each.is_dir()
        ],
    }


def _script(folder: Path) -> dict[str, str]:
    script = folder / "migration.sql"
    if not script.exists():
        return {"tag": "error", "value": "there is no migration.sql"}
    return {"tag": "ok", "value": script.read_text(encoding="utf-8")}
