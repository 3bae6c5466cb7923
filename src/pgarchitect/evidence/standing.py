"""Changes that all stand on a sandbox until their transaction is rolled back, so that any part of them can be tried."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.explain import CannotRun, first_line
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.marker import marked

_UNDO_LIMIT_MS: Final = 30_000
"""statement_timeout for taking a change back; its wait for locks is bounded by lock_timeout."""

Keys = frozenset[str]
"""Keys of candidates."""
NOTHING: Final = Keys()


@dataclass(frozen=True, slots=True)
class Created:
    """What a candidate created: the names that plans show, bytes, milliseconds, and whether it can be used at once."""

    names: frozenset[str]
    size_bytes: int
    build_ms: float
    usable: bool


class ChangeRefused(CannotRun):
    """The server refused to make a change; ``key`` is the candidate's."""

    def __init__(self, candidate: Candidate, reason: str) -> None:
        super().__init__(reason)
        self.key = candidate.key


class Held(CannotRun):
    """Somebody else holds a table, so that a change could not be taken back for a while."""


class Standing:
    """Changes in place within a transaction.

    A part of them is looked at by dropping the others within a savepoint: nothing has to be built twice, and
    everything is measured by one process. The drop locks readers out of the table for as long as the part is looked at.
    """

    def __init__(
        self, connection: Connection, create: Callable[[Candidate], Created], candidates: Sequence[Candidate]
    ) -> None:
        """Make the changes; those that the server refuses are in ``refused``."""
        self.connection: Final = connection
        self._create = create
        self._candidates: dict[str, Candidate] = {}
        self._created: dict[str, Created] = {}
        self.refused: dict[str, str] = {}
        for candidate in candidates:
            self.add(candidate)

    @property
    def created(self) -> Mapping[str, Created]:
        """Candidate key → what stands."""
        return self._created

    @property
    def candidates(self) -> Mapping[str, Candidate]:
        """Those that stand, by key."""
        return self._candidates

    def add(self, candidate: Candidate) -> bool:
        """Make one more change; False when the server refuses it."""
        try:
            self._created[candidate.key] = self._create(candidate)
        except ChangeRefused as error:
            self.refused[candidate.key] = str(error)
            return False
        self._candidates[candidate.key] = candidate
        return True

    @contextmanager
    def only(self, present: Keys) -> Iterator[None]:
        """The sandbox with this part of the changes, until the block ends.

        Raises:
            Held: others use the table, so that a change cannot be taken back.
        """
        absent = [each for key, each in self._candidates.items() if key not in present]
        if not absent:
            yield
            return
        with self.connection.transaction(force_rollback=True):
            self._take_back(absent)
            yield

    def _take_back(self, candidates: Sequence[Candidate]) -> None:
        try:
            undo = (each.rollback_sql.replace("CONCURRENTLY ", "", 1) for each in candidates)
            self.connection.execute(f"SET LOCAL statement_timeout = {_UNDO_LIMIT_MS}".encode())
            self.connection.execute("\n".join(map(marked, undo)).encode())
        except psycopg.Error as error:
            if self.connection.closed:
                raise
            raise Held(first_line(error)) from error

    def used_by(self, indexes: frozenset[str]) -> Keys:
        """Keys of the changes to which some of these indexes belong."""
        return Keys(key for key, made in self._created.items() if made.names & indexes)
