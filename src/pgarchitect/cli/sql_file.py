"""A file of SQL that an option names."""

from pathlib import Path

from pgarchitect.errors import UsageError
from pgarchitect.workload.statement_file import FileStatement, statements_of


def read_sql(file: Path, option: str) -> str:
    """The text of a file.

    Args:
        file: in UTF-8.
        option: that named it, such as ``--workload``.

    Raises:
        UsageError: it cannot be read, or is not text.
    """
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise UsageError(f"{file} cannot be read ({reason}); name a file of SQL with {option}.") from error


def read_statements(file: Path, option: str) -> tuple[FileStatement, ...]:
    """The statements of a file, at least one.

    Args:
        file: statements separated by semicolons, in UTF-8.
        option: that named it, such as ``--workload``.

    Raises:
        UsageError: it cannot be read, or holds no statement.
    """
    found = statements_of(read_sql(file, option))
    if not found:
        raise UsageError(f"{file} holds no statement; write some into it, separated by semicolons.")
    return found
