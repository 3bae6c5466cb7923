"""Measured times as positions on an axis; the templates draw them."""

import math
from dataclasses import dataclass

from pgarchitect.evidence.evidence import Evidence, Measurement
from pgarchitect.report import quantities, wording

LOGARITHMIC_FROM = 20.0
"""Ratio of the greatest to the least time from which a logarithmic axis is used."""
_MARGIN = 4.0
"""Percent of the width kept free on either side, so that dots and labels at the ends are not cut."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the axis: its distance from the left, percent of the width, and what it says."""

    left: float
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The runs in one state of the database.

    Attributes:
        name: ``before`` or ``after``.
        runs: one mark for each run, in order.
        median: their median.
        timed_out: the runs were ended by their time-out; the marks show that limit.
    """

    name: str
    runs: tuple[Mark, ...]
    median: Mark
    timed_out: bool

    @property
    def label_on_left(self) -> bool:
        """Whether the median's label stands left of the runs, because there is no room on their right."""
        return max(run.left for run in self.runs) > 66

    @property
    def label_left(self) -> float:
        """Where the label begins or ends, percent of the width: beside the runs, on none of them."""
        lefts = [run.left for run in self.runs]
        return min(lefts) if self.label_on_left else max(lefts)


@dataclass(frozen=True, slots=True)
class RunsChart:
    """The times of a statement before and after a change, on one axis."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Mark, ...]
    logarithmic: bool

    @property
    def description(self) -> str:
        """The chart in a sentence, for those who cannot see it."""
        return "Run times: " + "; ".join(
            f"{lane.name} {len(lane.runs)} runs, median {lane.median.label}" for lane in self.lanes
        )


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    logarithmic: bool

    def left(self, value: float) -> float:
        if self.logarithmic:
            part = (math.log10(max(value, self.low)) - math.log10(self.low)) / math.log10(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return round(_MARGIN + (100 - 2 * _MARGIN) * min(max(part, 0.0), 1.0), 3)

    def ticks(self) -> tuple[Mark, ...]:
        if self.logarithmic:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            step = max(1, math.ceil((last - first) / 6))
            values = [10.0**power for power in range(first, last + 1, step)]
        else:
            step_size = _round_step(self.high / 4)
            values = [step_size * number for number in range(int(self.high / step_size + 1e-9) + 1)]
        return tuple(Mark(self.left(value), quantities.duration(value) if value else "0") for value in values)


def runs_chart(evidence: Evidence) -> RunsChart | None:
    """The chart of one piece of evidence; None unless there are runs before and after."""
    if evidence.after is None or not (evidence.before.times_ms and evidence.after.times_ms):
        return None
    axis = _axis((*evidence.before.times_ms, *evidence.after.times_ms))
    lanes = (_lane("before", evidence.before, axis), _lane("after", evidence.after, axis))
    return RunsChart(lanes, axis.ticks(), axis.logarithmic)


def _lane(name: str, measurement: Measurement, axis: _Axis) -> Lane:
    runs = tuple(Mark(axis.left(time), quantities.duration(time)) for time in measurement.times_ms)
    median = Mark(axis.left(measurement.median_ms or 0.0), wording.measured(measurement))
    return Lane(name, runs, median, measurement.timed_out)


def _axis(times: tuple[float, ...]) -> _Axis:
    least, most = min(times), max(times)
    if least > 0 and most / least > LOGARITHMIC_FROM:
        return _Axis(10.0 ** math.floor(math.log10(least)), 10.0 ** math.ceil(math.log10(most)), logarithmic=True)
    step = _round_step(most / 4) if most > 0 else 1.0
    return _Axis(0.0, step * max(1, math.ceil(most / step - 1e-9)), logarithmic=False)


def _round_step(rough: float) -> float:
    """The least of 1, 2, 2.5, 5 and 10 times a power of ten that is not below ``rough``."""
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(each for each in (1, 2, 2.5, 5, 10) if power * each >= rough * (1 - 1e-9))
