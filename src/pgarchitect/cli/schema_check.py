"""``pgarchitect schema check``: whether schema, migrations, database and mirrors agree; for continuous integration."""

import json
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pgarchitect.cli import streams
from pgarchitect.cli.migrate_options import MigrationsOption, SchemaOption, ShadowOption
from pgarchitect.cli.output_format import LintFormat
from pgarchitect.errors import DriftFound
from pgarchitect.schema.agreement import Sides, differences
from pgarchitect.schema.migrations.folder import read_migrations
from pgarchitect.schema.places import home_schema, migrations_folder, require_folder, schema_path
from pgarchitect.schema.psl.sources import schema_sources
from pgarchitect.settings import Settings

if TYPE_CHECKING:
    from pgarchitect.schema.drift import Difference


def check(
    dsn: Annotated[
        str | None,
        typer.Argument(metavar="[DSN]", help="A live database to compare, too; it is only read.", show_default=False),
    ] = None,
    *,
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
    mirrors: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Folder of mirrors to compare, too; may be given several times; left out: those of"
            " PGARCHITECT_MIRRORS.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[LintFormat, typer.Option("--format", help="terminal, json or github.")] = LintFormat.TERMINAL,
    shadow_url: ShadowOption = None,
) -> None:
    """Compare the schema with its migrations, a database and its mirrors; exit code 19 when they do not agree."""
    require_folder(migrations)
    path = schema_path(schema)
    folder = migrations_folder(path, migrations)
    sources, several = schema_sources(path), read_migrations(folder)
    settings = Settings()
    folders = tuple(mirrors or settings.mirror_folders)
    home = home_schema(sources.values(), path)
    found = differences(Sides(path, sources, several, dsn, folders, shadow_url, home), settings)
    compared = [
        "the schema",
        *(["its migrations"] if several else []),
        *(["the database"] if dsn else []),
        *(["its mirrors"] if folders else []),
    ]
    if len(compared) == 1:
        told = f"Nothing was compared: there is no migration in {folder}, and neither a database nor mirrors are named."
        typer.secho(told, err=True, fg=streams.colour(typer.colors.YELLOW))
    _tell(found, compared, output)
    if found:
        count = "1 difference" if len(found) == 1 else f"{len(found)} differences"
        raise DriftFound(f"{count} between {', '.join(compared)}; the report has each.")


_MEANINGS: Final = {
    "migrations and schema": ": the next migration would do this (`pgarchitect migrate dev` writes it)",
    "database and migrations": ": this would make the database what its migrations made; nothing was run",
    "database and schema": ": this would make the database what the schema says; nothing was run",
}
"""What the statements of a pair are; mirrors say it themselves."""


def _tell(found: "tuple[Difference, ...]", compared: list[str], output: LintFormat) -> None:
    if output is LintFormat.JSON:
        report = {"schema_version": 1, "compared": compared, "differences": [asdict(each) for each in found]}
        streams.print_json(json.dumps(report, indent=2, ensure_ascii=False))
        return
    if output is LintFormat.GITHUB:
        for each in found:
            where = f" file={each.file}," if each.file else " "
            typer.echo(f"::error{where}title=Drift between {each.between}::{each.concerns}: {_escaped(each.told)}")
    else:
        for between, several in groupby(found, lambda each: each.between):
            typer.echo(f"{between}{_MEANINGS.get(between, '')}")
            for each in several:
                typer.echo(f"  {each.concerns}\n{indent(each.told, '    ')}")
    if not found and compared[1:] and output is LintFormat.TERMINAL:
        typer.echo(f"{', '.join(compared)}: no difference.".capitalize())


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
