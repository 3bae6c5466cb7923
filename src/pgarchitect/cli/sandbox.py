"""``pgarchitect sandbox``: copies of a database where anything may be tried."""

import subprocess
from typing import Annotated

import typer
from rich.console import Console

from pgarchitect.cli import streams
from pgarchitect.cli.output_format import Format
from pgarchitect.cli.size import size_in_bytes
from pgarchitect.errors import Interrupted
from pgarchitect.postgres.dsn import describe_target
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.report import quantities
from pgarchitect.report.sandbox import list_to_json, render, render_list, to_json
from pgarchitect.sandbox import sandbox as found_sandbox
from pgarchitect.sandbox.creation import Request
from pgarchitect.sandbox.creation import create as make
from pgarchitect.settings import Settings

sandbox_app = typer.Typer(
    add_completion=False,
    help="Copy a database, or a consistent sample of it, to a private server where anything may be tried.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the sandbox.")]
Output = Annotated[Format, typer.Option("--format", help="terminal or json.")]


@sandbox_app.command()
def create(
    dsn: Annotated[str, typer.Argument(metavar="DSN", help="Connection URL of the database to copy.")],
    *,
    max_size: Annotated[
        str,
        typer.Option(metavar="SIZE", help="Sample the database when its tables and indexes take more, such as 500MB."),
    ] = "2GB",
    name: Annotated[
        str | None, typer.Option(help="Name of the sandbox. [default: that of the database]", show_default=False)
    ] = None,
    join: Annotated[
        list[str] | None,
        typer.Option(
            metavar="JOIN",
            help="Join that no foreign key declares, so that a sample keeps rows that belong together, such as"
            ' "orders (customer_id) REFERENCES customers (id)"; may be given several times.',
        ),
    ] = None,
    output: Output = Format.TERMINAL,
) -> None:
    """Copy a database with its rows to this machine, or a sample in which every foreign key holds; it is only read."""
    request = Request(dsn, size_in_bytes(max_size), name, tuple(join or ()))
    _tell(f"rows of {describe_target(dsn)} are copied to this machine and stay there until the sandbox is dropped")
    made = make(request, Settings(), _tell)
    if output is Format.JSON:
        streams.print_json(to_json(made))
    else:
        render(made, Console())


@sandbox_app.command("list")
def list_(*, output: Output = Format.TERMINAL) -> None:
    """Show the sandboxes of this machine."""
    found = found_sandbox.sandboxes(Settings())
    if output is Format.JSON:
        streams.print_json(list_to_json(found))
    else:
        render_list(found, Console())


@sandbox_app.command()
def drop(
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Even while other processes use it.")] = False,
) -> None:
    """Remove a sandbox with all its rows."""
    settings = Settings()
    sandbox = found_sandbox.find(name, settings)
    question = f'Remove the sandbox "{name}" ({quantities.size(sandbox.size_bytes)}) below {sandbox.home.root}?'
    if not yes and not _confirmed(question):
        raise Interrupted("Nothing was removed; run the same command with --yes to remove it without being asked.")
    sandbox.drop(settings, force=force)
    typer.echo(f'The sandbox "{name}" was removed.')


@sandbox_app.command()
def shell(name: Name) -> None:
    """Open psql on a sandbox; its server runs meanwhile. Statements may also come by standard input."""
    settings = Settings()
    with found_sandbox.find(name, settings).used(settings) as dsn:
        subprocess.run([str(find_binaries().programs / "psql"), "--no-psqlrc", dsn], check=False)


def _tell(step: str) -> None:
    typer.echo(f"sandbox: {step}", err=True)


def _confirmed(question: str) -> bool:
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:  # nobody is there to answer
        return False
