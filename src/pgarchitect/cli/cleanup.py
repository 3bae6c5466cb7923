"""``pgarchitect cleanup``: indexes that are of no use, or take more room than they need."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pgarchitect.cleaning import CleanupRequest, find_cleanups
from pgarchitect.cli import streams
from pgarchitect.cli.application_schema import (
    ApplicationSchema,
    ApplicationSchemaOption,
    application_schema,
    in_schema,
)
from pgarchitect.cli.output_format import Format
from pgarchitect.cli.sql_file import read_statements
from pgarchitect.recommendations.cleanup_advice import CleanupReport
from pgarchitect.report.json_cleanup import cleanup_json
from pgarchitect.report.terminal_cleanup import render_cleanup
from pgarchitect.settings import Settings


def cleanup(
    dsn: Annotated[str, typer.Argument(metavar="DSN", help="Connection URL of the database, on its primary.")],
    *,
    replica: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DSN", help="The database on a physical standby, asked as well; may be given several times."
        ),
    ] = None,
    workload: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File of statements, - reads standard input; left out: what pg_stat_statements counted.",
        ),
    ] = None,
    min_days: Annotated[
        float, typer.Option(min=0, max=36_500, help="Call an index unused only when scans were counted for so long.")
    ] = 7.0,
    schema: ApplicationSchemaOption = None,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Find indexes that are unused, duplicate, redundant, invalid or bloated; nothing is changed, nothing dropped."""
    request = CleanupRequest(
        dsn,
        tuple(replica or ()),
        read_statements(workload, "--workload") if workload is not None else None,
        timedelta(days=min_days),
    )
    settings, own_schema = Settings(), application_schema(schema)
    report = find_cleanups(request, settings, lambda step: typer.echo(f"cleanup: {step}", err=True))
    report = _in_schema(report, own_schema, settings)
    if output is Format.JSON:
        streams.print_json(cleanup_json(report))
    else:
        render_cleanup(report, Console())


def _in_schema(report: CleanupReport, schema: ApplicationSchema | None, settings: Settings) -> CleanupReport:
    told = in_schema(schema, (each.cleanup.candidate.sql for each in report.advice), settings)
    advice = tuple(replace(each, in_schema=told.get(each.cleanup.candidate.sql)) for each in report.advice)
    return replace(report, advice=advice)
