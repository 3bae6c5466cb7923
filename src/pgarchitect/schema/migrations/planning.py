"""From the migrations that there are to the schema that is wanted: the next migration."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.database_schema import DatabaseSchema, Extension
from pgarchitect.schema.difference import Rename, Step, StepKind, Wishes, difference, possible_renames
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.connecting import DEFAULT_SCHEMA
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.history import current_schema
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.shadow import replay_all, replayed, shadow_database, unmentioned
from pgarchitect.schema.spelling import spelled
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


@contextmanager
def planning(
    schema: PrismaSchema,
    migrations: Sequence[Migration],
    settings: Settings,
    *,
    home: str = DEFAULT_SCHEMA,
    url: str | None = None,
) -> Iterator[tuple[Plan, Connection]]:
    """The plan, and the shadow database in which the migrations were run, to try what follows from it.

    Args:
        schema: that is wanted.
        migrations: that there are.
        settings: they name the embedded server.
        home: schema that unqualified names mean.
        url: of a server for the shadow database; None: the embedded one.

    Raises:
        MigrationFailed: a migration fails on an empty database.
        SchemaInvalid: the server refuses an expression of the schema, or would cut a name.
    """
    wanted = lower(schema, home)
    lent = _lent(wanted, migrations)
    with shadow_database(settings, lent, url, home) as shadow:
        made = replayed(shadow, migrations, wanted.schemas)
        names = {each.name for each in lent}
        before = replace(made, extensions=tuple(each for each in made.extensions if each.name not in names))
        yield Plan(before, spelled(wanted, shadow)), shadow


def require_replayable(
    schema: PrismaSchema,
    migrations: Sequence[Migration],
    settings: Settings,
    *,
    home: str = DEFAULT_SCHEMA,
    url: str | None = None,
) -> None:
    """See that migrations run one after the other on an empty database; arguments as of ``planning``.

    Raises:
        MigrationFailed: one does not.
    """
    with shadow_database(settings, _lent(lower(schema, home), migrations), url, home) as shadow:
        replay_all(shadow, migrations)


def _lent(wanted: DatabaseSchema, migrations: Sequence[Migration]) -> tuple[Extension, ...]:
    """Extensions that are there only so that migrations can be replayed that rely on somebody's having created them."""
    return unmentioned(wanted.extensions, migrations)


def plan(
    schema: PrismaSchema,
    migrations: Sequence[Migration],
    settings: Settings,
    *,
    home: str = DEFAULT_SCHEMA,
    url: str | None = None,
) -> Plan:
    """The plan alone; see ``planning``."""
    with planning(schema, migrations, settings, home=home, url=url) as (found, _):
        return found


def as_made(
    wanted: DatabaseSchema, settings: Settings, *, home: str = DEFAULT_SCHEMA, url: str | None = None
) -> DatabaseSchema:
    """A schema with its expressions as a server spells them; what names a function or type that it lacks stays."""
    with shadow_database(settings, wanted.extensions, url, home) as shadow:
        return spelled(wanted, shadow, lenient=True)


def drift(
    connection: Connection,
    migrations: Sequence[Migration],
    settings: Settings,
    *,
    schemas: Sequence[str] = (),
    url: str | None = None,
) -> tuple[Step, ...]:
    """What would have to be done to a database so that it is what these migrations make; extensions do not count.

    Args:
        connection: to the database.
        migrations: that it has.
        settings: they name the embedded server.
        schemas: to compare besides that of unqualified names.
        url: of a server for the shadow database; None: the embedded one.
    """
    home = current_schema(connection)
    compared = list(dict.fromkeys([home, *schemas]))
    live = read_database_schema(connection, compared)
    with shadow_database(settings, unmentioned(live.extensions, migrations), url, home) as shadow:
        made = replayed(shadow, migrations, compared)
    return tuple(each for each in difference(live, made) if each.kind not in _EXTENSIONS)


def losses(steps: Sequence[Step]) -> tuple[str, ...]:
    """What data the steps destroy, a phrase each."""
    return tuple(each.loses for each in steps if each.loses)
