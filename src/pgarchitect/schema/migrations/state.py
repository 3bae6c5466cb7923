"""Migrations on disk beside what the database has recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.history import Record


@dataclass(frozen=True, slots=True)
class State:
    """How the two compare.

    Attributes:
        applied: names of migrations that the database has.
        pending: those on disk that it has not, in order.
        failed: open runs: of migrations that failed, or whose process was killed.
        edited: names of applied ones whose script is another one by now.
        missing: names of applied ones that are not on disk.
        has_table: the database has a table of migrations.
    """

    applied: tuple[str, ...]
    pending: tuple[Migration, ...]
    failed: tuple[Record, ...]
    edited: tuple[str, ...]
    missing: tuple[str, ...]
    has_table: bool

    @property
    def is_current(self) -> bool:
        """Whether both say the same."""
        return not (self.pending or self.failed or self.edited or self.missing)


def compare(migrations: Sequence[Migration], history: Sequence[Record] | None) -> State:
    """Compare migrations with the rows of a database; None: it has no table of them."""
    records = [each for each in history or () if not each.rolled_back]
    finished = {each.name: each for each in records if each.finished}
    on_disk = {each.name: each for each in migrations}
    edited = [
        name for name, record in finished.items() if name in on_disk and not on_disk[name].has_checksum(record.checksum)
    ]
    return State(
        tuple(finished),
        tuple(each for each in migrations if each.name not in finished),
        tuple(each for each in records if each.is_open),
        tuple(edited),
        tuple(name for name in finished if name not in on_disk),
        history is not None,
    )
