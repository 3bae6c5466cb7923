"""``pgarchitect migrate reset``: a development database begins anew."""

from collections.abc import Sequence
from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import Dsn, MigrationsOption, SchemaOption, project, tell, warn
from pgarchitect.errors import DataWouldBeLost
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.dsn import describe_target
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.lock import migration_lock
from pgarchitect.schema.migrations.resetting import bring_back, contents, erase, extensions_in
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
    schemas = found.schemas(url)
    pending = found.migrations
    where = describe_target(without_prisma_parameters(url)[0])
    with migrating(url, Settings()) as connection, migration_lock(connection):
        gone = f"everything in {_listed('schema', schemas)} of {where}{_tables(connection, schemas)}"
        if not force:
            raise DataWouldBeLost(f"This destroys {gone}; add --force if that is what you want.")
        extensions = extensions_in(connection, schemas)
        erase(connection, schemas)
        typer.echo(f"Dropped {gone}.")
        done = deploy(connection, pending, tell)
        bring_back(connection, extensions, warn)
    typer.echo(f"The database begins anew with {_count(len(done.applied), 'migration')}.")


def _tables(connection: Connection, schemas: Sequence[str]) -> str:
    tables = contents(connection, schemas)
    if not tables:
        return ""
    named = [f"{name} (about {rows:,} rows)" if rows > 0 else name for name, rows in tables[:5]]
    more = f" and {len(tables) - 5} more" if len(tables) > 5 else ""
    return f": {_count(len(tables), 'table')} with all rows, {', '.join(named)}{more}"


def _listed(noun: str, names: Sequence[str]) -> str:
    return f"the {noun}{'' if len(names) == 1 else 's'} {', '.join(names)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
