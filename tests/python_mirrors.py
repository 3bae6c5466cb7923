"""Mirrors in Python as an application has them: written into a package, imported, and gone afterwards."""

import importlib
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pgarchitect.schema.mirrors.files import mirror_files
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema, read_schema

TESTS = Path(__file__).parent
SOURCES = {
    "edfinance": TESTS.parent / "examples" / "edfinance" / "schema.prisma",
    **{each.stem: each for each in sorted((TESTS / "schemas").glob("*.prisma"))},
    "tenancy": TESTS / "schemas" / "tenancy",
}
"""Name → one of our own schemas."""
HEAD = 'datasource db {\n  provider = "postgresql"\n}\n\n'
_numbers = itertools.count(1)


def schema_of(text: str) -> PrismaSchema:
    """A schema without its datasource."""
    return parse_schema({"schema.prisma": HEAD + text})


def own_schema(name: str) -> PrismaSchema:
    """One of our own."""
    return read_schema(SOURCES[name])


def write_package(schema: PrismaSchema, folder: Path) -> None:
    """Write the Python mirrors into a folder, which becomes a package."""
    folder.mkdir(parents=True)
    for each in mirror_files(schema, folder, ["python"]):
        each.path.write_text(each.text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class PythonMirrors:
    """The modules of a package; what is in them is known at run time only."""

    tables: Any
    rows: Any
    writes: Any
    enums: Any


@contextmanager
def python_mirrors(schema: PrismaSchema, folder: Path) -> Iterator[PythonMirrors]:
    """Write the mirrors below a folder and import them."""
    package = f"mirrors_{next(_numbers)}"
    write_package(schema, folder / package)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield PythonMirrors(*(_module(package, each) for each in ("tables", "rows", "writes", "enums")))
    finally:
        sys.path.remove(str(folder))
        for name in [each for each in sys.modules if each.partition(".")[0] == package]:
            del sys.modules[name]


def _module(package: str, name: str) -> ModuleType:
    return importlib.import_module(f"{package}.{name}")
