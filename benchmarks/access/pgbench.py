"""The limit of reads: pgbench, a client in C that makes nothing of the rows that it gets.

Not of one row at a time: its loop around a statement takes longer than that.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.access.cases import CLIENTS, CONCURRENT, JOIN, READ
from benchmarks.access.peers.contender import told
from benchmarks.access.peers.drivers import COLUMNS
from benchmarks.access.process import ContenderFailed
from benchmarks.access.rows import EVENTS, Sizes, checksum, log_line

_HERE: Final = Path(__file__).parent
_LOGS: Final = f"SELECT {', '.join(COLUMNS)} FROM behavior_logs WHERE "
_STATEMENTS: Final = {
    READ.name: _LOGS + "user_id = md5('user' || :n)::uuid ORDER BY created_at DESC LIMIT 1000",
    JOIN.name: (_HERE / "join.sql").read_text(encoding="utf-8").replace("$1", "'event_' || :n"),
    CONCURRENT.name: _LOGS + "id = md5('log' || :n)::uuid",
}
_MICROSECONDS: Final = 2
"""Field of a line of pgbench's log: what the transaction took."""
_TIMES: Final = {READ.name: 20, JOIN.name: 40}
"""Transactions of a turn; the first of them prepares the statement."""
_ONE_PLAN: Final = {"PGOPTIONS": "-c plan_cache_mode=force_generic_plan"}
"""The server plans once: it makes the key out of a number, and would plan that anew each time."""
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
        return {"seconds": self._each(case)}

    def close(self) -> None:
        """Nothing runs in between."""

    def _each(self, case: str) -> list[float]:
        """Seconds of each transaction but the first."""
        log = self._scripts[case].with_suffix("")
        self._per_second(case, "-c", "1", "-t", str(_TIMES[case]), "--log", f"--log-prefix={log}")
        [written] = log.parent.glob(f"{log.name}.[0-9]*")
        lines = written.read_text(encoding="ascii").splitlines()
        written.unlink()
        return [int(line.split()[_MICROSECONDS]) / 1e6 for line in lines[1:]]

    def _per_second(self, case: str, *options: str) -> float:
        fixed = ("--no-vacuum", "--protocol=prepared", f"--file={self._scripts[case]}")
        command: list[str | Path] = [self._program, *fixed, *options, self._url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **_ONE_PLAN})
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
