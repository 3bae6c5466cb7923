"""What a person wants of a difference: renames are asked about, losses refused."""

import sys
from collections.abc import Sequence
from dataclasses import replace

import typer

from pgarchitect.errors import DataWouldBeLost
from pgarchitect.schema.difference import Rename, Step, Wishes, parse_rename
from pgarchitect.schema.migrations.planning import Plan, losses


def wishes_of(found: Plan, renames: Sequence[str], *, concurrently: bool = False) -> Wishes:
    """Renames that were given, and those that a person at a terminal says yes to."""
    given = tuple(parse_rename(each) for each in renames)
    wishes = Wishes(given, keep_inexpressible=True, concurrently=concurrently)
    while questions := found.questions(wishes):
        wishes = _answered(wishes, questions[0])
    return wishes


def _answered(wishes: Wishes, rename: Rename) -> Wishes:
    old, new = ".".join(rename.old), ".".join(rename.new)
    kind = rename.kind.value if rename.kind else "name"
    if sys.stdin.isatty() and typer.confirm(f"Was the {kind} {old} renamed to {new}?"):
        return replace(wishes, renames=(*wishes.renames, rename))
    if not sys.stdin.isatty():
        typer.secho(
            f"The {kind} {old} is dropped and {new} is added. If it was renamed, say --rename {rename}",
            err=True,
            fg=typer.colors.YELLOW,
        )
    return replace(wishes, refused=(*wishes.refused, rename))


def refuse_losses(steps: Sequence[Step], *, accepted: bool) -> None:
    """Refuse steps that destroy data unless that is accepted.

    Raises:
        DataWouldBeLost: some do.
    """
    lost = losses(steps)
    if lost and not accepted:
        raise DataWouldBeLost(
            f"This would destroy data: {'; '.join(lost)}. Add --accept-data-loss if that is what you want, or --rename"
            " if something was renamed."
        )
