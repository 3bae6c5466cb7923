"""Where a project keeps its schema, its migrations and its database's address, as Prisma looks for them."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dotenv import dotenv_values

from pgarchitect.errors import UsageError
from pgarchitect.postgres.prisma_url import without_prisma_parameters

if TYPE_CHECKING:
    from pgarchitect.schema.psl.prisma_schema import EnvironmentVariable, PrismaSchema

_USUAL: Final = (Path("prisma/schema.prisma"), Path("schema.prisma"), Path("prisma/schema"), Path("prisma"))
_VARIABLE: Final = "DATABASE_URL"
_WRITTEN: Final = re.compile(
    r'^[ \t]*(directUrl|url)[ \t]*=[ \t]*(?:env\([ \t]*"(\w+)"[ \t]*\)|"([^"]*)")', re.MULTILINE
)
"""An address in a datasource: its setting, the variable that it names, the address itself."""


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


def require_folder(given: Path | None) -> None:
    """See that a folder of migrations that somebody named is there: of one that is not, nothing would be pending.

    Raises:
        UsageError: it is not there.
    """
    if given is not None and not given.exists():
        raise UsageError(f"{given} does not exist; name the folder of migrations with --migrations.")


def database_url(given: str | None, schema: "PrismaSchema | None", path: Path | None) -> str:
    """The address of the database: what was given, else the datasource's, else DATABASE_URL; also out of ``.env``.

    ``directUrl`` goes before ``url``: a pooler keeps no session, and migrations need one.

    Raises:
        UsageError: none of them says one.
    """
    if given is not None:
        return given
    known = _environment(path)
    source = schema.datasource if schema else None
    written = [each for each in (source.direct_url, source.url) if each is not None] if source else []
    for each in written:
        if found := _value(each, known):
            return found
    if known.get(_VARIABLE):
        return known[_VARIABLE]
    asked = [f'env("{each.name}")' for each in written if not isinstance(each, str)]
    unset = f" The schema names {' and '.join(asked)}, which is not set." if asked else ""
    raise UsageError(
        f"No database is named: give its URL as DSN, in the schema's datasource, or as {_VARIABLE} in the environment"
        f" or in a file .env beside the schema.{unset}"
    )


def home_schema(texts: Iterable[str], path: Path | None) -> str:
    """The namespace that unqualified names mean where no database is named.

    It is that of the address that ``database_url`` would find, ``?schema=``; without one ``public``. The schema need
    not have been read for it.

    Args:
        texts: of the schema's files.
        path: of the schema.
    """
    address = next(filter(None, _addresses(texts, _environment(path))), "")
    return without_prisma_parameters(address)[1].get("schema") or "public"


def _addresses(texts: Iterable[str], known: Mapping[str, str]) -> Iterator[str]:
    written = sorted(found.groups("") for text in texts for found in _WRITTEN.finditer(text))  # directUrl goes first
    for _, name, address in written:
        yield address or known.get(name, "")
    yield known.get(_VARIABLE, "")


def shadow_url(given: str | None, schema: "PrismaSchema | None", path: Path | None) -> str | None:
    """The address of a server for shadow databases, where one is named; None: the embedded server."""
    if given is not None:
        return given
    source = schema.datasource if schema else None
    return _value(source.shadow_database_url, _environment(path)) if source and source.shadow_database_url else None


def _value(written: "str | EnvironmentVariable", known: Mapping[str, str]) -> str | None:
    return written if isinstance(written, str) else known.get(written.name)


def _environment(path: Path | None) -> dict[str, str]:
    """The environment, and beneath it what ``.env`` says: here, above the schema's folder, beside the schema."""
    folders = [Path()]
    if path is not None:
        home = (path if path.is_dir() else path.parent).resolve()
        folders += [home.parent, home]
    values: dict[str, str] = {}
    for each in folders:
        if (each / ".env").is_file():
            values |= _written(each / ".env")
    return values | dict(os.environ)


def _written(file: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(file).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise UsageError(f"{file} cannot be read ({reason}); check its rights, or what is in it.") from error
