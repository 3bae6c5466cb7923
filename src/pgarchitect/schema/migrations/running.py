"""One migration runs: its row begins, its script is sent as it is, its row ends.

A script runs in one transaction that also finishes its row: killed at any moment, it is done or it is not, and the next
run knows which. One that holds a statement which no transaction can hold runs in parts, and its row counts them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psycopg

from pgarchitect.errors import MigrationFailed, UsageError
from pgarchitect.schema.migrations.failure import told
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.history import Record
from pgarchitect.schema.migrations.interrupted import Progress, clear_invalid, progress_of
from pgarchitect.schema.migrations.plan import Part, Plan, plan_of, session_settings
from pgarchitect.schema.migrations.session import Session, is_idle
from pgarchitect.schema.safety.reading.script import control_of
from pgarchitect.schema.safety.reading.statement import Statement

Tell = Callable[[str], None]
"""Is told what happens, in sentences."""
_ATTEMPTS: Final = 5
"""Of a script that waited for a lock too long: a transaction is undone then, so it may be tried again."""
_PAUSE_S: Final = 1.0
"""Before the second attempt; twice as long before each further one."""
_DEADLOCKS: Final = 3
"""Attempts at a statement outside a transaction that others make wait for each other."""


def run_migration(session: Session, migration: Migration, interrupted: Record | None, tell: Tell) -> None:
    """Run a migration and record it.

    Args:
        session: that holds the lock.
        migration: to run.
        interrupted: the row of an earlier run of ours that ended without a word; None: it is new.
        tell: hears what is done again or left out.

    Raises:
        MigrationFailed: the server refused a statement of it; its row has the reason.
        UsageError: it asks for what cannot be: COPY from the client.
    """
    sql = migration.sql
    plan = plan_of(sql)
    if plan.copies:
        raise UsageError(
            f"The migration {migration.name} copies rows from or to the client (line {plan.copies}), which has none to"
            " offer; write INSERT instead."
        )
    history = session.history
    row = history.begin_again(interrupted) if interrupted else history.begin(migration)
    run = _Run(session, row, tell)
    try:
        if plan.parts:
            run.parts(plan.parts, interrupted.steps if interrupted else 0, resumed=interrupted is not None)
        else:
            run.whole(sql, plan)
    except psycopg.Error as error:
        if session.connection.broken:
            raise
        session.connection.rollback()
        session.settle()
        where, logs = told(migration.name, sql, error, run.running)
        history.fail(row, logs)
        raise MigrationFailed(f"{where}{_consequence(plan, run)}") from error
    session.settle()


def _consequence(plan: Plan, run: "_Run") -> str:
    if plan.atomic:
        return " Nothing of it was kept."
    if plan.parts:
        return f" {run.done} of its {len(plan.parts)} parts are done."
    return " It ends a transaction inside, so what was committed before the error is kept."


@dataclass(slots=True)
class _Run:
    session: Session
    row: str
    tell: Tell
    done: int = 0
    running: Statement | None = None

    def whole(self, sql: str, plan: Plan) -> None:
        """The script as one message."""
        for attempt in range(_ATTEMPTS):
            try:
                self._whole(sql)
            except psycopg.errors.LockNotAvailable:
                if not plan.atomic or attempt == _ATTEMPTS - 1:
                    raise
                self.session.connection.rollback()
                self.session.settle()
                pause = _PAUSE_S * 2**attempt
                self.tell(f"a lock was not free within {self.session.lock_timeout_ms} ms; again in {pause:.0f} s")
                time.sleep(pause)
            else:
                return

    def _whole(self, sql: str) -> None:
        connection = self.session.connection
        connection.execute("BEGIN")
        self._send(sql)
        self._count(1)
        self.session.history.finish(self.row)
        if not is_idle(connection):
            connection.execute("COMMIT")

    def parts(self, parts: tuple[Part, ...], done: int, *, resumed: bool) -> None:
        """Part after part; ``done`` of them were done by a run that was interrupted."""
        self.done = done
        if done:
            self.tell(f"{done} of its {len(parts)} parts were done before it was interrupted; the rest follows")
        for part in parts[:done]:
            for statement in session_settings(part):
                self._send(statement.text)
        for number, part in enumerate(parts[done:], done):
            if part.alone:
                self._alone(part.statements[0], maybe_done=resumed and number == done)
            else:
                self._together(part)
        self.session.history.finish(self.row)

    def _together(self, part: Part) -> None:
        """Statements and the count of them in one transaction."""
        first, last = part.statements[0], part.statements[-1]
        explicit = control_of(first) == "BEGIN"
        if not explicit:
            self.session.connection.execute("BEGIN")
        commits = explicit and control_of(last) == "COMMIT"
        for statement in part.statements[:-1] if commits else part.statements:
            self.running = statement
            self._send(statement.text)
        self._count(self.done + 1)
        self.running = last
        if commits:
            self._send(last.text)
        elif not is_idle(self.session.connection):
            self.session.connection.execute("COMMIT")

    def _alone(self, statement: Statement, *, maybe_done: bool) -> None:
        """A statement outside a transaction, and then the count."""
        connection = self.session.connection
        self.running = statement
        with self.session.patient():
            progress = progress_of(statement, connection) if maybe_done else Progress.TO_DO
            if progress is Progress.UNKNOWN:
                raise self._unknown(statement)
            if progress is Progress.DONE:
                self.tell(f"line {statement.line} was done before it was interrupted: left as it is")
            else:
                self._again_and_again(statement)
        self._count(self.done + 1)

    def _unknown(self, statement: Statement) -> MigrationFailed:
        reason = (
            f"The migration was interrupted at line {statement.line}, and nothing says whether that statement is done;"
            f" {self.done} parts before it are. Finish it by hand and declare it applied, or undo it and declare it"
            " rolled back, with `pgarchitect migrate resolve`."
        )
        self.session.history.fail(self.row, reason)
        return MigrationFailed(reason)

    def _again_and_again(self, statement: Statement) -> None:
        for attempt in range(_DEADLOCKS):
            if left := clear_invalid(statement, self.session.connection):
                self.tell(f"the index {left} was left unfinished: it is dropped and built anew")
            try:
                self._send(statement.text)
            except psycopg.errors.DeadlockDetected:
                if attempt == _DEADLOCKS - 1:
                    raise
                self.tell(f"line {statement.line} was in a deadlock; again")
            else:
                return

    def _count(self, steps: int) -> None:
        if not is_idle(self.session.connection):
            # The script may act as another role, which has no rights on our table.
            self.session.connection.execute("RESET SESSION AUTHORIZATION")
        self.session.history.count(self.row, steps)
        self.done = steps

    def _send(self, sql: str) -> None:
        """Send a text as it is, without our marker: it is not ours."""
        with psycopg.Cursor(self.session.connection) as cursor:
            cursor.execute(sql.encode())
