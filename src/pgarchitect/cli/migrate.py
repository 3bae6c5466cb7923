"""``pgarchitect migrate``: migrations of a Prisma schema."""

from collections.abc import Mapping
from typing import ClassVar

import typer

from pgarchitect.cli.commands import LazyCommands


class _Commands(LazyCommands):
    modules: ClassVar[Mapping[str, str]] = {
        name: f"migrate_{name}:{name}" for name in ("deploy", "dev", "diff", "lint", "reset", "resolve", "status")
    }


migrate_app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    help="Migrations of a Prisma schema: their folder, their history, their safety.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@migrate_app.callback()
def group() -> None:
    """Migrations of a Prisma schema: their folder, their history, their safety."""
