"""``pgarchitect migrate``: migrations of a Prisma schema."""

import typer

from pgarchitect.cli.migrate_deploy import deploy
from pgarchitect.cli.migrate_dev import dev
from pgarchitect.cli.migrate_diff import diff
from pgarchitect.cli.migrate_lint import lint
from pgarchitect.cli.migrate_reset import reset
from pgarchitect.cli.migrate_resolve import resolve
from pgarchitect.cli.migrate_status import status

migrate_app = typer.Typer(
    add_completion=False,
    help="Migrations of a Prisma schema: their folder, their history, their safety.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@migrate_app.callback()
def group() -> None:
    """Migrations of a Prisma schema: their folder, their history, their safety."""


for _command in (deploy, dev, diff, lint, reset, resolve, status):
    migrate_app.command()(_command)
