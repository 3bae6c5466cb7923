"""The nouns of an execution check: what statements took without and with a set of changes, and what went out of it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What a set of changes did to a statement."""

    FASTER = "faster"
    SLOWER = "slower"
    UNCLEAR = "unclear"
    """It takes another time, within what runs scatter or by less than counts."""
    SAME = "same plan"
    """Its plan is the same, so that it was run for its time only."""
    ENDED = "ended"
    """It was ended by the time-out without the changes and with them."""


@dataclass(frozen=True, slots=True)
class State:
    """A statement in one state, for one run.

    Attributes:
        ms: median time, milliseconds, less what its process waited for a processor, where that is known.
        least_ms: shortest run.
        most_ms: longest run.
        cpu_ms: median processor time, planning included; None where it is not known.
        blocks: 8 kB blocks hit or read; None where a run was ended.
        cost: the planner's, on the sandbox.
        ended: by its time-out, so that it takes longer than ``ms``.
    """

    ms: float
    least_ms: float
    most_ms: float
    cpu_ms: float | None
    blocks: float | None
    cost: float
    ended: bool


@dataclass(frozen=True, slots=True)
class MeasuredStatement:
    """A statement that was run.

    Attributes:
        number: its place in the workload, from 1.
        weight: how often it runs, compared with the others.
        parameters: the values that stood for ``$1`` … in its likeliest form, as SQL literals.
        rounds: how often it was run in each state.
        before: without the changes.
        after: with those that stay.
        change: what they did to it.
        indexes: names of those that its plans use.
    """

    number: int
    weight: float
    parameters: tuple[str, ...]
    rounds: int
    before: State
    after: State
    change: Change
    indexes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemovedIndex:
    """An index that the planner wanted and real runs did not.

    Attributes:
        name: its name.
        ddl: forward SQL.
        reason: why, a sentence with the figures.
    """

    name: str
    ddl: str
    reason: str


@dataclass(frozen=True, slots=True)
class BuiltIndex:
    """An index as it was really built: its name, bytes, and the time it took, milliseconds."""

    name: str
    size_bytes: int
    build_ms: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What real runs said of a set of indexes.

    Attributes:
        sandbox: how the report names the place.
        statements: those that were run, in the order of the workload.
        not_run: number of a statement → why it was not run, a sentence.
        built: the indexes that stay.
        removed: those that went, in that order.
        added: names of those that were put in for a statement that had become slower.
        seconds: that it took.
        warnings: what limits it, one sentence each.
    """

    sandbox: str
    statements: tuple[MeasuredStatement, ...]
    not_run: dict[int, str]
    built: tuple[BuiltIndex, ...]
    removed: tuple[RemovedIndex, ...]
    added: tuple[str, ...]
    seconds: float
    warnings: tuple[str, ...]

    @property
    def whole(self) -> tuple[MeasuredStatement, ...]:
        """The statements of which both times are known, none of them ended."""
        return tuple(each for each in self.statements if not each.before.ended and not each.after.ended)

    @property
    def ms(self) -> tuple[float, float]:
        """Weighted time of these before and after, milliseconds."""
        return _sum((each.weight, each.before.ms, each.after.ms) for each in self.whole)

    @property
    def cost(self) -> tuple[float, float]:
        """Weighted cost of these before and after, by the sandbox's planner."""
        return _sum((each.weight, each.before.cost, each.after.cost) for each in self.whole)

    @property
    def cpu_ms(self) -> tuple[float, float] | None:
        """Weighted processor time of these before and after; None where it is not known of one."""
        found = [(each.weight, each.before.cpu_ms, each.after.cpu_ms) for each in self.whole]
        known = [(weight, was, now) for weight, was, now in found if was is not None and now is not None]
        return _sum(known) if known and len(known) == len(found) else None


def _sum(found: Iterable[tuple[float, float, float]]) -> tuple[float, float]:
    rows = list(found)
    return math.fsum(weight * was for weight, was, _ in rows), math.fsum(weight * now for weight, _, now in rows)
