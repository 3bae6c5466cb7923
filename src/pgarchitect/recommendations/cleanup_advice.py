"""What is advised for each index that a clean-up names: drop it, rebuild it, look at it, or leave it alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from pgarchitect.candidates import bloated_index, invalid_index, redundant_index
from pgarchitect.candidates.index_cleanup import IndexCleanup, Spared
from pgarchitect.evidence.without_index import CostWithout
from pgarchitect.recommendations.in_schema import InSchema


class Action(StrEnum):
    """What somebody should do."""

    DROP = "drop"
    """Nothing speaks for it: drop it."""
    REINDEX = "reindex"
    """Keep it, build it anew."""
    LOOK = "look"
    """A person must look first; the concerns say at what."""


@dataclass(frozen=True, slots=True)
class Suffering:
    """A statement that the planner says is dearer without an index: its text, its part of the workload, its costs."""

    text: str
    share: float
    cost_before: float
    cost_after: float


@dataclass(frozen=True, slots=True)
class CleanupAdvice:
    """What is advised for one index.

    Attributes:
        cleanup: the proposal, with all concerns.
        action: what to do.
        suffering: statements that the planner says would be dearer.
        planned: statements on its table that the planner was asked about; None: it was not asked.
        in_schema: how the application's schema declares it; None: no schema is known, or it is not to be dropped.
    """

    cleanup: IndexCleanup
    action: Action
    suffering: tuple[Suffering, ...] = ()
    planned: int | None = None
    in_schema: InSchema | None = None


@dataclass(frozen=True, slots=True)
class CleanupReport:
    """What a clean-up found.

    Attributes:
        database: name.
        server: how it was addressed.
        server_version: such as 18.6.
        counted_since: scans and writes are counted from then on; None when the server does not say.
        age: for how long all servers have counted; None when one does not say.
        standbys: names of those that were asked.
        indexes: number of all indexes looked at.
        size_bytes: of them together.
        advice: those to be dropped first, then those to be rebuilt, then those to look at; the largest gain first.
        spared: what is left alone for a reason.
        statements: number of those that the planner was asked about.
        warnings: what limits this, a sentence each.
        seconds: that it took.
    """

    database: str
    server: str
    server_version: str
    counted_since: datetime | None
    age: timedelta | None
    standbys: tuple[str, ...]
    indexes: int
    size_bytes: int
    advice: tuple[CleanupAdvice, ...]
    spared: tuple[Spared, ...]
    statements: int
    warnings: tuple[str, ...]
    seconds: float

    def of(self, action: Action) -> tuple[CleanupAdvice, ...]:
        """The indexes that one action is advised for."""
        return tuple(each for each in self.advice if each.action is action)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the planner said of one index: costs without it, the statements' texts and shares by fingerprint."""

    costs: Sequence[CostWithout]
    texts: dict[str, tuple[str, float]]

    @property
    def suffering(self) -> tuple[Suffering, ...]:
        """Statements that are notably dearer, the worst first."""
        worst = sorted((each for each in self.costs if each.suffers), key=lambda each: each.before - each.after)
        return tuple(Suffering(*self.texts[each.fingerprint], each.before, each.after) for each in worst)


def advise_on(cleanup: IndexCleanup, asked: Asked | None) -> CleanupAdvice | Spared:
    """Judge one proposal.

    Args:
        cleanup: the proposal.
        asked: what the planner said; None: it was not asked.
    """
    kind = cleanup.candidate.kind
    if kind == bloated_index.KIND:
        return CleanupAdvice(cleanup, Action.LOOK if cleanup.concerns else Action.REINDEX)
    if kind == invalid_index.KIND:
        return CleanupAdvice(cleanup, Action.DROP)
    planned = len(asked.costs) if asked is not None else None
    suffering = asked.suffering if asked is not None else ()
    if suffering and kind == redundant_index.KIND:
        return Spared(kind, cleanup.index, cleanup.size_bytes, _serves_worse(cleanup, suffering))
    if kind == redundant_index.KIND and not planned:
        unknown = "Whether the longer index serves as well is not known: no statement on its table was planned."
        cleanup = replace(cleanup, concerns=(*cleanup.concerns, unknown))
    if suffering:
        count = f"{len(suffering)} statement{'s' if suffering[1:] else ''}"
        cleanup = replace(cleanup, concerns=(*cleanup.concerns, f"The planner says that {count} would be dearer."))
    return CleanupAdvice(cleanup, Action.LOOK if cleanup.concerns else Action.DROP, suffering, planned)


def missed_with_others(advice: CleanupAdvice, asked: Asked) -> CleanupAdvice:
    """Advice on an index that nobody misses by itself, but once the others are gone, too."""
    concern = "Once the others are dropped, too, the planner misses it: drop them one at a time, this one last."
    cleanup = replace(advice.cleanup, concerns=(*advice.cleanup.concerns, concern))
    return replace(advice, cleanup=cleanup, action=Action.LOOK, suffering=asked.suffering)


def _serves_worse(cleanup: IndexCleanup, suffering: Sequence[Suffering]) -> str:
    worst = max(100 * (each.cost_after / max(each.cost_before, 1e-9) - 1) for each in suffering)
    count = f"{len(suffering)} statement{'s' if suffering[1:] else ''}"
    return (
        f"{cleanup.takes_over} begins with the same keys, but the planner says that {count} would be dearer with it, by"
        f" up to {worst:,.0f} %."
    )


_ORDER = list(Action)


def in_order(advice: Sequence[CleanupAdvice]) -> tuple[CleanupAdvice, ...]:
    """What to drop first, then what to rebuild, then what to look at; each by the space that it frees."""
    return tuple(
        sorted(
            advice,
            key=lambda each: (_ORDER.index(each.action), -each.cleanup.saved_bytes, each.cleanup.index.qualified),
        )
    )
