"""How a twin is built: read the source once, recreate it without rows in a private server, set the files' lengths."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import psycopg

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import Connection, connect, describe_target
from pgarchitect.postgres.connection_errors import first_line, refused
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.server_binaries import ServerBinaries, find_binaries
from pgarchitect.settings import Settings
from pgarchitect.twin.carried_settings import carry_settings
from pgarchitect.twin.cost import Meter, ReadingCost
from pgarchitect.twin.disk import noticing_full_disk
from pgarchitect.twin.dump import DumpBlocked, dump, restore
from pgarchitect.twin.end_points import Column, Ends, write_ends
from pgarchitect.twin.index_order import in_creation_order
from pgarchitect.twin.lengths import Counts, read_counts, set_lengths, write_counts
from pgarchitect.twin.locale import create_database, with_stand_ins
from pgarchitect.twin.losses import Losses, losses
from pgarchitect.twin.private_server import PrivateServer, private_server
from pgarchitect.twin.programs import find_programs
from pgarchitect.twin.scope import Scope, read_scope
from pgarchitect.twin.source import Source, read_source
from pgarchitect.twin.statistics import SourceStatistics, read_statistics, write_statistics

DATABASE: Final = "twin"
"""Name of the twin's database."""
_CONFIGURATION: Final = {
    # The twin is thrown away: nothing needs to survive a crash, and nothing may touch what was patched.
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    # Not minimal: small new indexes would be pulled into shared buffers at commit, and patches go unseen.
    "wal_level": "replica",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "20",
    # A plan locks every index of its tables, hypothetical ones too, and there may be thousands of them.
    "max_locks_per_transaction": "1024",
}
_INITDB: Final = ("--locale=C", "--wal-segsize=1", "--no-sync")
_TRIES: Final = 3
_TABLES: Final = frozenset({"r", "p", "m"})
_CARRIED: Final = 18
"""Major version of the server that we carry; it takes statistics from a dump."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from the source.

    Attributes:
        source: version, locale, settings, lengths, end points.
        statistics: those that the script does not carry.
        counts: pages and rows of all relations, for a twin that takes none from the script.
        script: of pg_dump.
        scope: what was not read.
        collations: of the source's own system that its tables use.
        binaries: programs of the twin's server.
        cost: what it cost the source.
    """

    source: Source
    statistics: SourceStatistics
    counts: tuple[Counts, ...]
    script: bytes
    scope: Scope
    collations: tuple[str, ...]
    binaries: ServerBinaries
    cost: ReadingCost


@dataclass(frozen=True, slots=True)
class Built:
    """A server with the source's schema, what it lacks, and what its trees begin and end with."""

    server: PrivateServer
    reading: Reading
    losses: Losses
    warnings: tuple[str, ...]
    ends: Mapping[Column, Ends]


def read(
    dsn: str,
    settings: Settings,
    tables: Sequence[str] | None,
    progress: Progress,
    *,
    spare_unscanned: bool = False,
) -> Reading:
    """Read the source; when a table gets locked meanwhile, once more without it.

    Raises:
        PgArchitectError: it cannot be read; the sentence says why.
    """
    meter = Meter()
    for tries_left in reversed(range(_TRIES)):
        try:
            with connect(dsn, settings) as connection:
                meter.watch(connection)
                progress("read lengths, settings and end points")
                scope = replace(read_scope(connection, settings, tables), spares_unscanned=spare_unscanned)
                return _read(connection, dsn, scope, settings, progress, meter)
        except (DumpBlocked, psycopg.errors.LockNotAvailable) as error:
            if tries_left == 0:
                raise _blocked(error, dsn) from error
        except psycopg.Error as error:
            raise refused(error) from error
    raise AssertionError("the last try returns or raises")


def _blocked(error: DumpBlocked | psycopg.Error, dsn: str) -> DumpBlocked:
    if isinstance(error, DumpBlocked):
        return error
    return DumpBlocked(
        f"Somebody holds something of {describe_target(dsn)} that the twin must read ({first_line(error)}); try again"
        " when that transaction is over."
    )


def _read(  # noqa: PLR0917  # each of them is of another type
    connection: Connection, dsn: str, scope: Scope, settings: Settings, progress: Progress, meter: Meter
) -> Reading:
    source = read_source(connection, scope)
    binaries = _binaries(connection, source, settings)
    major, programs = int(binaries.major), find_binaries().programs
    travels = major >= _CARRIED
    statistics = read_statistics(connection, everything=not travels)
    counts = () if travels else read_counts(connection)
    named_collations = named("pgarchitect.twin", "scope.sql", "collations")
    collations = tuple(row[0] for row in connection.execute(named_collations.encode()))
    progress("dump schema and statistics")
    script = dump(connection, dsn, major=major, programs=programs, settings=settings, scope=scope, meter=meter)
    script = in_creation_order(script, statistics.index_order)
    return Reading(source, statistics, counts, script, scope, collations, binaries, meter.cost())


def _binaries(connection: Connection, source: Source, settings: Settings) -> ServerBinaries:
    """Programs of the source's major version, if they are here and its statistics can be carried over to them."""
    major = source.version // 10_000
    row = connection.execute("SELECT pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT')").fetchone()
    if major >= _CARRIED or (row and row[0]):
        found = find_programs(major, settings, carried_first=source.locale.provider != "i")
        if found is not None:
            return found
    return find_binaries()


@contextmanager
def built(reading: Reading, settings: Settings, progress: Progress) -> Iterator[Built]:
    """Build a twin from what was read; it is removed on exit.

    Raises:
        PgArchitectError: it cannot be built; the sentence says why.
    """
    carried = reading.binaries == find_binaries()
    major = int(reading.binaries.major)
    progress("start the twin")
    with private_server(
        settings,
        options=(*_INITDB, *(("--no-data-checksums",) if major >= 18 else ())),
        configuration={**_CONFIGURATION, **({"io_method": "sync"} if major >= 18 else {})},
        binaries=None if carried else reading.binaries,
    ) as server:
        with noticing_full_disk(server.data):
            try:
                lost, warnings, ends = _filled(server, reading, settings, progress)
            except psycopg.Error as error:
                raise StatementRefused(f"The planner twin could not be filled ({error}); report this.") from error
        yield Built(server, reading, lost, warnings, ends)


def _filled(
    server: PrivateServer, reading: Reading, settings: Settings, progress: Progress
) -> tuple[Losses, tuple[str, ...], dict[Column, Ends]]:
    progress("restore")
    with connect(server.url(), settings, read_only=False) as connection:
        warnings = create_database(connection, DATABASE, reading.source.locale)
        carry_settings(connection, DATABASE, reading.source.settings)
    url = server.url(DATABASE)
    with connect(url, settings, read_only=False) as connection:
        script, more = with_stand_ins(connection, reading.script, reading.collations)
    failures = restore(script, url, find_binaries().programs)
    progress("write statistics")
    with connect(url, settings, read_only=False) as connection:
        write_counts(connection, reading.counts)
        refused_statistics = write_statistics(connection, reading.statistics)
        with_rows = frozenset((each.schema, each.name) for each in reading.source.relations if each.pages)
        ends = write_ends(connection, reading.source.ends, with_rows, server.data)
        tables = [(each.schema, each.name) for each in reading.source.relations if each.kind in _TABLES]
        lost = losses(connection, tables, reading.scope, failures)
    progress("set lengths")
    set_lengths(server, DATABASE, reading.source, ends, settings)
    known = {(each.schema, each.name) for each in reading.source.relations}
    return lost, warnings + more + reading.statistics.warnings(known, refused_statistics), ends
