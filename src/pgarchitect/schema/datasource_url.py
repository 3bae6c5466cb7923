"""Which database a command works on: the one that is named, else the datasource's, else ``DATABASE_URL``."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pgarchitect.errors import UsageError
from pgarchitect.schema.database_url import DatabaseUrl, read_database_url
from pgarchitect.schema.dotenv import read_dotenv
from pgarchitect.schema.psl.prisma_schema import Datasource, EnvironmentVariable

VARIABLE: Final = "DATABASE_URL"
_FILE: Final = ".env"


def datasource_url(given: str | None, datasource: Datasource | None, folder: Path) -> DatabaseUrl:
    """The database to work on.

    Args:
        given: DSN of the command line; None without one.
        datasource: of the schema; ``directUrl`` goes before ``url``, since a pooler keeps no session.
        folder: of the schema; a ``.env`` in it, above it, or in the current directory is read, as Prisma does.

    Raises:
        UsageError: nothing names a database, or the variable that the schema names is not set.
    """
    if given is not None:
        return read_database_url(given)
    environment = environment_of(folder)
    for written in _written(datasource):
        if isinstance(written, str):
            return read_database_url(written)
        if value := environment.get(written.name):
            return read_database_url(value)
        raise UsageError(
            f'The schema takes the database\'s URL from env("{written.name}"), which is neither set nor in a .env file'
            " beside the schema; set it, or name the database as DSN."
        )
    if value := environment.get(VARIABLE):
        return read_database_url(value)
    raise UsageError(
        f"No database is named: give a DSN, set {VARIABLE} (a .env file beside the schema will do), or write url into"
        " the schema's datasource."
    )


def shadow_url(given: str | None, datasource: Datasource | None, folder: Path) -> str | None:
    """DSN of a server where shadow databases may be made, where one is named; None: the embedded server.

    Raises:
        UsageError: the URL asks for what libpq cannot do.
    """
    if given is not None:
        return read_database_url(given).dsn
    written = datasource.shadow_database_url if datasource else None
    value = environment_of(folder).get(written.name) if isinstance(written, EnvironmentVariable) else written
    return read_database_url(value).dsn if value else None


def environment_of(folder: Path) -> Mapping[str, str]:
    """The environment, and beneath it what ``.env`` files say: of the folder, the one above it, the current one."""
    found: dict[str, str] = {}
    for place in (Path.cwd(), folder.resolve().parent, folder.resolve()):
        found |= read_dotenv(place / _FILE, os.environ)
    return {**found, **os.environ}


def _written(datasource: Datasource | None) -> Iterator[str | EnvironmentVariable]:
    if datasource is not None:
        for each in (datasource.direct_url, datasource.url):
            if each is not None:
                yield each
