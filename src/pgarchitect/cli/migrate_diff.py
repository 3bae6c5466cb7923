"""``pgarchitect migrate diff``: what it takes to get from one schema to another."""

import json
import sys
from typing import Annotated

import typer

from pgarchitect.cli import streams
from pgarchitect.cli.migrate_wishes import wishes_of
from pgarchitect.cli.output_format import Format
from pgarchitect.schema.difference import Step, Wishes, migration_script
from pgarchitect.schema.migrations.planning import Plan
from pgarchitect.schema.migrations.sides import FORMS, is_schema, read_side, schemas_of
from pgarchitect.settings import Settings

_DIFFERENT = 2
"""Exit code of ``--exit-code`` where the two sides differ, as Prisma's command has it."""


def diff(
    *,
    source: Annotated[str, typer.Option("--from", metavar="SIDE", help=f"What there is: {FORMS}.")],
    target: Annotated[str, typer.Option("--to", metavar="SIDE", help="What there is to be, likewise.")],
    script: Annotated[bool, typer.Option("--script", help="Print SQL instead of a summary.")] = False,
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD:NEW", help="What was renamed; may be given several times."),
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 2 where the two sides differ.")] = False,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Tell what it takes to get from one schema to another; nothing is changed."""
    settings = Settings()
    schemas = schemas_of(target, source)
    lying = Plan(read_side(source, schemas, settings), read_side(target, schemas, settings))
    wishes = wishes_of(lying, rename or ())
    if not is_schema(target):
        wishes = Wishes(wishes.renames, wishes.refused)
    steps = lying.steps(wishes)
    if output is Format.JSON:
        streams.print_json(json.dumps([_as_json(each) for each in steps], indent=2))
    elif script:
        typer.echo(migration_script(steps), nl=False)
    else:
        _tell(steps)
    if exit_code and steps:
        sys.exit(_DIFFERENT)


def _tell(steps: tuple[Step, ...]) -> None:
    if not steps:
        typer.echo("No difference.")
    for each in steps:
        typer.echo(f"{each.kind.value:<20} {each.concerns}{f'  (destroys {each.loses})' if each.loses else ''}")


def _as_json(step: Step) -> dict[str, object]:
    return {
        "kind": step.kind.value,
        "concerns": step.concerns,
        "statements": list(step.statements),
        "loses": step.loses or None,
        "warnings": list(step.warnings),
    }
