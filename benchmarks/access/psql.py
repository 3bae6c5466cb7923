r"""The limit of inserts: psql's ``\copy`` of a file that was rendered before, in which no client converts a value."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.access.cases import INSERT_1K, INSERT_10K
from benchmarks.access.process import ContenderFailed

_ROWS: Final = {each.name: each.rows for each in (INSERT_1K, INSERT_10K)}


class Psql:
    """psql, asked as the other contenders are.

    Args:
        program: psql.
        url: the database.
        folder: for the files.
    """

    def __init__(self, program: Path, url: str, folder: Path) -> None:
        self._program, self._url = program, url
        self._files = {name: folder / f"{name}.tsv" for name in _ROWS}
        with psycopg.connect(url) as connection:
            for name, count in _ROWS.items():
                with connection.cursor().copy(f"COPY (TABLE expected LIMIT {count}) TO STDOUT".encode()) as copy:
                    self._files[name].write_bytes(b"".join(bytes(each) for each in copy))

    def ask(self, **command: object) -> dict[str, Any]:
        """Copy the file, so often; by psql's own clock, so that its start does not count.

        Raises:
            ContenderFailed: psql says so.
        """
        copy = rf"\copy new_logs from {self._files[str(command['case'])]}"
        done = subprocess.run(
            [self._program, "--no-psqlrc", "-q", "-d", self._url, "-c", r"\timing on", "-c", copy],
            capture_output=True,
            text=True,
            check=False,
        )
        told = re.findall(r"^Time: ([\d.]+) ms", done.stdout, re.MULTILINE)
        if done.returncode or len(told) != 1:
            raise ContenderFailed(done.stderr.strip()[:400] or "it told no time")
        return {} if command["do"] == "check" else {"seconds": [float(told[0]) / 1_000]}

    def close(self) -> None:
        """Nothing runs in between."""
