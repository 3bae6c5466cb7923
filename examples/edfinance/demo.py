"""The demonstration: the sample application on the embedded server, played, audited, reported."""

import time
from pathlib import Path
from typing import Final

import typer

from examples.edfinance import generate, workload
from pgarchitect.cli.audit import DEFAULT_HTML, audit
from pgarchitect.errors import Interrupted
from pgarchitect.postgres.embedded import embedded_server, ensure_database
from pgarchitect.settings import Settings

DATABASE: Final = "edfinance"
SCHEMA: Final = Path(__file__).parent / "schema.prisma"


def demo(scale: float = 1.0, html: Path = DEFAULT_HTML) -> None:
    """Load the sample unless it is there, play the application for one round, audit it.

    Args:
        scale: of the sample; 1 means 200,000 behaviour logs.
        html: where the report goes.

    Raises:
        PgArchitectError: a step failed; the sentence says which and what to do.
    """
    settings = Settings()
    started = time.monotonic()
    loaded = False
    try:
        with embedded_server(settings) as server:
            _told("PostgreSQL is running (embedded, private, on a Unix socket)", started)
            url = ensure_database(server, DATABASE, ["pg_stat_statements"])
            if generate.loaded_scale(url) is None:
                generate.load(url, scale)
            loaded = True
            _told(f"The sample application edfinance is loaded into {DATABASE}", started)
            workload.run(url)
            _told(f"Its users have sent {len(workload.STATEMENTS)} different statements", started)
            typer.echo("Now the audit:", err=True)
            audit(database=DATABASE, schema=SCHEMA, html=html)
    except KeyboardInterrupt as error:
        kept = "the sample stays loaded, nothing was recorded" if loaded else "nothing was loaded or recorded"
        raise Interrupted(f"Interrupted: {kept}; run `make demo` again.") from error
    typer.echo(f"Done in {time.monotonic() - started:.0f} s. Again: `make demo`. The log: `.venv/bin/pgarchitect log`.")


def _told(what: str, started: float) -> None:
    typer.echo(f"{what} ({time.monotonic() - started:.1f} s).", err=True)
