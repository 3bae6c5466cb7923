"""`migrate deploy`: what is not applied yet is applied, in its order, by one process at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from pgarchitect.errors import HistoryDiverged, Interrupted, MigrationFailed
from pgarchitect.postgres.named_sql import statement
from pgarchitect.schema.migrations.failure import reason_in
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.running import Tell, run_migration
from pgarchitect.schema.migrations.session import Session
from pgarchitect.schema.migrations.standing import Diagnosis, Standing, State, diagnose


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment did.

    Attributes:
        applied: names of the migrations that ran, in their order.
        before: how the folder and the history stood to each other before it.
    """

    applied: tuple[str, ...]
    before: Diagnosis


def deploy(
    session: Session,
    migrations: Sequence[Migration],
    schemas: Sequence[str],
    tell: Tell,
    *,
    resume: bool = False,
) -> Deployed:
    """Apply what is not applied yet.

    Args:
        session: connected to the database.
        migrations: those on disk.
        schemas: that must be empty where no history is.
        tell: hears what happens.
        resume: a migration that runs in parts and failed goes on where it failed.

    Raises:
        MigrationRunning: another process migrates the database.
        MigrationFailed: a migration failed now or earlier.
        HistoryDiverged: the database has no history and is not empty.
        Interrupted: by the person; the sentence says how to carry on.
    """
    with session.alone():
        return deploy_locked(session, migrations, schemas, tell, resume=resume)


def deploy_locked(
    session: Session,
    migrations: Sequence[Migration],
    schemas: Sequence[str],
    tell: Tell,
    *,
    resume: bool = False,
) -> Deployed:
    """As ``deploy``, by one who holds the lock already."""
    history = session.history
    if not history.exists():
        require_empty(session, schemas)
        history.create()
    before = diagnose(migrations, history.records())
    waiting = [each for each in before.standings if each.state in {State.PENDING, State.INTERRUPTED}]
    for standing in before.of(State.FAILED):
        if not (resume and _goes_on(standing)):
            raise _blocked(standing, session)
        waiting.append(standing)
    applied = []
    for each in sorted(waiting, key=lambda standing: standing.name):
        assert each.migration is not None  # noqa: S101  # what waits is on disk
        tell(f"applying {each.name}")
        _run(session, each.migration, each, tell)
        applied.append(each.name)
    return Deployed(tuple(applied), before)


def require_empty(session: Session, schemas: Sequence[str]) -> None:
    """Refuse a database that somebody has filled without migrations.

    Raises:
        HistoryDiverged: it holds something; the message names what, and how to take it over.
    """
    rows = session.connection.execute(
        statement(__package__, "empty.sql", "occupants"), {"schemas": list(schemas)}
    ).fetchall()
    if rows:
        names = ", ".join(f"{kind} {name}" for kind, name in rows[:3]) + (", …" if len(rows) > 3 else "")
        raise HistoryDiverged(
            f"The {session.described} is not empty ({names}) and has no history of migrations. Take it over: make a"
            " first migration that creates what is there (`pgarchitect migrate diff --from empty --to DSN --script`),"
            " then declare it applied with `pgarchitect migrate resolve --applied NAME`."
        )


def _run(session: Session, migration: Migration, standing: Standing, tell: Tell) -> None:
    try:
        run_migration(session, migration, standing.record, tell)
    except KeyboardInterrupt as error:
        raise Interrupted(
            f"Interrupted while the migration {migration.name} ran; `pgarchitect migrate deploy` carries on with it."
        ) from error


def _goes_on(standing: Standing) -> bool:
    """Whether what failed can go on: it ran in parts, its script is still the same, and it was ours."""
    record = standing.record
    return record is not None and record.steps > 0 and not standing.is_missing and not standing.is_edited


def _blocked(standing: Standing, session: Session) -> MigrationFailed:
    record = standing.record
    assert record is not None  # noqa: S101  # it failed, so it has a row
    began = record.started_at.strftime("%Y-%m-%d %H:%M:%S %Z")
    reason = reason_in(record.logs)
    why = f" ({reason})" if reason else ""
    go_on = ", or let it go on with --resume" if _goes_on(standing) else ""
    return MigrationFailed(
        f"The migration {standing.name}, begun at {began}, failed{why}, so nothing more is applied to"
        f" {session.described}. Undo by hand what it left, then declare it with `pgarchitect migrate resolve"
        f" --rolled-back {standing.name}`; or finish it by hand and declare it with `--applied`{go_on}."
    )
