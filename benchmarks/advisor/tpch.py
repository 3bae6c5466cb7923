"""TPC-H: data by tpchgen-cli, primary keys only, the 22 questions in the wording of our conformance suite."""

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.advisor.subject import MEGABYTE, Subject, needed, settle
from pgarchitect.advising import Wanted
from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import connect
from pgarchitect.settings import Settings
from pgarchitect.workload.statement_file import statements_of

_SCHEMA: Final = Path(__file__).with_name("tpch.sql")
_STATEMENTS: Final = Path(__file__).parents[2] / "tests" / "conformance" / "samples" / "tpch_statements.sql"
_QUESTIONS: Final = 22
_TABLES: Final = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")
_DOMINANT: Final = frozenset({2, 17, 20})
_BLOCK: Final = 1 << 20


def tpch(scale: float) -> Subject:
    """TPC-H at a scale factor."""
    return Subject(
        name="tpch",
        title=f"TPC-H, scale factor {scale:g}",
        load=partial(load, scale=scale),
        wanted=lambda _url, _settings: workload(),
        budgets=[*(round(scale * size * MEGABYTE) for size in (200, 300, 800)), None],
        most=25,
        executes=True,
        left_out="Questions 2, 17 and 20 weigh nothing: without indexes they cost a hundred times what all others do"
        " together, and any index that helps them would look good.",
    )


def workload() -> list[Wanted]:
    """The 22 questions, each of weight 1; those whose cost would drown all others weigh nothing."""
    found = statements_of(_STATEMENTS.read_text(encoding="utf-8"))[:_QUESTIONS]
    return [Wanted(each.text, 0.0 if number in _DOMINANT else 1.0) for number, each in enumerate(found, start=1)]


def load(url: str, settings: Settings, *, scale: float) -> None:
    """Create the tables and fill them.

    Raises:
        UsageError: tpchgen-cli is not installed.
        StatementRefused: it did not make the data.
    """
    with connect(url, settings, read_only=False) as connection:
        connection.execute(_SCHEMA.read_bytes())
    for table in _TABLES:
        _copy(url, settings, table, scale)
    settle(url, settings)


def _copy(url: str, settings: Settings, table: str, scale: float) -> None:
    """From the generator straight into the table."""
    program = Path(sys.executable).with_name("tpchgen-cli")
    command: Sequence[str | Path] = [program, "csv", "--scale-factor", f"{scale:g}", "--tables", table, "--stdout"]
    with (
        needed("tpchgen-cli"),
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
        connect(url, settings, read_only=False) as connection,
    ):
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)".encode()) as target:
            while block := process.stdout.read(_BLOCK):
                target.write(block)
    if process.returncode:
        raise StatementRefused(f"tpchgen-cli made no data of {table}; run `{' '.join(map(str, command))}` to see why.")
