"""From the migrations that there are to the schema that is wanted: the next migration."""

from collections.abc import Sequence
from dataclasses import dataclass

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.difference import Rename, Step, StepKind, Wishes, difference, possible_renames
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.runner import send
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.shadow import replayed, shadow_database
from pgarchitect.settings import Settings

_EXTENSIONS = frozenset({StepKind.CREATE_EXTENSION, StepKind.ALTER_EXTENSION, StepKind.DROP_EXTENSION})


@dataclass(frozen=True, slots=True)
class Plan:
    """What lies between two schemas.

    Attributes:
        before: what migrations make.
        after: what the schema says, as a server spells it.
    """

    before: DatabaseSchema
    after: DatabaseSchema

    def questions(self, wishes: Wishes) -> tuple[Rename, ...]:
        """Renames that are possible and neither wished for nor refused."""
        return possible_renames(self.before, self.after, wishes)

    def steps(self, wishes: Wishes) -> tuple[Step, ...]:
        """The steps of the next migration."""
        return difference(self.before, self.after, wishes)


def plan(schema: PrismaSchema, migrations: Sequence[Migration], settings: Settings) -> Plan:
    """Replay the migrations in one shadow database and make the schema in another.

    Raises:
        MigrationFailed: a migration fails on an empty database.
    """
    wanted = lower(schema)
    with shadow_database(settings, wanted.extensions) as shadow:
        before = replayed(shadow, migrations, wanted.schemas)
    return Plan(before, as_made(wanted, settings))


def as_made(wanted: DatabaseSchema, settings: Settings) -> DatabaseSchema:
    """A schema as a server has it once it is made there: every expression as the server spells it."""
    with shadow_database(settings, wanted.extensions) as shadow:
        send(shadow, create_script(wanted))
        return read_database_schema(shadow, wanted.schemas)


def drift(connection: Connection, migrations: Sequence[Migration], settings: Settings) -> tuple[Step, ...]:
    """What would have to be done to a database so that it is what these migrations make; extensions do not count."""
    live = read_database_schema(connection, _searched(connection))
    with shadow_database(settings, live.extensions) as shadow:
        made = replayed(shadow, migrations, live.schemas)
    return tuple(each for each in difference(live, made) if each.kind not in _EXTENSIONS)


def _searched(connection: Connection) -> list[str]:
    row = connection.execute("SELECT pg_catalog.current_schema()::text").fetchone()
    return [str(row[0])] if row and row[0] else ["public"]


def losses(steps: Sequence[Step]) -> tuple[str, ...]:
    """What data the steps destroy, a phrase each."""
    return tuple(each.loses for each in steps if each.loses)
