"""`migrate resolve`: somebody has put a database right by hand, and the history is told."""

from collections.abc import Sequence

from pgarchitect.errors import HistoryDiverged, UsageError
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.session import Session


def declare_applied(session: Session, migrations: Sequence[Migration], name: str) -> None:
    """A migration counts as applied from now on: a baseline, or one that was finished by hand.

    Raises:
        MigrationRunning: another process migrates the database.
        UsageError: there is no such migration on disk.
        HistoryDiverged: it is applied already.
    """
    migration = next((each for each in migrations if each.name == name), None)
    if migration is None:
        raise UsageError(f"There is no migration {name} on disk; name one by its folder.")
    with session.alone():
        history = session.history
        history.create()
        if any(each.name == name and each.finished_at and not each.rolled_back_at for each in history.records()):
            raise HistoryDiverged(f"The migration {name} is applied to {session.described} already.")
        history.record(migration)


def declare_rolled_back(session: Session, name: str) -> None:
    """What failed of a migration is undone: it counts as not applied from now on.

    Raises:
        MigrationRunning: another process migrates the database.
        UsageError: the history has no such migration.
        HistoryDiverged: it did not fail.
    """
    with session.alone():
        records = [each for each in session.history.records() if each.name == name]
        if not records:
            raise UsageError(f"The history of {session.described} has no migration {name}; name one that failed.")
        if not any(each.is_unfinished for each in records):
            state = "is declared rolled back already" if records[-1].rolled_back_at else "is applied and did not fail"
            raise HistoryDiverged(
                f"The migration {name} {state} in {session.described}; only one that failed can be declared rolled"
                " back, and what is applied is undone by a new migration."
            )
        session.history.roll_back(name)
