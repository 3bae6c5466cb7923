"""``pgarchitect schema index``: an index that was recommended becomes part of the schema."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from pgarchitect.cli.migrate_project import MigrationsOption, SchemaOption
from pgarchitect.cli.schema_format import write_file
from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.folder import migration_name, write_migration
from pgarchitect.schema.migrations.runner import send
from pgarchitect.schema.places import migrations_folder, schema_path
from pgarchitect.schema.psl.reading import parse_schema, schema_sources
from pgarchitect.schema.pulling import pulled
from pgarchitect.schema.safety.reading.statement import statements_in
from pgarchitect.schema.shadow import shadow_database
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
    statement = _statement(ddl)
    path = schema_path(schema)
    sources = dict(schema_sources(path))
    made = _with_index(sources, statement, Settings())
    changed = [file for file, text in made.items() if text != sources[file]]
    for file in changed:
        write_file(Path(file), made[file])
        typer.echo(f"Added to {file}; `pgarchitect migrate dev` writes the migration.")
    if not changed:
        folder = migrations_folder(path, migrations)
        written = write_migration(folder, migration_name(name, datetime.now(UTC)), f"-- CreateIndex\n{statement};\n")
        typer.echo(f"schema.prisma has no word for this index; wrote {folder / written.name / 'migration.sql'}.")


def _statement(ddl: str) -> str:
    found = statements_in(ddl)
    words = [token.word for token in found[0].tokens[:3]] if len(found) == 1 else []
    if words[:2] not in (["CREATE", "INDEX"], ["CREATE", "UNIQUE"]):
        raise UsageError("schema index takes one CREATE INDEX statement; copy it from the report.")
    return found[0].text


def _with_index(sources: dict[str, str], statement: str, settings: Settings) -> dict[str, str]:
    """The schema's files once the index is there: it is made in a shadow database, and that is read back."""
    wanted = lower(parse_schema(sources))
    with shadow_database(settings, wanted.extensions) as shadow:
        send(shadow, create_script(wanted))
        before = pulled(read_database_schema(shadow, wanted.schemas), sources)
        _create(shadow, statement)
        after = pulled(read_database_schema(shadow, wanted.schemas), sources)
    # What pulling would change anyway is none of the index's business.
    return {file: text if text != before[file] else sources[file] for file, text in after.items()}


def _create(shadow: Connection, statement: str) -> None:
    try:
        send(shadow, statement)
    except psycopg.Error as error:
        reason = " ".join((error.diag.message_primary or str(error)).split())
        raise StatementRefused(f"The index does not fit the schema ({reason}); check its table and columns.") from error
