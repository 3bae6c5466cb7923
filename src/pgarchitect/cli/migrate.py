"""``pgarchitect migrate``: migrations of a Prisma schema."""

import typer

from pgarchitect.cli.migrate_lint import lint

migrate_app = typer.Typer(
    add_completion=False,
    help="Migrations of a Prisma schema: their folder, their history, their safety.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@migrate_app.callback()
def group() -> None:
    """Migrations of a Prisma schema: their folder, their history, their safety."""


migrate_app.command()(lint)
