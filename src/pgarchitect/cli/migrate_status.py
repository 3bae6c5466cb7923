"""``pgarchitect migrate status``: migrations on disk beside what a database has recorded."""

import json
from typing import Annotated

import typer

from pgarchitect.cli import streams
from pgarchitect.cli.migrate_project import Dsn, MigrationsOption, SchemaOption, project
from pgarchitect.cli.output_format import Format
from pgarchitect.errors import HistoryDiverged
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.migrations.history import read_history
from pgarchitect.schema.migrations.state import State, compare
from pgarchitect.settings import Settings


def status(
    dsn: Dsn = None,
    *,
    schema: SchemaOption = None,
    migrations: MigrationsOption = None,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Tell which migrations are pending, failed, edited or missing; exit code 17 unless the database is up to date."""
    found = project(schema, migrations)
    with connect(without_prisma_parameters(found.url(dsn))[0], Settings()) as connection:
        state = compare(found.migrations, read_history(connection))
    if output is Format.JSON:
        streams.print_json(json.dumps(as_json(state), indent=2))
    else:
        _tell(state)
    if not state.is_current:
        raise HistoryDiverged(_summary(state))


def as_json(state: State) -> dict[str, object]:
    """The state as JSON."""
    return {
        "schema_version": 1,
        "current": state.is_current,
        "applied": list(state.applied),
        "pending": [each.name for each in state.pending],
        "failed": [each.name for each in state.failed],
        "edited": list(state.edited),
        "missing": list(state.missing),
    }


def _tell(state: State) -> None:
    typer.echo(f"{len(state.applied)} applied, {len(state.pending)} pending")
    failed = {each.name for each in state.failed}
    for each in state.pending:
        if each.name not in failed:
            typer.echo(f"  pending  {each.name}")
    for record in state.failed:
        typer.echo(f"  failed   {record.name}")
    for name in state.edited:
        typer.echo(f"  edited   {name}")
    for name in state.missing:
        typer.echo(f"  missing  {name}")


def _summary(state: State) -> str:
    if state.failed:
        return "A migration failed; resolve it with `pgarchitect migrate resolve`, then deploy again."
    if state.edited or state.missing:
        return "Migrations that the database has were edited or are not on disk; bring them back as they were."
    return "Migrations are pending; run `pgarchitect migrate deploy`."
