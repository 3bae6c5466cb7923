"""``pgarchitect twin``: plans as the source would make them, without touching it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlglot import exp

from pgarchitect.cli.output_format import Format
from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.evidence.binding import bind
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.schema.catalog import read_catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.planner_twin import Plan, PlannerTwin
from pgarchitect.workload.fingerprint import fingerprint
from pgarchitect.workload.statement_file import statements_of
from pgarchitect.workload.syntax import UnreadableStatement, parameter_numbers, parse, table_name, tables
from pgarchitect.workload.workload import Statement

twin_app = typer.Typer(
    help="Plan as another database would, in a private copy of its schema and statistics that holds none of its rows.",
    no_args_is_help=True,
)

Dsn = Annotated[str, typer.Argument(metavar="DSN", help="Connection URL of the database to make a twin of.")]


@dataclass(frozen=True, slots=True)
class Explained:
    """One statement before and after; ``refusal`` says why there are no plans."""

    statement: str
    parameters: tuple[str, ...] = ()
    before: Plan | None = None
    after: Plan | None = None
    refusal: str = ""


@twin_app.command()
def explain(
    dsn: Dsn,
    *,
    file: Annotated[Path, typer.Option(help="File of statements, separated by semicolons.")],
    index: Annotated[
        list[str] | None, typer.Option(metavar="DDL", help="CREATE INDEX to try; may be given several times.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Existing index to take away; may be given several times.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Cost and plan of statements as the database is, and with other indexes; the database is only read."""
    wanted = [found.text for found in statements_of(_read(file))]
    if not wanted:
        raise UsageError(f"{file} holds no statement; write some into it, separated by semicolons.")
    settings = Settings()
    with PlannerTwin.of(dsn, settings, progress=lambda step: typer.echo(f"twin: {step}", err=True)) as twin:
        tried = [twin.try_index(ddl) for ddl in index or ()]
        with connect(twin.url, settings) as session:
            bound = [_bound(session, text) for text in wanted]
        before = [_planned(twin, each) for each in bound]
        with twin.configuration(present=[each.name for each in tried], absent=without or ()):
            found = [_with_after(twin, each) for each in before]
        _print(found, tried, twin, output)


@twin_app.command()
def shell(dsn: Dsn) -> None:
    """Open psql on a live twin; it is removed when psql ends. Statements may also come by standard input."""
    settings = Settings()
    with PlannerTwin.of(dsn, settings, progress=lambda step: typer.echo(f"twin: {step}", err=True)) as twin:
        typer.echo(f"Twin: {twin.url}", err=True)
        subprocess.run([str(find_binaries().programs / "psql"), "--no-psqlrc", twin.url], check=False)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise UsageError(f"{file} cannot be read ({reason}); name a file of statements with --file.") from error


def _bound(session: Connection, text: str) -> Explained:
    """The statement with likely values for its parameters, chosen from the twin's statistics."""
    if not parameter_numbers(text):
        return Explained(text)
    try:
        tree: exp.Expr = parse(text)
        catalog = read_catalog(session, {table_name(table)[0] for table in tables(tree)})
        forms = bind(session, Statement(fingerprint(text), (), text, 1, 0.0, 0, 0.0), tree, catalog)
    except (UnreadableStatement, CannotRun) as error:
        return Explained(text, refusal=str(error))
    return Explained(forms[0].sql, forms[0].literals)


def _planned(twin: PlannerTwin, item: Explained) -> Explained:
    if item.refusal:
        return item
    try:
        return Explained(item.statement, item.parameters, twin.explain(item.statement))
    except StatementRefused as error:
        return Explained(item.statement, item.parameters, refusal=str(error))


def _with_after(twin: PlannerTwin, item: Explained) -> Explained:
    if item.before is None:
        return item
    return Explained(item.statement, item.parameters, item.before, twin.explain(item.statement))


def _print(found: Sequence[Explained], tried: Sequence[Hypothetical], twin: PlannerTwin, output: Format) -> None:
    if output is Format.JSON:
        document = {
            "statements": [_as_json(item) for item in found],
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
        _show(number, item, console)
    for each in tried:
        height = "" if each.height is None else f", height {each.height}"
        console.print(f"{each.name}: {each.size_bytes / 1024:,.0f} kB{height}", markup=False, highlight=False)
    for line in _limits(twin):
        console.print(line, markup=False, highlight=False)


def _limits(twin: PlannerTwin) -> list[str]:
    """What keeps the twin from being its source, a line each."""
    other = [] if twin.same_major else ["The twin is not of the source's own version and statistics: trust costs less."]
    left_out = [f"Left out: {each.name} ({each.reason})" for each in twin.left_out]
    return [*other, *twin.warnings, *left_out, *(f"Not recreated: {what}" for what in twin.missing)]


def _as_json(item: Explained) -> dict[str, Any]:
    before, after = item.before, item.after
    return {
        "statement": item.statement,
        "parameters": list(item.parameters),
        "cost_before": before.cost if before else None,
        "cost_after": after.cost if after else None,
        "plan_before": before.tree if before else None,
        "plan_after": after.tree if after else None,
        "indexes_used": list(after.indexes()) if after else [],
        "refusal": item.refusal or None,
    }


def _index(each: Hypothetical) -> dict[str, Any]:
    return {"ddl": each.ddl, "name": each.name, "size_bytes": each.size_bytes, "height": each.height}


def _show(number: int, item: Explained, console: Console) -> None:
    text = " ".join(item.statement.split())
    console.print(f"{number:>3}  {text}", markup=False, highlight=False, no_wrap=True, overflow="ellipsis")
    if item.before is None or item.after is None:
        console.print(f"     {item.refusal}", style="red", markup=False, highlight=False)
        return
    before, after = item.before.cost, item.after.cost
    change = f" ({after / before - 1:+.1%})" if before else ""
    used = ", ".join(item.after.indexes()) or "no index"
    console.print(f"     cost {before:,.2f} → {after:,.2f}{change}; uses {used}", markup=False, highlight=False)
