"""The capability probe: what an audit needs of a server and a role, each looked for on its own."""

from typing import Final

import psycopg

from pgarchitect.errors import MissingCapability
from pgarchitect.postgres.capability_noun import Capability, Finding, Fix, Needs, Probe, State
from pgarchitect.postgres.capability_rights import ROLE_PROBES, STATISTICS_PROBES
from pgarchitect.postgres.capability_server import SERVER_PROBES, SETTING_PROBES
from pgarchitect.postgres.capability_session import Session, session_of
from pgarchitect.postgres.capability_statements import EXTENSION, STATEMENT_PROBES, extension_schema
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import first_line

__all__ = [
    "PROBES",
    "Capability",
    "Fix",
    "Needs",
    "State",
    "pg_stat_statements_schema",
    "probe",
    "refuse_what_blocks",
    "require_audit",
]

PROBES: Final = (*SERVER_PROBES, *ROLE_PROBES, *STATEMENT_PROBES, *STATISTICS_PROBES, *SETTING_PROBES)
"""Every probe, in the order in which doctor shows them."""


def probe(connection: Connection) -> tuple[Capability, ...]:
    """Look for every capability; one that cannot be looked for says so and keeps nothing from the others.

    Reads only, and leaves no transaction open or failed.

    Raises:
        psycopg.OperationalError: the connection broke.
    """
    session = session_of(connection)
    return tuple(_look(each, session) for each in PROBES)


def require_audit(connection: Connection) -> tuple[Capability, ...]:
    """Look for every capability and return them all when an audit can run.

    Raises:
        MissingCapability: one that is required is missing; the message names the first one and its first fix.
    """
    capabilities = probe(connection)
    refuse_what_blocks(capabilities)
    return capabilities


def refuse_what_blocks(capabilities: tuple[Capability, ...]) -> None:
    """Raise for the first capability that keeps an audit from running.

    Raises:
        MissingCapability: there is one.
    """
    first = next((each for each in capabilities if each.blocks), None)
    if first is None:
        return
    step = f"begin with this: {first.fix[0].text.rstrip(';')}; then" if first.fix else "for what to do"
    raise MissingCapability(
        f'"{first.name}" is missing ({first.found}) and no audit runs without it; {step} run `pgarchitect doctor`.'
    )


def pg_stat_statements_schema(connection: Connection) -> str:
    """Name, not quoted, of the schema that holds the views of pg_stat_statements in this database.

    Raises:
        MissingCapability: the extension was not created in this database.
    """
    session = session_of(connection)
    schema = extension_schema(session)
    if schema is None:
        raise MissingCapability(
            f'{EXTENSION} was not created in database "{session.database}"; a superuser must run CREATE EXTENSION'
            f" {EXTENSION} there."
        )
    return schema


def _look(wanted: Probe, session: Session) -> Capability:
    try:
        # Its own transaction, or savepoint inside the caller's: a probe that fails leaves nothing behind.
        with session.connection.transaction():
            finding = wanted.look(session)
    except psycopg.Error as error:
        if session.connection.broken:
            raise
        finding = _failed(wanted, error)
    return Capability(wanted.name, finding.state, finding.found, wanted.why, finding.fix, wanted.required)


def _failed(wanted: Probe, error: psycopg.Error) -> Finding:
    state = State.MISSING if wanted.required else State.LIMITED
    return Finding(state, f"could not be looked for ({first_line(error)})")
