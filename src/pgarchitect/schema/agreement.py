"""``schema check`` as a whole: whether a schema, its migrations, a live database and its mirrors agree.

Reading the schema and writing the mirrors take our processor, replaying migrations takes a server's, reading a database
another one's: so they are done at once. What talks to the shadow's server stays in the calling thread, where Ctrl-C
ends a statement that runs.
"""

import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from pgarchitect.errors import PgArchitectError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.drift import Difference, compared
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.places import shadow_url
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.shadow import replayed, shadow_database, with_extensions
from pgarchitect.schema.spelling import spelled
from pgarchitect.settings import Settings

_TURN_S: Final = 0.001
"""How long a thread works before another gets its turn, which may have an answer and ask a server the next thing."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared.

    Attributes:
        path: of the schema; named in annotations.
        sources: its files and their texts.
        migrations: none: the database is compared with the schema itself.
        dsn: of a live database, which is only read; None: none.
        mirrors: folder of mirrors; None: none.
        shadow_url: of a server for the shadow database; None: the one that the schema names, or the embedded one.
    """

    path: Path
    sources: Mapping[str, str]
    migrations: tuple[Migration, ...]
    dsn: str | None = None
    mirrors: Path | None = None
    shadow_url: str | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """The schema, and the database that Prisma would make of it."""

    schema: PrismaSchema
    database: DatabaseSchema


def differences(sides: Sides, settings: Settings) -> tuple[Difference, ...]:
    """Everything in which the sides do not agree.

    Raises:
        SchemaInvalid: the schema has errors.
        MigrationFailed: a migration fails on an empty database.
        CannotConnect, AuthenticationFailed: the live database is not there, or does not let us in.
        EmbeddedServerFailed: the embedded server cannot be started.
    """
    try:
        with ExitStack() as stack:
            url = without_prisma_parameters(sides.dsn)[0] if sides.dsn else ""
            live = stack.enter_context(connect(url, settings)) if url else None
            found = _compared(sides, stack.enter_context(_workers(live)), live, settings)
            return tuple(difference for each in found for difference in each.result())
    except PgArchitectError:
        parse_schema(sides.sources)  # what is wrong with the schema is told before anything else
        raise


def _read(sources: Mapping[str, str]) -> _Read:
    schema = parse_schema(sources)
    return _Read(schema, lower(schema))


@contextmanager
def _workers(live: Connection | None) -> Iterator[ThreadPoolExecutor]:
    """Threads that take short turns; what one of them asks the live database is ended when we are interrupted."""
    turn = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        with ThreadPoolExecutor() as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                if live is not None:
                    with suppress(psycopg.Error):
                        live.cancel_safe()
                raise
    finally:
        sys.setswitchinterval(turn)


def _compared(
    sides: Sides, pool: ThreadPoolExecutor, live: Connection | None, settings: Settings
) -> list[Future[tuple[Difference, ...]]]:
    """The comparisons, each under way."""
    reading = pool.submit(_read, sides.sources)
    found: list[Future[tuple[Difference, ...]]] = []
    with shadow_database(settings, url=_shadow_url(sides, reading)) as shadow:
        read = reading.result()
        schemas = read.database.schemas
        there = pool.submit(read_database_schema, live, schemas) if live is not None else None
        mirrors = pool.submit(_mirrors, read, sides.mirrors) if sides.mirrors is not None else None
        with_extensions(shadow, read.database.extensions)
        wanted = spelled(read.database, shadow)
        made = replayed(shadow, sides.migrations, schemas) if sides.migrations else None
        if made is not None:
            found.append(pool.submit(compared, "migrations and schema", made, wanted, str(sides.path)))
        if there is not None:
            found.append(pool.submit(_of_database, there, made, wanted))
        if mirrors is not None:
            found.append(mirrors)
    return found


def _shadow_url(sides: Sides, reading: Future[_Read]) -> str | None:
    """The schema need not be read before a server is started if it cannot name one."""
    if sides.shadow_url is None and any("shadowDatabaseUrl" in text for text in sides.sources.values()):
        return shadow_url(None, reading.result().schema, sides.path)
    return sides.shadow_url


def _of_database(
    there: Future[DatabaseSchema], made: DatabaseSchema | None, wanted: DatabaseSchema
) -> tuple[Difference, ...]:
    if made is None:
        return compared("database and schema", there.result(), wanted)
    return compared("database and migrations", there.result(), made, said_all=True)


def _mirrors(read: _Read, folder: Path) -> tuple[Difference, ...]:
    from pgarchitect.schema.mirrors.drift import mirror_drift  # noqa: PLC0415  # loaded where it is wanted

    return mirror_drift(read.schema, read.database, folder)
