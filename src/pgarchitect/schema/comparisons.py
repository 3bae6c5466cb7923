"""The comparisons of ``schema check``, each begun as soon as its two sides are there."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.agreement import Sides
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.drift import Difference, compared
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.places import shadow_url
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.replaying import replayed_database
from pgarchitect.schema.shadow import replay_all, shadow_database, unmentioned
from pgarchitect.schema.spelling import spelled
from pgarchitect.settings import Settings

Found = Future[tuple[Difference, ...]]


@dataclass(frozen=True, slots=True)
class Read:
    """A schema that was read, and the database that Prisma would make of it."""

    schema: PrismaSchema
    database: DatabaseSchema


def read(sources: Mapping[str, str]) -> Read:
    """Read a schema: file name → text.

    Raises:
        SchemaInvalid: it has errors.
    """
    schema = parse_schema(sources)
    return Read(schema, lower(schema))


def comparisons(
    sides: Sides, pool: Executor, reading: Future[Read], live: Connection | None, settings: Settings
) -> list[Found]:
    """All comparisons, under way; the shadow database is gone.

    Args:
        sides: what is compared.
        pool: where all is done that needs no shadow database.
        reading: the schema.
        live: to the live database, if there is one.
        settings: they name the embedded server.
    """
    schema = reading.result()
    base = schema.database
    there = pool.submit(read_database_schema, live, base.schemas) if live is not None else None
    mirrors = [pool.submit(_mirrors, schema, sides.mirrors)] if sides.mirrors is not None else []
    found: list[Found] = []
    with _migrated(sides, schema, settings) as shadow:
        made = read_database_schema(shadow, base.schemas) if sides.migrations else None
        wanted = spelled(base, shadow)
        if made is not None:
            found.append(pool.submit(compared, "migrations and schema", made, wanted, str(sides.path)))
        if there is not None:
            found.append(pool.submit(_of_database, there, made, wanted))
    return found + mirrors


@contextmanager
def _migrated(sides: Sides, schema: Read, settings: Settings) -> Iterator[Connection]:
    """A connection to a shadow database in which the migrations have run."""
    url = shadow_url(sides.shadow_url, schema.schema, sides.path) if sides.may_name_server else None
    extensions = unmentioned(schema.database.extensions, sides.migrations)
    if url is None and sides.migrations:
        with replayed_database(settings, sides.migrations, extensions) as shadow:
            yield shadow
        return
    with shadow_database(settings, extensions, url) as shadow:
        replay_all(shadow, sides.migrations)
        yield shadow


def _of_database(
    there: Future[DatabaseSchema], made: DatabaseSchema | None, wanted: DatabaseSchema
) -> tuple[Difference, ...]:
    if made is None:
        return compared("database and schema", there.result(), wanted)
    return compared("database and migrations", there.result(), made, said_all=True)


def _mirrors(schema: Read, folder: Path) -> tuple[Difference, ...]:
    from pgarchitect.schema.mirrors.drift import mirror_drift  # noqa: PLC0415  # loaded where mirrors are compared

    return mirror_drift(schema.schema, schema.database, folder)
