"""What every command of migrations needs: the schema, the folder, the database."""

from dataclasses import dataclass
from pathlib import Path

import typer

from pgarchitect.cli import streams
from pgarchitect.cli.migrate_options import Dsn, MigrationsOption, SchemaOption, ShadowOption
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.migrations.connecting import DEFAULT_SCHEMA
from pgarchitect.schema.migrations.folder import Migration, read_migrations
from pgarchitect.schema.places import database_url, migrations_folder, require_folder, schema_path, shadow_url
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import read_schema

__all__ = ["Dsn", "MigrationsOption", "Project", "SchemaOption", "ShadowOption", "project", "tell", "warn"]


@dataclass(frozen=True, slots=True)
class Project:
    """A project's schema (None where only its migrations are needed and it has none) and its migrations."""

    schema: PrismaSchema | None
    path: Path | None
    folder: Path

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """As they are on disk now."""
        return read_migrations(self.folder)

    def url(self, given: str | None) -> str:
        """The address of its database.

        Raises:
            UsageError: nobody says one.
        """
        return database_url(given, self.schema, self.path)

    def shadow(self, given: str | None) -> str | None:
        """The address of a server for shadow databases; None: the embedded one."""
        return shadow_url(given, self.schema, self.path)

    def schemas(self, url: str | None) -> tuple[str, ...]:
        """The namespaces that the schema is about, that of unqualified names first."""
        home = (without_prisma_parameters(url)[1].get("schema") if url else None) or DEFAULT_SCHEMA
        named = self.schema.datasource.schemas if self.schema and self.schema.datasource else ()
        return tuple(dict.fromkeys([home, *named]))


def project(schema: Path | None, migrations: Path | None, *, begins: bool = False) -> Project:
    """Find a project; its schema need not be there where the folder of migrations is named.

    Args:
        schema: as it was given.
        migrations: likewise.
        begins: the folder of migrations may be one that is to be made.

    Raises:
        UsageError: there is no schema, or not the folder of migrations that was given.
        SchemaInvalid: it has errors.
    """
    if not begins:
        require_folder(migrations)
    if schema is None and migrations is not None:
        return Project(None, None, migrations)
    path = schema_path(schema)
    return Project(read_schema(path), path, migrations_folder(path, migrations))


def tell(what: str) -> None:
    """Say what a deployment does: the name of a migration, and indented what happens meanwhile."""
    typer.echo(what if what.startswith(" ") else f"Applying {what}")


def warn(what: str) -> None:
    """Say what a person should know, on standard error."""
    typer.secho(what, err=True, fg=streams.colour(typer.colors.YELLOW))
