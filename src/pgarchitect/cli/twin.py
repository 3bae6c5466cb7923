"""``pgarchitect twin``: plans as the source would make them, without touching it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pgarchitect.cli.explained import Explained, as_json, explained, show, without_plan
from pgarchitect.cli.output_format import Format
from pgarchitect.cli.sql_file import read_statements
from pgarchitect.cli.twin_impact import impact
from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.report.safe_text import brief
from pgarchitect.settings import Settings
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.limits import limits
from pgarchitect.twin.planner_twin import Configuration, PlannerTwin
from pgarchitect.twin.script import statements_in

twin_app = typer.Typer(
    add_completion=False,
    help="Plan as another database would, in a private copy of its schema and statistics that holds none of its rows.",
    no_args_is_help=True,
)
twin_app.command()(impact)

Dsn = Annotated[str, typer.Argument(metavar="DSN", help="Connection URL of the database to make a twin of.")]


@twin_app.command()
def explain(
    dsn: Dsn,
    *,
    file: Annotated[Path, typer.Option(help="File of statements, separated by semicolons; - reads standard input.")],
    index: Annotated[
        list[str] | None, typer.Option(metavar="DDL", help="CREATE INDEX to try; may be given several times.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Existing index to take away; may be given several times.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Cost and plan of statements as the database is, and with other indexes; the database is only read."""
    for ddl in index or ():
        _require_one(ddl)
    wanted = [found.text for found in read_statements(file, "--file")]
    settings = Settings()
    with PlannerTwin.of(dsn, settings, progress=lambda step: typer.echo(f"twin: {step}", err=True)) as twin:
        tried = [twin.try_index(ddl) for ddl in index or ()]
        after = Configuration(tuple(each.name for each in tried), tuple(without or ()))
        with connect(twin.url, settings) as session, connect(dsn, settings) as source:
            found = explained(twin, session, source, wanted, after)
        _print(found, tried, twin, output)


@twin_app.command()
def shell(dsn: Dsn) -> None:
    """Open psql on a live twin; it is removed when psql ends. Statements may also come by standard input."""
    settings = Settings()
    with PlannerTwin.of(dsn, settings, progress=lambda step: typer.echo(f"twin: {step}", err=True)) as twin:
        typer.echo(f"Twin: {twin.url}", err=True)
        subprocess.run([str(find_binaries().programs / "psql"), "--no-psqlrc", twin.url], check=False)


def _require_one(ddl: str) -> None:
    """Fail before a twin is built, and before it would run what comes behind the index.

    Raises:
        UsageError: there is more than one statement.
    """
    if len(statements_in(ddl)) > 1:
        raise UsageError(f"--index takes one CREATE INDEX, and this is more: {brief(ddl, 80)}; give it several times.")


def _print(found: Sequence[Explained], tried: Sequence[Hypothetical], twin: PlannerTwin, output: Format) -> None:
    if output is Format.JSON:
        document = {
            "statements": [as_json(item) for item in found],
            "indexes": [_index(each) for each in tried],
            "same_major": twin.same_major,
            "warnings": list(twin.warnings),
            "left_out": [{"name": each.name, "reason": each.reason} for each in twin.left_out],
            "missing": list(twin.missing),
        }
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    console = Console()
    for number, item in enumerate(found, start=1):
        show(number, item, console)
    for each in tried:
        height = "" if each.height is None else f", height {each.height}"
        guessed = "" if each.guessed is None else " (a guess)"  # the reason is among the twin's warnings
        console.print(f"{each.name}: {each.size_bytes / 1024:,.0f} kB{height}{guessed}", markup=False, highlight=False)
    for line in [*without_plan(found), *limits(twin)]:
        console.print(line, markup=False, highlight=False)


def _index(each: Hypothetical) -> dict[str, Any]:
    return {
        "ddl": each.ddl,
        "name": each.name,
        "size_bytes": each.size_bytes,
        "height": each.height,
        "guessed": each.guessed,
    }
