"""Where a command works: the audited database, the sandbox and the architect's home, from what the user gave."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from pgarchitect.errors import UsageError
from pgarchitect.opening import SANDBOX
from pgarchitect.postgres.connect_by_name import named
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.dsn import describe_server, read_dsn
from pgarchitect.postgres.embedded import EmbeddedServer, embedded_server, ensure_database
from pgarchitect.sandbox.sandbox import reached
from pgarchitect.settings import Settings

HOME_DATABASE: Final = "pgarchitect"
"""Database of the embedded server that keeps OptimizationLog."""
EMBEDDED: Final = "embedded server"


@dataclass(frozen=True, slots=True)
class Places:
    """Connection strings of one command, with the names that a report gives them.

    Attributes:
        dsn: the audited database.
        server: name of its server.
        sandbox_dsn: where statements may be run; None when nowhere.
        sandbox: name of the sandbox.
        home_dsn: the architect's own database.
    """

    dsn: str
    server: str
    sandbox_dsn: str | None
    sandbox: str | None
    home_dsn: str


@contextmanager
def home(settings: Settings) -> Iterator[str]:
    """Connection string of the architect's own database; the embedded server runs meanwhile, if it is there."""
    if settings.home_url is not None:
        yield settings.home_url
        return
    with embedded_server(settings) as server:
        yield ensure_database(server, HOME_DATABASE, ["vector"])


@contextmanager
def places(dsn: str | None, sandbox: str | None, database: str | None, settings: Settings) -> Iterator[Places]:
    """Find the places; the embedded server runs while the block does, if one of them is on it, and a sandbox of ours.

    Without ``dsn`` the embedded server is audited, and is its own sandbox. Another database is its own sandbox only
    when its DSN is written twice, which nobody does by accident.
    """
    if dsn is not None and database is not None:
        raise UsageError("--database names a database of the embedded server; with a DSN, put the name into the DSN.")
    if dsn is not None:
        read_dsn(dsn)  # a typing error is told at once, before a server is started
    with ExitStack() as stack:
        with named(SANDBOX):
            trial = stack.enter_context(reached(sandbox, settings)) if sandbox is not None else None
        sandbox, sandbox_name = (trial.dsn, trial.name) if trial is not None else (None, None)
        if dsn is not None and settings.home_url is not None:
            yield Places(dsn, describe_server(dsn), sandbox, sandbox_name, settings.home_url)
            return
        server = stack.enter_context(embedded_server(settings))
        home = settings.home_url or ensure_database(server, HOME_DATABASE, ["vector"])
        if dsn is not None:
            yield Places(dsn, describe_server(dsn), sandbox, sandbox_name, home)
            return
        name = _database(server, database, settings)
        own = server.url(name)
        yield Places(own, EMBEDDED, sandbox or own, sandbox_name or f'database "{name}" of the {EMBEDDED}', home)


def _database(server: EmbeddedServer, asked: str | None, settings: Settings) -> str:
    """The database that was asked for, or the only one that there is."""
    names = _databases(server, settings)
    told = f"it holds {', '.join(names)}" if names else "it holds none of an application; run `make demo` for one"
    if asked is not None:
        if asked in names:
            return asked
        raise UsageError(f'The embedded server holds no database "{asked}" of an application; {told}.')
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError(
            "The embedded server holds no database of an application; give the DSN of yours, or run `make demo` first."
        )
    raise UsageError(f"The embedded server holds several databases; choose with --database: {', '.join(names)}.")


def _databases(server: EmbeddedServer, settings: Settings) -> list[str]:
    with connect(server.url(), settings) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> ALL(%s)"
            " AND NOT starts_with(datname, 'pgarchitect_') ORDER BY 1",
            ([HOME_DATABASE, "postgres"],),
        ).fetchall()
    return [str(row[0]) for row in rows]
