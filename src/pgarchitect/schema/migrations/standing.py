"""How the migrations on disk and those that a database remembers stand to each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pgarchitect.schema.migrations.checksum import has_checksum
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.history import Record


class State(StrEnum):
    """What became of a migration."""

    APPLIED = "applied"
    PENDING = "pending"
    """Not applied yet, or declared rolled back."""
    FAILED = "failed"
    """It ended with an error, or another tool was interrupted; somebody must look at it."""
    INTERRUPTED = "interrupted"
    """We were interrupted, and can carry on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One migration.

    Attributes:
        name: of its folder.
        state: what became of it.
        migration: None: it is missing on disk.
        record: the row that counts; None: there is none.
    """

    name: str
    state: State
    migration: Migration | None
    record: Record | None

    @property
    def is_missing(self) -> bool:
        """The database has it and the folder has not."""
        return self.migration is None

    @property
    def is_edited(self) -> bool:
        """Its script is another than the one that ran."""
        if self.migration is None or self.record is None:
            return False
        return not has_checksum(self.migration.script, self.record.checksum)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All migrations of a folder and a database, by name."""

    standings: tuple[Standing, ...]

    def of(self, state: State) -> tuple[Standing, ...]:
        """Those in a state."""
        return tuple(each for each in self.standings if each.state is state)

    @property
    def pending(self) -> tuple[Migration, ...]:
        """Those to apply."""
        return tuple(each.migration for each in self.of(State.PENDING) if each.migration is not None)

    @property
    def edited(self) -> tuple[Standing, ...]:
        """Those whose script has changed since it ran."""
        return tuple(each for each in self.standings if each.is_edited)

    @property
    def missing(self) -> tuple[Standing, ...]:
        """Those that only the database knows."""
        return tuple(each for each in self.standings if each.is_missing)

    @property
    def up_to_date(self) -> bool:
        """Everything is applied as it stands on disk."""
        return all(
            each.state is State.APPLIED and not each.is_edited and not each.is_missing for each in self.standings
        )


def diagnose(migrations: Sequence[Migration], records: Sequence[Record]) -> Diagnosis:
    """Compare a folder with a history."""
    on_disk = {each.name: each for each in migrations}
    counting = {each.name: each for each in records if each.rolled_back_at is None}
    # A failed row stands in the way although the same migration has a row that is done.
    counting |= {each.name: each for each in records if each.is_unfinished}
    names = sorted(on_disk.keys() | counting.keys())
    return Diagnosis(tuple(_standing(each, on_disk.get(each), counting.get(each)) for each in names))


def _standing(name: str, migration: Migration | None, record: Record | None) -> Standing:
    if record is None:
        return Standing(name, State.PENDING, migration, None)
    if not record.is_unfinished:
        return Standing(name, State.APPLIED, migration, record)
    edited = migration is None or not has_checksum(migration.script, record.checksum)
    carries_on = record.was_interrupted and not edited
    return Standing(name, State.INTERRUPTED if carries_on else State.FAILED, migration, record)
