"""Probes of pg_stat_statements, where the workload comes from."""

from pathlib import PurePosixPath
from typing import Final

from psycopg import sql

from pgarchitect.postgres.capability_fixes import RESTART, in_catalog, set_to
from pgarchitect.postgres.capability_noun import Finding, Fix, Needs, Probe, State
from pgarchitect.postgres.capability_session import Session, Setting

EXTENSION: Final = "pg_stat_statements"
_COLUMNS: Final = frozenset({"total_exec_time", "toplevel", "queryid", "calls", "rows"})
_ROOMY: Final = 10_000
_UNKNOWN: Final = Finding(State.INFO, f"not known until {EXTENSION} is loaded and created")


def extension_schema(session: Session) -> str | None:
    """Schema that pg_stat_statements was created in, in this database; None when it was not."""
    row = session.row("extension_schema", EXTENSION)
    return row[0] if row else None


def _loaded(session: Session) -> Finding:
    if _is_loaded(session):
        return Finding(State.OK, "by shared_preload_libraries")
    if session.row("extension", EXTENSION) is None:
        package = Fix("install PostgreSQL's contrib package on the server", Needs.PERSON)
        return Finding(State.MISSING, "its files are not installed on the server", (package,))
    load = _load(session)
    found = "in shared_preload_libraries, but not before a restart" if load == (RESTART,) else "not loaded at the start"
    return Finding(State.MISSING, found, load)


def _load(session: Session) -> tuple[Fix, ...]:
    setting = session.setting("shared_preload_libraries")
    if setting is None:
        text = f"add {EXTENSION} to shared_preload_libraries, keeping what it lists (this role may not see it)"
        return (Fix(text, Needs.SUPERUSER), RESTART)
    listed = _libraries(_coming(session, setting))
    if EXTENSION in {PurePosixPath(name).name for name in listed}:  # it may stand there as $libdir/…
        return (RESTART,)
    return set_to(session, setting, *listed, EXTENSION)


def _coming(session: Session, setting: Setting) -> str:
    """The value after the next restart, which ALTER SYSTEM must not lose."""
    row = session.row("setting_in_files", setting.name) if session.superuser else None
    return str(row[0]) if row else setting.value


def _libraries(value: str) -> tuple[str, ...]:
    names = (name.strip().strip('"') for name in value.split(","))
    return tuple(name for name in names if name)


def _created(session: Session) -> Finding:
    schema = extension_schema(session)
    if schema is not None:
        return Finding(State.OK, f'in schema "{schema}"')
    if session.row("extension", EXTENSION) is None:
        return Finding(State.MISSING, "its files are not installed on the server")
    create = f"CREATE EXTENSION IF NOT EXISTS {EXTENSION};"
    return Finding(
        State.MISSING,
        f'not created in database "{session.database}"',
        (in_catalog(session, create, allowed=session.superuser),),
    )


def _readable(session: Session) -> Finding:
    schema = extension_schema(session)
    if schema is None or not _is_loaded(session):
        return _UNKNOWN
    may_use, may_read = session.row("may_read_statements", schema) or (False, False)
    if may_use and may_read:
        return Finding(State.OK, "readable by this role")
    role, name = session.quoted(session.role), session.quoted(schema)
    wanted = (
        (may_use, f"GRANT USAGE ON SCHEMA {name} TO {role};"),
        (may_read, f"GRANT SELECT ON {name}.pg_stat_statements, {name}.pg_stat_statements_info TO {role};"),
    )
    fixes = tuple(in_catalog(session, text, allowed=session.superuser) for has, text in wanted if not has)
    return Finding(State.MISSING, f'"{session.role}" may not read it', fixes)


def _version(session: Session) -> Finding:
    schema, row = extension_schema(session), session.row("extension", EXTENSION)
    if schema is None or row is None:
        return _UNKNOWN
    newest, created, _schema = row
    (columns,) = session.row("statement_columns", schema) or (None,)
    has = frozenset(columns or ())
    update = in_catalog(session, f"ALTER EXTENSION {EXTENSION} UPDATE;", allowed=session.superuser)
    if has >= _COLUMNS:
        later = f"; {newest} is installed" if newest != created else ""
        return Finding(State.OK, f"{created}{', with' if 'stats_since' in has else ', without'} stats_since{later}")
    return Finding(State.MISSING, f"{created} is too old for this server", (update,))


def _track(session: Session) -> Finding:
    setting = session.setting(f"{EXTENSION}.track")
    if setting is None:
        return _UNKNOWN
    if setting.value != "none":
        nested = "" if setting.value == "all" else "; statements inside functions count as part of the call"
        return Finding(State.OK, f"{setting.value}{nested}")
    return Finding(State.MISSING, "none: nothing is counted", set_to(session, setting, "top"))


def _room(session: Session) -> Finding:
    setting, schema = session.setting(f"{EXTENSION}.max"), extension_schema(session)
    if setting is None or schema is None:
        return _UNKNOWN
    dropped, since = session.row("statements_info", schema=sql.Identifier(schema)) or (0, None)
    counted = f"room for {setting.value} statements; {dropped} clean-outs"
    found = f"{counted} since {since:%Y-%m-%d %H:%M} UTC" if since else counted
    if not dropped:
        return Finding(State.OK, found)
    return Finding(State.LIMITED, found, set_to(session, setting, str(max(_ROOMY, 2 * int(setting.value)))))


def _stored(session: Session) -> Finding:
    schema = extension_schema(session)
    if schema is None or not _is_loaded(session):
        return _UNKNOWN
    here, hidden, everywhere = session.row("statements_stored", schema=sql.Identifier(schema)) or (0, 0, 0)
    found = f'{here} of database "{session.database}" ({hidden} of them hidden from this role), {everywhere} in all'
    if here > hidden:
        return Finding(State.OK, found)
    return Finding(State.LIMITED, found, (Fix("let the application run for a while", Needs.PERSON),))


def _query_id(session: Session) -> Finding:
    setting = session.setting("compute_query_id")
    (own,) = session.row("own_query_id") or (None,)
    if setting is None or own is not None or setting.value != "off":
        return Finding(State.OK, setting.value if setting and setting.value != "off" else "computed by another module")
    return Finding(
        State.MISSING, "off: statements have no identity and are not counted", set_to(session, setting, "auto")
    )


def _is_loaded(session: Session) -> bool:
    # Its own settings exist only where the library was loaded at the start, and every role may see them.
    return session.setting(f"{EXTENSION}.max") is not None


STATEMENT_PROBES = (
    Probe(
        "pg_stat_statements loaded",
        "The server counts statements only when the library is loaded at its start.",
        _loaded,
        required=True,
    ),
    Probe(
        "pg_stat_statements created", "The workload is read from its view in this database.", _created, required=True
    ),
    Probe("pg_stat_statements readable", "The role must be allowed to read that view.", _readable, required=True),
    Probe("pg_stat_statements version", "Versions before 1.9 lack columns that we read.", _version, required=True),
    Probe("pg_stat_statements.track", "With none nothing is counted.", _track, required=True),
    Probe("compute_query_id", "A statement without an identity is not counted.", _query_id, required=True),
    Probe("room for statements", "When there is no room, the least used statements are forgotten.", _room),
    Probe("stored statements", "They are the workload of an audit.", _stored),
)
