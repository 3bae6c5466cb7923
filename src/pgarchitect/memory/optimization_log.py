"""OptimizationLog: what was proposed, proven or rejected, found again by meaning. Append-only."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pgarchitect.access.failures import ForeignKeyViolated
from pgarchitect.errors import UsageError
from pgarchitect.memory import preparation, snapshot_store
from pgarchitect.memory.embedding import SQL_SHAPE, Vector
from pgarchitect.memory.entry import Entry, Event, Remembered
from pgarchitect.memory.home import Home
from pgarchitect.memory.home_errors import home_errors
from pgarchitect.memory.rows import as_text, event_row, log_rows, remembered
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.workload.snapshot import Snapshot

if TYPE_CHECKING:
    from pgarchitect.memory.client import (
        OptimizationLogField,
        OptimizationLogOrder,
        OptimizationLogWhere,
        OptimizationWhere,
        Transaction,
    )

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
        self._home = Home(connection)

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
        with home_errors(), self._vectors() as inside:
            made = inside.optimization_log.insert_many_returning(log_rows(entries, self._leaders(inside, entries)))
        return tuple(each.id for each in made)

    def similar(
        self,
        embeddings: Sequence[Vector],
        *,
        target: str | None,
        limit: int = 3,
        at_least: float = 0.85,
        embedder: str = SQL_SHAPE,
    ) -> tuple[tuple[Remembered, ...], ...]:
        """For each vector what is known of the nearest statements, in two statements however many they are.

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
        if not embeddings:
            return ()
        with home_errors(), self._vectors() as inside:
            texts = [as_text(each) for each in embeddings]
            hits = inside.query_as(_Hit, _sql("similar"), texts, target, embedder, limit, limit * _LOOKED_AT, at_least)
            rows = inside.optimization.find_many(where={"id": {"in": list({each.id for each in hits})}})
        by_id = {each.id: each for each in rows}
        for hit in hits:
            found[hit.ordinal - 1].append(remembered(by_id[hit.id], hit.similarity))
        return tuple(map(tuple, found))

    def of_fingerprints(self, target: str, fingerprints: Sequence[str]) -> dict[str, tuple[Remembered, ...]]:
        """The newest entry of every change that is known for each statement; unknown statements are left out."""
        found = self._newest({"target": target, "fingerprint": {"in": fingerprints}}, per_statement=True)
        return {key: tuple(several) for key, several in groupby(found, key=lambda entry: entry.fingerprint)}

    def of_candidates(self, target: str, candidate_keys: Sequence[str]) -> dict[str, Remembered]:
        """The newest entry of each given change on a database, by its key; unknown changes are left out."""
        found = self._newest({"target": target, "candidate_key": {"in": candidate_keys}})
        return {entry.candidate_key: entry for entry in found}

    def recommended(self, target: str) -> tuple[Remembered, ...]:
        """The newest entry of every change of a database that was not rejected."""
        return tuple(each for each in self._newest({"target": target}) if each.verdict is not Verdict.REJECTED)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is written within the block is kept together when it ends well, and not at all otherwise."""
        with home_errors(), self._home.transaction():
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
        where: OptimizationWhere = {}
        if target is not None:
            where["target"] = target
        if fingerprint is not None:
            where["fingerprint"] = fingerprint
        if verdict is not None:
            where["verdict"] = verdict.value
        if since is not None:
            where["created_at"] = {"gte": since}
        with home_errors():
            found = self._home.tables.optimization.find_many(where=where, order_by={"id": "desc"}, take=limit)
        return tuple(map(remembered, found))

    def entry(self, log_id: int) -> Remembered:
        """One entry.

        Raises:
            UsageError: there is no such entry.
        """
        with home_errors():
            found = self._home.tables.optimization.find_unique({"id": log_id}) if _may_be_id(log_id) else None
        if found is None:
            raise _no_entry([log_id])
        return remembered(found)

    def evidence(self, log_id: int) -> dict[str, Any]:
        """What proved an entry.

        Raises:
            UsageError: there is no such entry.
        """
        with home_errors():
            log, asked = self._home.tables.optimization_log, [log_id] if _may_be_id(log_id) else []
            found = log.find_many(where={"id": {"in": asked}}, select=("evidence",))
        if not found:
            raise _no_entry([log_id])
        evidence: dict[str, Any] = found[0]["evidence"]
        return evidence

    def add_events(self, events: Sequence[Event]) -> None:
        """Append what became of changes, all or nothing.

        Raises:
            UsageError: an event names an entry that the log does not have.
        """
        if not events:
            return
        with home_errors():
            try:
                with self._home.transaction() as inside:
                    # Without a time it is the server's now, and a batch has the same fields in all rows.
                    for _, alike in groupby(events, key=lambda event: event.at is None):
                        inside.optimization_event.insert_many(map(event_row, alike))
            except ForeignKeyViolated as error:
                raise _no_entry(self._unknown({event.log_id for event in events})) from error

    def latest_snapshot(self, target: str) -> Snapshot | None:
        """The newest reading of a database's counters; None when there is none."""
        return snapshot_store.latest(self._home, target)

    def store_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a reading of a database's counters."""
        snapshot_store.store(self._home, snapshot)

    @contextmanager
    def _vectors(self) -> Iterator["Transaction"]:
        """A transaction that knows pgvector's types."""
        with self._home.transaction() as inside:
            inside.query(_sql("settings"))
            yield inside

    def _leaders(self, inside: "Transaction", entries: Sequence[Entry]) -> set[tuple[str, str, str]]:
        """Statements that have their first entry already: database, fingerprint, embedding.

        None is added meanwhile: audits of a database keep each other away.
        """
        found = inside.optimization_log.find_many(
            where={
                "leads": True,
                "target": {"in": list({each.target for each in entries})},
                "fingerprint": {"in": list({each.fingerprint for each in entries})},
            },
            select=("target", "fingerprint", "embedder"),
        )
        return {(each["target"], each["fingerprint"], each["embedder"]) for each in found}

    def _newest(self, where: "OptimizationLogWhere", *, per_statement: bool = False) -> list[Remembered]:
        """The newest entry of every change, or of every change for every statement."""
        key: tuple[OptimizationLogField, ...] = ("candidate_key",)
        order: list[OptimizationLogOrder] = [{"candidate_key": "asc"}, {"id": "desc"}]
        if per_statement:
            key, order = ("fingerprint", *key), [{"fingerprint": "asc"}, *order]
        with home_errors():
            tables = self._home.tables
            newest = tables.optimization_log.find_many(where=where, order_by=order, distinct=key, select=(*key, "id"))
            found = tables.optimization.find_many(where={"id": {"in": [row["id"] for row in newest]}})
        by_id = {row.id: row for row in found}
        return [remembered(by_id[row["id"]]) for row in newest]

    def _unknown(self, ids: set[int]) -> list[int]:
        """Those that the log does not have."""
        found = self._home.tables.optimization_log.find_many(where={"id": {"in": list(ids)}}, select=("id",))
        return sorted(ids - {row["id"] for row in found})


class _Hit(NamedTuple):
    """An entry that is near to a vector."""

    ordinal: int
    id: int
    similarity: float


def _no_entry(ids: Sequence[int]) -> UsageError:
    return UsageError(f"The log has no entry {', '.join(map(str, ids))}; `pgarchitect log` lists those it has.")


def _may_be_id(log_id: int) -> bool:
    """Whether the column could hold it."""
    return abs(log_id) < 2**63


def _sql(name: str) -> str:
    return statement("pgarchitect.memory", "log.sql", name)
