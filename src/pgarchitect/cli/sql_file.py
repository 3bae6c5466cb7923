"""SQL that an option names: a file, or ``-`` for standard input."""

import sys
from pathlib import Path
from typing import Final

from pgarchitect.errors import UsageError
from pgarchitect.workload.statement_file import FileStatement, statements_of

STANDARD_INPUT: Final = Path("-")


def _spoken(file: Path) -> str:
    """What a sentence calls it at its beginning."""
    return str(file) if file != STANDARD_INPUT else "Standard input"


def read_sql(file: Path, option: str) -> str:
    """The text of a file, without the mark that some editors put before it.

    Args:
        file: in UTF-8; ``-`` for standard input.
        option: that named it, such as ``--workload``.

    Raises:
        UsageError: it cannot be read, or is not text.
    """
    try:
        content = sys.stdin.buffer.read() if file == STANDARD_INPUT else file.read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file, option, getattr(error, "strerror", None)) from error
    if "\0" in text:  # as text of two bytes a letter has
        raise _unreadable(file, option)
    return text


def read_script(file: Path, option: str) -> str:
    """The text of a script, which holds something.

    Args:
        file: as for ``read_sql``.
        option: that named it.

    Raises:
        UsageError: it cannot be read, or is empty.
    """
    text = read_sql(file, option)
    if not text.strip():
        raise UsageError(f"{_spoken(file)} is empty; name the script of a migration with {option}.")
    return text


def read_statements(file: Path, option: str) -> tuple[FileStatement, ...]:
    """The statements of a file, at least one.

    Args:
        file: statements separated by semicolons, else as for ``read_sql``.
        option: that named it.

    Raises:
        UsageError: it cannot be read, or holds no statement.
    """
    found = statements_of(read_sql(file, option))
    if not found:
        raise UsageError(f"{_spoken(file)} holds no statement; write some into it, separated by semicolons.")
    return found


def _unreadable(file: Path, option: str, reason: str | None = None) -> UsageError:
    why = reason or "it is not text in UTF-8"
    return UsageError(f"{_spoken(file)} cannot be read ({why}); name a file of SQL with {option}.")
