"""``pgarchitect migrate deploy``: pending migrations are run on a database."""

from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import Dsn, MigrationsOption, SchemaOption, project, tell, warn
from pgarchitect.postgres.dsn import describe_target
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy as run_pending
from pgarchitect.settings import Settings


def deploy(
    dsn: Dsn = None,
    *,
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
    lock_timeout_ms: Annotated[
        int, typer.Option(min=0, help="A statement that waits longer for a lock is ended; 0: never.")
    ] = 2_000,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with a migration that runs in parts where it failed, once that is right."),
    ] = False,
) -> None:
    """Run the migrations that a database has not had yet, in order; Prisma may have run the others."""
    found = project(schema, migrations)
    url = found.url(dsn)
    with migrating(url, Settings(), lock_timeout_ms) as connection:
        several = found.migrations
        done = run_pending(connection, several, tell, schemas=found.schemas(url), resume=resume)
    for each in done.warnings:
        warn(each)
    where = describe_target(without_prisma_parameters(url)[0])
    count = len(done.applied)
    if count:
        typer.echo(f"{count} migration{'' if count == 1 else 's'} applied to {where}.")
    elif not several:
        typer.echo(f"Nothing to apply to {where}: there is no migration in {found.folder}.")
    else:
        typer.echo(f"Nothing to apply: {where} has every migration.")
