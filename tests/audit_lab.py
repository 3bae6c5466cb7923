"""A shop to audit: one table without the index that its one slow statement wants, in databases of a test's own."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from pgarchitect.architect import AuditRequest, run_audit
from pgarchitect.evidence.proof import Effort
from pgarchitect.memory.entry import Remembered
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.settings import Settings
from tests.embedded_lab import wait_for

SLOW = "SELECT id, total FROM orders WHERE user_id = %s"
ROWS = 40_000
CALLS = 12

_numbers = itertools.count(1)
TABLE = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, user_id integer NOT NULL, total numeric NOT NULL, note text)",
    f"INSERT INTO orders SELECT n, n % 4000, n % 97, repeat('x', 60) FROM generate_series(1, {ROWS}) AS n",
    "ANALYZE orders",
)


@dataclass(frozen=True, slots=True)
class Shop:
    """Three databases of one server: audited, a copy of it as sandbox, and the architect's own."""

    target: str
    sandbox: str
    home: str
    settings: Settings

    def play(self, statement: str = SLOW, calls: int = CALLS) -> None:
        """Be the application: send a statement with different parameters."""
        with psycopg.connect(self.target, autocommit=True) as application:
            for number in range(calls):
                application.execute(statement.encode(), (number,))

    def forget(self) -> None:
        """Reset what pg_stat_statements counted for the audited database."""
        run(
            self.target,
            "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()",
        )

    def audit(
        self, *, sandbox: bool = True, reconsider: bool = False, listener: ProgressListener | None = None
    ) -> Audit:
        """Audit in this process."""
        request = AuditRequest(
            dsn=self.target,
            server="test",
            home_dsn=self.home,
            sandbox_dsn=self.sandbox if sandbox else None,
            sandbox="copy" if sandbox else None,
            effort=Effort(runs=2, budget_s=0.5),
            reconsider=reconsider,
        )
        return run_audit(request, self.settings, listener or Silent())

    def log(self) -> tuple[Remembered, ...]:
        """Everything that was recorded, newest first."""
        with connect(self.home, self.settings, read_only=False) as connection:
            log = OptimizationLog(connection)
            log.prepare()
            return log.entries(limit=1000)

    def snapshots(self) -> int:
        """How many readings of the counters were kept."""
        return int(fetch(self.home, "SELECT count(*) FROM pgarchitect.workload_snapshot")[0][0])

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to keep its log here."""
        return {"PGARCHITECT_HOME_URL": self.home}

    def arguments(self, *more: str) -> list[str]:
        """``audit`` with the sandbox, fast, its HTML report thrown away."""
        return ["audit", self.target, "--sandbox", self.sandbox, "--runs", "2", "--html", os.devnull, *more]


class Silent:
    """Listens to an audit and does nothing."""

    def step(self, number: int, name: str, total: int | None = None) -> None:
        """A step begins."""

    def advance(self, amount: int = 1, note: str = "") -> None:
        """It comes on."""

    def done(self, count: str) -> None:
        """It ended."""


@contextmanager
def open_shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    """A shop whose application has run; its databases are gone on exit."""
    names = [f"shop_{kind}_{next(_numbers)}" for kind in ("target", "sandbox", "home")]
    target, sandbox, home = map(server.url, names)
    run(server.url(), f"CREATE DATABASE {names[0]}", f"CREATE DATABASE {names[2]}")
    run(target, "CREATE EXTENSION pg_stat_statements", *TABLE)
    run(server.url(), f"CREATE DATABASE {names[1]} TEMPLATE {names[0]}")
    found = Shop(target, sandbox, home, settings)
    found.play()
    found.log()  # makes the schema of the home
    yield found
    run(server.url(), *(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


def run(url: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def fetch(url: str, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement.encode(), parameters or None).fetchall()


_FINGERPRINT = """
SELECT c.relname, to_jsonb(c) - 'relpages' - 'reltuples' - 'relallvisible' - 'relallfrozen' - 'relfrozenxid'
       - 'relminmxid'
FROM pg_class c WHERE relnamespace = 'public'::regnamespace ORDER BY 1
"""


def state(url: str) -> tuple[object, ...]:
    """What a trial must leave as it was: the tables, indexes and rows of a database."""
    rows = fetch(url, "SELECT count(*), sum(hashtextextended(orders::text, 0)) FROM orders")
    return (fetch(url, _FINGERPRINT), rows)


@dataclass(frozen=True, slots=True)
class Command:
    """A command at a terminal: a process group of its own, its output in files that can be looked at meanwhile."""

    process: subprocess.Popen[str]
    out: Path
    err: Path

    def send(self, kind: signal.Signals) -> None:
        """Send a signal to the whole group, as a terminal does."""
        os.killpg(self.process.pid, kind)

    def wait(self, timeout: float = 30.0) -> int:
        """Wait for its end; its exit status."""
        return self.process.wait(timeout)

    def wait_until_told(self, words: str) -> None:
        """Wait until it has said ``words`` on standard error."""
        wait_for(lambda: words in self.stderr or self.process.poll() is not None, 60.0)
        assert self.process.poll() is None, self.stderr

    @property
    def stdout(self) -> str:
        """What it has printed."""
        return self.out.read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """What it has told."""
        return self.err.read_text(encoding="utf-8")

    @property
    def sentence(self) -> str:
        """The last line that it told, which must be the only one of ours."""
        assert self.stderr.count("pgarchitect: ") == 1, self.stderr
        assert "Traceback" not in self.stderr
        return self.stderr.splitlines()[-1]


@contextmanager
def command(folder: Path, module: str, *arguments: str, env: dict[str, str]) -> Iterator[Command]:
    """Start ``python -m module``; it is gone on exit."""
    out, err = folder / "stdout", folder / "stderr"
    with out.open("w") as stdout, err.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            text=True,
            env={**os.environ, "COLUMNS": "120", **env},
            start_new_session=True,
        )
    try:
        yield Command(process, out, err)
    finally:
        process.kill()
        process.wait()


@contextmanager
def locked(url: str, table: str, mode: str = "ACCESS EXCLUSIVE") -> Iterator[int]:
    """Hold a lock on a table; the process id of the session that holds it."""
    with psycopg.connect(url) as connection:
        connection.execute(f"LOCK TABLE {table} IN {mode} MODE".encode())
        yield connection.info.backend_pid


def wait_until_blocked(url: str, blocker: int) -> int:
    """Wait until a session of ours waits for the lock that ``blocker`` holds; its process id."""
    found: list[int] = []

    def blocked() -> bool:
        rows = watcher.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE application_name = 'pgarchitect' AND %s = ANY(pg_blocking_pids(pid))",
            (blocker,),
        ).fetchall()
        found[:] = [row[0] for row in rows]
        return bool(found)

    with psycopg.connect(url, autocommit=True) as watcher:
        wait_for(blocked)
    return found[0]


def nobody_of_ours(url: str) -> None:
    """Wait until no session of ours is left on the server."""
    with psycopg.connect(url, autocommit=True) as watcher:
        query = "SELECT FROM pg_stat_activity WHERE application_name = 'pgarchitect'"
        wait_for(lambda: not watcher.execute(query).fetchall(), 5.0)


def with_role(url: str, role: str) -> str:
    """The same database as another role."""
    return make_conninfo(url, user=role)
