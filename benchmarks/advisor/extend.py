"""Extend: start with nothing, and again and again take the step that gains most for the bytes that it takes.

Written from the description in R. Schlosser, J. Kossmann, M. Boissier, "Efficient Scalable Multi-Attribute Index
Selection Using Recursive Strategies", ICDE 2019. A step adds an index on one column, or puts one more column at the
end of an index that was chosen before, in its place. Every column that a statement mentions may be one.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.advisor.plain_index import NOTHING, Config, Costs, PlainIndex, Room, singles, size_of, totals, wider

LEAST: Final = 0.003
"""Part of the workload's cost that a step must gain."""


def extend(costs: Costs, room: Room, *, width: int = 2, least: float = LEAST) -> Config:
    """Choose indexes.

    Args:
        costs: of the workload.
        room: of all indexes.
        width: columns of an index at most.
        least: part of the present cost that a step must gain.
    """
    columns = singles(costs, costs.statements)
    chosen = NOTHING
    (now,) = totals(costs, [chosen], costs.statements)
    while steps := _steps(chosen, columns, width, room, costs):
        after = totals(costs, steps, costs.statements)
        size = size_of(chosen, costs)
        worth = [
            ((now - cost) / max(1, size_of(step, costs) - size), step, cost)
            for step, cost in zip(steps, after, strict=True)
            if now - cost > least * now
        ]
        if not worth:
            break
        _, chosen, now = max(worth, key=lambda each: each[0])
    return chosen


def _steps(chosen: Config, columns: Sequence[PlainIndex], width: int, room: Room, costs: Costs) -> list[Config]:
    """What may be done next, in an order that depends on nothing but the set."""
    steps = list(_possible(chosen, columns, width))
    costs.sizes(sorted(Config().union(*steps)))
    return [each for each in steps if room.fits(each, costs)]


def _possible(chosen: Config, columns: Sequence[PlainIndex], width: int) -> Iterator[Config]:
    for single in columns:
        if not any(single.begins(index) for index in chosen):
            yield chosen | {single}
    for index in sorted(chosen):
        if len(index.columns) < width:
            for longer in wider(index, columns):
                if longer not in chosen:
                    yield chosen - {index} | {longer}
