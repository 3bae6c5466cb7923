"""Why a change was taken out of a set after real runs, in words."""

from collections.abc import Callable, Iterator
from typing import Final

from pgarchitect.evidence.trial import Trial
from pgarchitect.recommendations.repair import LESS_WITHOUT, Removal

_NAMED: Final = 3
"""Statements that are named with their times; the rest is counted."""

Name = Callable[[str], str]
"""Fingerprint of a statement → how a reader knows it."""


def removal_reason(removal: Removal, name: Name) -> str:
    """Why, as a clause, with the figures."""
    if removal.culprit_of:
        return _guilty(removal, name)
    if not removal.trials:
        return "no plan uses it once it is built"
    if removal.needless:
        return f"its statements are as fast without it: {_listed(_pairs(removal, name))}"
    told = (f"{name(each.fingerprint)} takes {_change(each.before_ms, each.after_ms)}" for each in removal.trials)
    return f"no statement that uses it gains: {_listed(told)}"


def _guilty(removal: Removal, name: Name) -> str:
    slowed = next(each for each in removal.trials if each.fingerprint == removal.culprit_of)
    percent = f"{'more than ' if slowed.ended[1] else ''}{100 * (slowed.ratio - 1):.0f} %"
    what = f"it makes {name(slowed.fingerprint)} {percent} slower ({_change(slowed.before_ms, slowed.after_ms)})"
    given_up = list(_pairs(removal, name, only_worse=True))
    return f"{what}; given up for that: {_listed(iter(given_up))}" if given_up else what


def _pairs(removal: Removal, name: Name, *, only_worse: bool = False) -> Iterator[str]:
    """Of each statement that used the change, its time with it and without it."""
    without = {each.fingerprint: each for each in removal.without}
    for was in removal.trials:
        now = without.get(was.fingerprint)
        if now is not None and (not only_worse or _worse(was, now)):
            yield f"{name(was.fingerprint)} takes {_ms(now.after_ms)} instead of {_ms(was.after_ms)}"


def _worse(was: Trial, now: Trial) -> bool:
    return now.ratio > LESS_WITHOUT * was.ratio


def _change(before: float, after: float) -> str:
    return f"{_ms(before)} before, {_ms(after)} with it"


def _ms(value: float) -> str:
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.3g} ms"


def _listed(told: Iterator[str]) -> str:
    found = list(told)
    more = len(found) - _NAMED
    return "; ".join((*found[:_NAMED], *([f"and {more} more"] if more > 0 else [])))
