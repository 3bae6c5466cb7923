"""``pgarchitect migrate deploy``: pending migrations are run on a database."""

from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import Dsn, MigrationsOption, SchemaOption, project
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
) -> None:
    """Run the migrations that a database has not had yet, in order; Prisma may have run the others."""
    found = project(schema, migrations)
    url = found.url(dsn)
    with migrating(url, Settings(), lock_timeout_ms) as connection:
        done = run_pending(connection, found.migrations, lambda name: typer.echo(f"Applying {name}"))
    for each in done.warnings:
        typer.secho(each, err=True, fg=typer.colors.YELLOW)
    where = describe_target(without_prisma_parameters(url)[0])
    count = len(done.applied)
    if count:
        typer.echo(f"{count} migration{'' if count == 1 else 's'} applied to {where}.")
    else:
        typer.echo(f"Nothing to apply: {where} has all {len(found.migrations)} migrations.")
