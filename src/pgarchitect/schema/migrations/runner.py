"""Runs one migration: its row begins, its script is sent as it is, its row ends.

A script runs in one transaction, which ends its row as well: killed at any moment, it is done or it is not, and the
next deployment knows which. One that holds a statement which no transaction can hold is run part by part, each
counted, so that a run whose process was killed is taken up where it stood.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import psycopg

from pgarchitect.errors import MigrationFailed, UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.migrations import history
from pgarchitect.schema.migrations.connecting import Kept, is_idle, patient
from pgarchitect.schema.migrations.failure import REASON, told
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.history import Record
from pgarchitect.schema.migrations.interrupted import Progress, clear_invalid, progress_of
from pgarchitect.schema.migrations.plan import Part, Plan, plan_of, session_settings
from pgarchitect.schema.safety.reading.script import control_of
from pgarchitect.schema.safety.reading.statement import Statement, statements_in

Tell = Callable[[str], None]
"""Is told what happens, in words for a person."""
_ATTEMPTS: Final = 5
"""Of a script that waited for a lock too long: nothing of it was kept, so it may be tried again."""
_PAUSE_S: Final = 1.0
"""Before the second attempt; twice as long before each further one."""
_DEADLOCKS: Final = 3
"""Attempts at a statement outside a transaction that waits for one that waits for it."""


def run(
    connection: Connection, migration: Migration, killed: Record | None = None, tell: Tell = lambda _: None
) -> None:
    """Run a migration and record it.

    Args:
        connection: in autocommit; the caller holds the lock.
        migration: to run.
        killed: an earlier run that is taken up where it stood.
        tell: hears what is tried again or left out.

    Raises:
        MigrationFailed: the server refused it; why is recorded.
        UsageError: it copies rows from the client, which has none; nothing is recorded.
    """
    plan = plan_of(migration.sql)
    if plan.copies:
        raise UsageError(
            f"The migration {migration.name} copies rows from or to the client (line {plan.copies}), which has none to"
            " offer; write INSERT instead."
        )
    kept = Kept.of(connection)
    row = history.go_on(connection, killed) if killed else history.begin(connection, migration)
    going = _Run(connection, row, kept, tell)
    try:
        if plan.parts:
            going.parts(plan.parts, killed.steps if killed else 0, resumed=killed is not None)
        else:
            going.whole(migration.sql, plan)
    except psycopg.Error as error:
        if connection.broken:
            raise
        connection.rollback()
        kept.restore(connection)
        sentence, logs = told(migration, error, going.running)
        history.fail(connection, row, logs)
        raise MigrationFailed(f"{sentence} {_kept(plan, going.done)}") from error
    kept.restore(connection)


def replay(connection: Connection, migration: Migration, kept: Kept | None = None) -> None:
    """Run a migration on a database that is thrown away; nothing is recorded, and nothing that it sets stays.

    A script and what puts the settings back go in one message: other threads of ours work meanwhile, and whoever
    waits for an answer waits for its turn as well, a millisecond each time.

    Args:
        connection: to that database.
        migration: to run.
        kept: the settings that stay, where they are known.

    Raises:
        psycopg.Error: the server refused it.
    """
    restoring = (kept or Kept.of(connection)).restoring(connection)
    parts = plan_of(migration.sql).parts
    for statement in (each for part in parts for each in part.statements):
        send(connection, statement.text)
    send(connection, restoring if parts else f"{migration.sql}\n;{restoring}")
    if not is_idle(connection):
        connection.commit()


def rehearse(connection: Connection, script: str) -> None:
    """Run a script and take back all of it; one with a statement that no transaction can hold is left alone.

    Transactions of its own are run as one, since nothing of it may stay: up to the use of a value that it has added
    to an enum, which can be known no further.

    Raises:
        psycopg.Error: the server refused it.
    """
    plan = plan_of(script)
    if plan.parts:
        return
    whole = script if plan.atomic else ";".join(each.text for each in statements_in(script) if not control_of(each))
    kept = Kept.of(connection)
    send(connection, "BEGIN")
    try:
        with suppress(psycopg.errors.UnsafeNewEnumValueUsage):
            send(connection, whole)
    except BaseException:
        with suppress(psycopg.Error):  # the reason counts, and a statement may still be running
            _take_back(connection, kept)
        raise
    _take_back(connection, kept)


def _take_back(connection: Connection, kept: Kept) -> None:
    send(connection, "ROLLBACK")
    kept.restore(connection)


def can_go_on(migration: Migration, record: Record) -> bool:
    """Whether a run that was killed can be taken up without asking: we know how far it can have come."""
    if not record.was_killed or not migration.has_checksum(record.checksum):
        return False
    plan = plan_of(migration.sql)
    return bool(plan.parts) or (plan.atomic and record.was_ours)


def can_resume(migration: Migration, record: Record) -> bool:
    """Whether a run that failed can go on once what made it fail is put right: its script is the same, in parts."""
    return record.is_open and migration.has_checksum(record.checksum) and bool(plan_of(migration.sql).parts)


def send(connection: Connection, script: str) -> None:
    """Send a script as it is, in one message of the simple protocol."""
    # Not our own cursor: what others wrote carries no marker of ours.
    with psycopg.Cursor(connection) as cursor:
        cursor.execute(script.encode())


def _kept(plan: Plan, done: int) -> str:
    if plan.atomic:
        return "Nothing of it was kept."
    if plan.parts:
        return f"{done} of its {len(plan.parts)} parts are done."
    return "It ends a transaction inside, so what it committed before that is kept."


@dataclass(slots=True)
class _Run:
    connection: Connection
    row: str
    kept: Kept
    tell: Tell
    done: int = 0
    running: Statement | None = None

    def whole(self, script: str, plan: Plan) -> None:
        """The script as one message."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._whole(script)
            except psycopg.errors.LockNotAvailable:
                if not plan.atomic or attempt == _ATTEMPTS:
                    raise
                self.connection.rollback()
                self.kept.restore(self.connection)
                pause = _PAUSE_S * 2 ** (attempt - 1)
                self.tell(f"a lock was not free within {self.kept.lock}: once more in {pause:.0f} s")
                time.sleep(pause)
            else:
                return

    def _whole(self, script: str) -> None:
        self.connection.execute("BEGIN")
        send(self.connection, script)
        self.kept.commit(self.connection, self._end)

    def _end(self) -> None:
        history.step(self.connection, self.row, 1)
        history.finish(self.connection, self.row)

    def parts(self, parts: tuple[Part, ...], done: int, *, resumed: bool) -> None:
        """Part after part; ``done`` of them were done by the run that is taken up."""
        self.done = done
        if done:
            self.tell(f"{done} of its {len(parts)} parts are done already")
        for part in parts[:done]:
            for statement in session_settings(part):
                send(self.connection, statement.text)
        for number, part in enumerate(parts[done:], done):
            if part.alone:
                self._alone(part.statements[0], maybe_done=resumed and number == done)
            else:
                self._together(part)
        self.kept.restore(self.connection)
        history.finish(self.connection, self.row)

    def _together(self, part: Part) -> None:
        """Statements and the count of them in one transaction: none is ever run twice."""
        if control_of(part.statements[0]) != "BEGIN":
            self.connection.execute("BEGIN")
        for statement in part.statements:
            self.running = statement
            if control_of(statement) != "COMMIT":
                send(self.connection, statement.text)
        self._count()

    def _alone(self, statement: Statement, *, maybe_done: bool) -> None:
        """A statement outside a transaction, and then the count."""
        self.running = statement
        with patient(self.connection, self.kept):
            progress = progress_of(statement, self.connection) if maybe_done else Progress.TO_DO
            if progress is Progress.UNKNOWN:
                raise self._unknown(statement)
            if progress is Progress.DONE:
                self.tell(f"line {statement.line} is done already")
            else:
                self._again_and_again(statement)
        self._count()

    def _again_and_again(self, statement: Statement) -> None:
        for attempt in range(1, _DEADLOCKS + 1):
            if left := clear_invalid(statement, self.connection):
                self.tell(f"the index {left} was left half built: it is built anew")
            try:
                send(self.connection, statement.text)
            except psycopg.errors.DeadlockDetected:
                if attempt == _DEADLOCKS:
                    raise
                self.tell(f"line {statement.line} was in a deadlock: once more")
            else:
                return

    def _unknown(self, statement: Statement) -> MigrationFailed:
        reason = (
            f"The migration was interrupted at line {statement.line}, and nothing says whether that statement is done;"
            f" {self.done} parts before it are. Finish it by hand and declare it applied, or undo it and declare it"
            " rolled back, with `pgarchitect migrate resolve`."
        )
        history.fail(self.connection, self.row, f"{REASON}{reason}")
        return MigrationFailed(reason)

    def _count(self) -> None:
        self.kept.commit(self.connection, lambda: history.step(self.connection, self.row, self.done + 1))
        self.done += 1
