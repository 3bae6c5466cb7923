"""Standard output and standard error as they come: closed, full, cut off by ``head``, unable to show an arrow."""

import io
import os
import sys
from contextlib import suppress

from pgarchitect.errors import ReportNotWritten


def prepare() -> None:
    """Make sure that both streams are there and that no character can break them."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def print_json(text: str) -> None:
    """Print JSON as what it is by its standard, UTF-8, whatever the terminal prefers."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def finish() -> None:
    """Send what is still held back.

    Raises:
        ReportNotWritten: standard output takes no more, for another reason than that its reader has left.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        give_up()
    except OSError as error:
        raise unwritable(error) from error


def colour(name: str) -> str | None:
    """The colour, unless the person does not want any (https://no-color.org); click leaves it out of files itself."""
    return None if os.environ.get("NO_COLOR") else name


def give_up() -> None:
    """Let everything that is still to be printed vanish: nobody reads it, and Python must not complain at its end."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def unwritable(error: OSError) -> ReportNotWritten:
    """The error of ours for a standard output that takes no more."""
    give_up()
    return ReportNotWritten(
        f"Standard output cannot be written ({error.strerror}); free disk space or send it elsewhere. What an audit"
        " has found is in `pgarchitect log`."
    )
