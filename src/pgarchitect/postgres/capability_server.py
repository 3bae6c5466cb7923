"""Probes of the server: version, connection, standby, settings."""

import ipaddress

from pgarchitect.postgres.capability_fixes import set_to
from pgarchitect.postgres.capability_noun import Finding, Fix, Needs, Probe, State
from pgarchitect.postgres.capability_session import Session
from pgarchitect.postgres.connection import OLDEST_VERSION

NEWEST_VERSION = 18
"""The newest major version that this release was tried on."""

_SHORT_TEXTS = 4096


def _version(session: Session) -> Finding:
    if session.major < OLDEST_VERSION:
        return Finding(
            State.MISSING, session.server, (Fix(f"upgrade to PostgreSQL {OLDEST_VERSION} or newer", Needs.PERSON),)
        )
    if session.major > NEWEST_VERSION:
        return Finding(State.INFO, f"{session.server}, newer than {NEWEST_VERSION}, the newest that was tried")
    return Finding(State.OK, session.server)


def _encryption(session: Session) -> Finding:
    row = session.row("encryption")
    if row and row[0]:
        return Finding(State.OK, f"encrypted ({row[1]}, {row[2]})")
    address = session.connection.info.hostaddr
    if not address:
        return Finding(State.OK, "local socket")
    if ipaddress.ip_address(address).is_loopback:
        return Finding(State.OK, "this machine, not encrypted")
    return Finding(State.INFO, f"not encrypted, to {address}", (Fix("add sslmode=require to the DSN", Needs.PERSON),))


def _primary(session: Session) -> Finding:
    if not session.standby:
        return Finding(State.OK, "a primary")
    return Finding(
        State.LIMITED,
        "a standby: only its own statements are counted, and nothing can be created on it",
        (Fix("name the primary in the DSN, or prove the findings on a sandbox", Needs.PERSON),),
    )


def _switch(session: Session, name: str) -> Finding:
    """A boolean setting that should be on."""
    setting = session.setting(name)
    if setting is None:
        return Finding(State.LIMITED, "cannot be seen by this role")
    if setting.value == "on":
        return Finding(State.OK, "on")
    return Finding(State.LIMITED, "off", set_to(session, setting, "on"))


def _io_timing(session: Session) -> Finding:
    return _switch(session, "track_io_timing")


def _autovacuum(session: Session) -> Finding:
    for name in ("autovacuum", "track_counts"):
        finding = _switch(session, name)
        if finding.state is not State.OK:
            return Finding(finding.state, f"{name} is {finding.found}", finding.fix)
    count, names = session.row("without_autovacuum") or (0, None)
    if not count:
        return Finding(State.OK, "on")
    return Finding(
        State.LIMITED,
        f"on, but {count} table(s) have it off: {', '.join(names)}{' …' if count > len(names) else ''}",
        tuple(Fix(f"ALTER TABLE {name} RESET (autovacuum_enabled);", Needs.PERSON) for name in names),
    )


def _query_size(session: Session) -> Finding:
    setting = session.setting("track_activity_query_size")
    if setting is None:
        return Finding(State.INFO, "cannot be seen by this role")
    if int(setting.value) >= _SHORT_TEXTS:
        return Finding(State.OK, f"{setting.value} bytes")
    return Finding(State.INFO, f"{setting.value} bytes", set_to(session, setting, "16384"))


def _hypopg(session: Session) -> Finding:
    return _extension(session, "hypopg", "the planner twin is used instead")


def _vector(session: Session) -> Finding:
    return _extension(session, "vector", "only the architect's own database needs it")


def _extension(session: Session, name: str, without: str) -> Finding:
    row = session.row("extension", name)
    if row is None:
        return Finding(State.INFO, f"not installed on the server; {without}")
    default, created, schema = row
    if created is None:
        return Finding(State.INFO, f"{default} is installed, not created in this database; {without}")
    return Finding(State.OK, f'{created}, in schema "{schema}"')


SERVER_PROBES = (
    Probe("server version", "pgarchitect reads the catalogs of PostgreSQL 14 and newer.", _version, required=True),
    Probe("encryption", "Statements and statistics travel over this connection.", _encryption),
    Probe("primary", "On a standby an audit reads, but cannot try anything out.", _primary),
)

SETTING_PROBES = (
    Probe("track_io_timing", "It tells time spent on reading from disk from time spent on computing.", _io_timing),
    Probe(
        "track_activity_query_size",
        "Longer texts are cut in pg_stat_activity; pg_stat_statements keeps them whole.",
        _query_size,
    ),
    Probe("autovacuum", "It keeps statistics fresh and tables free of dead rows, which plans depend on.", _autovacuum),
    Probe("hypopg", "It lets the planner try an index without building it.", _hypopg),
    Probe("pgvector", "The architect's memory searches for similar statements with it.", _vector),
)
