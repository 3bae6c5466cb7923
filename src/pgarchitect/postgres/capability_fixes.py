"""The statements that put a capability right, and who can run them."""

from psycopg import sql

from pgarchitect.postgres.capability_noun import Fix, Needs
from pgarchitect.postgres.capability_session import Session, Setting

_PER_DATABASE = "database"
_PER_ROLE = "user"
_PER_BOTH = "database user"
_FIXED_AT_START = frozenset({"command line", "environment variable"})


def in_catalog(session: Session, text: str, *, allowed: bool) -> Fix:
    """A statement that writes to the catalog; ``allowed``: this role may run it."""
    if session.standby:
        return Fix(text, Needs.PRIMARY)
    return Fix(text, Needs.SQL if allowed else Needs.SUPERUSER)


def set_to(session: Session, setting: Setting, *values: str) -> tuple[Fix, ...]:
    """Give a setting another value where its present one comes from, and have it take effect.

    Args:
        session: where.
        setting: as it is now.
        values: the new value; several for a setting that is a list, which PostgreSQL wants quoted one by one.
    """
    assignment = f"{setting.name} = {', '.join(sql.Literal(value).as_string(session.connection) for value in values)}"
    if where := _override(session, setting):
        return (in_catalog(session, f"ALTER {where} SET {assignment};", allowed=session.superuser),)
    if setting.source in _FIXED_AT_START:
        return (Fix(f"start the server with {assignment}; its {setting.source} now says otherwise", Needs.PERSON),)
    if not setting.alter_system:
        return (Fix(f"write {assignment} into postgresql.conf", Needs.PERSON), _take_effect(setting))
    needs = Needs.SQL if setting.alterable else Needs.SUPERUSER
    return (Fix(f"ALTER SYSTEM SET {assignment};", needs), _take_effect(setting))


def _override(session: Session, setting: Setting) -> str | None:
    role, database = session.quoted(session.role), session.quoted(session.database)
    return {
        _PER_DATABASE: f"DATABASE {database}",
        _PER_ROLE: f"ROLE {role}",
        _PER_BOTH: f"ROLE {role} IN DATABASE {database}",
    }.get(setting.source)


def _take_effect(setting: Setting) -> Fix:
    if setting.restart:
        return RESTART
    return Fix("SELECT pg_reload_conf();", Needs.SQL if setting.alterable else Needs.SUPERUSER)


RESTART = Fix("restart the PostgreSQL server", Needs.RESTART)
"""Never done by us: everybody who uses the server must know of it."""
