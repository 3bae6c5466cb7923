"""Who takes part."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from benchmarks.access.cases import CASES, CONCURRENT, INSERT_1K, INSERT_10K, JOIN, READ


class Family(StrEnum):
    """What a contender is."""

    OURS = "ours"
    DRIVER = "driver"
    LIMIT = "client in C"
    CORE = "query builder in Python"
    ORM = "ORM in Python"
    DRIZZLE = "Drizzle"
    PRISMA = "Prisma"
    KYSELY = "query builder on Node"


@dataclass(frozen=True, slots=True)
class Entry:
    """One contender.

    Attributes:
        name: on the page.
        family: what it is.
        program: ``module:Class`` of a Python worker, or the variant of a Node worker.
        module: package that must be installed; empty: none.
        cases: names of those that it takes part in.
    """

    name: str
    family: Family
    program: str
    module: str = ""
    cases: tuple[str, ...] = tuple(each.name for each in CASES)

    @property
    def is_node(self) -> bool:
        """Whether it runs on Node."""
        return self.family in {Family.DRIZZLE, Family.PRISMA, Family.KYSELY}


OURS_ASYNCIO: Final = "pgarchitect, asyncio"
OURS_THREADS: Final = "pgarchitect, threads"
OURS_COALESCING: Final = "pgarchitect, coalescing"
WORLDS: Final = (OURS_ASYNCIO, OURS_THREADS)
ASYNCPG: Final = "asyncpg"
PSYCOPG: Final = "psycopg 3"
_INSERTS: Final = (INSERT_1K.name, INSERT_10K.name)
PSQL: Final = r"psql \copy"
PGBENCH: Final = "pgbench"
_READS: Final = tuple(each.name for each in (READ, JOIN, CONCURRENT))

ENTRIES: Final = (
    Entry(OURS_ASYNCIO, Family.OURS, "ours:Asyncio"),
    Entry(OURS_THREADS, Family.OURS, "ours:Threads"),
    Entry(OURS_COALESCING, Family.OURS, "ours:Coalescing", cases=(CONCURRENT.name,)),
    Entry("pgarchitect, asyncio, unvalidated", Family.OURS, "ours:AsyncioUnvalidated", cases=_INSERTS),
    Entry("pgarchitect, threads, unvalidated", Family.OURS, "ours:ThreadsUnvalidated", cases=_INSERTS),
    Entry(ASYNCPG, Family.DRIVER, "drivers:Asyncpg"),
    Entry(PSYCOPG, Family.DRIVER, "drivers:Psycopg"),
    Entry(PSQL, Family.LIMIT, "", cases=_INSERTS),
    Entry(PGBENCH, Family.LIMIT, "", cases=_READS),
    Entry("SQLAlchemy Core, psycopg", Family.CORE, "sqlalchemy_contenders:CoreThreads"),
    Entry("SQLAlchemy Core, asyncpg", Family.CORE, "sqlalchemy_contenders:CoreAsyncio"),
    Entry("SQLAlchemy ORM, psycopg", Family.ORM, "sqlalchemy_contenders:OrmThreads"),
    Entry("SQLAlchemy ORM, asyncpg", Family.ORM, "sqlalchemy_contenders:OrmAsyncio"),
    Entry("Django", Family.ORM, "django_contender:Django", "django"),
    Entry("Peewee", Family.ORM, "peewee_contender:Peewee", "peewee"),
    Entry("Tortoise", Family.ORM, "tortoise_contender:TortoiseOrm", "tortoise"),
    Entry("Piccolo", Family.ORM, "piccolo_contender:Piccolo", "piccolo"),
    Entry("Drizzle 0.45", Family.DRIZZLE, "drizzle"),
    Entry("Drizzle 0.45, prepared", Family.DRIZZLE, "drizzle-prepared"),
    Entry("Drizzle 1.0-rc", Family.DRIZZLE, "drizzle-next"),
    Entry("Drizzle 1.0-rc, prepared", Family.DRIZZLE, "drizzle-next-prepared"),
    Entry("Kysely", Family.KYSELY, "kysely"),
    Entry("Prisma 7", Family.PRISMA, "prisma"),
)
