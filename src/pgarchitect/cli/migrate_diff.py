"""``pgarchitect migrate diff``: what it takes to get from one schema to another."""

import json
from dataclasses import replace
from typing import Annotated

import typer

from pgarchitect.cli import streams
from pgarchitect.cli.migrate_project import ShadowOption
from pgarchitect.cli.migrate_wishes import wishes_of
from pgarchitect.cli.output_format import Format
from pgarchitect.errors import DriftFound, UsageError
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference import Step, migration_script
from pgarchitect.schema.migrations.planning import Plan
from pgarchitect.schema.migrations.sides import FORMS, is_database, is_schema, read_side, schemas_of
from pgarchitect.schema.program_steps import with_programs
from pgarchitect.settings import Settings


def diff(
    *,
    source: Annotated[str, typer.Option("--from", metavar="SIDE", help=f"What there is: {FORMS}.")],
    target: Annotated[str, typer.Option("--to", metavar="SIDE", help="What there is to be, likewise.")],
    script: Annotated[bool, typer.Option("--script", help="Print SQL.")] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Print a line for each step; so it is without both.")
    ] = False,
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD:NEW", help="What was renamed; may be given several times."),
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with exit code 19 where the two sides differ.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
    shadow_url: ShadowOption = None,
) -> None:
    """Tell what it takes to get from one schema to another; nothing is changed."""
    if script and summary:
        raise UsageError("Ask for --script or for --summary, not for both.")
    settings = Settings()
    schemas = schemas_of(source, target)
    before, after = (read_side(each, schemas, settings, url=shadow_url) for each in (source, target))
    wanted = _portable(before.database, after.database) if is_database(target) else after.database
    lying = Plan(before.database, wanted)
    steps = lying.steps(wishes_of(lying, rename or (), keep_inexpressible=is_schema(target)))
    if not is_schema(target):
        steps = with_programs(steps, before, after)
    if output is Format.JSON:
        streams.print_json(json.dumps(_as_json(steps), indent=2))
    elif script:
        typer.echo(migration_script(steps), nl=False)
    else:
        _tell(steps)
    if exit_code and steps:
        raise DriftFound(f"The two sides differ in {len(steps)} step{'' if len(steps) == 1 else 's'}.")


def _portable(before: DatabaseSchema, after: DatabaseSchema) -> DatabaseSchema:
    """A database without the versions of extensions that the first side lacks: another server has others to offer."""
    there = {each.name for each in before.extensions}
    several = (each if each.name in there else replace(each, version="") for each in after.extensions)
    return replace(after, extensions=tuple(several))


def _tell(steps: tuple[Step, ...]) -> None:
    if not steps:
        typer.echo("No difference.")
    for each in steps:
        typer.echo(f"{each.kind.value:<20} {each.concerns}{f'  (destroys {each.loses})' if each.loses else ''}")


def _as_json(steps: tuple[Step, ...]) -> dict[str, object]:
    return {"schema_version": 1, "different": bool(steps), "steps": [_step(each) for each in steps]}


def _step(step: Step) -> dict[str, object]:
    return {
        "kind": step.kind.value,
        "concerns": step.concerns,
        "statements": list(step.statements),
        "loses": step.loses or None,
        "warnings": list(step.warnings),
    }
