"""``pgarchitect schema index``: an index that was recommended becomes part of the schema."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import MigrationsOption, SchemaOption
from pgarchitect.cli.schema_format import write_file
from pgarchitect.errors import StatementRefused
from pgarchitect.schema.migrations.folder import SCRIPT, migration_name, write_migration
from pgarchitect.schema.places import migrations_folder, schema_path
from pgarchitect.schema.psl.reading import schema_sources
from pgarchitect.schema.said_indexes import index_statements, said_indexes, with_index
from pgarchitect.settings import Settings


def index(
    ddl: Annotated[str, typer.Argument(metavar="DDL", help="The CREATE INDEX, as an audit or the advisor printed it.")],
    *,
    name: Annotated[
        str,
        typer.Option(metavar="NAME", help="Name of the migration, where the schema has no word for the index."),
    ] = "add_index",
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
) -> None:
    """Add an index to the schema as @@index where PSL can say it, else as SQL in a new migration."""
    script = _script(ddl)
    path = schema_path(schema)
    sources = schema_sources(path)
    [said] = said_indexes(sources, [ddl], Settings())
    if said.misfit:
        raise StatementRefused(f"The index does not fit the schema ({said.misfit}); check its table and columns.")
    if said.there:
        typer.echo(f"The schema has it already: {said.line}; `pgarchitect migrate dev` writes the migration.")
    elif said.attribute is not None:
        _write(sources, with_index(sources, said))
    else:
        folder = migrations_folder(path, migrations)
        written = write_migration(folder, migration_name(name, datetime.now(UTC)), script)
        typer.echo(f"schema.prisma has no word for this index; wrote {folder / written.name / SCRIPT}.")


def _script(ddl: str) -> str:
    *before, last = index_statements(ddl)
    return "\n".join([*(f"-- CreateExtension\n{each.text};\n" for each in before), f"-- CreateIndex\n{last.text};\n"])


def _write(sources: dict[str, str], made: dict[str, str]) -> None:
    for file in (each for each, text in made.items() if text != sources[each]):
        write_file(Path(file), made[file])
        typer.echo(f"Added to {file}; `pgarchitect migrate dev` writes the migration.")
