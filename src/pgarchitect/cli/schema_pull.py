"""``pgarchitect schema pull``: the schema.prisma of a database."""

from pathlib import Path
from typing import Annotated, Final

import typer

from pgarchitect.cli.migrate_project import Dsn, SchemaOption
from pgarchitect.cli.schema_format import write_file
from pgarchitect.errors import PgArchitectError, UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.introspection import look_from, read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.places import database_url, schema_path
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema, schema_sources
from pgarchitect.schema.pulling import has_expressions, pulled, without_models
from pgarchitect.schema.shadow import shadow_database
from pgarchitect.schema.spelling import spelled
from pgarchitect.settings import Settings

_NEW: Final = Path("prisma/schema.prisma")


def pull(
    dsn: Dsn = None,
    *,
    schema: SchemaOption = None,
    schemas: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Schemas of the database, commas between; left out: the datasource's, or public.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Forget the models and enums of an existing schema, and write them anew.")
    ] = False,
    show: Annotated[bool, typer.Option("--print", help="Print it, write nothing.")] = False,
) -> None:
    """Write what a database has into the schema; what only a person could have written stays."""
    path = _path(schema)
    there = dict(schema_sources(path)) if path.exists() else {str(path): ""}
    sources = without_models(there) if force else there
    earlier = parse_schema(sources) if any(each.strip() for each in sources.values()) else None
    url, own = without_prisma_parameters(database_url(dsn, earlier, path))
    named = earlier.datasource.schemas if earlier and earlier.datasource else ()
    wanted = tuple(each.strip() for each in schemas.split(",")) if schemas else named or (own.get("schema", "public"),)
    with connect(url, Settings()) as connection:
        look_from(connection, wanted[0])
        found = read_database_schema(connection, wanted)
    if not found.schemas:
        raise UsageError(f"The database has no schema {', '.join(wanted)}; name another one with --schemas.")
    made = pulled(found, sources)
    if earlier is not None and made != sources:
        made = pulled(found, sources, _meant(earlier, found))
    if show:
        typer.echo("\n".join(made.values()), nl=False)
        return
    changed = [file for file, text in made.items() if text != there.get(file)]
    for file in changed:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        write_file(Path(file), made[file])
        typer.echo(f"Wrote {file}")
    tables = len(found.tables)
    typer.echo(f"{tables} table{'' if tables == 1 else 's'} read{'' if changed else '; the schema says so already'}.")


def _meant(earlier: PrismaSchema, found: DatabaseSchema) -> DatabaseSchema | None:
    """What a server makes of the earlier schema, for it spells expressions its own way; None where it cannot.

    Only a schema that writes expressions is worth starting the embedded server.
    """
    home = found.schemas[0]
    lowered = lower(earlier, home)
    if not has_expressions(lowered):
        return None
    try:
        with shadow_database(Settings(), found.extensions) as shadow:
            return spelled(lowered, shadow)
    except PgArchitectError:
        return None  # what is spelled otherwise will be written as the database spells it


def _path(given: Path | None) -> Path:
    """The schema's file or folder; a new file where there is none."""
    if given is not None:
        return given
    try:
        return schema_path(None)
    except UsageError:
        return _NEW
