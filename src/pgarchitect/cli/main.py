"""The ``pgarchitect`` command: registers the commands and turns errors into one sentence and an exit code."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import psycopg
import pydantic
import typer

from pgarchitect import __version__
from pgarchitect.cli import streams
from pgarchitect.cli.commands import Commands
from pgarchitect.cli.interruption import interruptible
from pgarchitect.errors import Interrupted, PgArchitectError, UsageError
from pgarchitect.postgres.connection_errors import refused
from pgarchitect.report.safe_text import visible

app = typer.Typer(
    name="pgarchitect",
    cls=Commands,
    help="An AI database architect for PostgreSQL: finds slow statements, proves the cure, remembers it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pgarchitect {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """An AI database architect for PostgreSQL."""


def main() -> None:
    """Run the command line."""
    end_well(app)


def end_well(command: Callable[[], object]) -> None:
    """Run ``command``; every error becomes one sentence on stderr and its documented exit code."""
    streams.prepare()
    with interruptible():
        try:
            _flushed(command)
        except PgArchitectError as error:
            _end_with(error)
        except KeyboardInterrupt:
            _end_with(Interrupted())
        except psycopg.Error as error:
            _end_with(refused(error))
        except pydantic.ValidationError as error:
            _end_with(_bad_setting(error))
        except OSError as error:
            _end_with(_unforeseen(error) if error.filename else streams.unwritable(error))
        except Exception as error:  # noqa: BLE001  # the edge: no traceback reaches a user
            _end_with(_unforeseen(error))


def _flushed(command: Callable[[], object]) -> None:
    try:
        command()
    except SystemExit as end:
        # Typer turns Ctrl-C into this exit code without a word.
        if end.code == Interrupted.exit_code:
            raise Interrupted from None
        # Typer and rich end like this when standard output is closed: `| head` has read enough, which is no error.
        if isinstance(end.__context__, BrokenPipeError):
            streams.give_up()
            sys.exit(0)
        streams.finish()
        raise
    streams.finish()


def _unforeseen(error: Exception) -> PgArchitectError:
    """What nobody thought of: enough of it to report, in a sentence."""
    steps = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(steps[-1].filename).name}:{steps[-1].lineno}" if steps else ""
    text = " ".join(str(error).split()) or "no message"
    return PgArchitectError(
        f"Something went wrong inside pgarchitect ({type(error).__name__}{where}: {text}); please report this sentence"
        " with the command that you ran."
    )


def _bad_setting(error: pydantic.ValidationError) -> UsageError:
    first = error.errors(include_input=False, include_url=False)[0]
    name = "_".join(str(part) for part in first["loc"]).upper()
    return UsageError(f"PGARCHITECT_{name} is not what it must be ({first['msg']}); set it right or unset it.")


def _end_with(error: PgArchitectError) -> None:
    typer.secho(f"pgarchitect: {visible(str(error))}", err=True, fg=streams.colour(typer.colors.RED))
    sys.exit(error.exit_code)
