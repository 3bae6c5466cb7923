"""``pgarchitect schema``: schema.prisma, checked, laid out, and read from a database."""

import typer

from pgarchitect.cli.schema_check import check
from pgarchitect.cli.schema_client import client
from pgarchitect.cli.schema_format import format_schema
from pgarchitect.cli.schema_generate import generate
from pgarchitect.cli.schema_index import index
from pgarchitect.cli.schema_pull import pull
from pgarchitect.cli.schema_validate import validate

schema_app = typer.Typer(
    add_completion=False,
    help="schema.prisma: checked, laid out, and read from a database.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@schema_app.callback()
def group() -> None:
    """schema.prisma: checked, laid out, and read from a database."""


schema_app.command()(check)
schema_app.command()(client)
schema_app.command("format")(format_schema)
schema_app.command()(generate)
schema_app.command()(index)
schema_app.command()(pull)
schema_app.command()(validate)
