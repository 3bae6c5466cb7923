"""How a sandbox is built in a new server: schema, rows, then what is built on rows, and what the planner must know.

The schema comes by a superuser, since extensions and some types need one; nothing of the source's code runs meanwhile.
Then its owner loses that right: checks, generated columns, index expressions and materialised views call functions of
the source, which may do no more here than any role. Triggers are created when the rows are there, event triggers never.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from psycopg import sql

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.sandbox.choice import Choice
from pgarchitect.sandbox.filling import Filled, fill
from pgarchitect.sandbox.order import Order, put_in_order
from pgarchitect.sandbox.sandbox import DATABASE, ROLE
from pgarchitect.sandbox.snapshot import LONGEST_MS, Script, Snapshot, as_text
from pgarchitect.sandbox.tables import Tables
from pgarchitect.settings import Settings
from pgarchitect.twin.carried_settings import carry_settings
from pgarchitect.twin.dump import Failure, restore
from pgarchitect.twin.locale import create_database, with_stand_ins
from pgarchitect.twin.losses import Losses, losses
from pgarchitect.twin.private_server import PrivateServer
from pgarchitect.twin.scope import spelled
from pgarchitect.twin.source import Locale

CALLED: Final = "sandbox"
_AT_ONCE: Final = 100
"""Sequences read by one statement."""
_NEVER: Final = re.compile(r"^(?:CREATE|ALTER) EVENT TRIGGER (?P<name>\S+)|^CREATE USER MAPPING ")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Database:
    """What the sandbox's database is like before anything is in it."""

    locale: Locale
    settings: dict[str, str]
    collations: tuple[str, ...]
    roles: tuple[str, ...]


class Building:
    """One sandbox, step by step, on a running server."""

    def __init__(self, server: PrivateServer, settings: Settings, progress: Progress) -> None:
        self._server = server
        self._settings = settings
        self._progress = progress
        self.programs: Path = find_binaries().programs
        self._failures: list[Failure] = []
        self._warnings: list[str] = []

    @property
    def owner_url(self) -> str:
        """DSN for the owner."""
        return self._server.url(DATABASE).replace("//postgres@", f"//{ROLE}@", 1)

    def begin(self, like: Database) -> None:
        """Create the database, its owner, and the roles that row policies name.

        Raises:
            EmbeddedServerFailed: the server refuses.
        """
        with self._connected(self._server.url()) as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN SUPERUSER BYPASSRLS")
            for role in like.roles:
                if role not in {ROLE, "postgres"}:
                    connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            self._warnings += create_database(connection, DATABASE, like.locale, CALLED)
            connection.execute(f"ALTER DATABASE {DATABASE} OWNER TO {ROLE}")
            carry_settings(connection, DATABASE, like.settings)

    def schema(self, script: Script, collations: Sequence[str]) -> None:
        """Create what comes before rows; then the owner is no superuser any more, and no server is known.

        Raises:
            HomeUnavailable: the disk is full.
        """
        self._progress("create schema")
        with self._connected(self._server.url(DATABASE)) as connection:
            before, warnings = with_stand_ins(connection, script.before, tuple(collations), CALLED)
        self._warnings += warnings
        self._run(before)
        with self._connected(self._server.url(DATABASE)) as connection:
            for (name,) in _rows(connection, "servers"):
                connection.execute(sql.SQL("DROP SERVER {} CASCADE").format(sql.Identifier(name)))
            connection.execute(f"ALTER ROLE {ROLE} NOSUPERUSER")
            connection.execute(f"GRANT pg_monitor TO {ROLE}")

    def present(self, tables: Tables) -> Tables:
        """Those tables that the sandbox has."""
        with self._connected(self.owner_url) as connection:
            here = set(_rows(connection, "tables"))
        return Tables.of(
            (each for each in tables.by_oid.values() if (each.schema, each.name) in here), tables.references
        )

    def rows(self, snapshot: Snapshot, tables: Tables, choice: Choice) -> Filled:
        """Copy the rows, and where the sequences are.

        Raises:
            StatementRefused: the source refuses.
            HomeUnavailable: the disk is full.
        """
        with self._connected(self.owner_url) as connection:
            as_text(connection)
            filled = fill(snapshot, connection, tables, choice, self._progress)
            _sequences(snapshot.connection, connection, snapshot.catalog.sequences)
        return filled

    def rest(self, script: Script, orders: Sequence[Order]) -> None:
        """Put tables in order, create what is built on rows, then vacuum and analyse everything.

        Raises:
            HomeUnavailable: the disk is full.
        """
        if orders:
            self._progress("put tables in order")
            with self._connected(self.owner_url) as connection:
                put_in_order(connection, orders)
        self._progress("create indexes, constraints and the rest")
        self._run(script.after)
        self._progress("vacuum and analyze")
        with self._connected(self._server.url(DATABASE)) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def losses(self, snapshot: Snapshot, filled: Filled) -> Losses:
        """What the sandbox lacks."""
        refused = {each.name for each in filled.refused}
        wanted = [each for each in snapshot.catalog.tables.by_oid.values() if each.spelled not in refused]
        failures = [each for each in self._failures if not _NEVER.match(each.statement)]
        with self._connected(self._server.url(DATABASE)) as connection:
            lost = losses(connection, [(each.schema, each.name) for each in wanted], snapshot.scope, failures, CALLED)
        return Losses(lost.left_out + filled.refused, lost.missing, lost.incomplete)

    def warnings(self) -> list[str]:
        """What a reader must know, a sentence each."""
        found = (_NEVER.match(each.statement) for each in self._failures)
        triggers = sorted({match["name"] for match in found if match and match["name"]})
        told = f"Event triggers are left out of a sandbox: {', '.join(triggers)}."
        return [*self._warnings, *([told] if triggers else [])]

    def size_bytes(self) -> int:
        """Of the database."""
        with self._connected(self.owner_url) as connection:
            return int(_rows(connection, "size")[0][0])

    def _run(self, script: bytes) -> None:
        self._failures += restore(script, self.owner_url, self.programs, CALLED)

    @contextmanager
    def _connected(self, url: str) -> Iterator[Connection]:
        with connect(url, self._settings, read_only=False, statement_timeout_ms=LONGEST_MS) as connection:
            yield connection


def _sequences(source: Connection, target: Connection, names: Sequence[tuple[str, str]]) -> None:
    """Put the sandbox's sequences where the source's are; those that it lacks, with their tables, are passed over."""
    for first in range(0, len(names), _AT_ONCE):
        some = [spelled(*name) for name in names[first : first + _AT_ONCE]]
        one = "SELECT {}::text, last_value, is_called FROM {}"
        query = " UNION ALL ".join(one.format(sql.Literal(name).as_string(source), name) for name in some)
        for name, last, called in source.execute(query.encode()).fetchall():
            target.execute("SELECT pg_catalog.setval(pg_catalog.to_regclass(%s), %s, %s)", (name, last, called))


def _rows(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    return connection.execute(named("pgarchitect.sandbox", "building.sql", name).encode()).fetchall()
