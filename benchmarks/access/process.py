"""A contender's process, asked over a pipe."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.access.contenders import Entry
from benchmarks.access.rows import Sizes

_ROOT: Final = Path(__file__).parents[2]


class ContenderFailed(Exception):
    """A contender cannot do what it was asked; its own words."""


class Process:
    """A running contender.

    Args:
        entry: which.
        command: of the process.
        log: file for what it says on standard error.
    """

    def __init__(self, entry: Entry, command: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self.entry = entry
        self._log = log.open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            command,
            cwd=_ROOT,
            env={**os.environ, "TZ": "UTC", "NODE_ENV": "production", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def wait_until_ready(self) -> None:
        """Until it has connected.

        Raises:
            ContenderFailed: it does not start.
        """
        self._answer()

    def ask(self, **command: object) -> dict[str, Any]:
        """One command and its answer.

        Raises:
            ContenderFailed: it says so, or is gone.
        """
        assert self._process.stdin is not None  # noqa: S101  # a pipe
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise ContenderFailed(self._last_words()) from error
        return self._answer()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None  # noqa: S101  # a pipe
        try:
            self._process.stdin.close()
            self._process.wait(timeout=5)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None  # noqa: S101  # a pipe
        self._process.stdout.close()
        self._log.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101  # a pipe
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise ContenderFailed(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ContenderFailed(str(answer["error"]))
        return answer

    def _last_words(self) -> str:
        self._log.flush()
        lines = [line for line in Path(self._log.name).read_text(encoding="utf-8").splitlines() if line.strip()]
        return lines[-1][:400] if lines else "it ended without a word"


def python_process(entry: Entry, url: str, sizes: Sizes, log: Path) -> Process:
    """A contender in Python."""
    command = [sys.executable, "-m", "benchmarks.access.worker", entry.program, url, str(sizes.users), str(sizes.logs)]
    return Process(entry, command, log, {})
