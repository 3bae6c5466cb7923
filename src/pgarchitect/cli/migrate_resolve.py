"""``pgarchitect migrate resolve``: say what became of a migration that failed, or that was made by other means."""

from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import Dsn, MigrationsOption, SchemaOption, project
from pgarchitect.errors import UsageError
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.resolving import resolve_applied, resolve_rolled_back
from pgarchitect.settings import Settings


def resolve(
    dsn: Dsn = None,
    *,
    applied: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="This migration counts as applied from now on.", show_default=False),
    ] = None,
    rolled_back: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="This failed migration counts as undone; it can be run again.", show_default=False
        ),
    ] = None,
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
) -> None:
    """Say what became of a migration; its script is not run."""
    if (applied is None) == (rolled_back is None):
        raise UsageError("Say what became of which migration: either --applied NAME or --rolled-back NAME.")
    found = project(schema, migrations)
    with migrating(found.url(dsn), Settings()) as connection:
        if applied is not None:
            resolve_applied(connection, found.migrations, applied)
            typer.echo(f"{applied} counts as applied.")
        elif rolled_back is not None:
            resolve_rolled_back(connection, rolled_back)
            typer.echo(f"{rolled_back} counts as rolled back; `pgarchitect migrate deploy` runs it again.")
