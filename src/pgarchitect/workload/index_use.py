"""How often indexes are scanned and their tables written, as the servers count it: on the primary and on standbys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import Connection, describe_target
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.server_identity import cluster_identifier


@dataclass(frozen=True, slots=True)
class IndexScans:
    """Scans of an index that were counted, and when the last one was (from PostgreSQL 16 on)."""

    count: int
    last: datetime | None


@dataclass(frozen=True, slots=True)
class TableWrites:
    """What was counted for a table.

    Attributes:
        inserts: rows inserted.
        updates: rows updated.
        hot_updates: of these, those that left every index alone.
        reads: scans of it, by indexes or whole.
        live_rows: as the server believes.
        analysed: ANALYZE has come by since the counters began.
    """

    inserts: int
    updates: int
    hot_updates: int
    reads: int
    live_rows: int
    analysed: bool

    @property
    def entries(self) -> int:
        """Entries that the writes put into each full index: an inserted row one, an updated one unless it was HOT."""
        return self.inserts + self.updates - self.hot_updates


@dataclass(frozen=True, slots=True)
class ServerCounts:
    """The counters of one server for one database.

    Attributes:
        server: how messages name it.
        since: they count nothing older; None when the server does not say.
        now: its clock.
        scans: by index oid.
    """

    server: str
    since: datetime | None
    now: datetime
    scans: Mapping[int, IndexScans]

    @property
    def age(self) -> timedelta | None:
        """How long they have counted."""
        return None if self.since is None else self.now - self.since


@dataclass(frozen=True, slots=True)
class IndexUse:
    """What is known of the use of indexes.

    Attributes:
        primary: where rows are written.
        standbys: those that were asked.
        streaming: standbys that stream from the primary, as far as this role sees them.
        writes: by table oid, of the primary.
        changed: when the catalog entry of an index was last written, by oid, where the server keeps such times.
    """

    primary: ServerCounts
    standbys: tuple[ServerCounts, ...]
    streaming: int
    writes: Mapping[int, TableWrites]
    changed: Mapping[int, datetime]

    @property
    def servers(self) -> tuple[ServerCounts, ...]:
        """The primary and the standbys."""
        return (self.primary, *self.standbys)

    @property
    def age(self) -> timedelta | None:
        """How long all of them have counted; None when one does not say."""
        ages = [each.age for each in self.servers]
        return min((age for age in ages if age is not None), default=None) if None not in ages else None

    def scanned(self, oid: int) -> int:
        """Scans of an index on all servers together."""
        return sum(each.scans[oid].count for each in self.servers if oid in each.scans)


def read_index_use(connection: Connection, dsn: str, standbys: tuple[ServerCounts, ...]) -> IndexUse:
    """Read the counters of a primary.

    Args:
        connection: to it.
        dsn: of it, for its name.
        standbys: what its standbys counted.

    Raises:
        UsageError: it is a standby, where writes are not counted.
    """
    counts, is_standby, keeps_times = _counts(connection, dsn)
    if is_standby:
        raise UsageError(
            f"The server of {describe_target(dsn)} is a standby, which counts no writes and cannot drop an index; give"
            " the primary's DSN, and this one with --replica."
        )
    writes = {row[0]: TableWrites(*row[1:]) for row in _rows(connection, "table_writes")}
    changed = {oid: at for oid, at in _rows(connection, "changed") if at} if keeps_times else {}
    ((streaming,),) = _rows(connection, "standbys")
    return IndexUse(counts, standbys, streaming, writes, changed)


def read_standby(connection: Connection, dsn: str, primary: Connection) -> ServerCounts:
    """Read the counters of a physical standby.

    Raises:
        UsageError: it is none, or none of this primary; a logical replica has indexes of its own.
    """
    counts, is_standby, _ = _counts(connection, dsn)
    here, there = cluster_identifier(connection), cluster_identifier(primary)
    same = here is None or there is None or here == there
    if not is_standby or not same or connection.info.dbname != primary.info.dbname:
        reason = (
            "it takes writes itself"
            if not is_standby
            else "it holds another cluster"
            if not same
            else f'the primary\'s is called "{primary.info.dbname}"'
        )
        raise UsageError(
            f"The {describe_target(dsn)} (--replica) is no physical standby of the database ({reason}); name one, or"
            " leave it out: logical replicas have indexes of their own."
        )
    return counts


def _counts(connection: Connection, dsn: str) -> tuple[ServerCounts, bool, bool]:
    ((since, now, is_standby, keeps_times),) = _rows(connection, "counting")
    scans = {oid: IndexScans(count or 0, last) for oid, count, last in _rows(connection, "index_scans")}
    return ServerCounts(describe_target(dsn), since, now, scans), is_standby, keeps_times


def _rows(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    text = named("pgarchitect.workload", "index_use.sql", name, connection.info.server_version)
    return connection.execute(text.encode()).fetchall()
