"""OptimizationLog: what was proposed, proven or rejected, found again by meaning. Append-only."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from psycopg import errors as pg

from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.memory import preparation, snapshot_store
from pgarchitect.memory.embedding import SQL_SHAPE, Vector
from pgarchitect.memory.entry import Entry, Event, Remembered
from pgarchitect.memory.home_errors import home_errors
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.workload.snapshot import Snapshot

_LOOKED_AT: Final = 32
"""Leading entries looked at per family that is wanted: one statement may lead once for each audited database."""


class OptimizationLog:
    """The log in the architect's own database.

    Every method raises ``HomeUnavailable`` when the database cannot be used, ``StatementRefused`` when it refuses
    what is to be stored.
    """

    def __init__(self, connection: Connection) -> None:
        """Use ``connection``, which must not be read-only for the methods that write."""
        self._connection = connection

    def prepare(self) -> None:
        """Create or upgrade the schema; safe when two processes do it at once."""
        preparation.prepare(self._connection)

    def record(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Append a batch, all or nothing; its ids in the batch's order.

        Raises:
            ValueError: evidence holds NaN or infinity, which JSON cannot.
        """
        if not entries:
            return ()
        batch = json.dumps([_as_json(entry) for entry in entries], allow_nan=False)
        return tuple(row[0] for row in self._query("record", entries=batch))

    def similar(
        self,
        embeddings: Sequence[Vector],
        *,
        target: str | None,
        limit: int = 3,
        at_least: float = 0.85,
        embedder: str = SQL_SHAPE,
    ) -> tuple[tuple[Remembered, ...], ...]:
        """For each vector what is known of the nearest statements, in one round trip.

        Args:
            embeddings: of the statements asked about.
            target: only entries of this database; None for all.
            limit: number of statements (by fingerprint) per vector; each brings the newest entry of every change
                that is known for it, whatever its verdict.
            at_least: cosine similarity below which a statement is another one.
            embedder: name of the embedding that made the vectors.

        Returns:
            One tuple per vector, in their order: nearest statement first, its newest entry first.
        """
        found: list[list[Remembered]] = [[] for _ in embeddings]
        if embeddings:
            for row in self._query(
                "similar",
                embeddings=[_as_text(vector) for vector in embeddings],
                target=target,
                limit=limit,
                looked_at=limit * _LOOKED_AT,
                at_least=at_least,
                embedder=embedder,
            ):
                found[row[0] - 1].append(_remembered(row))
        return tuple(map(tuple, found))

    def of_fingerprint(self, target: str, fingerprint: str) -> tuple[Remembered, ...]:
        """The newest entry of every change that is known for a statement."""
        return self._entries("newest_of_changes", target=target, fingerprint=fingerprint, candidate_keys=None)

    def of_candidates(self, target: str, candidate_keys: Sequence[str]) -> dict[str, Remembered]:
        """The newest entry of each given change on a database, by its key; unknown changes are left out."""
        found = self._entries("newest_of_changes", target=target, fingerprint=None, candidate_keys=list(candidate_keys))
        return {entry.candidate_key: entry for entry in found}

    def recommended(self, target: str) -> tuple[Remembered, ...]:
        """The newest entry of every change of a database that was not rejected."""
        found = self._entries("newest_of_changes", target=target, fingerprint=None, candidate_keys=None)
        return tuple(entry for entry in found if entry.verdict is not Verdict.REJECTED)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is written within the block is kept together when it ends well, and not at all otherwise."""
        with home_errors(), self._connection.transaction():
            yield

    def entries(
        self,
        *,
        target: str | None = None,
        fingerprint: str | None = None,
        verdict: Verdict | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> tuple[Remembered, ...]:
        """Entries, newest first; an argument that is None does not filter."""
        return self._entries(
            "entries", target=target, fingerprint=fingerprint, verdict=verdict, since=since, limit=limit
        )

    def entry(self, log_id: int) -> Remembered:
        """One entry.

        Raises:
            UsageError: there is no such entry.
        """
        (entry,) = self._entries("entry", id=log_id) or (None,)
        if entry is None:
            raise _no_entry([log_id])
        return entry

    def evidence(self, log_id: int) -> dict[str, Any]:
        """What proved an entry.

        Raises:
            UsageError: there is no such entry.
        """
        rows = self._query("evidence", id=log_id)
        if not rows:
            raise _no_entry([log_id])
        evidence: dict[str, Any] = rows[0][0]
        return evidence

    def add_events(self, events: Sequence[Event]) -> None:
        """Append what became of changes, all or nothing.

        Raises:
            UsageError: an event names an entry that the log does not have.
        """
        if not events:
            return
        batch = json.dumps([asdict(event) for event in events], default=datetime.isoformat)
        try:
            self._query("add_events", events=batch)
        except StatementRefused as error:
            if not isinstance(error.__cause__, pg.ForeignKeyViolation):
                raise
            ids = {event.log_id for event in events}
            known = {row[0] for row in self._query("known_ids", ids=list(ids))}
            raise _no_entry(sorted(ids - known)) from error

    def latest_snapshot(self, target: str) -> Snapshot | None:
        """The newest reading of a database's counters; None when there is none."""
        return snapshot_store.latest(self._connection, target)

    def store_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a reading of a database's counters."""
        snapshot_store.store(self._connection, snapshot)

    def _entries(self, name: str, **parameters: Any) -> tuple[Remembered, ...]:  # noqa: ANN401 - psycopg's own type
        return tuple(_remembered(row) for row in self._query(name, **parameters))

    def _query(self, name: str, **parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - psycopg's own type
        """Run a named statement in a transaction of its own, in one round trip with its settings."""
        with home_errors():
            with self._connection.pipeline(), self._connection.transaction():
                self._connection.execute(_sql("settings"))
                cursor = self._connection.execute(_sql(name), parameters)
            return cursor.fetchall() if cursor.description else []


def _no_entry(ids: Sequence[int]) -> UsageError:
    return UsageError(f"The log has no entry {', '.join(map(str, ids))}; `pgarchitect log` lists those it has.")


def _sql(name: str) -> bytes:
    return statement("pgarchitect.memory", "log.sql", name).encode()


def _as_json(entry: Entry) -> dict[str, Any]:
    return {**asdict(entry), "embedding": _as_text(entry.embedding)}


def _as_text(vector: Vector) -> str:
    return f"[{','.join(map(repr, vector))}]"


_FIELDS: Final = tuple(field.name for field in fields(Remembered))


def _remembered(row: tuple[Any, ...]) -> Remembered:
    """An entry from a row: the number of the vector that it answers, then the fields in their order."""
    values = dict(zip(_FIELDS, row[1:], strict=True))
    return Remembered(**{**values, "verdict": Verdict(values["verdict"])})
