"""Runs one migration.

A script without a statement that no transaction can hold goes to the server in one message, and so in one transaction,
as Prisma sends it. One with ``CREATE INDEX CONCURRENTLY`` and the like is run part by part, each part recorded, so that
a run whose process was killed is taken up where it stood.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import psycopg
from psycopg import sql

from pgarchitect.errors import MigrationFailed
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.migrations import history
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.history import Record
from pgarchitect.schema.safety.reading.create_index import CreateIndex
from pgarchitect.schema.safety.reading.forms import DropObjects
from pgarchitect.schema.safety.reading.script import Step, read_script


def run(connection: Connection, migration: Migration, killed: Record | None = None) -> None:
    """Run a migration and record it.

    Args:
        connection: in autocommit; the caller holds the lock.
        migration: to run.
        killed: an earlier run that ended without a word; it is taken up where it stood.

    Raises:
        MigrationFailed: the server refused it; why is recorded.
    """
    parts = list(_parts(read_script(migration.script)))
    record = killed.id if killed else history.begin(connection, migration)
    try:
        if any(step.alone for part in parts for step in part):
            _run_parts(connection, record, parts, killed)
        else:
            send(connection, migration.script)
    except psycopg.Error as error:
        raise _failed(connection, record, migration, error) from error
    history.finish(connection, record)


def can_go_on(migration: Migration, killed: Record) -> bool:
    """Whether a run that was killed can be taken up: its script is the same and was run part by part."""
    return migration.has_checksum(killed.checksum) and any(each.alone for each in read_script(migration.script))


def send(connection: Connection, script: str) -> None:
    """Send a script as it is, in one message of the simple protocol."""
    if script.strip():
        # Not our own cursor: what others wrote carries no marker of ours.
        with psycopg.Cursor(connection) as cursor:
            cursor.execute(script.encode())
            while cursor.nextset():
                pass


def _parts(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    for _, group in groupby(steps, key=lambda each: each.transaction):
        yield tuple(group)


def _run_parts(connection: Connection, record: str, parts: Sequence[tuple[Step, ...]], killed: Record | None) -> None:
    done = killed.steps if killed else 0
    for number, part in enumerate(parts[done:], done + 1):
        if part[0].alone:
            _run_alone(connection, part[0], resumed=killed is not None and number == done + 1)
            history.step(connection, record, number)
        else:
            # The record is written in the same transaction, so that no part is ever run twice.
            with connection.transaction():
                for step in part:
                    if not step.control:
                        send(connection, step.statement.text)
                history.step(connection, record, number)
    # finish() counts the whole as one step more, as it counts a script that is run at once.
    history.step(connection, record, len(parts) - 1)


def _run_alone(connection: Connection, step: Step, *, resumed: bool) -> None:
    """Run a statement outside a transaction; ``resumed``: it may have run already when its process was killed.

    An index that an earlier run left invalid is dropped and built anew.
    """
    if isinstance(step.form, CreateIndex) and step.form.name:
        valid = _index_state(connection, step.form.table.schema, step.form.name)
        if valid and resumed:
            return
        if valid is False:
            schema = (step.form.table.schema,) if step.form.table.schema else ()
            drop = sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(*schema, step.form.name))
            connection.execute(drop)
    if resumed and isinstance(step.form, DropObjects) and _are_gone(connection, step.form):
        return
    send(connection, step.statement.text)


def _index_state(connection: Connection, schema: str, name: str) -> bool | None:
    """Whether an index is valid; None: there is none of that name."""
    path = sql.Identifier(*((schema,) if schema else ()), name).as_string(connection)
    row = connection.execute(
        "SELECT i.indisvalid FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass(%s)", (path,)
    ).fetchone()
    return None if row is None else bool(row[0])


def _are_gone(connection: Connection, form: DropObjects) -> bool:
    for name in form.names:
        path = sql.Identifier(*((name.schema,) if name.schema else ()), name.name).as_string(connection)
        row = connection.execute("SELECT pg_catalog.to_regclass(%s)", (path,)).fetchone()
        if row is not None and row[0] is not None:
            return False
    return True


def _failed(connection: Connection, record: str, migration: Migration, error: psycopg.Error) -> MigrationFailed:
    reason = " ".join((error.diag.message_primary or str(error)).split())
    if not connection.closed:
        if connection.pgconn.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.execute("ROLLBACK")
        history.fail(connection, record, _logs(migration, error))
    where = _where(migration, error)
    return MigrationFailed(
        f"The migration {migration.name} failed{where}: {reason}. Put the script or the database right, then say"
        f" `pgarchitect migrate resolve --rolled-back {migration.name}` and deploy again."
    )


def _where(migration: Migration, error: psycopg.Error) -> str:
    position = error.diag.statement_position
    if not position or not position.isdigit():
        return ""
    return f" in line {migration.script.count(chr(10), 0, int(position) - 1) + 1}"


def _logs(migration: Migration, error: psycopg.Error) -> str:
    """What Prisma records, in its words."""
    code = error.sqlstate or "unknown"
    return (
        "A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more"
        " about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\n"
        f"Migration name: {migration.name}\n\nDatabase error code: {code}\n\nDatabase error:\n{error}"
    )
