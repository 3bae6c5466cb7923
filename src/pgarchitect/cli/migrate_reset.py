"""``pgarchitect migrate reset``: a development database begins anew."""

from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import Dsn, MigrationsOption, SchemaOption, project
from pgarchitect.errors import DataWouldBeLost
from pgarchitect.postgres.dsn import describe_target
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.resetting import erase
from pgarchitect.settings import Settings


def reset(
    dsn: Dsn = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Yes, everything in it may go.")] = False,
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
) -> None:
    """Drop everything in the schemas of a development database, then run all migrations."""
    found = project(schema, migrations)
    url = found.url(dsn)
    with migrating(url, Settings()) as connection:
        row = connection.execute("SELECT pg_catalog.current_schema()::text").fetchone()
        current = str(row[0]) if row and row[0] else "public"
        named = found.schema.datasource.schemas if found.schema and found.schema.datasource else ()
        schemas = list(dict.fromkeys([current, *named]))
        if not force:
            tables = read_database_schema(connection, schemas).tables
            where = describe_target(without_prisma_parameters(url)[0])
            raise DataWouldBeLost(
                f"Everything in the schemas {', '.join(schemas)} of {where} would be dropped, {len(tables)} tables with"
                " all their rows; add --force if that is what you want."
            )
        erase(connection, schemas)
        done = deploy(connection, found.migrations, lambda name: typer.echo(f"Applying {name}"))
    typer.echo(f"The database begins anew with {len(done.applied)} migrations.")
