"""``migrate deploy``: what is pending is run, in order; a history that does not bear it is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pgarchitect.errors import HistoryDiverged, MigrationFailed
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.migrations import history
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.history import Record
from pgarchitect.schema.migrations.lock import PATIENCE_S, migration_lock
from pgarchitect.schema.migrations.runner import can_go_on, run
from pgarchitect.schema.migrations.state import State, compare


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment did: names of migrations that were run, and what is strange about the history."""

    applied: tuple[str, ...]
    warnings: tuple[str, ...]


def deploy(
    connection: Connection,
    migrations: Sequence[Migration],
    told: Callable[[str], None] = lambda _: None,
    *,
    patience_s: float = PATIENCE_S,
) -> Deployed:
    """Run all pending migrations under the lock.

    Args:
        connection: to the database.
        migrations: on disk, in order.
        told: hears the name of each before it is run.
        patience_s: seconds to wait for the lock.

    Raises:
        MigrationFailed: one failed, now or earlier, or another program migrates.
        HistoryDiverged: the database is not empty and has no history.
    """
    with migration_lock(connection, patience_s):
        state = compare(migrations, history.read_history(connection))
        if not state.has_table:
            _require_empty(connection, migrations)
            history.create_history(connection)
        killed = _killed(state)
        for each in state.pending:
            told(each.name)
            run(connection, each, killed.get(each.name))
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


def _require_empty(connection: Connection, migrations: Sequence[Migration]) -> None:
    if not migrations or history.is_empty(connection):
        return
    raise HistoryDiverged(
        "The database is not empty and has no record of migrations. If it has what the first of them make already, say"
        f" so: `pgarchitect migrate resolve --applied {migrations[0].name}`; then deploy again."
    )


def _killed(state: State) -> dict[str, Record]:
    """Runs that were killed and can be taken up, by name.

    Raises:
        MigrationFailed: another run is open: somebody must say what became of it.
    """
    pending = {each.name: each for each in state.pending}
    killed = {
        each.name: each
        for each in state.failed
        if each.was_killed and each.name in pending and can_go_on(pending[each.name], each)
    }
    for each in state.failed:
        if each.name not in killed:
            raise MigrationFailed(
                f"The migration {each.name} failed earlier, so none is run until that is resolved: put the database"
                f" right, then say `pgarchitect migrate resolve --rolled-back {each.name}`, or `--applied` if it has"
                " all of it."
            )
    return killed
