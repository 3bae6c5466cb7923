"""The source at one moment: one transaction that reads and never writes, whose snapshot ``pg_dump`` sees, too."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import Connection, connect, describe_target
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.sandbox.courtesy import courtesy
from pgarchitect.sandbox.reading import Catalog, read_catalog, read_what_to_copy, resolve_joins
from pgarchitect.sandbox.tables import Table
from pgarchitect.settings import Settings
from pgarchitect.twin.cost import Meter
from pgarchitect.twin.dump import DumpBlocked, dump
from pgarchitect.twin.scope import Scope

LONGEST_MS: Final = 12 * 3_600_000
"""A statement that copies a table may take so long, milliseconds."""
_NOTICE: Final = "1s"
"""How often a server looks whether we are still there while it runs a statement of ours."""
_PATIENCE: Final = 2
"""So many times lock_timeout somebody may wait for us."""
_AS_TEXT: Final = {
    # Values must read the same on both sides, and rows come in the order in which they are stored.
    "search_path": "",
    "row_security": "off",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "extra_float_digits": "3",
    "lc_monetary": "C",
    "xmloption": "content",
    "bytea_output": "hex",
    "synchronize_seqscans": "off",
    "max_parallel_workers_per_gather": "0",
}
_WITHOUT_LIMITS: Final = {"idle_in_transaction_session_timeout": "0", "idle_session_timeout": "0"}
_IN_ORDER: Final = {
    # Hash joins alone keep the order of the table that is read, and only the keys are to be hashed.
    "enable_nestloop": "off",
    "enable_mergejoin": "off",
    "join_collapse_limit": "1",
    "from_collapse_limit": "1",
    "jit": "off",
    "work_mem": "64MB",
}


@dataclass(frozen=True, slots=True)
class Script:
    """What ``pg_dump`` wrote: what comes before the rows, and what comes after them."""

    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The source at one moment.

    Attributes:
        connection: inside the transaction.
        scope: what is not copied.
        catalog: what it is made of.
    """

    connection: Connection
    scope: Scope
    catalog: Catalog
    _dsn: str
    _settings: Settings
    _id: str

    def script(self, major: int, programs: Path, meter: Meter) -> Script:
        """Everything but rows, for a server of version ``major``.

        Raises:
            StatementRefused: pg_dump failed; the message has its reason.
        """
        return Script(
            self._section("pre-data", major, programs, meter), self._section("post-data", major, programs, meter)
        )

    def _section(self, name: str, major: int, programs: Path, meter: Meter) -> bytes:
        # It would read what sequences hold only to leave it out, and fail where it may not.
        unread = (f"--exclude-table-data={each}" for each in self.catalog.unread_sequences)
        parts = (f"--section={name}", f"--snapshot={self._id}", "--no-tablespaces", *unread)
        with connect(self._dsn, self._settings) as connection:
            return dump(
                connection,
                self._dsn,
                major=major,
                programs=programs,
                settings=self._settings,
                scope=self.scope,
                meter=meter,
                parts=parts,
            )

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """Join by hashes meanwhile, so that rows come in the order in which they are stored."""
        give(self.connection, _IN_ORDER)
        yield
        for name in _IN_ORDER:
            self.connection.execute(f"RESET {name}")


@contextmanager
def snapshot(dsn: str, settings: Settings, joins: Iterable[str]) -> Iterator[Snapshot]:
    """Begin the transaction; it ends on exit.

    Tables are locked first, as a SELECT locks them, and looked at then: what is copied is what was locked.

    Args:
        dsn: of the source.
        settings: time-outs.
        joins: declared by the user.

    Raises:
        DumpBlocked: somebody holds a table.
        InTheWay: somebody waited for us.
        UsageError: a join names what is not there.
    """
    with connect(dsn, settings, statement_timeout_ms=LONGEST_MS) as reading, connect(dsn, settings) as looking:
        reading.prepare_threshold = looking.prepare_threshold = None  # what it sends for that is not marked
        scope = read_what_to_copy(reading, settings)
        resolved = resolve_joins(reading, list(joins))
        _prepare(reading)
        tables = list(read_catalog(reading, scope, ()).tables.by_oid.values())
        reading.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _lock(reading, tables, dsn)
        (identifier,) = reading.execute("SELECT pg_catalog.pg_export_snapshot()").fetchone() or ("",)
        catalog = read_catalog(reading, scope, resolved)
        with courtesy(looking, reading.info.backend_pid, _PATIENCE * settings.lock_timeout_ms / 1000):
            yield Snapshot(reading, scope, catalog, dsn, settings, identifier)
            reading.execute("ROLLBACK")


def give(connection: Connection, settings: dict[str, str]) -> None:
    """Give a session settings."""
    for name, value in settings.items():
        connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", (name, value))


def as_text(connection: Connection) -> None:
    """Let a session write and read values as the other side does."""
    give(connection, _AS_TEXT)


def _prepare(connection: Connection) -> None:
    as_text(connection)
    give(connection, _WITHOUT_LIMITS)
    if connection.info.server_version >= 170_000:
        give(connection, {"transaction_timeout": "0"})
    try:
        give(connection, {"client_connection_check_interval": _NOTICE})
    except psycopg.Error:
        if connection.broken:
            raise  # else the server's platform cannot look


def _lock(connection: Connection, tables: Iterable[Table], dsn: str) -> None:
    names = ", ".join(f"ONLY {table.spelled}" for table in tables)
    if not names:
        return
    try:
        connection.execute(f"LOCK TABLE {names} IN ACCESS SHARE MODE".encode())
    except psycopg.errors.LockNotAvailable as error:
        raise DumpBlocked(
            f"Somebody holds a table of {describe_target(dsn)} ({first_line(error)}); try again when that transaction"
            " is over."
        ) from error
    except psycopg.errors.UndefinedTable as error:
        raise StatementRefused(
            f"A table of {describe_target(dsn)} was dropped at this very moment ({first_line(error)}); try again."
        ) from error
