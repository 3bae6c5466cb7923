"""``pgarchitect schema``: schema.prisma, checked, laid out, and read from a database."""

from collections.abc import Mapping
from typing import ClassVar

import typer

from pgarchitect.cli.commands import LazyCommands


class _Commands(LazyCommands):
    modules: ClassVar[Mapping[str, str]] = {
        "check": "schema_check:check",
        "client": "schema_client:client",
        "format": "schema_format:format_schema",
        "generate": "schema_generate:generate",
        "index": "schema_index:index",
        "pull": "schema_pull:pull",
        "validate": "schema_validate:validate",
    }


schema_app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    help="schema.prisma: checked, laid out, and read from a database.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@schema_app.callback()
def group() -> None:
    """schema.prisma: checked, laid out, and read from a database."""
