"""Drift: what a schema says, what its migrations make, what a database has and what mirrors say, compared in pairs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference import Step, StepKind, Wishes, difference
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.mirrors.files import MirrorFile
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.shadow import replayed, shadow_database
from pgarchitect.schema.spelling import spelled
from pgarchitect.settings import Settings

_EXTENSIONS = frozenset({StepKind.CREATE_EXTENSION, StepKind.ALTER_EXTENSION, StepKind.DROP_EXTENSION})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        between: the two sides: ``migrations and schema``, ``database and migrations``, ``mirror and schema``.
        concerns: the object or file.
        told: what it takes to make the first side like the second.
        file: where the difference is to be put right, for annotations; empty: nowhere in the repository.
    """

    between: str
    concerns: str
    told: str
    file: str = ""


def schema_drift(
    schema: PrismaSchema, path: Path, migrations: Iterable[Migration], live: Connection | None, settings: Settings
) -> tuple[Difference, ...]:
    """What differs between a schema, its migrations (where there are any) and a live database (where one is given)."""
    with shadow_database(settings, lower(schema).extensions) as shadow:
        wanted = spelled(lower(schema), shadow)
        several = tuple(migrations)
        made = replayed(shadow, several, wanted.schemas) if several else None
    found: list[Difference] = []
    if made is not None:
        found += _compared("migrations and schema", made, wanted, str(path))
    if live is not None:
        there = read_database_schema(live, wanted.schemas)
        side = "database and schema" if made is None else "database and migrations"
        found += _compared(side, there, wanted if made is None else made, "", said_all=made is not None)
    return tuple(found)


def _compared(
    between: str, before: DatabaseSchema, after: DatabaseSchema, file: str, *, said_all: bool = False
) -> list[Difference]:
    steps = difference(before, after, Wishes(keep_inexpressible=not said_all))
    return [Difference(between, each.concerns, _told(each), file) for each in steps if each.kind not in _EXTENSIONS]


def _told(step: Step) -> str:
    return " ".join(" ".join(step.statements).split())


def mirror_drift(files: Iterable[MirrorFile]) -> tuple[Difference, ...]:
    """Which mirrors on disk do not say what the schema says; those that are not there are not wanted."""
    told = {"different": "differs from what the schema says", "foreign": "was not generated, or was edited"}
    return tuple(
        Difference("mirror and schema", each.path.name, told[state], str(each.path))
        for each in files
        if (state := each.state) in told
    )
