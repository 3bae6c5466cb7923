"""Values of one column, by what ANALYZE knows of it: which value stands for a scenario, and for how much."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from pgarchitect.evidence.scenarios import SCENARIOS, Shares
from pgarchitect.schema.catalog import Column, Statistics

_HISTOGRAM: Final = (0.50, 0.35, 0.85, 0.50, 0.97)
"""Places in the histogram of the scenarios' values; those of the first three are used where there is nothing else."""
_COMMON: Final = 3
"""The first so many scenarios take most common values, where there are any."""

_BEGINNING: Final = 3

Place = tuple[str, int]
"""``common`` or ``bound``, and its number."""


def typical(column: Column, scenario: int, skip: int = 0) -> str | None:
    """The value that stands for a scenario, or the one ``skip`` places further; None without statistics."""
    statistics = column.statistics
    place = _place(statistics, scenario) if statistics is not None else None
    if statistics is None or place is None:
        return None
    values = statistics.common_values if place[0] == "common" else statistics.histogram
    return values[(place[1] + skip) % len(values)]


def several(column: Column, scenario: int, count: int) -> list[str]:
    """Up to ``count`` different values, that of the scenario first, then those beside it."""
    statistics = column.statistics
    place = _place(statistics, scenario) if statistics is not None else None
    if statistics is None or place is None:
        return []
    common, bounds = statistics.common_values, statistics.histogram
    first, second = (common, bounds) if place[0] == "common" else (bounds, common)
    turned = first[place[1] :] + first[: place[1]]
    return list(dict.fromkeys((*turned, *second)))[:count]


def shares(column: Column) -> Shares | None:
    """How often each scenario's value is asked for, if an application asks for a value as often as rows have it.

    Every most common value counts for the one of the scenarios' values whose frequency is nearest; all other values
    count for those out of the histogram. Scenarios with the same value have equal parts of it. The assumption is a
    plain one, and wrong for a status that is looked for because it is rare: what the server counted corrects it.

    Returns:
        A number a scenario; None without statistics.
    """
    statistics = column.statistics
    if statistics is None:
        return None
    places = [_place(statistics, scenario) for scenario in range(len(SCENARIOS))]
    if None in places:
        return None
    mass = dict.fromkeys(places, 0.0)
    frequencies = statistics.common_frequencies
    taken = [place for place in mass if place is not None and place[0] == "common" and place[1] < len(frequencies)]
    for number, frequency in enumerate(frequencies if taken else ()):
        nearest = min(taken, key=lambda place: (_apart(frequencies[place[1]], frequency), abs(place[1] - number)))
        mass[nearest] += frequency
    bounds = [place for place in mass if place is not None and place[0] == "bound"]
    others = max(1.0 - statistics.null_fraction - math.fsum(frequencies), 0.0)
    for place in bounds:
        mass[place] += others / len(bounds)
    return [mass[place] / places.count(place) for place in places]


def beginning(column: Column, value: str, part: float) -> str:
    """The shortest beginning of ``value`` with which no more than ``part`` of the column's values begin.

    It has three letters at least, what somebody types before a list is offered. What a histogram of a hundred bounds
    cannot tell apart counts as found.
    """
    statistics = column.statistics
    bounds = statistics.histogram if statistics is not None else ()
    allowed = max(part * len(bounds), 1)
    lengths = range(_BEGINNING, len(value))
    found = (value[:length] for length in lengths if sum(b.startswith(value[:length]) for b in bounds) <= allowed)
    return next(found, value)


def quantile(column: Column, fraction: float) -> str | None:
    """The value below which about ``fraction`` of the column's values lie; None without statistics."""
    statistics = column.statistics
    if statistics is None:
        return None
    bounds = statistics.histogram
    if len(bounds) > 1:
        place = fraction * (len(bounds) - 1)
        low = min(int(place), len(bounds) - 2)
        return _between(bounds[low], bounds[low + 1], place - low, column.category)
    return _common_quantile(statistics, fraction)


def _place(statistics: Statistics, scenario: int) -> Place | None:
    common, bounds = statistics.common_values, statistics.histogram
    if common and (scenario < _COMMON or not bounds):
        return "common", (0, len(common) // 2, len(common) - 1, 0, 0)[scenario]
    return ("bound", int(_HISTOGRAM[scenario] * (len(bounds) - 1))) if bounds else None


def _apart(first: float, second: float) -> float:
    return abs(math.log(max(first, 1e-9) / max(second, 1e-9)))


def _common_quantile(statistics: Statistics, fraction: float) -> str | None:
    pairs = sorted(
        zip(statistics.common_values, statistics.common_frequencies, strict=False), key=lambda each: _order(each[0])
    )
    goal, reached = fraction * math.fsum(frequency for _, frequency in pairs), 0.0
    for value, frequency in pairs:
        reached += frequency
        if reached >= goal - 1e-9:
            return value
    return pairs[-1][0] if pairs else None


def _order(text: str) -> tuple[float, str]:
    try:
        return float(text), ""
    except ValueError:
        return math.inf, text


def _between(low: str, high: str, fraction: float, category: str) -> str:
    """What lies at ``fraction`` between two bounds of a histogram; of types that cannot be divided, the nearer one."""
    divided = {"N": _number_between, "D": _moment_between}.get(category) if 0 < fraction < 1 else None
    found = divided(low, high, fraction) if divided is not None else None
    return found if found is not None else (low, high)[round(fraction)]


def _number_between(low: str, high: str, fraction: float) -> str | None:
    first, last = Decimal(low), Decimal(high)
    if not (first.is_finite() and last.is_finite()):
        return None
    places = max(-int(first.as_tuple().exponent), -int(last.as_tuple().exponent), 0)
    return f"{first + (last - first) * Decimal(str(round(fraction, 6))):.{places}f}"


def _moment_between(low: str, high: str, fraction: float) -> str | None:
    """Of dates and timestamps as the server writes them in the ISO style; None for other styles, and for infinity."""
    kind = date if len(low) == len(high) == len("2026-01-01") else datetime
    try:
        first, last = kind.fromisoformat(low), kind.fromisoformat(high)
        return str(first + (last - first) * fraction)
    except (ValueError, TypeError, OverflowError):
        return None


def array_literal(values: Sequence[str]) -> str:
    """An array literal of these values, each once."""
    inner = ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in dict.fromkeys(values))
    return "{" + inner + "}"
