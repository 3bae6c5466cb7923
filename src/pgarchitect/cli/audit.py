"""``pgarchitect audit``: find slow statements, prove what helps, remember it, report it."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pgarchitect.architect import AuditRequest, run_audit
from pgarchitect.cli import streams
from pgarchitect.cli.application_schema import (
    ApplicationSchema,
    ApplicationSchemaOption,
    application_schema,
    in_schema,
)
from pgarchitect.cli.output_format import Format
from pgarchitect.cli.places import places
from pgarchitect.errors import HomeUnavailable, Interrupted, ReportNotWritten
from pgarchitect.evidence.proof import Effort
from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.report.html import to_html
from pgarchitect.report.json_report import to_json
from pgarchitect.report.progress import Progress
from pgarchitect.report.terminal import render
from pgarchitect.settings import Settings
from pgarchitect.workload.pg_stat_statements import Filters

DEFAULT_HTML = Path("pgarchitect-report.html")


def audit(
    dsn: Annotated[
        str | None,
        typer.Argument(
            metavar="[DSN]", help="Connection URL of the database to audit; left out: the embedded server's."
        ),
    ] = None,
    *,
    sandbox: Annotated[
        str | None,
        typer.Option(metavar="DSN", help="A copy of the database where statements may be run and indexes tried."),
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="Without DSN: which database of the embedded server to audit.")
    ] = None,
    min_mean_ms: Annotated[float, typer.Option(min=0, help="Only statements with at least this mean time.")] = 0.5,
    min_calls: Annotated[int, typer.Option(min=1, help="Only statements called at least so often.")] = 10,
    top: Annotated[int, typer.Option(min=1, help="At most so many statements, by total time.")] = 50,
    runs: Annotated[int, typer.Option(min=1, max=100, help="Timed runs of a statement before and after.")] = 5,
    run_timeout_ms: Annotated[
        int, typer.Option(min=100, help="A run on the sandbox that takes longer is ended and counts as that slow.")
    ] = 10_000,
    reconsider: Annotated[bool, typer.Option("--reconsider", help="Propose again what the memory knows.")] = False,
    schema: ApplicationSchemaOption = None,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help=f"Where to write the HTML report. [default: {DEFAULT_HTML}; with --format json: none]"
        ),
    ] = None,
) -> None:
    """Find slow statements, propose changes, prove them on a sandbox, record them, report them.

    The audited database is only read. Statements are run on the sandbox alone, in transactions that are rolled back.
    """
    path = html or (DEFAULT_HTML if output is Format.TERMINAL else None)
    _require_writable(path)
    settings, own_schema = Settings(), application_schema(schema)
    filters = Filters(min_mean_ms=min_mean_ms, min_calls=min_calls, top=top)
    effort = Effort(runs=runs, limit_ms=run_timeout_ms)
    result: Audit | None = None
    try:
        with places(dsn, sandbox, database, settings) as found:
            request = AuditRequest(
                dsn=found.dsn,
                server=found.server,
                home_dsn=found.home_dsn,
                sandbox_dsn=found.sandbox_dsn,
                sandbox=found.sandbox,
                filters=filters,
                effort=effort,
                reconsider=reconsider,
            )
            with Progress(quiet=output is Format.JSON) as progress:
                result = run_audit(request, settings, progress)
            result = _in_schema(result, own_schema, settings)
        show(result, output, path)
    except KeyboardInterrupt as error:
        if result is None or not result.recorded:
            raise
        raise Interrupted(
            "Interrupted after the audit was recorded; the report may be incomplete, `pgarchitect log` shows what was"
            " found."
        ) from error


def _in_schema(result: Audit, schema: ApplicationSchema | None, settings: Settings) -> Audit:
    """The audit with its indexes in the words of the application's schema, too."""
    worth = [each for each in result.recommendations if each.verdict is not Verdict.REJECTED]
    told = in_schema(schema, (each.candidate.sql for each in worth), settings)
    worded = (replace(each, in_schema=told.get(each.candidate.sql)) for each in result.recommendations)
    return replace(result, recommendations=tuple(worded)) if told else result


def show(result: Audit, output: Format, html: Path | None) -> None:
    """Print an audit and write its HTML report.

    Raises:
        ReportNotWritten: the HTML file could not be written; the audit was printed all the same.
        HomeUnavailable: the audit could not be recorded; it was printed all the same.
    """
    told = output is Format.TERMINAL
    unwritten: ReportNotWritten | None = None
    try:
        if html is not None:
            _write(html, to_html(result))
    except ReportNotWritten as error:
        unwritten = error
    if told:
        render(result, Console())
    else:
        streams.print_json(to_json(result))
    if unwritten is not None:
        raise unwritten
    if told and html is not None:
        typer.echo(f"Report: {html.absolute()}")
    if not result.recorded:
        raise HomeUnavailable(
            "The audit is complete but could not be recorded; a warning in the report says why, and the next audit"
            " proposes the same again."
        )


def _require_writable(path: Path | None) -> None:
    """Fail before the work rather than after it."""
    if path is None:
        return
    try:
        folder = path.absolute().parent
        if path.is_dir() or not folder.is_dir():
            why = "name a file in a directory that exists"
        elif not os.access(path if path.exists() else folder, os.W_OK):
            why = "you may not write there; name another file with --html"
        else:
            return
    except OSError as error:
        why = f"{error.strerror}; name another file with --html"
    raise ReportNotWritten(f"The report cannot be written to {path}: {why}.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportNotWritten(
            f"The report could not be written to {path} ({error.strerror}); name another file with --html. The audit"
            " itself is complete."
        ) from error
