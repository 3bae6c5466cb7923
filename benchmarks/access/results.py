"""What was measured, and what follows from it: medians, spread, ratios within rounds."""

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Figure:
    """One contender in one case: the median of its rounds, and the quartiles around it."""

    middle: float
    low: float
    high: float


@dataclass(slots=True)
class Results:
    """Figures of a run: milliseconds, or operations a second, by case, contender and round.

    Attributes:
        rounds: case → contender → round → figure.
        failed: contender → why it could not take part, or in which case it could not.
        notes: sentences about what was found besides.
    """

    rounds: dict[str, dict[str, dict[int, float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    failed: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, case: str, contender: str, number: int, value: float) -> None:
        """What a contender did in a round."""
        self.rounds[case][contender][number] = value

    def figure(self, case: str, contender: str) -> Figure | None:
        """Median and quartiles; None: it did not take part."""
        values = list(self.rounds.get(case, {}).get(contender, {}).values())
        if not values:
            return None
        low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else (values[0],) * 3
        return Figure(median(values), low, high)

    def ratio(self, case: str, one: str, other: str) -> float | None:
        """The median of the ratios within each round in which both took part: what disturbed one, disturbed both."""
        ours, theirs = (self.rounds.get(case, {}).get(name, {}) for name in (one, other))
        shared = ours.keys() & theirs.keys()
        return median(ours[number] / theirs[number] for number in shared) if shared else None
