"""The comparisons of ``schema check``, each begun as soon as its two sides are there."""

from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.agreement import Sides
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.drift import Difference, compared, programs_compared
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.programs import Whole, read_whole
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
    sides: Sides, pool: Executor, schema: Read, there: Future[Whole] | None, shadow: Connection
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
    made = read_whole(shadow, base.schemas) if sides.migrations else None
    wanted = spelled(base, shadow, lenient=made is None)
    if made is not None:
        found.append(pool.submit(compared, "migrations and schema", made.database, wanted, str(sides.path)))
    if there is not None:
        found.append(pool.submit(_of_database, there, made, wanted))
    return found


def _of_database(there: Future[Whole], made: Whole | None, wanted: DatabaseSchema) -> tuple[Difference, ...]:
    live = there.result()
    if made is None:
        return compared("database and schema", live.database, wanted)
    between = "database and migrations"
    return (
        *compared(between, live.database, made.database, said_all=True),
        *programs_compared(between, live.programs, made.programs),
    )
