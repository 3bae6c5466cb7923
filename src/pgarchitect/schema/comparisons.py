"""The comparisons of ``schema check``, each begun as soon as its two sides are there."""

from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.agreement import Sides
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.drift import Difference, compared
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.spelling import spelled

Found = Future[tuple[Difference, ...]]


@dataclass(frozen=True, slots=True)
class Read:
    """A schema that was read, and the database that Prisma would make of it."""

    schema: PrismaSchema
    database: DatabaseSchema


def read(sources: Mapping[str, str], home: str = "public") -> Read:
    """Read a schema: file name → text; ``home``: namespace of what names none.

    Raises:
        SchemaInvalid: it has errors.
    """
    schema = parse_schema(sources)
    return Read(schema, lower(schema, home))


def comparisons(
    sides: Sides, pool: Executor, schema: Read, there: Future[DatabaseSchema] | None, shadow: Connection
) -> list[Found]:
    """The comparisons with what migrations made and with a live database, under way.

    Args:
        sides: what is compared.
        pool: where they are done; they need no shadow database.
        schema: as it was read.
        there: the live database, being read.
        shadow: to a database in which the migrations have run.
    """
    base = schema.database
    found: list[Found] = []
    made = read_database_schema(shadow, base.schemas) if sides.migrations else None
    wanted = spelled(base, shadow)
    if made is not None:
        found.append(pool.submit(compared, "migrations and schema", made, wanted, str(sides.path)))
    if there is not None:
        found.append(pool.submit(_of_database, there, made, wanted))
    return found


def _of_database(
    there: Future[DatabaseSchema], made: DatabaseSchema | None, wanted: DatabaseSchema
) -> tuple[Difference, ...]:
    if made is None:
        return compared("database and schema", there.result(), wanted)
    return compared("database and migrations", there.result(), made, said_all=True)
