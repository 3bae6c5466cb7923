"""Where a project keeps its schema, its migrations and its database's address, as Prisma looks for them."""

import os
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from pgarchitect.errors import UsageError
from pgarchitect.schema.psl.prisma_schema import EnvironmentVariable, PrismaSchema

_USUAL: Final = (Path("prisma/schema.prisma"), Path("schema.prisma"), Path("prisma/schema"), Path("prisma"))
_VARIABLE: Final = "DATABASE_URL"


def schema_path(given: Path | None) -> Path:
    """The schema's file or folder: the one that was given, or the first usual one that exists.

    Raises:
        UsageError: there is none.
    """
    if given is not None:
        if not given.exists():
            raise UsageError(f"{given} does not exist; name the schema's file or folder with --schema.")
        return given
    for each in _USUAL:
        if each.is_file() or (each.is_dir() and any(each.glob("*.prisma"))):
            return each
    usual = ", ".join(map(str, _USUAL[:2]))
    raise UsageError(f"There is no schema here ({usual}); name its file or folder with --schema.")


def migrations_folder(path: Path, given: Path | None = None) -> Path:
    """The folder of migrations: the one that was given, or ``migrations`` beside the schema (or above its folder)."""
    if given is not None:
        return given
    home = path if path.is_dir() else path.parent
    above = home.parent / "migrations"
    if path.is_dir() and not (home / "migrations").is_dir() and above.is_dir():
        return above
    return home / "migrations"


def database_url(given: str | None, schema: PrismaSchema | None, path: Path | None) -> str:
    """The address of the database: what was given, else the datasource's, else DATABASE_URL; also out of ``.env``.

    Raises:
        UsageError: none of them says one.
    """
    if given is not None:
        return given
    known = _environment(path)
    source = schema.datasource if schema else None
    for each in (source.direct_url, source.url) if source else ():
        if isinstance(each, str):
            return each
        if isinstance(each, EnvironmentVariable) and known.get(each.name):
            return known[each.name]
    if known.get(_VARIABLE):
        return known[_VARIABLE]
    raise UsageError(f"No database is named: give its URL as DSN, in the schema's datasource, or as {_VARIABLE}.")


def _environment(path: Path | None) -> dict[str, str]:
    """The environment, and what ``.env`` beside the schema or here says where the environment does not."""
    files = [Path(".env")]
    if path is not None:
        files.append((path if path.is_dir() else path.parent) / ".env")
    values: dict[str, str] = {}
    for each in files:
        if each.is_file():
            values |= {name: value for name, value in dotenv_values(each).items() if value is not None}
    return values | dict(os.environ)
