"""``pgarchitect migrate lint``: what of a migration would hurt a live database, and the safe way to write it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from psycopg import sql
from rich.console import Console

from pgarchitect.cli import streams
from pgarchitect.cli.output_format import LintFormat
from pgarchitect.cli.sql_file import read_sql
from pgarchitect.errors import MigrationUnsafe, UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.report.safety_github import safety_github
from pgarchitect.report.safety_json import safety_json
from pgarchitect.report.safety_terminal import render_safety
from pgarchitect.schema.migrations.connecting import DEFAULT_SCHEMA
from pgarchitect.schema.places import migrations_folder, schema_path
from pgarchitect.schema.safety.facts import TableFacts, read_facts
from pgarchitect.schema.safety.finding import Finding, Severity
from pgarchitect.schema.safety.linting import MigrationScript, lint_scripts
from pgarchitect.schema.safety.registry import RULES
from pgarchitect.settings import Settings

_USUAL: Final = Path("prisma/migrations")
_SCRIPT: Final = "migration.sql"


def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATHS",
            help="Scripts, or folders of migrations; left out: migrations beside the schema.",
            show_default=False,
        ),
    ] = None,
    *,
    dsn: Annotated[
        str | None,
        typer.Option(
            metavar="DSN",
            help="Database that the migrations are meant for: it knows sizes and types, and which migrations have run.",
        ),
    ] = None,
    output: Annotated[LintFormat, typer.Option("--format", help="terminal, json or github.")] = LintFormat.TERMINAL,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Rule to leave out; may be given several times.")
    ] = None,
    style: Annotated[bool, typer.Option("--style", help="Also find what is a matter of taste.")] = False,
) -> None:
    """What would hurt a live database, and the safe way to write it; exit code 20 when there is an error."""
    _require_rules(ignore or ())
    facts = None if dsn is None else _facts(dsn)
    scripts = list(_scripts(paths or [_folder()], facts))
    findings = lint_scripts(scripts, facts, ignore=ignore or (), style=style)
    read = sum(script.wanted for script in scripts)
    match output:
        case LintFormat.JSON:
            streams.print_json(safety_json(findings, read))
        case LintFormat.GITHUB:
            typer.echo(safety_github(findings), nl=False)
        case LintFormat.TERMINAL:
            render_safety(findings, read, Console())
    _end(findings)


def _folder() -> Path:
    """The project's folder of migrations, found as the other commands find it."""
    try:
        return migrations_folder(schema_path(None))
    except UsageError:
        return _USUAL


def _end(findings: Sequence[Finding]) -> None:
    errors = [each for each in findings if each.severity is Severity.ERROR]
    if errors:
        files = {each.file for each in errors}
        count = "1 statement" if len(errors) == 1 else f"{len(errors)} findings"
        where = next(iter(files)) if len(files) == 1 else f"{len(files)} migrations"
        raise MigrationUnsafe(
            f"{count} in {where} would hurt a live database; rewrite them as the report shows, or say why not with"
            " -- pgarchitect: ignore RULE (reason)."
        )


def _require_rules(ignored: Sequence[str]) -> None:
    known = {rule.id for rule in RULES}
    for rule in ignored:
        if rule not in known:
            raise UsageError(f"There is no rule {rule}; docs/migration-safety has a page for each that there is.")


def _facts(dsn: str) -> TableFacts:
    url, own = without_prisma_parameters(dsn)
    with connect(url, Settings()) as connection:
        home = sql.Identifier(own.get("schema") or DEFAULT_SCHEMA)
        connection.execute(sql.SQL("SET search_path = {}").format(home))
        return read_facts(connection)


def _scripts(paths: Sequence[Path], facts: TableFacts | None) -> Iterator[MigrationScript]:
    """What was asked for in its order; of migrations that come before it in the same folder is learned.

    The database knows already what migrations that it has run have made: those are left out.
    """
    applied = facts.applied if facts else frozenset()
    seen: set[Path] = set()
    for path in paths:
        for file in _earlier(path):
            if file not in seen and file.parent.name not in applied:
                yield MigrationScript(str(file), read_sql(file, "PATHS"), wanted=False)
            seen.add(file)
        for file in _files(path):
            if file not in seen and (file == path or file.parent.name not in applied):
                yield MigrationScript(str(file), read_sql(file, "PATHS"))
            seen.add(file)


def _files(path: Path) -> list[Path]:
    """A script itself; of a folder its migrations, or else its scripts, in the order of their names.

    Raises:
        UsageError: there is no such thing, or nothing in it.
    """
    if not path.is_dir():
        return [path]
    found = sorted(path.glob(f"*/{_SCRIPT}")) or sorted(path.glob("*.sql"))
    if not found:
        raise UsageError(f"{path} holds no migration; name scripts, or a folder with */{_SCRIPT} in it.")
    return found


def _earlier(path: Path) -> list[Path]:
    """The migrations before a script of the name that Prisma gives them."""
    if path.name != _SCRIPT or path.is_dir():
        return []
    return [each for each in sorted(path.parent.parent.glob(f"*/{_SCRIPT}")) if each.parent.name < path.parent.name]
