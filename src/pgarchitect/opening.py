"""What an audit opens before its first step: its own database, the audited one, the sandbox; each fit for its part."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from pgarchitect.errors import AuditRunning, HomeUnavailable, MissingCapability, UsageError
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.postgres.connect_by_name import connect_by_name
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.server_identity import cluster_identifier
from pgarchitect.settings import Settings

SANDBOX: Final = "The sandbox (--sandbox)"
"""What sentences call it."""
_LOCK: Final = 0x7067_6175
"""First key of our advisory locks: "pgau" as a number."""
_WHOLE: Final = "the sandbox"
_NOTICE: Final = "1s"
"""How often a server looks whether we are still there while it runs a statement of ours."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An audit's connections.

    Attributes:
        home: the architect's own database.
        log: in it.
        target: the audited database, read-only.
        sandbox: None when nothing may be run.
        identity: the audited server and database, the same however they are addressed.
    """

    home: Connection
    log: OptimizationLog
    target: Connection
    sandbox: Connection | None
    identity: str


@contextmanager
def opened(
    target: str, sandbox: str | None, home: str, settings: Settings, *, server: str, own_sandbox: bool
) -> Iterator[Opened]:
    """Connect to the places of an audit and keep other audits of the same ones away.

    Args:
        target: DSN of the audited database.
        sandbox: DSN of the sandbox, if there is one.
        home: DSN of the architect's own database.
        settings: time-outs.
        server: name of the audited server, for its identity where its own identifier may not be read.
        own_sandbox: the audited database may be its own sandbox.

    Raises:
        HomeUnavailable: the architect's own database cannot be used.
        UsageError: a DSN cannot be read, or the sandbox is the audited database itself.
        MissingCapability: the sandbox takes no writes.
        AuditRunning: another audit is at work there.
        CannotConnect, AuthenticationFailed, VersionTooOld: see ``connect``.
    """
    with ExitStack() as stack:
        own = stack.enter_context(own_database(home, settings))
        log = OptimizationLog(own)
        log.prepare()
        audited = stack.enter_context(connect(target, settings))
        _be_missed(audited)
        identity = _identity(audited, server)
        _alone(own, identity, "of this database")
        trial = None
        if sandbox is not None:
            trial = stack.enter_context(trial_place(audited, sandbox, settings, own=own_sandbox))
        yield Opened(own, log, audited, trial, identity)


@contextmanager
def trial_place(audited: Connection, sandbox: str, settings: Settings, *, own: bool) -> Iterator[Connection]:
    """Connect to a sandbox, for writing, and keep other audits of it away.

    Args:
        audited: the database that it stands for.
        sandbox: its DSN.
        settings: time-outs.
        own: the audited database may be its own sandbox.

    Raises:
        UsageError: the DSN cannot be read, or the sandbox is the audited database itself.
        MissingCapability: it takes no writes.
        AuditRunning: another audit is at work there.
        CannotConnect, AuthenticationFailed, VersionTooOld: see ``connect``.
    """
    with _sandbox(sandbox, settings) as trial:
        if not own:
            _require_apart(audited, trial)
        _alone(trial, _WHOLE, "on this sandbox")
        yield trial


def require_rights(sandbox: Connection, tables: Sequence[str]) -> None:
    """Make sure that indexes on ``tables`` (qualified, quoted) can be created; what is not there is not looked at.

    Raises:
        MissingCapability: the role may not.
    """
    row = sandbox.execute(
        "SELECT c.oid::regclass::text, r.rolname, current_user"
        " FROM unnest(%s::text[]) AS asked (name)"
        " JOIN pg_catalog.pg_class c ON c.oid = to_regclass(asked.name)"
        " JOIN pg_catalog.pg_roles r ON r.oid = c.relowner"
        " WHERE NOT (pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(c.relnamespace, 'CREATE'))"
        " ORDER BY asked.name LIMIT 1",
        (list(tables),),
    ).fetchone()
    if row is not None:
        raise MissingCapability(
            f'The role "{row[2]}" may not create indexes on the sandbox\'s {row[0]}; name a role in --sandbox that may:'
            f' a superuser, or its owner "{row[1]}" with the right to create in its schema.'
        )


@contextmanager
def own_database(dsn: str, settings: Settings) -> Iterator[Connection]:
    """Connect to the architect's own database, for reading and writing.

    Raises:
        HomeUnavailable: whatever keeps us from it.
    """
    setting = " (PGARCHITECT_HOME_URL)" if settings.home_url is not None else ""
    named = f"The architect's own database{setting}"
    with connect_by_name(named, dsn, settings, read_only=False, kind=HomeUnavailable) as connection:
        yield connection


@contextmanager
def _sandbox(dsn: str, settings: Settings) -> Iterator[Connection]:
    with connect_by_name(SANDBOX, dsn, settings, read_only=False) as connection:
        _be_missed(connection)
        (read_only,) = connection.execute("SELECT current_setting('transaction_read_only')::boolean").fetchone() or (
            True,
        )
        if read_only:
            raise MissingCapability(
                "The sandbox is read-only, as a standby is; name a copy that takes writes, or leave --sandbox out."
            )
        yield connection


def _be_missed(connection: Connection) -> None:
    """Let the server end a statement of ours soon after we are gone, however we went."""
    try:
        connection.execute("SELECT set_config('client_connection_check_interval', %s, false)", (_NOTICE,))
    except psycopg.Error:
        if connection.broken:
            raise  # else the server's platform cannot look


def _identity(target: Connection, server: str) -> str:
    """Server and database, the same however they are addressed: the cluster's own identifier where it may be read."""
    own = cluster_identifier(target)
    return f"{server if own is None else own}/{target.info.dbname}"


def _require_apart(target: Connection, sandbox: Connection) -> None:
    """Refuse to try anything on the audited database, by whatever name it was given a second time."""
    who = (
        "SELECT pg_catalog.pg_postmaster_start_time(), oid FROM pg_catalog.pg_database"
        " WHERE datname = pg_catalog.current_database()"
    )
    if target.execute(who).fetchone() == sandbox.execute(who).fetchone():
        raise UsageError(
            "The sandbox is the audited database itself under another name; restore a copy and name that, leave"
            " --sandbox out, or, if statements may be run there, give --sandbox the very same DSN."
        )


def _alone(connection: Connection, what: str, named: str) -> None:
    """Keep a second audit away until the connection ends; one that is leaving is waited for until lock_timeout."""
    try:
        connection.execute("SELECT pg_catalog.pg_advisory_lock(%s, hashtext(%s))", (_LOCK, what))
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled) as error:
        raise AuditRunning(
            f"Another audit {named} is running; wait until it has ended, then run the same command again."
        ) from error
