"""``_prisma_migrations``: the table in which a database remembers its migrations, the same that Prisma keeps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from psycopg import sql

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement
from pgarchitect.schema.migrations.checksum import checksum
from pgarchitect.schema.migrations.folder import Migration

TABLE: Final = "_prisma_migrations"
BEGUN: Final = "pgarchitect has begun this migration and was interrupted; `pgarchitect migrate deploy` carries on."
"""Logs of a migration that we run, until it is done: where they are still there, we know how far it can have come."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the table.

    Attributes:
        id: a UUID.
        checksum: of the script that ran.
        finished_at: None: it failed, was interrupted, or is running.
        name: of the migration.
        logs: why it failed; None or empty: nothing was said.
        rolled_back_at: when somebody declared it undone; the row is of no account then.
        started_at: when it began.
        steps: how many of its parts are done; 0 with ``finished_at``: somebody declared it applied.
    """

    id: str
    checksum: str
    finished_at: datetime | None
    name: str
    logs: str | None
    rolled_back_at: datetime | None
    started_at: datetime
    steps: int

    @property
    def is_unfinished(self) -> bool:
        """Neither done nor declared undone: it stands in the way of what comes after it."""
        return self.finished_at is None and self.rolled_back_at is None

    @property
    def was_interrupted(self) -> bool:
        """It was ours, and ended without a word."""
        return self.is_unfinished and self.logs == BEGUN


@dataclass(frozen=True, slots=True)
class History:
    """The table of one database.

    Attributes:
        connection: that may write.
        schema: namespace of the table.
    """

    connection: Connection
    schema: str

    def exists(self) -> bool:
        """Whether the table is there."""
        row = self.connection.execute(_text("exists"), {"schema": self.schema}).fetchone()
        return bool(row and row[0])

    def create(self) -> None:
        """Make the table unless it is there."""
        if not self.exists():
            self._do("create")

    def records(self) -> tuple[Record, ...]:
        """Its rows in the order in which the migrations began; none where there is no table."""
        if not self.exists():
            return ()
        return tuple(Record(*row) for row in self.connection.execute(self._statement("rows")).fetchall())

    def begin(self, migration: Migration) -> str:
        """A migration begins; the id of its row."""
        new = str(uuid4())
        self._do("begin", id=new, checksum=checksum(migration.script), name=migration.name, logs=BEGUN)
        return new

    def begin_again(self, record: Record) -> str:
        """An interrupted one goes on; the id of its row."""
        self._do("begin_again", id=record.id, logs=BEGUN)
        return record.id

    def count(self, row: str, steps: int) -> None:
        """So many parts of it are done."""
        self._do("count", id=row, steps=steps)

    def finish(self, row: str) -> None:
        """It is done."""
        self._do("finish", id=row)

    def fail(self, row: str, logs: str) -> None:
        """It has failed."""
        self._do("fail", id=row, logs=logs)

    def roll_back(self, name: str) -> None:
        """What failed of a migration counts as rolled back."""
        self._do("roll_back", name=name)

    def record(self, migration: Migration) -> None:
        """A migration counts as applied; what failed of it before, as rolled back."""
        with self.connection.transaction():
            self.roll_back(migration.name)
            self._do("record", id=str(uuid4()), checksum=checksum(migration.script), name=migration.name)

    def _do(self, which: str, **values: str | int) -> None:
        self.connection.execute(self._statement(which), values or None)

    def _statement(self, name: str) -> sql.Composed:
        return sql.SQL(_text(name)).format(table=sql.Identifier(self.schema, TABLE))


def _text(name: str) -> str:
    return statement(__package__, "history.sql", name)
