"""The kinds of parameter sets that a statement is planned with, and how often each is taken to be asked for."""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Final


class Scenario(StrEnum):
    """What kind of value each parameter of a set has; ranges have a width of their own in each."""

    COMMON = "common"
    """The most common value; recent rows."""
    MIDDLING = "middling"
    """From the middle of the most common values; a slice from the middle."""
    RARE = "rare"
    """The last of the most common values; the newest rows only."""
    UNCOMMON = "uncommon"
    """The middle of the histogram, so none of the most common values; a wide range."""
    NEWEST = "newest"
    """The end of the histogram; as many of the newest rows as a call returns."""


SCENARIOS: Final = tuple(Scenario)

Shares = Sequence[float]
"""One number a scenario, in the order of ``SCENARIOS``."""

ASKED_FOR: Final[Shares] = (0.40, 0.20, 0.20, 0.05, 0.15)
"""How often a range, a pattern or a page is taken to be asked for; a judgement: most ask for what is recent."""
TOLERANCE: Final = 2.0
"""The mean of the estimates may be so many times the counted rows, or that part of them: estimates are no better."""
_LEAST: Final = 0.001
"""No single parameter makes a scenario less likely than this."""
_HALVINGS: Final = 100


def prior(shares: Sequence[Shares]) -> tuple[float, ...]:
    """How likely each scenario is before rows are compared; the sum is 1.

    Args:
        shares: of the parameters that tell something; the geometric mean of all is taken, so that ten parameters make
            no scenario more certain than one does.
    """
    told = [[max(share, _LEAST) for share in each] for each in shares] or [list(ASKED_FOR)]
    return normalised([math.prod(column) ** (1 / len(told)) for column in zip(*told, strict=True)])


def weights(priors: Sequence[float], rows: Sequence[float], counted: float | None) -> tuple[float, ...]:
    """How much each parameter set counts, from 0 to 1; the sum is 1.

    Two things are asked of them, since what the server counted is a mean over calls with all sorts of values:

    1. Sets whose estimated rows are near the counted ones are likelier: each prior is multiplied by
       ``sqrt(min(r, c) / max(r, c))``, with ``r`` the rows estimated and ``c`` the rows counted. Ten times off counts
       a third. The root is a judgement, as estimates are often several times off by themselves.
    2. ``sum(weight * r)`` must come near ``c``: a value that returns a thousand times ``c`` cannot have been asked for
       in more than a thousandth of the calls, however frequent it is in the table. Among all weights that satisfy
       this within ``TOLERANCE`` those nearest to the first ones are taken, nearest by relative entropy; they are
       ``w * exp(-t * r)`` for one ``t`` (Kullback, "Information Theory and Statistics", 1959, chapter 3).

    A count beyond all estimates is taken for the nearest of them: then the estimates are wrong, and no set is ruled
    out because of it.

    Args:
        priors: how likely each set is without the count.
        rows: that the planner expects of each, at least 1.
        counted: rows per call; None when nothing was counted.
    """
    if counted is None:
        return normalised(priors)
    count = min(max(counted, min(rows)), max(rows))
    near = [weight * math.sqrt(min(each, count) / max(each, count)) for weight, each in zip(priors, rows, strict=True)]
    return _with_mean(normalised(near), rows, count)


def normalised(parts: Sequence[float]) -> tuple[float, ...]:
    """The same proportions with a sum of 1."""
    total = math.fsum(parts)
    return tuple(part / total for part in parts)


def _with_mean(start: Sequence[float], rows: Sequence[float], count: float) -> tuple[float, ...]:
    """The weights nearest to ``start`` whose mean of ``rows`` is within ``TOLERANCE`` of ``count``, by bisection."""
    mean = _mean(start, rows)
    goal = min(max(mean, count / TOLERANCE), count * TOLERANCE)
    if goal == mean:
        return tuple(start)
    sign = 1.0 if mean > goal else -1.0
    near, far = 0.0, 1.0
    while (_mean(_tilted(start, rows, sign * far), rows) - goal) * sign > 0:
        near, far = far, 2 * far
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        if (_mean(_tilted(start, rows, sign * middle), rows) - goal) * sign > 0:
            near = middle
        else:
            far = middle
    return _tilted(start, rows, sign * far)


def _tilted(start: Sequence[float], rows: Sequence[float], strength: float) -> tuple[float, ...]:
    """``start * exp(-strength * rows)``, rows in parts of the greatest, exponents shifted so that none overflows."""
    exponents = [-strength * each / max(rows) for each in rows]
    return normalised([w * math.exp(each - max(exponents)) for w, each in zip(start, exponents, strict=True)])


def _mean(parts: Sequence[float], rows: Sequence[float]) -> float:
    return math.fsum(part * each for part, each in zip(parts, rows, strict=True))
