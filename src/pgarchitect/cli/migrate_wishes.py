"""What a person wants of a difference: renames are asked about, losses refused."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace

import typer

from pgarchitect.cli.migrate_project import warn
from pgarchitect.errors import DataWouldBeLost
from pgarchitect.schema.difference import Rename, Step, Wishes, parse_rename
from pgarchitect.schema.migrations.planning import Plan, losses


def wishes_of(
    found: Plan, renames: Sequence[str], *, keep_inexpressible: bool = True, concurrently: bool = False
) -> Wishes:
    """Renames that were given, and those that a person at a terminal says yes to.

    Args:
        found: what lies between two schemas.
        renames: as they were given.
        keep_inexpressible: the second schema is a ``schema.prisma``, which has no word for much that stays.
        concurrently: indexes of existing tables are built without locking them.

    Raises:
        UsageError: a rename cannot be read, or is about nothing.
    """
    given = tuple(parse_rename(each) for each in renames)
    wishes = Wishes(given, keep_inexpressible=keep_inexpressible, concurrently=concurrently)
    while questions := found.questions(wishes):
        wishes = _answered(wishes, questions[0])
    return wishes


def _answered(wishes: Wishes, rename: Rename) -> Wishes:
    old, new = ".".join(rename.old), ".".join(rename.new)
    kind = rename.kind.value if rename.kind else "name"
    if sys.stdin.isatty():
        if typer.confirm(f"Was the {kind} {old} renamed to {new}?", err=True):
            return replace(wishes, renames=(*wishes.renames, rename))
    else:
        given = shlex.quote(str(rename))
        warn(f"The {kind} {old} is dropped and {new} is added. If it was renamed, say --rename {given}")
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
