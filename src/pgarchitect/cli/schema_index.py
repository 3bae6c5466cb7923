"""``pgarchitect schema index``: an index that was recommended becomes part of the schema, or goes out of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import MigrationsOption, SchemaOption
from pgarchitect.cli.schema_format import write_file
from pgarchitect.errors import StatementRefused
from pgarchitect.schema.dropped_indexes import drop_statement, dropped_indexes, is_drop, without_index
from pgarchitect.schema.migrations.folder import SCRIPT, migration_name, write_migration
from pgarchitect.schema.places import migrations_folder, schema_path
from pgarchitect.schema.psl.reading import schema_sources
from pgarchitect.schema.said_indexes import index_statements, said_indexes, with_index
from pgarchitect.settings import Settings


def index(
    ddl: Annotated[
        str, typer.Argument(metavar="DDL", help="The CREATE INDEX or DROP INDEX, as it was printed with the advice.")
    ],
    *,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name of the migration, where it takes one of SQL; left out: add_index or drop_index.",
            show_default=False,
        ),
    ] = None,
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
) -> None:
    """Add an index to the schema as @@index where PSL can say it, else as SQL in a new migration; or drop one."""
    path = schema_path(schema)
    sources = schema_sources(path)
    dropped = is_drop(ddl)
    edited = _without(sources, ddl) if dropped else _with(sources, ddl)
    if edited is not None:
        _write(sources, edited)
        return
    script = f"-- DropIndex\n{drop_statement(ddl).text};\n" if dropped else _creation(ddl)
    folder = migrations_folder(path, migrations)
    called = name or ("drop_index" if dropped else "add_index")
    written = write_migration(folder, migration_name(called, datetime.now(UTC)), script)
    why = "does not declare this index" if dropped else "has no word for this index"
    typer.echo(f"schema.prisma {why}; wrote {folder / written.name / SCRIPT}.")


def _with(sources: Mapping[str, str], ddl: str) -> Mapping[str, str] | None:
    """The schema's files with the index; None: there is no word for it."""
    [said] = said_indexes(sources, [ddl], Settings())
    if said.misfit:
        raise StatementRefused(f"The index does not fit the schema ({said.misfit}); check its table and columns.")
    if said.there:
        typer.echo(f"The schema has it already: {said.line}; `pgarchitect migrate dev` writes the migration.")
    return with_index(sources, said) if said.attribute is not None else None


def _without(sources: Mapping[str, str], ddl: str) -> Mapping[str, str] | None:
    """The schema's files without the index; None: they do not declare it."""
    [found] = dropped_indexes(sources, [ddl])
    if found.model is not None and found.needed:
        raise StatementRefused(
            f"Model {found.model.name} needs {found.line} for a relation or as its key, so it cannot go alone; change"
            " the model first."
        )
    return without_index(sources, found) if found.model is not None else None


def _creation(ddl: str) -> str:
    *before, last = index_statements(ddl)
    return "\n".join([*(f"-- CreateExtension\n{each.text};\n" for each in before), f"-- CreateIndex\n{last.text};\n"])


def _write(sources: Mapping[str, str], made: Mapping[str, str]) -> None:
    for file in (each for each, text in made.items() if text != sources[each]):
        write_file(Path(file), made[file])
        typer.echo(f"Changed {file}; `pgarchitect migrate dev` writes the migration.")
