"""What every command of migrations needs: the schema, the folder, the database; and their options."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pgarchitect.schema.migrations.folder import Migration, read_migrations
from pgarchitect.schema.places import database_url, migrations_folder, schema_path
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import read_schema

Dsn = Annotated[
    str | None,
    typer.Argument(
        metavar="[DSN]", help="Connection URL; left out: the schema's datasource, or DATABASE_URL.", show_default=False
    ),
]
SchemaOption = Annotated[
    Path | None,
    typer.Option(
        "--schema",
        metavar="PATH",
        help="The schema's file or folder; left out: prisma/schema.prisma or schema.prisma.",
        show_default=False,
    ),
]
MigrationsOption = Annotated[
    Path | None,
    typer.Option(
        "--migrations", metavar="DIR", help="Folder of migrations; left out: beside the schema.", show_default=False
    ),
]


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


def project(schema: Path | None, migrations: Path | None) -> Project:
    """Find a project; its schema need not be there where the folder of migrations is named.

    Raises:
        UsageError: there is no schema.
        SchemaInvalid: it has errors.
    """
    if schema is None and migrations is not None:
        return Project(None, None, migrations)
    path = schema_path(schema)
    return Project(read_schema(path), path, migrations_folder(path, migrations))
