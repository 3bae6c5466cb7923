"""``pgarchitect twin impact``: what a migration will do to production's plans, before it is merged."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pgarchitect.cli import streams
from pgarchitect.cli.sql_file import STANDARD_INPUT, read_script, read_statements
from pgarchitect.errors import PlansWorse
from pgarchitect.impact import ImpactRequest, measure_impact
from pgarchitect.recommendations.impact import Limits, breaches
from pgarchitect.report.impact_json import impact_json
from pgarchitect.report.impact_markdown import impact_markdown
from pgarchitect.report.impact_terminal import render_impact
from pgarchitect.settings import Settings
from pgarchitect.workload.pg_stat_statements import Filters


class ImpactFormat(StrEnum):
    """For a person, for a program, or for a comment of a pull request."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"


def impact(
    dsn: Annotated[
        str, typer.Argument(metavar="DSN", help="Connection URL of the database that the migration is meant for.")
    ],
    *,
    migration: Annotated[Path, typer.Option(metavar="FILE", help="Script of the migration; - reads standard input.")],
    workload: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File of statements, in place of what pg_stat_statements counted; - reads standard input.",
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="At most so many counted statements, by total time.")] = 200,
    min_calls: Annotated[int, typer.Option(min=1, help="Only statements called at least so often.")] = 1,
    min_mean_ms: Annotated[float, typer.Option(min=0, help="Only statements with at least this mean time.")] = 0.0,
    max_worse: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", min=0, help="Fail when the cost of a statement rises by more than this."),
    ] = None,
    max_total: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", min=0, help="Fail when the cost of all calls rises by more than this."),
    ] = None,
    output: Annotated[ImpactFormat, typer.Option("--format", help="terminal, json or markdown.")] = (
        ImpactFormat.TERMINAL
    ),
) -> None:
    """Which statements break, get worse or get better by a migration; the database is only read.

    The migration is run in a private copy of the database's schema and statistics that holds none of its rows.
    """
    request = ImpactRequest(
        dsn=dsn,
        migration=migration.name if migration != STANDARD_INPUT else "standard input",
        script=read_script(migration, "--migration"),
        statements=None if workload is None else read_statements(workload, "--workload"),
        filters=Filters(min_mean_ms=min_mean_ms, min_calls=min_calls, top=top),
    )
    found = measure_impact(request, Settings(), lambda step: typer.echo(f"twin: {step}", err=True))
    failed = breaches(found, Limits(max_worse, max_total))
    match output:
        case ImpactFormat.JSON:
            streams.print_json(impact_json(found, failed))
        case ImpactFormat.MARKDOWN:
            typer.echo(impact_markdown(found, failed), nl=False)
        case ImpactFormat.TERMINAL:
            render_impact(found, Console())
    if failed:
        raise PlansWorse(f"{'; '.join(failed)[:1].upper()}{'; '.join(failed)[1:]}; see the report.")
