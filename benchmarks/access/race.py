"""The contenders side by side: each case goes round all of them, so that a disturbance hits neighbours alike."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, Protocol

from benchmarks.access.cases import CASES, Case
from benchmarks.access.contenders import Entry
from benchmarks.access.process import ContenderFailed
from benchmarks.access.results import Results
from benchmarks.access.tables import Tables

_WARM_UPS: Final = 3
"""Rounds before those that count: plans are cached, code is compiled, pools are full."""


class Asked(Protocol):
    """A contender that runs."""

    def ask(self, **command: object) -> dict[str, Any]:
        """One command and its answer."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a race lasts: rounds, and seconds of each turn of the case ``clients``."""

    rounds: int
    seconds: float
    warm_ups: int = _WARM_UPS


class Race:
    """One run.

    Args:
        tables: filled.
        running: contenders, which are taken out when they fail.
        length: how often.
        tell: is told what goes on.
    """

    def __init__(
        self, tables: Tables, running: Mapping[Entry, Asked], length: Length, tell: Callable[[str], None]
    ) -> None:
        self._tables = tables
        self._running = dict(running)
        self._length = length
        self._tell = tell
        self._random = random.Random(1)  # noqa: S311  # an order, no secret
        self.results = Results()

    def run(self) -> Results:
        """Check every contender in every case, warm up, and measure."""
        for case in CASES:
            for entry in self._of(case):
                self._guarded(entry, case, self._check)
        for number in range(-self._length.warm_ups, self._length.rounds):
            for case in CASES:
                if number < 0 or number < ceil(self._length.rounds * case.rounds):
                    self._round(case, number)
            self._tell(f"round {number + 1} of {self._length.rounds}" if number >= 0 else "warm-up")
        return self.results

    def _of(self, case: Case) -> list[Entry]:
        return [each for each in self._running if case.name in each.cases]

    def _round(self, case: Case, number: int) -> None:
        if number < -1 and (case.rounds < 1 or case.per_second):
            return  # long cases warm up once
        order = self._of(case)
        for entry in self._random.sample(order, len(order)):
            value = self._guarded(entry, case, self._measured)
            if number >= 0 and value is not None:
                self.results.add(case.name, entry.name, number, value)

    def _guarded(self, entry: Entry, case: Case, work: Callable[[Entry, Case], float | None]) -> float | None:
        """A contender that fails is out, and why is told; the others go on."""
        try:
            return work(entry, case)
        except ContenderFailed as error:
            self._running.pop(entry, None)
            self.results.failed[entry.name] = f"{case.title}: {error}"
            self._tell(f"{entry.name} is out, {case.title}: {error}")
            return None

    def _check(self, entry: Entry, case: Case) -> None:
        contender = self._running[entry]
        if case.rows:
            self._tables.empty()
            contender.ask(do="check", case=case.name)
            self._must_be_there(case)
            return
        found, expected = contender.ask(do="check", case=case.name), self._tables.expected(case.name)
        if found != expected:
            raise ContenderFailed(f"it found {found}, and there is {expected}")

    def _must_be_there(self, case: Case) -> None:
        if not self._tables.inserted(case.rows):
            raise ContenderFailed("the table does not hold the rows that it inserted")

    def _measured(self, entry: Entry, case: Case) -> float:
        contender = self._running[entry]
        if case.per_second:
            answer = contender.ask(do="time", case=case.name, seconds=self._length.seconds)
            return float(answer["operations"]) / float(answer["seconds"])
        if not case.rows:
            return _middle(contender.ask(do="time", case=case.name, times=case.times)["seconds"])
        seconds = []
        for _ in range(case.times):
            self._tables.empty()
            seconds += contender.ask(do="time", case=case.name, times=1)["seconds"]
            self._must_be_there(case)
        return _middle(seconds)


def _middle(seconds: Sequence[float]) -> float:
    """The median, in milliseconds."""
    ordered = sorted(seconds)
    half = len(ordered) // 2
    return (ordered[half] + ordered[-half - 1]) / 2 * 1_000
