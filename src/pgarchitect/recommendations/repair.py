"""The repair of a set of changes that was built: what does not gain goes, and what makes a statement slower.

Everything that is decided here is decided by measured times; a planner has chosen the set before.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Final, Protocol

from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.standing import NOTHING, Keys
from pgarchitect.evidence.trial import Trial

_MOST_TOGETHER: Final = 2
"""Of the suspects, so many at a time are tried without; then all of them."""
_MOST_SUSPECTS: Final = 6
LESS_WITHOUT: Final = 1.05
"""A statement that takes no more than this times what it takes with a change does as well without it."""
_RESCUE: Final = 0.99
"""One more change is better than one less when the workload then takes less than this times as long."""

Rescue = Callable[[str, Keys], Sequence[str]]
"""Statement, what is present → keys of further changes that now stand and may serve it."""


class Measuring(Protocol):
    """Runs statements without changes and with parts of them."""

    def trial(self, fingerprint: str, present: Keys, *, surely: bool = False) -> Trial:
        """A statement without and with what is present; ``CannotRun`` when it cannot be run."""

    def uses(self, fingerprint: str, present: Keys) -> Keys:
        """What of it the statement's plans use; ``CannotRun`` as above."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Why a change was taken out again.

    Attributes:
        key: of the change.
        culprit_of: the statement that it made slower; empty where no statement gained by it.
        trials: of the statements that used it, with it.
        without: of those that now take longer, or shorter, without it.
        needless: it was used and its statements gained, but they gain as much without it.
    """

    key: str
    culprit_of: str
    trials: tuple[Trial, ...]
    without: tuple[Trial, ...] = ()
    needless: bool = False


@dataclass(frozen=True, slots=True)
class Repaired:
    """What is left of a set.

    Attributes:
        kept: keys of the changes that stay, in the order in which they were chosen, those that were added last.
        removed: those that went.
        trials: of each statement, without changes and with those that stay.
        lost: statement → why it could not be run, a sentence.
        slower: statements that are slower with what stays, and that no removal helped.
        added: keys of the changes that were put in for a statement that had become slower.
    """

    kept: tuple[str, ...]
    removed: tuple[Removal, ...]
    trials: Mapping[str, Trial]
    lost: Mapping[str, str]
    slower: tuple[str, ...]
    added: tuple[str, ...]


def repaired(
    measuring: Measuring,
    chosen: Sequence[str],
    weights: Mapping[str, float],
    *,
    unproven: Keys = NOTHING,
    rescue: Rescue = lambda _fingerprint, _present: (),
) -> Repaired:
    """Measure a set and repair it, until every change in it gains and no statement is slower than without it.

    Args:
        measuring: runs statements.
        chosen: keys of the changes.
        weights: statement → how often it runs, compared with the others.
        unproven: changes that serve statements which cannot be run; they are not taken out for lack of a gain.
        rescue: what else may serve a statement that became slower.
    """
    repair = _Repair(measuring, list(chosen), dict(weights), unproven, rescue)
    while repair.step():
        pass
    return Repaired(
        kept=tuple(repair.present),
        removed=tuple(repair.removed),
        trials=repair.trials,
        lost=repair.lost,
        slower=tuple(sorted(repair.unhealed)),
        added=tuple(sorted(repair.added & repair.keys)),
    )


@dataclass(slots=True)
class _Repair:
    measuring: Measuring
    present: list[str]
    weights: dict[str, float]
    unproven: Keys
    rescue: Rescue
    removed: list[Removal] = field(default_factory=list)
    trials: dict[str, Trial] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    unhealed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    base: dict[str, float] = field(default_factory=dict)

    def step(self) -> bool:
        """Measure, and take one thing out, or put one in; False when nothing is left to do."""
        self._measure()
        removal = next(chain(self._idle(), self._needless()), None)
        if removal is not None:
            self._remove([removal])
            return True
        slowed = next(self._slowed(), None)
        if slowed is not None:
            self._heal(slowed)
            return True
        return False

    @property
    def keys(self) -> Keys:
        return Keys(self.present)

    def _measure(self) -> None:
        for each in sorted(self.weights.keys() - self.lost.keys()):
            try:
                self.trials[each] = self.measuring.trial(each, self.keys)
            except CannotRun as error:
                self._lose(each, error)
            else:
                self.base.setdefault(each, self.trials[each].before_ms)

    def _lose(self, fingerprint: str, error: CannotRun) -> None:
        """Go on without a statement; nothing that its plan uses is taken out for lack of a gain."""
        self.trials.pop(fingerprint, None)
        self.lost[fingerprint] = error.sentence
        with suppress(CannotRun):
            self.unproven |= self.measuring.uses(fingerprint, self.keys)

    def _surely(self, fingerprint: str, present: Keys) -> Trial | None:
        with suppress(CannotRun):
            return self.measuring.trial(fingerprint, present, surely=True)
        return None

    def _doubtful(self) -> list[str]:
        """Changes that may go for lack of a gain, those that were chosen last first."""
        return [key for key in reversed(self.present) if key not in self.unproven]

    def _users(self, key: str) -> list[Trial]:
        return [each for each in self.trials.values() if key in each.uses]

    def _idle(self) -> Iterator[Removal]:
        """Changes by which no statement gains, in a closer look as well."""
        for key in self._doubtful():
            users = self._users(key)
            if any(each.faster or each.unknown for each in users):
                continue
            closely = [self._surely(each.fingerprint, self.keys) for each in users]
            if not any(each is None or each.faster for each in closely):
                yield Removal(key, "", tuple(each for each in closely if each is not None))

    def _needless(self) -> Iterator[Removal]:
        """Changes whose statements use others as well, and gain as much by these alone."""
        for key in self._doubtful():
            gaining = [each for each in self._users(key) if each.faster]
            others = [each.uses & self.keys - {key} for each in gaining]
            if not gaining or not all(others) or any(each.unknown for each in self._users(key)):
                continue
            without = self._without(gaining, self.keys - {key})
            if without and not any(now.ratio > LESS_WITHOUT * was.ratio for was, now in without):
                yield Removal(key, "", tuple(gaining), tuple(now for _, now in without), needless=True)

    def _without(self, trials: Sequence[Trial], present: Keys) -> list[tuple[Trial, Trial]]:
        """The trials again with less present; empty when one of them cannot be run so."""
        found: list[tuple[Trial, Trial]] = []
        for each in trials:
            try:
                found.append((each, self.measuring.trial(each.fingerprint, present)))
            except CannotRun:
                return []
        return found

    def _slowed(self) -> Iterator[str]:
        """Statements that are slower, in a closer look as well; the one that loses most of the workload's time first.

        A write is dearer for every index on its table, which the choice has weighed; it counts here where its plan
        uses one.
        """
        seeming = [each for each in self.trials.values() if each.seems_slower and each.fingerprint not in self.unhealed]
        for each in sorted(seeming, key=lambda one: (-self._loss(one), -one.ratio, one.fingerprint)):
            closely = self._surely(each.fingerprint, self.keys)
            if closely is not None and closely.slower and (closely.uses or not closely.writes):
                self.trials[each.fingerprint] = closely
                yield each.fingerprint

    def _loss(self, trial: Trial) -> float:
        return self.weights[trial.fingerprint] * self.base[trial.fingerprint] * (trial.ratio - 1)

    def _heal(self, slowed: str) -> None:
        """Take out what makes a statement slower, or put in what makes it faster again; what is best for all."""
        cures = list(self._removals(slowed))
        removal = min(cures, key=lambda each: (self._total(self.keys - each), len(each), sorted(each)), default=None)
        addition = self._addition(slowed)
        if addition is not None and (
            removal is None or self._total(self.keys | {addition}) < _RESCUE * self._total(self.keys - removal)
        ):
            self.present.append(addition)
            self.added.add(addition)
        elif removal is not None:
            self._remove(self._blamed(slowed, removal))
        else:
            self.unhealed.add(slowed)

    def _removals(self, slowed: str) -> Iterator[Keys]:
        """The smallest parts of what the statement uses without which it is not slower."""
        suspects = sorted(self.trials[slowed].uses & self.keys or self.keys)[:_MOST_SUSPECTS]
        sizes = sorted({*range(1, min(_MOST_TOGETHER, len(suspects)) + 1), len(suspects)})
        for size in sizes:
            found = [part for part in map(Keys, combinations(suspects, size)) if self._healed(slowed, self.keys - part)]
            if found:
                yield from found
                return

    def _healed(self, slowed: str, present: Keys) -> bool:
        """Whether it is certain that a statement is not slower with other things present."""
        try:
            return not self.measuring.trial(slowed, present, surely=True).seems_slower
        except CannotRun:
            return False

    def _addition(self, slowed: str) -> str | None:
        """What else serves the statement so well that it is not slower, whatever else is present."""
        gone = {each.key for each in self.removed}
        for key in self.rescue(slowed, self.keys):
            present = self.keys | {key}
            if key in self.added | gone:  # or two changes might take turns for ever
                continue
            with suppress(CannotRun):
                if key in self.measuring.uses(slowed, present) and self._healed(slowed, present):
                    return key
        return None

    def _total(self, present: Keys) -> float:
        """What the workload takes with other things present, milliseconds."""
        return math.fsum(
            self.weights[each] * self.base[each] * self._ratio(trial, present) for each, trial in self.trials.items()
        )

    def _ratio(self, trial: Trial, present: Keys) -> float:
        added, gone = present - self.keys, self.keys - present
        if not added and not gone & trial.uses and not trial.writes:
            return trial.ratio
        try:
            return self.measuring.trial(trial.fingerprint, present).ratio
        except CannotRun:
            return trial.ratio

    def _blamed(self, slowed: str, keys: Keys) -> list[Removal]:
        found: list[Removal] = []
        for key in sorted(keys):
            users = self._users(key)
            without = self._without(users, self.keys - keys)
            found.append(Removal(key, slowed, tuple(users), tuple(now for _, now in without)))
        return found

    def _remove(self, removals: Iterable[Removal]) -> None:
        for each in removals:
            self.present.remove(each.key)
            self.removed.append(each)
