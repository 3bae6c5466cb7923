"""What changes do to one statement: runs without them and runs with them, taken in turn."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.evidence.binding import Bound
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.run import Run
from pgarchitect.evidence.standing import Keys

SLOWER: Final = 1.1
"""A statement that takes more than so many times what it took is slower."""
FASTER: Final = 0.95
"""One that takes less than so many times gains."""
_NOISE_MS: Final = 0.05
"""A difference of less, milliseconds, is none."""
_AGAINST: Final = 0.1
"""Part of the rounds that may say the opposite."""
SURE_ROUNDS: Final = 5
"""Of fewer rounds nobody is accused: chance alone makes all of them slower too often."""
_HOPELESS: Final = 2.0
"""Unless its runs were ended, and at more than so many times what it took."""


@dataclass(frozen=True, slots=True)
class Side:
    """A form of a statement in one state: its plan, the planner's cost, and its runs."""

    plan: PlanNode
    cost: float
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class FormTrial:
    """A form of a statement without and with the changes.

    Attributes:
        form: with its values.
        share: part of the statement's runs that it stands for, 0 … 1.
        before: without the changes.
        after: with them; of a plan that stays the same, what was measured before.
    """

    form: Bound
    share: float
    before: Side
    after: Side

    @property
    def times(self) -> tuple[list[float], list[float]]:
        """Milliseconds of the runs before and after: without waiting for a processor where that is known of them all.

        Processes that helped are not seen, so that their run is compared with one by the whole time.
        """
        states = self.before.runs, self.after.runs
        if any(run.own_ms is None and not run.ended for runs in states for run in runs):
            return [run.ms for run in states[0]], [run.ms for run in states[1]]
        return [run.best_ms for run in states[0]], [run.best_ms for run in states[1]]


@dataclass(frozen=True, slots=True)
class Trial:
    """A statement without and with changes; figures are means over its forms by their shares, one for each round.

    Attributes:
        fingerprint: of the statement.
        forms: its forms, the likeliest first.
        uses: keys of the changes that its plans use.
        same: its plans are the same without the changes, so that it was run once for both.
    """

    fingerprint: str
    forms: tuple[FormTrial, ...]
    uses: Keys
    same: bool

    @property
    def writes(self) -> bool:
        """Whether it changes rows, which every index makes dearer."""
        return any(node.node_type == "ModifyTable" for each in self.forms for node in each.after.plan.walk())

    @property
    def before(self) -> list[float]:
        """Milliseconds of each round without the changes."""
        return _weighted([each.share for each in self.forms], [each.times[0] for each in self.forms])

    @property
    def after(self) -> list[float]:
        """Milliseconds of each round with them."""
        return _weighted([each.share for each in self.forms], [each.times[1] for each in self.forms])

    @property
    def before_ms(self) -> float:
        """Median time without the changes."""
        return statistics.median(self.before)

    @property
    def after_ms(self) -> float:
        """Median time with them."""
        return statistics.median(self.after)

    @property
    def ratio(self) -> float:
        """Time with the changes ÷ without: the median of the rounds, each of which compares runs of one moment."""
        return statistics.median(
            now / was if was > 0 else 1.0 for was, now in zip(self.before, self.after, strict=True)
        )

    @property
    def cpu_ms(self) -> tuple[float, float] | None:
        """Median processor time before and after; None where it is not known."""
        sides = [[each.before for each in self.forms], [each.after for each in self.forms]]
        found = [[[run.cpu_ms for run in side.runs] for side in state] for state in sides]
        if any(value is None for state in found for runs in state for value in runs):
            return None
        shares = [each.share for each in self.forms]
        before, after = ([[value or 0.0 for value in runs] for runs in state] for state in found)
        return statistics.median(_weighted(shares, before)), statistics.median(_weighted(shares, after))

    @property
    def blocks(self) -> tuple[float, float] | None:
        """Blocks touched before and after; None where a run was ended."""
        before, after = ([side.runs[-1].blocks for side in state] for state in zip(*self._sides, strict=True))
        if None in before or None in after:
            return None
        shares = [each.share for each in self.forms]
        (was,) = _weighted(shares, [[float(each or 0)] for each in before])
        (now,) = _weighted(shares, [[float(each or 0)] for each in after])
        return was, now

    @property
    def _sides(self) -> list[tuple[Side, Side]]:
        return [(each.before, each.after) for each in self.forms]

    @property
    def cost(self) -> tuple[float, float]:
        """The planner's cost before and after."""
        shares = [each.share for each in self.forms]
        (was,) = _weighted(shares, [[each.before.cost] for each in self.forms])
        (now,) = _weighted(shares, [[each.after.cost] for each in self.forms])
        return was, now

    @property
    def ended(self) -> tuple[bool, bool]:
        """Whether a run was ended by its time-out before, and after."""
        before, after = zip(*self._sides, strict=True)
        return any(run.ended for side in before for run in side.runs), any(
            run.ended for side in after for run in side.runs
        )

    @property
    def unknown(self) -> bool:
        """Whether nothing can be said, since it was ended without the changes and with them."""
        return all(self.ended)

    @property
    def rounds(self) -> int:
        """How often it was run in each state."""
        return len(self.before)

    @property
    def seems_slower(self) -> bool:
        """Whether it takes more than a tenth longer, in whatever few rounds."""
        loss = self.after_ms - self.before_ms
        return not self.same and not self.unknown and self.ratio > SLOWER and loss > _NOISE_MS

    @property
    def slower(self) -> bool:
        """Whether it is slower beyond scatter: by more than a tenth, in nearly every one of enough rounds."""
        against = sum(now <= was for was, now in zip(self.before, self.after, strict=True))
        enough = self.rounds >= SURE_ROUNDS or (self.ended[1] and self.ratio > _HOPELESS)
        return self.seems_slower and enough and against <= _AGAINST * self.rounds

    @property
    def faster(self) -> bool:
        """Whether it gains beyond scatter."""
        against = sum(now >= was for was, now in zip(self.before, self.after, strict=True))
        return not self.same and not self.unknown and self.ratio < FASTER and against <= _AGAINST * self.rounds


def _weighted(shares: Sequence[float], rounds: Sequence[Sequence[float]]) -> list[float]:
    """Of each round, the mean over the forms."""
    return [sum(share * value for share, value in zip(shares, each, strict=True)) for each in zip(*rounds, strict=True)]
