"""``_prisma_migrations``: what a database has recorded of its migrations."""

import uuid
from dataclasses import dataclass

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.schema.migrations.folder import Migration


@dataclass(frozen=True, slots=True)
class Record:
    """A row: one run of one migration.

    Attributes:
        id: a UUID.
        checksum: of the script that was run.
        finished: it came to its end.
        name: of the migration.
        logs: why it failed; None: it did not, or its process was killed.
        rolled_back: somebody said that it is to count as undone.
        steps: parts that were applied.
    """

    id: str
    checksum: str
    finished: bool
    name: str
    logs: str | None
    rolled_back: bool
    steps: int

    @property
    def is_open(self) -> bool:
        """Whether it neither came to its end nor counts as undone: it failed, or its process was killed."""
        return not self.finished and not self.rolled_back

    @property
    def was_killed(self) -> bool:
        """Whether it ended without a word."""
        return self.is_open and self.logs is None


def read_history(connection: Connection) -> tuple[Record, ...] | None:
    """The rows in their order; None where the table is not there."""
    if not has_history(connection):
        return None
    return tuple(Record(*row) for row in connection.execute(_sql("read")).fetchall())


def has_history(connection: Connection) -> bool:
    """Whether the table is there."""
    row = connection.execute(_sql("is_there")).fetchone()
    return bool(row and row[0])


def is_empty(connection: Connection) -> bool:
    """Whether the database holds nothing that a migration could collide with."""
    row = connection.execute(_sql("is_empty")).fetchone()
    return bool(row and row[0])


def create_history(connection: Connection) -> None:
    """Make the table unless it is there."""
    connection.execute(_sql("create"))


def begin(connection: Connection, migration: Migration) -> str:
    """Record that a migration begins; the id of its row."""
    made = str(uuid.uuid4())
    values = {"id": made, "checksum": migration.checksum, "name": migration.name}
    connection.execute(_sql("begin"), values)
    return made


def step(connection: Connection, record: str, steps: int) -> None:
    """Record that so many parts are done."""
    connection.execute(_sql("step"), {"id": record, "steps": steps})


def finish(connection: Connection, record: str) -> None:
    """Record that a migration is applied: first the number of steps, then the moment, as Prisma does."""
    connection.execute(_sql("finish"), {"id": record})
    connection.execute(_sql("finished"), {"id": record})


def fail(connection: Connection, record: str, logs: str) -> None:
    """Record why a migration failed."""
    connection.execute(_sql("fail"), {"id": record, "logs": logs})


def mark_rolled_back(connection: Connection, name: str) -> None:
    """Let the failed runs of a migration count as undone."""
    connection.execute(_sql("roll_back"), {"name": name})


def mark_applied(connection: Connection, migration: Migration) -> None:
    """Let a migration count as applied."""
    values = {"id": str(uuid.uuid4()), "checksum": migration.checksum, "name": migration.name}
    connection.execute(_sql("mark_applied"), values)


def _sql(name: str) -> bytes:
    return named("pgarchitect.schema.migrations", "history.sql", name).encode()
