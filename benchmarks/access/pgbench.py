"""The limit of reads: pgbench, a client in C that makes nothing of the rows that it gets."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.access.cases import CLIENTS, CONCURRENT, JOIN, POINT, READ
from benchmarks.access.peers.contender import told
from benchmarks.access.peers.drivers import COLUMNS
from benchmarks.access.process import ContenderFailed
from benchmarks.access.rows import EVENTS, Sizes, checksum, log_line

_HERE: Final = Path(__file__).parent
_LOGS: Final = f"SELECT {', '.join(COLUMNS)} FROM behavior_logs WHERE "
_POINT: Final = _LOGS + "id = md5('log' || :n)::uuid"
_STATEMENTS: Final = {
    READ.name: _LOGS + "user_id = md5('user' || :n)::uuid ORDER BY created_at DESC LIMIT 1000",
    POINT.name: _POINT,
    JOIN.name: (_HERE / "join.sql").read_text(encoding="utf-8").replace("$1", "'event_' || :n"),
    CONCURRENT.name: _POINT,
}
_TIMES: Final = {READ.name: 20, POINT.name: 500, JOIN.name: 40}
"""Transactions of a turn; the first of them prepares the statement."""
CASES: Final = tuple(_STATEMENTS)


class Pgbench:
    """pgbench, asked as the other contenders are.

    Args:
        program: pgbench.
        url: the database.
        sizes: of the tables.
        folder: for its scripts.

    Raises:
        ContenderFailed: there is none.
    """

    def __init__(self, program: Path, url: str, sizes: Sizes, folder: Path) -> None:
        if not program.is_file():
            raise ContenderFailed("pgbench is not installed")
        self._program, self._url = program, url
        self._scripts = {name: folder / f"{name}.sql" for name in _STATEMENTS}
        last = {READ.name: sizes.users - 1, JOIN.name: EVENTS - 1}
        for name, statement in _STATEMENTS.items():
            script = f"\\set n random(0, {last.get(name, sizes.total - 1)})\n{' '.join(_plain(statement).split())};\n"
            self._scripts[name].write_text(script, encoding="utf-8")

    def ask(self, **command: object) -> dict[str, Any]:
        """Run the script of a case, so often or so long; by pgbench's own clock, without the time to connect.

        Raises:
            ContenderFailed: pgbench says so.
        """
        case = str(command["case"])
        if command["do"] == "check":
            return self._checked(case)
        if case == CONCURRENT.name:
            seconds = max(1, round(float(str(command["seconds"]))))
            return {"operations": self._per_second(case, "-c", str(CLIENTS), "-T", str(seconds)), "seconds": 1.0}
        return {"seconds": [1 / self._per_second(case, "-c", "1", "-t", str(_TIMES[case]))]}

    def close(self) -> None:
        """Nothing runs in between."""

    def _per_second(self, case: str, *options: str) -> float:
        fixed = ("--no-vacuum", "--protocol=prepared", f"--file={self._scripts[case]}")
        command: list[str | Path] = [self._program, *fixed, *options, self._url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told_rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        if done.returncode or told_rate is None:
            raise ContenderFailed(done.stderr.strip()[:400] or "it told no rate")
        return float(told_rate[1])

    def _checked(self, case: str) -> dict[str, Any]:
        """What its statement finds with its first argument."""
        line = told if case == JOIN.name else log_line
        with psycopg.connect(self._url) as connection:
            rows = connection.execute(_STATEMENTS[case].replace(":n", "'0'").encode()).fetchall()
        return {"count": len(rows), "checksum": checksum(line(each) for each in rows)}


def _plain(statement: str) -> str:
    """Without comments: pgbench would send them."""
    return "\n".join(line for line in statement.splitlines() if not line.startswith("--"))
