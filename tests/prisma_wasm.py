"""Prisma's own reader, checker and formatter of schemas (npm @prisma/prisma-schema-wasm) under wasmtime: the truth.

It is a module of WebAssembly that needs four functions of its host, so that no Node has to run. Bring it once with
npm into a folder of the machine's cache; where that cannot be done, tests that need it are left out and say why.
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "@prisma/prisma-schema-wasm"
VERSION: Final = "7.10.0-4.0edf323efd1d98336f3f0a68684b56f689b900d3"
"""The build that Prisma 7.10.0 uses (``@prisma/engines-version``)."""
WASM: Final = "package/src/prisma_schema_build_bg.wasm"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error as Prisma reports it: offsets in bytes of UTF-8, the text."""

    start: int
    end: int
    text: str
    is_warning: bool
    file: str = ""


class Unavailable(Exception):
    """The module or wasmtime cannot be had here; the message says what is missing."""


class PrismaRefused(Exception):
    """Prisma did not accept the schema; the message is Prisma's."""


class PrismaWasm:
    """One instance of the module; it keeps no state between calls."""

    _exports: Any
    _memory: Any

    def __init__(self, path: Path) -> None:
        from wasmtime import Config, Engine, Module  # noqa: PLC0415  # only where the tests use it

        config = Config()
        config.cache = True  # compiled once a machine
        self._engine = Engine(config)
        self._module = Module.from_file(self._engine, str(path))
        self._start()

    def _start(self) -> None:
        from wasmtime import Linker, Store  # noqa: PLC0415

        self._store = Store(self._engine)
        linker = Linker(self._engine)
        hosts = {"set_message": lambda *_: None, "throw": self._throw, "_Error_": self._error}
        for each in self._module.imports:
            host = next((function for part, function in hosts.items() if part in (each.name or "")), self._table)
            linker.define_func("__wbindgen_placeholder__", each.name or "", each.type, host)  # type: ignore[arg-type]
        instance: Any = linker.instantiate(self._store, self._module)
        self._exports = instance.exports(self._store)
        self._memory = self._exports["memory"]
        self._exports["__wbindgen_start"](self._store)

    def _table(self) -> None:
        if hasattr(self, "_exports"):
            self._exports["__wbindgen_externrefs"].grow(self._store, 4, None)

    def _throw(self, at: int, length: int) -> None:
        raise RuntimeError(self._text(at, length))

    def _error(self, at: int, length: int) -> PrismaRefused:
        return PrismaRefused(self._text(at, length))

    def _text(self, at: int, length: int) -> str:
        at &= 0xFFFFFFFF
        return bytes(self._memory.read(self._store, at, at + length)).decode()

    def _written(self, text: str) -> tuple[int, int]:
        raw = text.encode()
        at = self._exports["__wbindgen_malloc"](self._store, len(raw), 1) & 0xFFFFFFFF
        self._memory.write(self._store, raw, at)
        return at, len(raw)

    def _call(self, function: str, *arguments: str) -> str:
        words = [word for each in arguments for word in self._written(each)]
        try:
            answer = self._exports[function](self._store, *words)
        except Exception:
            self._start()  # a panic leaves the instance in no known state
            raise
        if len(answer) == 2 and function == "validate":
            if answer[1]:
                raise self._refused(answer[0])
            return ""
        if len(answer) == 4 and answer[3]:
            raise self._refused(answer[2])
        text = self._text(answer[0], answer[1])
        self._exports["__wbindgen_free"](self._store, answer[0], answer[1], 1)
        return text

    def _refused(self, at: int) -> Exception:
        found = self._exports["__wbindgen_externrefs"].get(self._store, at)
        return found if isinstance(found, Exception) else RuntimeError(repr(found))

    def validate(self, sources: Mapping[str, str]) -> str | None:
        """None where Prisma accepts the schema, else its message without colour."""
        try:
            self._call("validate", _parameters(sources))
        except PrismaRefused as refused:
            message: str = json.loads(str(refused))["message"]
            return message
        return None

    def dmmf(self, sources: Mapping[str, str]) -> dict[str, Any]:
        """The schema as Prisma's clients see it."""
        found: dict[str, Any] = json.loads(self._call("get_dmmf", _parameters(sources)))
        return found

    def lint(self, sources: Mapping[str, str]) -> list[Diagnostic]:
        """All errors and warnings, with their places."""
        found = json.loads(self._call("lint", json.dumps(list(sources.items()))))
        return [
            Diagnostic(each["start"], each["end"], each["text"], each["is_warning"], each.get("file_name", ""))
            for each in found
        ]

    def formatted(self, text: str) -> str:
        """The text as Prisma formats it."""
        options = {"textDocument": {"uri": "file:/schema.prisma"}, "options": {"tabSize": 2, "insertSpaces": True}}
        found = json.loads(self._call("format", json.dumps([["schema.prisma", text]]), json.dumps(options)))
        formatted: str = found[0][1]
        return formatted


def _parameters(sources: Mapping[str, str]) -> str:
    return json.dumps({"prismaSchema": list(sources.items()), "noColor": True})


@cache
def prisma() -> PrismaWasm:
    """The module, brought if it has to be.

    Raises:
        Unavailable: there is no wasmtime, no npm, or no way to what npm would bring.
    """
    try:
        import wasmtime  # noqa: F401, PLC0415
    except ImportError as error:
        raise Unavailable("wasmtime is not installed") from error
    return PrismaWasm(_module())


def _module() -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pgarchitect-tests"
    path = home / f"prisma-schema-{VERSION}.wasm"
    if not path.exists():
        _bring(path)
    return path


def _bring(path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is not installed")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        pack = [npm, "pack", "--silent", f"{PACKAGE}@{VERSION}", "--pack-destination", folder]
        done = subprocess.run(pack, capture_output=True, text=True, timeout=60, check=False, cwd=folder)
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            raise Unavailable(f"npm could not bring {PACKAGE}: {done.stderr.strip()[-200:]}")
        with tarfile.open(archives[0]) as archive:
            archive.extract(WASM, folder, filter="data")
        (Path(folder) / WASM).replace(path)
