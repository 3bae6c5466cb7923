"""``python -m examples.edfinance``: load the sample application into a database, and play it there."""

from pathlib import Path
from typing import Annotated

import typer

from examples.edfinance import demo as demonstration
from examples.edfinance import generate, workload
from examples.edfinance.world import SEED
from pgarchitect.cli.audit import DEFAULT_HTML
from pgarchitect.cli.main import end_well

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


@app.command()
def demo(
    scale: Annotated[float, typer.Option(help="1 means 1,000 users and 200,000 behaviour logs.")] = 1.0,
    html: Annotated[Path, typer.Option(help="Where the report goes.")] = DEFAULT_HTML,
) -> None:
    """Load the sample into the embedded server, play it, audit it, and write the report."""
    demonstration.demo(scale, html)


if __name__ == "__main__":
    end_well(app)
