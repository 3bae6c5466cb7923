"""``python -m examples.edfinance``: load the sample application into a database, and play it there."""

import sys
from typing import Annotated

import typer

from examples.edfinance import generate, workload
from examples.edfinance.world import SEED
from pgarchitect.errors import PgArchitectError

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

Url = Annotated[str, typer.Argument(help="libpq connection string or URL of the sample's own database.")]


@app.command()
def load(
    url: Url, scale: Annotated[float, typer.Option(help="1 means 1,000 users and 200,000 behaviour logs.")] = 1.0
) -> None:
    """Create the tables and fill them; a database that holds them already is left as it is."""
    generate.load(url, scale, progress=lambda table, rows: typer.echo(f"{table}: {rows:,} rows"))
    typer.echo("The sample is loaded.")


@app.command()
def run(
    url: Url,
    rounds: Annotated[int, typer.Option(min=1, help="How often the whole mixture of statements is played.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the order and the parameters.")] = SEED,
) -> None:
    """Play the application: some fifty statements, as often as its users would send them."""
    workload.run(url, seed=seed, rounds=rounds)
    typer.echo(f"The application has sent {len(workload.STATEMENTS)} different statements.")


def main() -> None:
    """Run the command; an error is one sentence on stderr and an exit status, never a traceback."""
    try:
        app()
    except PgArchitectError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
