"""Per-query best and union: what each statement's plan uses when every index is there, best gain for its bytes first.

Written from the description in G. Valentin, M. Zuliani, D. Zilio, G. Lohman, A. Skelley, "DB2 Advisor: An Optimizer
Smart Enough to Recommend Its Own Indexes", ICDE 2000, without its random changes at the end, so that the answer is the
same each time. With one column and no limit it is what supabase/index_advisor does.
"""

from collections import defaultdict
from collections.abc import Mapping

from benchmarks.advisor.plain_index import NOTHING, Config, Costs, PlainIndex, Room, up_to


def per_query_best(costs: Costs, room: Room, *, width: int = 2) -> Config:
    """Choose indexes.

    Args:
        costs: of the workload.
        room: of all indexes.
        width: columns of an index at most.
    """
    gains = _merged(_gains(costs, width))
    chosen = NOTHING
    sizes = dict(zip(gains, costs.sizes(list(gains)), strict=True))
    for index in sorted(gains, key=lambda each: (-gains[each] / max(1, sizes[each]), each)):
        if room.fits(chosen | {index}, costs):
            chosen |= {index}
    return chosen


def _gains(costs: Costs, width: int) -> dict[PlainIndex, float]:
    """Each index that is used, with what the statements that use it gain."""
    found: dict[PlainIndex, float] = defaultdict(float)
    for number in costs.statements:
        (before,) = costs.costs([(number, NOTHING)])
        after, used = costs.used(number, Config(up_to(width, costs.columns(number))))
        for index in used:
            found[index] += before - after
    return found


def _merged(gains: Mapping[PlainIndex, float]) -> dict[PlainIndex, float]:
    """An index that another one begins with is left out; the longer one does its work as well."""
    kept: dict[PlainIndex, float] = {}
    for index in sorted(gains, key=lambda each: (-len(each.columns), each)):
        longer = [other for other in kept if index.begins(other)]
        if longer:
            kept[min(longer)] += gains[index]
        else:
            kept[index] = gains[index]
    return kept
