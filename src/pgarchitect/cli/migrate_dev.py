"""``pgarchitect migrate dev``: the schema was changed; write the migration and apply it to the development database."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import Dsn, MigrationsOption, Project, SchemaOption, project
from pgarchitect.cli.migrate_wishes import refuse_losses, wishes_of
from pgarchitect.errors import DriftFound, HistoryDiverged, UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.difference import Step, migration_script
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import migration_name, write_migration
from pgarchitect.schema.migrations.history import read_history
from pgarchitect.schema.migrations.planning import drift, plan
from pgarchitect.schema.migrations.state import compare
from pgarchitect.schema.safety.linting import lint_script
from pgarchitect.settings import Settings


def dev(
    dsn: Dsn = None,
    *,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the migration, a few words.", show_default=False)
    ] = None,
    create_only: Annotated[bool, typer.Option("--create-only", help="Write the migration, do not apply it.")] = False,
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
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
) -> None:
    """Write the migration that makes the database what the schema says, and apply it to the development database."""
    found = project(schema, migrations)
    if found.schema is None:
        raise UsageError("migrate dev needs the schema; name its file or folder with --schema.")
    settings = Settings()
    with migrating(found.url(dsn), settings) as connection:
        _require_in_step(connection, found, settings)
        lying = plan(found.schema, found.migrations, settings)
        steps = lying.steps(wishes_of(lying, rename or (), concurrently=concurrently))
        refuse_losses(steps, accepted=accept_data_loss)
        if steps or create_only:
            _write(found, steps, name)
        if not create_only:
            done = deploy(connection, found.migrations, lambda each: typer.echo(f"Applying {each}"))
            typer.echo("The database is in step with the schema." if done.applied or not steps else "")


def _require_in_step(connection: Connection, found: Project, settings: Settings) -> None:
    """The development database must be what its migrations made of it.

    Raises:
        HistoryDiverged: a migration failed, was edited, or is missing.
        DriftFound: somebody changed the database by hand.
    """
    migrations = found.migrations
    state = compare(migrations, read_history(connection))
    strange = [*(each.name for each in state.failed), *state.edited, *state.missing]
    if strange:
        raise HistoryDiverged(
            f"Migrations of this database failed, were edited or are missing: {', '.join(strange)}. Bring them back, or"
            " begin anew with `pgarchitect migrate reset`, which drops all data."
        )
    applied = [each for each in migrations if each.name in state.applied]
    if found.schema is None or (not applied and not state.has_table):
        return
    if steps := drift(connection, applied, settings):
        told = "; ".join(f"{each.kind.value} {each.concerns}" for each in steps[:10])
        raise DriftFound(
            f"The database is not what its migrations made of it: it would take {told} to be so again. Put what was"
            " changed by hand into a migration (`migrate diff` writes it), or begin anew with `pgarchitect migrate"
            " reset`."
        )


def _write(found: Project, steps: tuple[Step, ...], name: str | None) -> None:
    if name is None:
        raise UsageError("The schema was changed; give the migration a name with --name.")
    made = write_migration(found.folder, migration_name(name, datetime.now(UTC)), migration_script(steps))
    file = found.folder / made.name / "migration.sql"
    typer.echo(f"Wrote {file}")
    for warning in (each for step in steps for each in step.warnings):
        typer.secho(f"  {warning}", err=True, fg=typer.colors.YELLOW)
    findings = lint_script(made.script, str(file), None)
    if findings:
        rules = ", ".join(sorted({each.rule for each in findings}))
        typer.secho(
            f"  On a large table in use this may hurt ({rules}): `pgarchitect migrate lint {file}` says how to write it"
            " safely.",
            err=True,
            fg=typer.colors.YELLOW,
        )
