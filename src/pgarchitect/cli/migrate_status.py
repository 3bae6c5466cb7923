"""``pgarchitect migrate status``: migrations on disk beside what a database has recorded."""

import json
from typing import Annotated

import typer
from psycopg import sql

from pgarchitect.cli import streams
from pgarchitect.cli.migrate_project import Dsn, MigrationsOption, SchemaOption, project
from pgarchitect.cli.output_format import Format
from pgarchitect.errors import HistoryDiverged
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.migrations.connecting import plainly
from pgarchitect.schema.migrations.failure import reason_in
from pgarchitect.schema.migrations.history import Record, read_history
from pgarchitect.schema.migrations.runner import can_go_on
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
    url = found.url(dsn)
    plain, _ = without_prisma_parameters(url)
    with connect(plain, Settings()) as connection, plainly(plain):
        home = sql.SQL("SET search_path = {}").format(sql.Identifier(found.schemas(url)[0]))
        connection.execute(home)
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
        "failed": [each.name for each in state.failed if not _goes_on(state, each)],
        "interrupted": [each.name for each in state.failed if _goes_on(state, each)],
        "edited": list(state.edited),
        "missing": list(state.missing),
    }


def _tell(state: State) -> None:
    failed = {each.name for each in state.failed}
    pending = [each.name for each in state.pending if each.name not in failed]
    counts = {"applied": state.applied, "pending": pending, "failed or stopped": failed}
    typer.echo(
        ", ".join(f"{len(names)} {what}" for what, names in counts.items() if names or what != "failed or stopped")
    )
    for each in pending:
        typer.echo(f"  pending  {each}")
    for record in state.failed:
        goes_on = _goes_on(state, record)
        reason = reason_in(record.logs)
        behind = "  `pgarchitect migrate deploy` goes on with it" if goes_on else (f"  {reason}" if reason else "")
        typer.echo(f"  {'stopped' if goes_on else 'failed '}  {record.name}{behind}")
    for name in state.edited:
        typer.echo(f"  edited   {name}")
    for name in state.missing:
        typer.echo(f"  missing  {name}")


def _goes_on(state: State, record: Record) -> bool:
    """Whether a run was killed and the next deployment takes it up."""
    migration = next((each for each in state.pending if each.name == record.name), None)
    return migration is not None and can_go_on(migration, record)


def _summary(state: State) -> str:
    if any(not _goes_on(state, each) for each in state.failed):
        return "A migration failed; resolve it with `pgarchitect migrate resolve`, then deploy again."
    if state.edited or state.missing:
        return "Migrations that the database has were edited or are not on disk; bring them back as they were."
    return "Migrations are pending; run `pgarchitect migrate deploy`."
