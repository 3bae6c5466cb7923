"""``migrate resolve``: somebody says what became of a migration."""

from collections.abc import Sequence

from pgarchitect.errors import HistoryDiverged, UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.migrations import history
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.lock import migration_lock


def resolve_applied(connection: Connection, migrations: Sequence[Migration], name: str) -> None:
    """Let a migration count as applied, without running it.

    Raises:
        UsageError: there is no such migration on disk.
        HistoryDiverged: it is applied already.
    """
    migration = next((each for each in migrations if each.name == name), None)
    if migration is None:
        raise UsageError(f"There is no migration {name} on disk; name one of the folder's.")
    with migration_lock(connection):
        history.create_history(connection)
        records = history.read_history(connection) or ()
        if any(each.finished and not each.rolled_back for each in records if each.name == name):
            raise HistoryDiverged(f"The migration {name} is recorded as applied already; there is nothing to resolve.")
        history.mark_rolled_back(connection, name)
        history.mark_applied(connection, migration)


def resolve_rolled_back(connection: Connection, name: str) -> None:
    """Let the failed runs of a migration count as undone, so that it can be run again.

    Raises:
        HistoryDiverged: it is not recorded, or it did not fail.
    """
    with migration_lock(connection):
        records = [each for each in history.read_history(connection) or () if each.name == name]
        if not records:
            raise HistoryDiverged(f"The database has no record of a migration {name}; name one that failed.")
        if not any(each.is_open for each in records):
            raise HistoryDiverged(f"The migration {name} did not fail, so it cannot count as rolled back.")
        history.mark_rolled_back(connection, name)
