"""``pgarchitect migrate dev``: the schema was changed; write the migration and apply it to the development database."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from pgarchitect.cli.migrate_project import (
    Dsn,
    MigrationsOption,
    Project,
    SchemaOption,
    ShadowOption,
    project,
    tell,
    warn,
)
from pgarchitect.cli.migrate_wishes import refuse_losses, wishes_of
from pgarchitect.cli.mirrors import refresh_mirrors
from pgarchitect.errors import DriftFound, HistoryDiverged, MigrationFailed, MigrationObstructed, UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.schema.difference import Step, StepKind, migration_script
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.creating import create_if_missing
from pgarchitect.schema.migrations.deploying import deploy, require_empty
from pgarchitect.schema.migrations.folder import SCRIPT, migration_name, write_migration
from pgarchitect.schema.migrations.history import occupants, read_history
from pgarchitect.schema.migrations.planning import Plan, drift, planning, require_replayable
from pgarchitect.schema.migrations.runner import rehearse
from pgarchitect.schema.migrations.state import compare
from pgarchitect.schema.migrations.trying import Tried, tried
from pgarchitect.schema.safety.linting import MigrationScript, lint_scripts
from pgarchitect.settings import Settings


def dev(
    dsn: Dsn = None,
    *,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the migration, a few words.", show_default=False)
    ] = None,
    create_only: Annotated[
        bool, typer.Option("--create-only", help="Write the migration and touch no database.")
    ] = False,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OLD:NEW", help="A table, column, enum or value that was renamed; may be given several times."
        ),
    ] = None,
    accept_data_loss: Annotated[
        bool, typer.Option("--accept-data-loss", help="Data may be destroyed, as the message says without this.")
    ] = False,
    concurrently: Annotated[
        bool, typer.Option("--concurrently", help="Create and drop indexes of existing tables without locking them.")
    ] = False,
    generate: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Folder of mirrors to bring up to date afterwards; may be given several times; left out: those of"
            " PGARCHITECT_MIRRORS.",
        ),
    ] = None,
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
    shadow_url: ShadowOption = None,
) -> None:
    """Write the migration that makes the database what the schema says, and apply it to the development database."""
    found = project(schema, migrations, begins=True)
    if found.schema is None or found.path is None:
        raise UsageError("migrate dev needs the schema; name its file or folder with --schema.")
    settings, shadow = Settings(), found.shadow(shadow_url)
    url = None if create_only else found.url(dsn)
    if url is not None:
        if made := create_if_missing(url, settings):
            typer.echo(f"Created the database {made}")
        with migrating(url, settings) as connection:
            _require_in_step(connection, found, settings, url, shadow)
            deploy(connection, found.migrations, tell, schemas=found.schemas(url))
    home = found.schemas(url or dsn)[0]
    with planning(found.schema, found.migrations, settings, home=home, url=shadow) as (lying, connection):
        steps = lying.steps(wishes_of(lying, rename or (), concurrently=concurrently))
        refuse_losses(steps, accepted=accept_data_loss)
        complete = _tried(lying, steps, connection, create_only=create_only)
        if url is not None and steps:
            _rehearse(url, settings, complete.steps)
        if steps or create_only:
            _write(found, complete.steps, _named(name), complete.left)
    if url is None:
        return
    with migrating(url, settings) as connection:
        deploy(connection, found.migrations, tell)
    typer.echo("The database is in step with the schema.")
    refresh_mirrors(found.schema, generate or settings.mirror_folders)


def _tried(lying: Plan, steps: tuple[Step, ...], shadow: Connection, *, create_only: bool) -> Tried:
    """See that the migration runs; one that is only written may be completed by hand."""
    try:
        return tried(lying, steps, shadow)
    except MigrationObstructed as error:
        if not create_only:
            raise
        reason = str(error.__cause__).splitlines()
        warn(f"  It fails as it is ({'; '.join(map(str.strip, reason))}): complete it by hand before it is applied.")
        return Tried(steps, ())


def _rehearse(url: str, settings: Settings, steps: tuple[Step, ...]) -> None:
    """See that the rows of the development database let the migration pass, before it is written.

    Raises:
        MigrationFailed: they do not.
    """
    with migrating(url, settings) as connection:
        try:
            rehearse(connection, migration_script(tuple(map(_in_one_piece, steps))))
        except psycopg.errors.LockNotAvailable:
            return  # whoever applies it waits longer
        except psycopg.Error as error:
            if connection.broken:
                raise
            raise MigrationFailed(
                f"The migration would fail on the development database ({first_line(error)}), so it was not written."
                f" {_advice(error)}, or write the migration with --create-only and complete it by hand."
            ) from error


def _in_one_piece(step: Step) -> Step:
    """The step as a transaction can hold it: an index that is built without locking its table cannot be taken back."""
    if step.kind not in {StepKind.CREATE_INDEX, StepKind.DROP_INDEX}:
        return step
    return replace(
        step, statements=tuple(each.replace(" INDEX CONCURRENTLY ", " INDEX ", 1) for each in step.statements)
    )


def _advice(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.NotNullViolation):
        return "Give a new field a default, fill the rows that lack a value, let the field be optional for now"
    if isinstance(error, (psycopg.IntegrityError, psycopg.DataError)):
        return "Change those rows"
    return "Put that right there"


def _require_in_step(connection: Connection, found: Project, settings: Settings, url: str, shadow: str | None) -> None:
    """The development database must be what its migrations made of it.

    Raises:
        HistoryDiverged: a migration was edited or is missing, or there is no history of what the database holds.
        MigrationFailed: the migrations do not run one after the other, and some of them have yet to run.
        DriftFound: somebody changed the database by hand.
    """
    migrations = found.migrations
    state = compare(migrations, read_history(connection))
    schemas = found.schemas(url)
    if not state.has_table:
        _require_empty(connection, found, schemas)
    told = [f"{each} was edited after it was applied" for each in state.edited]
    told += [f"{each} is not on disk" for each in state.missing]
    if told:
        raise HistoryDiverged(
            f"The development database has migrations that the folder has not: {'; '.join(told)}. Bring them back as"
            " they were, or begin anew with `pgarchitect migrate reset --force`, which drops all data."
        )
    if state.pending and found.schema is not None:
        # What two branches have merged may not fit together: that is told before anything is recorded as failed.
        require_replayable(found.schema, migrations, settings, home=schemas[0], url=shadow)
    if not state.has_table:
        return
    applied = [each for each in migrations if each.name in state.applied]
    if steps := drift(connection, applied, settings, schemas=schemas, url=shadow):
        lines = "".join(f"\n  {each.kind.value} {each.concerns}" for each in steps[:20])
        more = f"\n  and {len(steps) - 20} more" if len(steps) > 20 else ""
        raise DriftFound(
            "The development database is not what its migrations made of it; this would bring it back to that:"
            f"{lines}{more}\nTake over what was changed by hand: write it into a new migration (`pgarchitect migrate"
            f" diff --from migrations:{found.folder} --to DSN --script` prints it) and declare that with `migrate"
            " resolve --applied`; or begin anew with `pgarchitect migrate reset --force`, which drops all data."
        )


def _require_empty(connection: Connection, found: Project, schemas: Sequence[str]) -> None:
    if found.migrations:
        require_empty(connection, found.migrations, schemas)
    elif occupied := _occupants(connection, schemas):
        raise HistoryDiverged(
            f"The development database is not empty ({occupied}) and there is no migration yet. Make a first one of"
            f" what is there (`pgarchitect migrate diff --from empty --to DSN --script` prints it, for a folder such as"
            f" {found.folder}/0_init), and declare it with `pgarchitect migrate resolve --applied 0_init`."
        )


def _occupants(connection: Connection, schemas: Sequence[str]) -> str:
    rows = occupants(connection, schemas)
    return ", ".join(rows[:3]) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")


def _named(name: str | None) -> str:
    if name is None and sys.stdin.isatty():
        return str(typer.prompt("Name of the migration", err=True))
    if name is None:
        raise UsageError("The schema was changed; give the migration a name with --name.")
    return name


def _write(found: Project, steps: tuple[Step, ...], name: str, left: tuple[Step, ...]) -> None:
    earlier = found.migrations
    full_name = migration_name(name, datetime.now(UTC), earlier)
    made = write_migration(found.folder, full_name, migration_script(steps))
    file = found.folder / made.name / SCRIPT
    typer.echo(f"Wrote {file}")
    for warning in (each for step in steps for each in step.warnings):
        warn(f"  {warning}")
    if left:
        differs = "; ".join(f"{each.kind.value} {each.concerns}" for each in left)
        warn(f"  It does not lead to all that the schema says ({differs}): look at it, and please report this.")
    scripts = [MigrationScript(each.name, each.sql, wanted=False) for each in earlier]
    findings = lint_scripts([*scripts, MigrationScript(str(file), made.sql)], None)
    if findings:
        rules = ", ".join(sorted({each.rule for each in findings}))
        warn(
            f"  On a large table in use this may hurt ({rules}): `pgarchitect migrate lint {file}` says how to write it"
            " safely."
        )
