"""``pgarchitect log``: what the memory holds."""

import json
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pgarchitect.cli.places import home
from pgarchitect.memory.entry import Remembered
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.postgres.connection import connect
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.settings import Settings


class Format(StrEnum):
    """How the entries are printed."""

    TERMINAL = "terminal"
    JSON = "json"


def log(
    *,
    verdict: Annotated[Verdict | None, typer.Option(help="Only entries with this verdict.")] = None,
    rejected: Annotated[bool, typer.Option("--rejected", help="Show rejected entries as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many entries, newest first.")] = 50,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Show what OptimizationLog holds: what was recommended or rejected, when, with which gain."""
    settings = Settings()
    with home(settings) as dsn, connect(dsn, settings, read_only=False) as connection:
        memory = OptimizationLog(connection)
        memory.prepare()
        wanted = [verdict] if verdict else [each for each in Verdict if rejected or each is not Verdict.REJECTED]
        found = [entry for each in wanted for entry in memory.entries(verdict=each, limit=limit)]
    entries = sorted(found, key=lambda entry: (entry.created_at, entry.id), reverse=True)[:limit]
    if output is Format.JSON:
        typer.echo(json.dumps([_as_json(entry) for entry in entries], indent=2, default=str, ensure_ascii=False))
    elif entries:
        Console().print(_table(entries))
    else:
        typer.echo("The log holds no such entry yet; `pgarchitect audit` fills it.")


def _as_json(entry: Remembered) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if name != "similarity"}


def _table(entries: list[Remembered]) -> Table:
    table = Table(box=None, header_style="bold")
    for name in ("Id", "Recorded", "Verdict", "Gain", "Applied"):
        table.add_column(name, no_wrap=True)
    table.add_column("Recommendation", overflow="fold")
    for entry in entries:
        gain = "" if entry.gain_percent is None else f"{entry.gain_percent:.0f} %"
        applied = f"{entry.applied_at:%Y-%m-%d}" if entry.applied_at else ""
        recorded = f"{entry.created_at:%Y-%m-%d %H:%M}"
        table.add_row(str(entry.id), recorded, entry.verdict, gain, applied, entry.recommendation)
    return table
