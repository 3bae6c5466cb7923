"""Probes of what the role may read: tables, statistics, the statements of others."""

from psycopg import sql

from pgarchitect.postgres.capability_fixes import in_catalog
from pgarchitect.postgres.capability_noun import Finding, Fix, Needs, Probe, State
from pgarchitect.postgres.capability_session import Session


def _superuser(session: Session) -> Finding:
    if not session.superuser:
        return Finding(State.OK, f'"{session.role}" is not a superuser')
    return Finding(
        State.INFO,
        f'"{session.role}" is a superuser, which an audit does not need',
        (
            Fix("CREATE ROLE pgarchitect LOGIN PASSWORD '…';", Needs.PERSON),
            Fix("GRANT pg_read_all_data, pg_monitor TO pgarchitect;", Needs.PERSON),
        ),
    )


def _tables(session: Session) -> Finding:
    total, unreadable, names = session.row("readable_tables") or (0, 0, None)
    if not total:
        return Finding(State.LIMITED, f'database "{session.database}" has no tables; is it the right one?')
    if not unreadable:
        return Finding(State.OK, f"{_count(total, 'table')}, all readable")
    few = ", ".join(names) + (" …" if unreadable > len(names) else "")
    return Finding(
        State.MISSING if unreadable == total else State.LIMITED,
        f"{unreadable} of {_count(total, 'table')} cannot be read: {few}",
        (_grant(session, "pg_read_all_data"),),
    )


def _others_statements(session: Session) -> Finding:
    (allowed,) = session.row("reads_all_stats") or (False,)
    if allowed:
        return Finding(State.OK, "this role sees the statements of all roles")
    return Finding(
        State.LIMITED,
        f'only the statements of "{session.role}" itself are seen; the others are hidden',
        (_grant(session, "pg_monitor"),),
    )


def _column_statistics(session: Session) -> Finding:
    columns, guarded = session.row("column_statistics") or (0, 0)
    if guarded:
        return Finding(
            State.LIMITED,
            f"row-level security hides rows and statistics of {_count(guarded, 'table')}",
            (in_catalog(session, f"ALTER ROLE {session.quoted(session.role)} BYPASSRLS;", allowed=session.superuser),),
        )
    if not columns:
        return Finding(State.INFO, "pg_stats shows no column of a readable table")
    return Finding(State.OK, f"pg_stats shows {_count(columns, 'column')}")


def _analysed(session: Session) -> Finding:
    may_analyse = sql.SQL(session.text("may_analyse"))
    tables = session.rows("never_analysed", may_analyse=may_analyse)
    if not tables:
        return Finding(State.OK, "every readable table with rows was analysed")
    return Finding(
        State.LIMITED,
        f"{_count(len(tables), 'table')} with rows but without statistics",
        tuple(Fix(f"ANALYZE {name};", _who_analyses(session, allowed=allowed)) for name, allowed in tables),
    )


def _who_analyses(session: Session, *, allowed: bool) -> Needs:
    if session.standby:
        return Needs.PRIMARY
    return Needs.SQL if allowed else Needs.OWNER


def _grant(session: Session, group: str) -> Fix:
    return in_catalog(session, f"GRANT {group} TO {session.quoted(session.role)};", allowed=session.superuser)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


ROLE_PROBES = (
    Probe("superuser", "A role that can only read is enough for an audit, and safer.", _superuser),
    Probe("readable tables", "The planner plans only what the role may read.", _tables, required=True),
    Probe(
        "statements of other roles",
        "The application's statements are shown as <insufficient privilege> to a role without pg_monitor.",
        _others_statements,
    ),
)

STATISTICS_PROBES = (
    Probe("analysed tables", "Without statistics the planner guesses, and so would we.", _analysed),
    Probe("column statistics", "The planner twin plans with production's statistics.", _column_statistics),
)
