"""``migrate deploy``: what is pending is run, in order; a history that does not bear it is refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from pgarchitect.errors import HistoryDiverged, Interrupted, MigrationFailed
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.migrations import history
from pgarchitect.schema.migrations.failure import reason_in
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.history import Record
from pgarchitect.schema.migrations.lock import PATIENCE_S, migration_lock
from pgarchitect.schema.migrations.runner import Tell, can_go_on, can_resume, run
from pgarchitect.schema.migrations.state import State, compare


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment did: names of migrations that were run, and what is strange about the history."""

    applied: tuple[str, ...]
    warnings: tuple[str, ...]


def deploy(
    connection: Connection,
    migrations: Sequence[Migration],
    told: Tell = lambda _: None,
    *,
    schemas: Sequence[str] = (),
    resume: bool = False,
    patience_s: float = PATIENCE_S,
) -> Deployed:
    """Run all pending migrations under the lock.

    Args:
        connection: to the database.
        migrations: on disk, in order.
        told: hears the name of each before it is run, and what happens meanwhile.
        schemas: besides the one of unqualified names, those that must be empty where there is no history.
        resume: one that runs in parts and failed goes on where it failed.
        patience_s: seconds to wait for the lock.

    Raises:
        MigrationRunning: another program migrates.
        MigrationFailed: one failed, now or earlier.
        HistoryDiverged: the database is not empty and has no history.
        Interrupted: by the person; the sentence says how to carry on.
    """
    with migration_lock(connection, patience_s):
        state = compare(migrations, history.read_history(connection))
        if not state.has_table:
            require_empty(connection, migrations, schemas)
            history.create_history(connection)
        killed = _killed(state, resume=resume)
        for each in state.pending:
            told(each.name)
            _run(connection, each, killed.get(each.name), told)
    return Deployed(tuple(each.name for each in state.pending), warnings_of(state))


def warnings_of(state: State) -> tuple[str, ...]:
    """What is strange about a history, though pending migrations can be run."""
    found = []
    if state.edited:
        found.append(
            f"Edited since they were applied: {', '.join(state.edited)}. Their changes are not in the database."
        )
    if state.missing:
        found.append(f"Applied, but not on disk: {', '.join(state.missing)}. Bring their folders back.")
    return tuple(found)


def require_empty(connection: Connection, migrations: Sequence[Migration], schemas: Sequence[str]) -> None:
    """Refuse a database that somebody has filled without migrations.

    Raises:
        HistoryDiverged: it holds something; the message names it, and says how to take it over.
    """
    found = history.occupants(connection, [history.current_schema(connection), *schemas])
    if not migrations or not found:
        return
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    raise HistoryDiverged(
        f"The database is not empty ({', '.join(found[:3])}{more}) and has no record of migrations. If it has what the"
        f" first of them make already, say so: `pgarchitect migrate resolve --applied {migrations[0].name}`; then"
        " deploy again."
    )


def _run(connection: Connection, migration: Migration, killed: Record | None, told: Tell) -> None:
    try:
        run(connection, migration, killed, lambda what: told(f"  {what}"))
    except KeyboardInterrupt as error:
        raise Interrupted(
            f"Interrupted while the migration {migration.name} ran; `pgarchitect migrate deploy` goes on with it."
        ) from error


def _killed(state: State, *, resume: bool) -> dict[str, Record]:
    """Runs that can be taken up, by name.

    Raises:
        MigrationFailed: another run is open: somebody must say what became of it.
    """
    pending = {each.name: each for each in state.pending}
    taken = {}
    for each in state.failed:
        migration = pending.get(each.name)
        can_wait = migration is not None and can_resume(migration, each)
        if migration is None or not (can_go_on(migration, each) or (resume and can_wait)):
            raise _blocked(each, can_resume=can_wait)
        taken[each.name] = each
    return taken


def _blocked(record: Record, *, can_resume: bool) -> MigrationFailed:
    began = f", begun at {record.started_at:%Y-%m-%d %H:%M:%S %Z}," if record.started_at else ""
    reason = reason_in(record.logs)
    go_on = "; or put right what made it fail, and deploy with --resume" if can_resume else ""
    return MigrationFailed(
        f"The migration {record.name}{began} failed earlier{f' ({reason})' if reason else ''}, so none is run until"
        " that is resolved: put the database right, then say `pgarchitect migrate resolve --rolled-back"
        f" {record.name}`, or `--applied` if it has all of it{go_on}."
    )
