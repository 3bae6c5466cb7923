"""How many different things there are, from how often those of a sample were seen in it.

ANALYZE's estimate takes all things for equally frequent; words are not: many occur once, and some often. Here the
numbers of things by their true frequency are those that make the sample likeliest, a non-parametric maximum likelihood
(Norris and Pollock, "Non-parametric MLE for Poisson species abundance models", 1998), found by Richardson's and Lucy's
iteration.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

_STEP: Final = 1.3
"""From one frequency that is thought of to the next."""
_ANY: Final = 0.05
"""Of the number of things: those that the search begins with at any frequency."""
_ROUNDS: Final = 25
"""Of the iteration, until its gain is looked at."""
_LEAST_GAIN: Final = 0.3
"""Of the logarithm of the likelihood: less is no evidence."""
_MOST_LOOKS: Final = 100


def by_frequency(seen: Mapping[int, float], share: float) -> dict[int, float]:
    """Estimated numbers of things by how often they occur in all.

    Args:
        seen: times in the sample → number of things.
        share: of all occurrences that is in the sample, more than 0 and at most 1.
    """
    if share >= 1 or not seen:
        return dict(seen)
    times = np.array(sorted(seen))
    counts = np.array([seen[each] for each in times.tolist()], dtype=float)
    frequencies = _frequencies(times.max() / share)
    chances = np.array([[_chance(int(each), all_, share) for all_ in frequencies] for each in times])
    noticed = np.array([1.0 - (1.0 - share) ** each for each in frequencies])
    found = _all_alike(frequencies, seen, share)
    likelihood = -math.inf
    for _ in range(_MOST_LOOKS):
        for _ in range(_ROUNDS):
            found *= (chances.T @ (counts / (chances @ found))) / noticed
        expected = chances @ found
        before, likelihood = likelihood, float(counts @ np.log(expected) - expected.sum())
        if likelihood - before < _LEAST_GAIN:
            break
    return {each: float(number) for each, number in zip(frequencies, found, strict=True) if number > 0}


def _frequencies(most: float) -> list[int]:
    """1, 2, 3, … and farther apart from there on, beyond ``most``."""
    found = [1]
    while found[-1] < 2 * most:
        found.append(max(found[-1] + 1, math.floor(found[-1] * _STEP)))
    return found


def _all_alike(
    frequencies: list[int], seen: Mapping[int, float], share: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Where the search begins: all things equally frequent, as Haas and Stokes have it, and a few of any frequency."""
    occurrences = sum(times * number for times, number in seen.items())
    distinct, once = sum(seen.values()), seen.get(1, 0.0)
    number = min(occurrences / share, occurrences * distinct / (occurrences - once + once * share))
    usual = occurrences / share / number
    found = np.full(len(frequencies), _ANY * number / len(frequencies))
    found[int(np.argmin([abs(math.log(each / usual)) for each in frequencies]))] += number
    return found


def _chance(times: int, all_: int, share: float) -> float:
    """That something which occurs ``all_`` times is seen ``times`` times: the binomial distribution."""
    if times > all_:
        return 0.0
    ways = math.lgamma(all_ + 1) - math.lgamma(times + 1) - math.lgamma(all_ - times + 1)
    return math.exp(ways + times * math.log(share) + (all_ - times) * math.log1p(-share))
