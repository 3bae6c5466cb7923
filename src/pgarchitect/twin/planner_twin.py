"""The planner twin: a private PostgreSQL that plans as the source would, without a single row of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.settings import Settings
from pgarchitect.twin import hypothetical
from pgarchitect.twin.dump import dump, restore
from pgarchitect.twin.files import BLOCK, resize, set_btree_height
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.index_order import in_creation_order
from pgarchitect.twin.private_server import PrivateServer, private_server
from pgarchitect.twin.size_model import levels
from pgarchitect.twin.source import EndPoints, Locale, Source, read_source
from pgarchitect.twin.statistics import read_statistics, write_statistics

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
    "io_method": "sync",
}
_DATABASE: Final = "twin"
_KEY_HEADER: Final = 8
_HISTOGRAM_SLOTS: Final = (1, 2, 3, 4, 5)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the twin's planner says of one statement.

    Attributes:
        cost: total, in the planner's units.
        tree: the ``Plan`` object of EXPLAIN's JSON.
    """

    cost: float
    tree: dict[str, Any]

    def indexes(self) -> tuple[str, ...]:
        """Names of the indexes that the plan uses, each once, in the plan's order."""
        return tuple(dict.fromkeys(_indexes(self.tree)))


class PlannerTwin:
    """A live twin; ``PlannerTwin.of`` makes one."""

    def __init__(self, server: PrivateServer, source: Source, missing: Sequence[str]) -> None:
        self._server = server
        self._connection: Connection | None = None
        self._stack = ExitStack()
        self._hypotheticals: dict[str, Hypothetical] = {}
        self.source = source
        self.missing = tuple(missing)
        """What of the source could not be recreated, one message of the server each."""

    @classmethod
    @contextmanager
    def of(cls, dsn: str, settings: Settings, progress: Progress = lambda _: None) -> Iterator["PlannerTwin"]:
        """Build a twin of the database at ``dsn``; it is removed on exit.

        The source is read once, by a role that needs no more than ``pg_read_all_data``; nothing is written to it.

        Args:
            dsn: connection string of the source.
            settings: time-outs, and where the twin lives meanwhile.
            progress: hears of each step.

        Raises:
            PgArchitectError: the source cannot be read or the twin not be started; the sentence says why.
        """
        programs = find_binaries().programs
        with connect(dsn, settings) as connection:
            progress("read lengths, settings and end points")
            source = read_source(connection)
            statistics = read_statistics(connection)
        progress("dump schema and statistics")
        script = in_creation_order(dump(dsn, programs, settings), statistics.index_order)
        with private_server(settings, options=_locale(source.locale), configuration=_CONFIGURATION) as server:
            progress("restore")
            missing = _restored(server, source, script, programs, settings)
            with connect(server.url(_DATABASE), settings, read_only=False) as connection:
                write_statistics(connection, statistics)
                for ends in source.ends:
                    _set_ends(connection, ends)
            progress("set lengths")
            _patched(server, source, settings)
            twin = cls(server, source, missing)
            try:
                yield twin
            finally:
                twin.close()

    @property
    def url(self) -> str:
        """Connection URL of the twin, for a look by hand; whatever is done there is lost with it."""
        return self._server.url(_DATABASE)

    def explain(self, statement: str) -> Plan:
        """The plan of a statement, under the configuration in force.

        Raises:
            StatementRefused: it cannot be planned.
        """
        try:
            row = self._session().execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchone()
        except psycopg.Error as error:
            raise StatementRefused(f"The statement cannot be planned ({str(error).splitlines()[0]}).") from error
        tree: dict[str, Any] = row[0][0]["Plan"] if row else {}
        return Plan(float(tree["Total Cost"]), tree)

    def try_index(self, ddl: str) -> Hypothetical:
        """Create a hypothetical index; it is switched off until a configuration switches it on.

        Raises:
            UsageError: not a CREATE INDEX, or refused by the server.
        """
        with connect(self.url, read_only=False) as connection:
            found = hypothetical.create(connection, ddl, self._server.data, self._server.account.own)
        self._hypotheticals[found.name] = found
        return found

    @contextmanager
    def configuration(self, present: Sequence[str] = (), absent: Sequence[str] = ()) -> Iterator[None]:
        """Plan as if the hypothetical indexes ``present`` existed and the existing ones ``absent`` did not.

        Raises:
            UsageError: a name is not known.
        """
        session = self._session()
        with session.transaction(force_rollback=True):
            for names, valid in ((present, True), (absent, False)):
                for name in names:
                    _switch(session, name, valid=valid)
            yield

    def close(self) -> None:
        """End the twin's session."""
        self._stack.close()
        self._connection = None

    def _session(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._stack.enter_context(connect(self.url, read_only=False))
        return self._connection


def _switch(session: Connection, name: str, *, valid: bool) -> None:
    changed = session.execute(
        "UPDATE pg_index SET indisvalid = %s FROM pg_class c WHERE c.oid = indexrelid AND c.relname = %s", (valid, name)
    ).rowcount
    if changed != 1:
        raise UsageError(f'The twin has {changed or "no"} indexes called "{name}"; name one that exists once.')


def _locale(locale: Locale) -> tuple[str, ...]:
    common = ("--no-data-checksums", f"--encoding={locale.encoding}", "--wal-segsize=1")
    if locale.provider == "b":
        return (*common, "--locale-provider=builtin", f"--builtin-locale={locale.locale}", "--locale=C")
    # The twin's programs carry neither ICU nor the source's C library: the built-in C.UTF-8 sorts by code points.
    if locale.collate in {"C", "POSIX"} and locale.provider == "c":
        return (*common, "--locale=C")
    return (*common, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")


def _restored(
    server: PrivateServer, source: Source, script: bytes, programs: Path, settings: Settings
) -> tuple[str, ...]:
    with connect(server.url(), settings, read_only=False) as connection:
        connection.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0")
        known = {row[0] for row in connection.execute("SELECT name FROM pg_settings WHERE context <> 'internal'")}
        for name, value in source.settings.items():
            if name in known:
                connection.execute(
                    sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                        sql.Identifier(_DATABASE), sql.Identifier(name), _setting(name, value)
                    )
                )
    return restore(script, server.url(_DATABASE), programs)


_LISTS: Final = frozenset({"search_path"})


def _setting(name: str, value: str) -> sql.Composable:
    if name in _LISTS:
        return sql.SQL(", ").join(sql.Literal(part.strip().strip('"')) for part in value.split(","))
    return sql.Literal(value)


def _set_ends(connection: Connection, ends: EndPoints) -> None:
    table = sql.Identifier(ends.schema, ends.table).as_string(connection)
    for slot in _HISTOGRAM_SLOTS:
        text = named("pgarchitect.twin", "twin.sql", "set_ends").replace("{slot}", str(slot))
        try:
            connection.execute(
                text.encode(),
                {"least": ends.least, "greatest": ends.greatest, "table": table, "column": ends.column},
            )
        except psycopg.Error:
            return  # a table that could not be recreated


def _patched(server: PrivateServer, source: Source, settings: Settings) -> None:
    """Give every file the length of its original; the server must be down, or it would not notice."""
    with connect(server.url(_DATABASE), settings, read_only=False) as connection:
        paths = {(row[0], row[1]): row[2:] for row in connection.execute(_sql("paths").encode()).fetchall()}
        widths = {(row[0], row[1]): row[2] for row in connection.execute(_sql("key_widths").encode()).fetchall()}
        connection.execute("CHECKPOINT")
    server.stop()
    for relation in source.relations:
        where = (relation.schema, relation.name)
        if where not in paths:
            continue
        file = server.data / paths[where][0]
        if paths[where][1] == "btree":
            set_btree_height(file, levels(relation.pages, _KEY_HEADER + widths.get(where, 8)))
        if relation.kind != "i" or relation.pages * BLOCK > file.stat().st_size:
            resize(file, relation.pages, server.account.own)
    server.start()


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)


def _indexes(tree: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in tree:
        yield tree["Index Name"]
    for child in tree.get("Plans", ()):
        yield from _indexes(child)
