"""The workload really executed under several sets of indexes, in turns, by CPU time."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.advisor.built import Built
from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.processor_time import ProcessorClock

SLOWER = 1.1
"""Ratio from which a statement counts as slower than before."""
NONE = "no indexes"


@dataclass(frozen=True, slots=True)
class Runs:
    """CPU seconds by set and statement: one figure a round.

    Attributes:
        seconds: name of a set → number of a statement → a figure a round.
    """

    seconds: Mapping[str, Mapping[int, Sequence[float]]]

    def median(self, name: str, statement: int) -> float:
        """Of one statement's rounds."""
        return statistics.median(self.seconds[name][statement])

    def total(self, name: str) -> float:
        """Of all statements: the sum of their medians."""
        return sum(self.median(name, each) for each in self.seconds[name])

    def spread(self, name: str) -> tuple[float, float]:
        """The least and the greatest sum of a round."""
        rounds = [sum(each) for each in zip(*self.seconds[name].values(), strict=True)]
        return min(rounds), max(rounds)

    def slower(self, name: str) -> dict[int, float]:
        """Statements that take more than a tenth longer than without indexes, with the ratio."""
        ratios = {each: self.median(name, each) / max(self.median(NONE, each), 1e-6) for each in self.seconds[name]}
        return {number: ratio for number, ratio in ratios.items() if ratio > SLOWER}


def run_all(built: Built, texts: Mapping[int, str], sets: Mapping[str, Sequence[str]], rounds: int) -> Runs:
    """Execute each statement under each set, ``rounds`` times and once before that is not counted.

    Args:
        built: with all indexes of the sets.
        texts: of the statements, by number.
        sets: definitions of indexes by name; without ``NONE``.
        rounds: that count.

    Raises:
        UsageError: this system does not show the CPU time of processes.
    """
    named = {NONE: (), **sets}
    found: dict[str, dict[int, list[float]]] = {name: {number: [] for number in texts} for name in named}
    with connect(built.url, built.settings) as connection:
        clock = ProcessorClock.of(connection)
        if clock is None:
            raise UsageError("This system does not show the CPU time of processes (/proc); run it on Linux.")
        for number, text in texts.items():
            for turn in range(rounds + 1):
                for name in _in_turn(list(named), turn):
                    built.show(named[name])
                    taken = _run(connection, clock, text)
                    if turn:
                        found[name][number].append(taken)
    return Runs(found)


def _in_turn(names: list[str], turn: int) -> list[str]:
    """Another one first each time, so that none has always the same before it."""
    first = turn % len(names)
    return names[first:] + names[:first]


def _run(connection: Connection, clock: ProcessorClock, text: str) -> float:
    before = clock.read()
    # Not prepared: a plan that was kept would be run under every set, since switching an index does not undo it.
    connection.execute(text.encode(), prepare=False).fetchall()
    after = clock.read()
    assert before is not None  # noqa: S101  # it was to be seen a moment ago
    assert after is not None  # noqa: S101
    return after.since(before).cpu_ms / 1_000
