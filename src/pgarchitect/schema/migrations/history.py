"""``_prisma_migrations``: what a database has recorded of its migrations."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.schema.migrations.connecting import DEFAULT_SCHEMA, Kept
from pgarchitect.schema.migrations.folder import Migration

BEGUN: Final = "pgarchitect has begun this migration and not ended it; `pgarchitect migrate deploy` goes on with it."
"""Logs of a migration that we run, until it is done: where they are left, we know how far it can have come."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row: one run of one migration.

    Attributes:
        id: a UUID.
        checksum: of the script that was run.
        finished: it came to its end.
        name: of the migration.
        logs: why it failed; None: it did not, or another tool was killed; ``BEGUN``: we were.
        rolled_back: somebody said that it is to count as undone.
        steps: parts that were applied.
        started_at: when it began; None: it is not from a database.
    """

    id: str
    checksum: str
    finished: bool
    name: str
    logs: str | None
    rolled_back: bool
    steps: int
    started_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it neither came to its end nor counts as undone: it failed, or its process was killed."""
        return not self.finished and not self.rolled_back

    @property
    def was_killed(self) -> bool:
        """Whether it ended without a word."""
        return self.is_open and self.logs in {None, BEGUN}

    @property
    def was_ours(self) -> bool:
        """Whether it was ours that ended without a word; ours end a script's row in the script's own transaction."""
        return self.is_open and self.logs == BEGUN


def read_history(connection: Connection) -> tuple[Record, ...] | None:
    """The rows in their order; None where the table is not there."""
    if not has_history(connection):
        return None
    return tuple(Record(*row) for row in connection.execute(_sql("read")).fetchall())


def has_history(connection: Connection) -> bool:
    """Whether the table is there."""
    row = connection.execute(_sql("is_there")).fetchone()
    return bool(row and row[0])


def occupants(connection: Connection, schemas: Sequence[str]) -> tuple[str, ...]:
    """What schemas hold that migrations could collide with: ``table public.users``."""
    rows = connection.execute(_sql("occupants"), {"schemas": list(schemas)}).fetchall()
    return tuple(f"{kind} {name}" for kind, name in rows)


def current_schema(connection: Connection) -> str:
    """The schema that unqualified names mean, of the table of migrations, too; ``public`` where that is not there."""
    row = connection.execute(_sql("current_schema")).fetchone()
    return str(row[0]) if row and row[0] else DEFAULT_SCHEMA


def create_history(connection: Connection) -> None:
    """Make the table unless it is there, and its schema, as Prisma does."""
    row = connection.execute(_sql("current_schema")).fetchone()
    if row is None or row[0] is None:
        connection.execute(b"CREATE SCHEMA IF NOT EXISTS " + Kept.of(connection).path.encode())
    connection.execute(_sql("create"))


def begin(connection: Connection, migration: Migration) -> str:
    """Record that a migration begins; the id of its row."""
    made = str(uuid.uuid4())
    values = {"id": made, "checksum": migration.checksum, "name": migration.name, "logs": BEGUN}
    connection.execute(_sql("begin"), values)
    return made


def go_on(connection: Connection, record: Record) -> str:
    """Record that a migration goes on where it stood; the id of its row."""
    connection.execute(_sql("go_on"), {"id": record.id, "logs": BEGUN})
    return record.id


def step(connection: Connection, record: str, steps: int) -> None:
    """Record that so many parts are done; a script in one piece is one."""
    connection.execute(_sql("step"), {"id": record, "steps": steps})


def finish(connection: Connection, record: str) -> None:
    """Record that a migration is applied, and when."""
    connection.execute(_sql("finish"), {"id": record})


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
