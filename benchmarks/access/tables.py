"""The tables of the benchmark, and what contenders must find in them."""

from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.access.peers.contender import told
from benchmarks.access.peers.drivers import COLUMNS
from benchmarks.access.rows import Sizes, checksum, log_ids, log_line, user_ids
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.reading import read_schema

_HERE: Final = Path(__file__).parent
_LISTED: Final = ", ".join(COLUMNS)
_SAME: Final = f"SELECT count(*), md5(string_agg(concat_ws('|', {_LISTED}), chr(10) ORDER BY id)) FROM "

Expected = dict[str, Any]
"""Count and checksum, as workers tell them."""


class Tables:
    """The filled tables, by a connection of the harness's own.

    Args:
        url: an empty database.
        sizes: how much is put in.
    """

    def __init__(self, url: str, sizes: Sizes) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._sizes = sizes
        self._expected: dict[int, tuple[Any, ...]] = {}

    def fill(self) -> None:
        """Make the tables of schema.prisma and their rows."""
        seed = (_HERE / "seed.sql").read_text(encoding="utf-8")
        seed = seed.replace("{users}", str(self._sizes.users)).replace("{logs}", str(self._sizes.logs))
        self._run(create_script(lower(read_schema(_HERE / "schema.prisma"))))
        self._run(seed)
        self._run("VACUUM (ANALYZE)")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def expected(self, case: str) -> Expected:
        """What a contender must answer to the check of a case that reads."""
        if case == "join":
            text = (_HERE / "join.sql").read_text(encoding="utf-8").replace("$1", "'event_0'")
            return _summed([told(row) for row in self._rows(text)])
        where = f"user_id = '{user_ids(self._sizes)[0]}' ORDER BY created_at DESC LIMIT 1000"
        if case != "read":
            where = f"id = '{log_ids(self._sizes)[0]}'"
        return _summed([log_line(row) for row in self._rows(f"SELECT {_LISTED} FROM behavior_logs WHERE {where}")])

    def empty(self) -> None:
        """Make room for the next insert."""
        self._run("TRUNCATE new_logs")

    def inserted(self, rows: int) -> bool:
        """Whether new_logs holds exactly the first so many rows, in every column."""
        if rows not in self._expected:
            first = f"(SELECT * FROM expected ORDER BY created_at LIMIT {rows}) e"
            self._expected[rows] = self._rows(_SAME + first)[0]
        return self._rows(f"{_SAME} new_logs")[0] == self._expected[rows]

    def version(self) -> str:
        """Of the server."""
        return str(self._rows("SHOW server_version")[0][0]).split()[0]

    def _rows(self, text: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(text.encode()).fetchall()

    def _run(self, text: str) -> None:
        self._connection.execute(text.encode())


def _summed(lines: list[str]) -> Expected:
    return {"count": len(lines), "checksum": checksum(lines)}
